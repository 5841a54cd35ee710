#pragma once

#include "engine/skill/archive.h"
#include "engine/skill/manifest.h"
#include "engine/storage/records.h"

namespace skillbox {

/// Reads the SKILL.md of a tree. InvalidSkill when it is missing, unreadable or has an error.
Result<Manifest> readManifest(const QString &directory);

/// What the store keeps of an unpacked skill: everything but tenant, archive, publisher and time.
/// InvalidSkill when the manifest and the files disagree.
Result<SkillVersionRecord> describeVersion(const Manifest &manifest, const SkillContent &content,
                                           const QString &directory);

/// A record's list of files, without their digests.
QList<PackedFile> packedFilesOf(const SkillVersionRecord &record);
/// Their paths.
QStringList filesOf(const SkillVersionRecord &record);

} // namespace skillbox
