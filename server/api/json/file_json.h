#pragma once

#include "engine/storage/records.h"

#include <QByteArray>

namespace skillbox {

/// id, tenant_id, session_id?, execution_id?, name, content_type, size_bytes, version, parent_id?,
/// created_at, updated_at.
QByteArray fileJson(const FileRecord &file);
QByteArray filesJson(const QList<FileRecord> &files);

/// path, size_bytes, executable (where it is), updated_at.
QByteArray sessionFileJson(const SessionFileRecord &file);
QByteArray sessionFilesJson(const QList<SessionFileRecord> &files);

/// A file's content as text, or in base64 with `encoding` where it is no text: path, content,
/// size_bytes, encoding?.
QByteArray fileContentJson(const QString &path, const QByteArray &content);

} // namespace skillbox
