#pragma once

#include "engine/base/result.h"
#include "engine/registry/registry.h"

#include <QByteArray>

namespace skillbox {

/// `available` or `yanked`.
QLatin1StringView skillStatusName(const SkillVersionRecord &record);

/// A bare array of {name, version, description, lang, mode, status, digest, published_at}.
QByteArray skillRowsJson(const QList<SkillVersionRecord> &records);

/// Rows as above with published_by, `latest` (whether it is what `latest` means) and tags.
QByteArray skillVersionsJson(const QList<SkillVersionRecord> &records, const QString &latest,
                             const QList<TagRecord> &tags);

/// One version with everything that is known of it.
QByteArray skillVersionJson(const SkillVersionRecord &record, const QList<TagRecord> &tags);

/// {name, version, description, lang, mode, digest, findings?}
QByteArray publishedJson(const SkillVersionRecord &record, const QList<Finding> &findings);
/// {valid: true, …} with the same members.
QByteArray validJson(const SkillVersionRecord &record, const QList<Finding> &findings);

/// An array of {path, content, size_bytes, encoding?, executable?, omitted?}.
QByteArray skillFilesJson(const QList<SkillFile> &files);

/// {name, from, to, files: [{path, status, diff?, binary?, omitted?}]}
QByteArray skillDiffJson(const QString &name, const QString &from, const QString &to,
                         const QList<FileDiff> &files);

/// {name, tag, version, set_by, set_at}, and an array of them.
QByteArray tagJson(const QString &name, const TagRecord &tag);
QByteArray tagsJson(const QString &name, const QList<TagRecord> &tags);

} // namespace skillbox
