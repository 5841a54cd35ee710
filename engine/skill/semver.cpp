#include "engine/skill/semver.h"

#include <algorithm>

namespace skillbox {
namespace {

bool isDigit(QChar c)
{
    return c >= u'0' && c <= u'9';
}

bool isNumeric(QStringView text)
{
    return !text.isEmpty() && std::all_of(text.begin(), text.end(), isDigit);
}

bool hasLeadingZero(QStringView number)
{
    return number.size() > 1 && number.front() == u'0';
}

bool isIdentifier(QStringView text)
{
    return !text.isEmpty() && std::all_of(text.begin(), text.end(), [](QChar c) {
        return isDigit(c) || (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z') || c == u'-';
    });
}

std::optional<quint64> parseNumber(QStringView text)
{
    if (!isNumeric(text) || hasLeadingZero(text))
        return std::nullopt;
    bool fits = false;
    const quint64 number = text.toULongLong(&fits);
    return fits ? std::optional(number) : std::nullopt;
}

/// Numeric identifiers have no leading zeros, so that the longer one is the larger one however
/// many digits they have.
std::weak_ordering compareIdentifiers(const QString &a, const QString &b)
{
    const bool aNumeric = isNumeric(a);
    if (aNumeric != isNumeric(b))
        return aNumeric ? std::weak_ordering::less : std::weak_ordering::greater;
    if (aNumeric && a.size() != b.size())
        return a.size() <=> b.size();
    return a.compare(b) <=> 0;
}

} // namespace

std::optional<SemVer> SemVer::parse(QStringView text)
{
    SemVer version;

    if (const qsizetype plus = text.indexOf(u'+'); plus >= 0) {
        const QStringView build = text.sliced(plus + 1);
        for (const QStringView part : build.split(u'.')) {
            if (!isIdentifier(part))
                return std::nullopt;
        }
        version.build = build.toString();
        text = text.first(plus);
    }
    if (const qsizetype dash = text.indexOf(u'-'); dash >= 0) {
        for (const QStringView part : text.sliced(dash + 1).split(u'.')) {
            if (!isIdentifier(part) || (isNumeric(part) && hasLeadingZero(part)))
                return std::nullopt;
            version.preRelease += part.toString();
        }
        text = text.first(dash);
    }

    const QList<QStringView> core = text.split(u'.');
    if (core.size() != 3)
        return std::nullopt;
    const auto major = parseNumber(core[0]);
    const auto minor = parseNumber(core[1]);
    const auto patch = parseNumber(core[2]);
    if (!major || !minor || !patch)
        return std::nullopt;
    version.major = *major;
    version.minor = *minor;
    version.patch = *patch;
    return version;
}

QString SemVer::toString() const
{
    QString text = QString::number(major) + u'.' + QString::number(minor) + u'.'
        + QString::number(patch);
    if (!preRelease.isEmpty())
        text += u'-' + preRelease.join(u'.');
    if (!build.isEmpty())
        text += u'+' + build;
    return text;
}

std::weak_ordering operator<=>(const SemVer &a, const SemVer &b)
{
    if (const auto order = a.major <=> b.major; order != 0)
        return order;
    if (const auto order = a.minor <=> b.minor; order != 0)
        return order;
    if (const auto order = a.patch <=> b.patch; order != 0)
        return order;
    if (a.isPreRelease() != b.isPreRelease())
        return a.isPreRelease() ? std::weak_ordering::less : std::weak_ordering::greater;
    const qsizetype shared = std::min(a.preRelease.size(), b.preRelease.size());
    for (qsizetype i = 0; i < shared; ++i) {
        if (const auto order = compareIdentifiers(a.preRelease[i], b.preRelease[i]); order != 0)
            return order;
    }
    return a.preRelease.size() <=> b.preRelease.size();
}

} // namespace skillbox
