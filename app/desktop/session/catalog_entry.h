#pragma once

#include "engine/storage/metadata_store.h"

#include <QHash>
#include <QMap>

namespace skillbox {

/// A skill at one of its places.
struct SkillPlace {
    QString source;            ///< empty: this machine; else a server's name
    SkillVersionRecord newest; ///< what `latest` means there; all yanked: the highest
    int versions = 0;

    bool isYanked() const { return newest.yankedAt.isValid(); }
};

enum class FindingLevel {
    Clean,
    Warnings, ///< about how it is written
    Security, ///< about what it might do to others
    Unknown,  ///< a server's list does not say
};

/// One skill, wherever it is.
struct CatalogEntry {
    QString name;
    QList<SkillPlace> places; ///< this machine first, then servers by name; never empty
    qint64 runs = 0;          ///< on this machine
    QDateTime lastRun;
    FindingLevel findings = FindingLevel::Unknown; ///< of the newest version on this machine
    int findingCount = 0;
    bool newerElsewhere = false; ///< a server has a higher version than this machine
    bool conflicting = false;    ///< two places have other content under the same version

    /// Of this machine, else of the first server.
    const SkillPlace &main() const { return places.first(); }
    bool isLocal() const { return main().source.isEmpty(); }
    /// Null: it is not there.
    const SkillPlace *at(const QString &source) const;
};

/// The rows (one per version) of all places as one list by name. Pure; takes some milliseconds per
/// thousand rows.
QList<CatalogEntry> mergeCatalog(const QList<SkillVersionRecord> &local,
                                 const QMap<QString, QList<SkillVersionRecord>> &servers,
                                 const QList<SkillUse> &use);

/// Which place a finding array of a record puts its skill in.
FindingLevel findingLevelOf(const QJsonArray &findings);

} // namespace skillbox
