#include "engine/skill/manifest_fields.h"

#include "engine/base/image_name.h"
#include "engine/skill/path_rules.h"
#include "engine/skill/semver.h"

#include <QRegularExpression>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int maxSpecNameLength = 64;
constexpr int maxVersionLength = 128;

/// The rules of the specification's reference validator, skills-ref, in its order.
QStringList specNameViolations(const QString &name)
{
    const QString normal = name.normalized(QString::NormalizationForm_KC);
    QStringList violations;
    const auto length = normal.toUcs4().size();
    if (length > maxSpecNameLength)
        violations += u"has %1 characters; at most %2 are allowed"_s.arg(length).arg(
            maxSpecNameLength);
    if (normal != normal.toLower())
        violations += u"must be in lower case"_s;
    if (normal.startsWith(u'-') || normal.endsWith(u'-'))
        violations += u"must not begin or end with a hyphen"_s;
    if (normal.contains(u"--"_s))
        violations += u"must not hold two hyphens in a row"_s;
    const auto characters = normal.toUcs4();
    const bool allowed = std::all_of(characters.begin(), characters.end(), [](char32_t c) {
        return c == U'-' || QChar::isLetterOrNumber(c);
    });
    if (!allowed)
        violations += u"may hold only letters, digits and hyphens"_s;
    return violations;
}

int editDistance(const QString &a, const QString &b)
{
    std::vector<int> row(static_cast<size_t>(b.size()) + 1);
    for (size_t j = 0; j < row.size(); ++j)
        row[j] = static_cast<int>(j);
    for (qsizetype i = 0; i < a.size(); ++i) {
        int diagonal = row[0];
        row[0] = static_cast<int>(i) + 1;
        for (qsizetype j = 0; j < b.size(); ++j) {
            const auto at = static_cast<size_t>(j) + 1;
            const int replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[at];
            row[at] = std::min({replaced, diagonal + 1, row[at - 1] + 1});
        }
    }
    return row.back();
}

} // namespace

QList<RuleHit> checkName(const QString &name)
{
    static const QRegularExpression specName(u"\\A[a-z0-9]+(-[a-z0-9]+)*\\z"_s);
    static const QRegularExpression legacyName(u"\\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\\z"_s);
    const QString rule = u"Use 1 to 64 of a-z, 0-9 and single hyphens between them."_s;

    QList<RuleHit> hits;
    const bool isSpecName = name.size() <= maxSpecNameLength && specName.match(name).hasMatch();
    if (!isSpecName && legacyName.match(name).hasMatch()) {
        hits += {Rule::NameLegacy,
                 u"the name %1 works here, but is not one by the Agent Skills specification"_s.arg(
                     quotedName(name)),
                 {},
                 rule};
    } else if (!isSpecName) {
        hits += {Rule::NameInvalid, u"the name %1 cannot be used"_s.arg(quotedName(name)), {}, rule};
    }
    for (const QString &violation : specNameViolations(name)) {
        hits += {Rule::NameNotInSpec, u"the name %1 %2"_s.arg(quotedName(name), violation), {}, rule};
    }
    return hits;
}

QString specificationName(const QString &name)
{
    QString valid;
    for (const QChar c : name.toLower()) {
        const bool isPlain = (c >= u'a' && c <= u'z') || (c >= u'0' && c <= u'9');
        if (isPlain)
            valid += c;
        else if (!valid.isEmpty() && !valid.endsWith(u'-'))
            valid += u'-';
    }
    valid = valid.left(64);
    while (valid.endsWith(u'-'))
        valid.chop(1);
    return valid;
}

Result<QString> checkVersion(const QString &text)
{
    if (text.size() > maxVersionLength) {
        return fail(
            ErrorCode::InvalidSkill,
            u"has %1 characters; at most %2 are allowed"_s.arg(text.size()).arg(maxVersionLength));
    }
    if (!SemVer::parse(text)) {
        return fail(ErrorCode::InvalidSkill,
                    u"%1 is not a semantic version (MAJOR.MINOR.PATCH)"_s.arg(quotedName(text)));
    }
    return text;
}

QString completedVersion(const QString &text)
{
    for (const QLatin1StringView rest : {QLatin1StringView(".0"), QLatin1StringView(".0.0")}) {
        if (const auto version = SemVer::parse(QString(text + rest));
            version && version->preRelease.isEmpty() && version->build.isEmpty()) {
            return text + rest;
        }
    }
    return {};
}

Result<QString> checkImage(const QString &text)
{
    if (!isImageName(text))
        return fail(ErrorCode::InvalidSkill, u"%1 is not an image name"_s.arg(quotedName(text)));
    return text;
}

Result<QString> checkEntrypoint(const QString &text)
{
    const auto path = checkedPath(text.toUtf8());
    if (!path || path->isEmpty() || text.endsWith(u'/')) {
        return fail(ErrorCode::InvalidSkill,
                    u"%1 is not the path of a file in the skill"_s.arg(quotedName(text)));
    }
    return QString::fromUtf8(*path);
}

QStringList splitTools(const QString &text)
{
    QStringList tools;
    QString tool;
    int depth = 0;
    for (const QChar c : text) {
        if (depth == 0 && (c.isSpace() || c == u',')) {
            if (!tool.isEmpty())
                tools += std::exchange(tool, {});
            continue;
        }
        if (c == u'(')
            ++depth;
        else if (c == u')' && depth > 0)
            --depth;
        tool += c;
    }
    if (!tool.trimmed().isEmpty())
        tools += tool.trimmed();
    return tools;
}

QString similarKey(const QString &key, const QStringList &known)
{
    if (key.size() > 40)
        return {};
    const QString normal = key.toLower().replace(u'_', u'-');
    for (const QString &candidate : known) {
        // One slip in a short key makes another word of it; in a long one it is a slip.
        const int allowed = candidate.size() >= 7 ? 2 : candidate.size() >= 4 ? 1 : 0;
        if (editDistance(normal, candidate) <= allowed)
            return candidate;
    }
    return {};
}

} // namespace skillbox
