#include "engine/registry/registry.h"

#include "engine/base/clock.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Result<void> checkTag(const QString &tag)
{
    if (isTag(tag))
        return {};
    if (tag == "latest"_L1) {
        return fail(ErrorCode::BadRequest,
                    u"\"latest\" is no tag that can be set: it is always the newest version."_s);
    }
    return fail(ErrorCode::BadRequest,
                u"\"%1\" is not a tag: it must begin with a lower-case letter and have at most 64"
                u" lower-case letters, digits, dots, underscores and hyphens."_s.arg(
                    tag.left(128)));
}

} // namespace

Result<TagRecord> Registry::setTag(const SkillRef &ref, const QString &tag, const Origin &by)
{
    if (auto valid = checkExactRef(ref); !valid)
        return fail(valid.error());
    if (auto valid = checkTag(tag); !valid)
        return fail(valid.error());
    const AuditRecord audit = auditOf(ref, u"skill.tag"_s, by, {{u"tag"_s, tag}});
    const auto set = m_metadata.setTag(ref.tenant, ref.name, {tag, ref.version, by.actor, audit.at},
                                       &audit);
    if (!set)
        return fail(set.error());
    if (!*set)
        return fail(noSuchVersion(ref));
    auto now = m_metadata.findTag(ref.tenant, ref.name, tag);
    if (!now)
        return fail(now.error());
    if (!*now)
        return fail(noSuchTag(ref.name, tag)); // somebody else was as quick to remove it
    return std::move(**now);
}

Result<void> Registry::removeTag(const TenantId &tenant, const QString &name, const QString &tag,
                                 const Origin &by)
{
    if (auto valid = checkSkillName(name); !valid)
        return valid;
    if (auto valid = checkTag(tag); !valid)
        return valid;
    AuditRecord audit = auditOf({tenant, name, {}}, u"skill.untag"_s, by, {{u"tag"_s, tag}});
    audit.target = name;
    const auto removed = m_metadata.removeTag(tenant, name, tag, &audit);
    if (!removed)
        return fail(removed.error());
    if (!*removed)
        return fail(noSuchTag(name, tag));
    return {};
}

Result<QList<TagRecord>> Registry::tags(const TenantId &tenant, const QString &name)
{
    if (auto valid = checkSkillName(name); !valid)
        return fail(valid.error());
    auto tags = m_metadata.listTags(tenant, name);
    if (!tags || !tags->isEmpty())
        return tags;
    const auto any = m_metadata.listVersions(tenant, {.name = name, .limit = 1});
    if (!any)
        return fail(any.error());
    if (any->isEmpty())
        return fail(noSuchVersion({tenant, name, {}}));
    return tags;
}

} // namespace skillbox
