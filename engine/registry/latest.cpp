#include "engine/registry/latest.h"

#include "engine/skill/semver.h"

namespace skillbox {
namespace {

/// Publishing lets only SemVer in; were there anything else, it comes after all versions.
bool isHigher(const std::optional<SemVer> &a, const std::optional<SemVer> &b)
{
    if (a.has_value() != b.has_value())
        return a.has_value();
    return a.has_value() && std::is_gt(*a <=> *b);
}

bool isRelease(const std::optional<SemVer> &version)
{
    return version && !version->isPreRelease();
}

} // namespace

QString latestOf(const QStringList &versions)
{
    QString latest;
    std::optional<SemVer> highest;
    for (const QString &text : versions) {
        auto version = SemVer::parse(text);
        const bool better = isRelease(version) != isRelease(highest) ? isRelease(version)
                                                                     : isHigher(version, highest);
        if (latest.isEmpty() || better) {
            latest = text;
            highest = std::move(version);
        }
    }
    return latest;
}

void sortByVersion(QList<SkillVersionRecord> &rows)
{
    std::vector<std::pair<std::optional<SemVer>, SkillVersionRecord>> keyed;
    keyed.reserve(static_cast<size_t>(rows.size()));
    for (SkillVersionRecord &row : rows) {
        auto version = SemVer::parse(row.version);
        keyed.emplace_back(std::move(version), std::move(row));
    }
    std::stable_sort(keyed.begin(), keyed.end(), [](const auto &a, const auto &b) {
        if (a.second.name != b.second.name)
            return a.second.name < b.second.name;
        return isHigher(a.first, b.first);
    });
    rows.clear();
    for (auto &entry : keyed)
        rows.append(std::move(entry.second));
}

} // namespace skillbox
