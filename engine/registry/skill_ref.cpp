#include "engine/registry/skill_ref.h"

#include "engine/base/clock.h"
#include "engine/skill/semver.h"

using namespace Qt::StringLiterals;

namespace skillbox {

bool meansLatest(const QString &version)
{
    return version.isEmpty() || version == "latest"_L1;
}

bool isTag(const QString &text)
{
    constexpr qsizetype largest = 64;
    const auto isLetter = [](QChar c) { return c >= u'a' && c <= u'z'; };
    // No version begins with a letter, so a tag is never one.
    return !text.isEmpty() && text.size() <= largest && isLetter(text[0]) && !meansLatest(text)
        && std::all_of(text.begin(), text.end(), [&](QChar c) {
               return isLetter(c) || (c >= u'0' && c <= u'9') || c == u'.' || c == u'_'
                   || c == u'-';
           });
}

Result<void> checkSkillName(const QString &name)
{
    const auto isAllowed = [](QChar c) {
        return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z') || (c >= u'0' && c <= u'9')
            || c == u'.' || c == u'_' || c == u'-';
    };
    const bool edge = !name.isEmpty() && isAllowed(name[0]) && name[0].isLetterOrNumber();
    if (edge && name.size() <= 128 && std::all_of(name.begin(), name.end(), isAllowed))
        return {};
    return fail(ErrorCode::BadRequest,
                u"\"%1\" is not a skill name: it must begin with a letter or digit and have at most"
                u" 128 letters, digits, dots, underscores and hyphens."_s.arg(name.left(128)));
}

Result<void> checkRef(const SkillRef &ref)
{
    if (auto name = checkSkillName(ref.name); !name)
        return name;
    if (!meansLatest(ref.version) && !SemVer::parse(ref.version) && !isTag(ref.version)) {
        return fail(ErrorCode::BadRequest,
                    u"\"%1\" is not a version: it must be MAJOR.MINOR.PATCH as in 1.2.0, a tag, or"
                    u" \"latest\"."_s.arg(ref.version.left(128)));
    }
    return {};
}

Result<void> checkExactRef(const SkillRef &ref)
{
    if (auto valid = checkRef(ref); !valid)
        return valid;
    if (meansLatest(ref.version) || isTag(ref.version)) {
        return fail(ErrorCode::BadRequest,
                    u"Name the version of %1 that is meant; \"%2\" is not enough here."_s.arg(
                        ref.name, ref.version.isEmpty() ? u"latest"_s : ref.version));
    }
    return {};
}

Error noSuchVersion(const SkillRef &ref)
{
    return {ErrorCode::NotFound,
            meansLatest(ref.version)
                ? u"There is no skill named %1."_s.arg(ref.name)
                : u"There is no version %1 of the skill %2."_s.arg(ref.version, ref.name)};
}

Error noSuchTag(const QString &name, const QString &tag)
{
    return {ErrorCode::NotFound, u"There is no tag %1 of the skill %2."_s.arg(tag, name)};
}

AuditRecord auditOf(const SkillRef &ref, const QString &action, const Origin &by,
                    const QJsonObject &details)
{
    return {.tenant = ref.tenant,
            .at = nowUtc(),
            .actor = by.actor,
            .action = action,
            .target = ref.name + u'@' + ref.version,
            .details = details,
            .address = by.address,
            .requestId = by.requestId};
}

} // namespace skillbox
