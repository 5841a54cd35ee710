#include "app/desktop/session/catalog_entry.h"

#include "engine/registry/latest.h"
#include "engine/skill/rules.h"
#include "engine/skill/semver.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Builds the entries of one name after the other from rows in the order of their names.
class CatalogMerge
{
public:
    void addPlace(const QString &source, const QList<SkillVersionRecord> &rows)
    {
        QHash<QString, QList<qsizetype>> byName;
        for (qsizetype i = 0; i < rows.size(); ++i)
            byName[rows[i].name].append(i);
        for (auto it = byName.cbegin(); it != byName.cend(); ++it)
            addSkill(source, rows, it.key(), it.value());
    }

    QList<CatalogEntry> take(const QList<SkillUse> &use)
    {
        for (const SkillUse &one : use) {
            if (const auto at = m_entries.find(one.skill); at != m_entries.end()) {
                at->runs = one.runs;
                at->lastRun = one.lastRun;
            }
        }
        QList<CatalogEntry> entries(m_entries.cbegin(), m_entries.cend());
        std::sort(entries.begin(), entries.end(),
                  [](const CatalogEntry &a, const CatalogEntry &b) { return a.name < b.name; });
        for (CatalogEntry &entry : entries)
            relate(entry);
        return entries;
    }

private:
    void addSkill(const QString &source, const QList<SkillVersionRecord> &rows,
                  const QString &name, const QList<qsizetype> &indexes)
    {
        QStringList available;
        QStringList all;
        for (const qsizetype i : indexes) {
            all.append(rows[i].version);
            if (!rows[i].yankedAt.isValid())
                available.append(rows[i].version);
        }
        const QString latest = latestOf(available.isEmpty() ? all : available);
        CatalogEntry &entry = m_entries[name];
        entry.name = name;
        SkillPlace place{.source = source,
                         .newest = rows[indexes[qMax(0, all.indexOf(latest))]],
                         .versions = static_cast<int>(indexes.size())};
        entry.places.append(place);
        QMap<QString, QString> &digests = m_digests[name];
        for (const qsizetype i : indexes) {
            const QString &digest = rows[i].digest;
            if (const QString other = digests.value(rows[i].version);
                !other.isEmpty() && !digest.isEmpty() && other != digest)
                entry.conflicting = true;
            digests.insert(rows[i].version, digest);
        }
    }

    static void relate(CatalogEntry &entry)
    {
        if (!entry.isLocal())
            return;
        const QJsonArray &findings = entry.main().newest.findings;
        entry.findings = findingLevelOf(findings);
        entry.findingCount = static_cast<int>(findings.size());
        const auto ours = SemVer::parse(entry.main().newest.version);
        for (const SkillPlace &place : std::as_const(entry.places)) {
            const auto theirs = SemVer::parse(place.newest.version);
            if (!place.source.isEmpty() && !place.isYanked() && ours && theirs && *theirs > *ours)
                entry.newerElsewhere = true;
        }
    }

    QHash<QString, CatalogEntry> m_entries;
    QHash<QString, QMap<QString, QString>> m_digests; ///< name → version → digest
};

} // namespace

const SkillPlace *CatalogEntry::at(const QString &source) const
{
    for (const SkillPlace &place : places) {
        if (place.source == source)
            return &place;
    }
    return nullptr;
}

FindingLevel findingLevelOf(const QJsonArray &findings)
{
    FindingLevel level = FindingLevel::Clean;
    for (const QJsonValue finding : findings) {
        if (isSecurityRule(finding[u"id"].toString()))
            return FindingLevel::Security;
        level = FindingLevel::Warnings;
    }
    return level;
}

QList<CatalogEntry> mergeCatalog(const QList<SkillVersionRecord> &local,
                                 const QMap<QString, QList<SkillVersionRecord>> &servers,
                                 const QList<SkillUse> &use)
{
    CatalogMerge merge;
    merge.addPlace({}, local);
    for (auto it = servers.cbegin(); it != servers.cend(); ++it)
        merge.addPlace(it.key(), it.value());
    return merge.take(use);
}

} // namespace skillbox
