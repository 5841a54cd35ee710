#pragma once

#include "engine/base/result.h"
#include "engine/storage/records.h"

#include <QByteArray>
#include <QByteArrayList>

#include <functional>

namespace skillbox {

/// What a line of the export becomes for whoever reads it.
enum class AuditFormat {
    Lines,  ///< the record itself
    Splunk, ///< an event for Splunk's HTTP event collector
    Ecs,    ///< Elastic Common Schema
};

/// The record in that format, without a line feed; `line` is its text as exported.
QByteArray formatAudit(AuditFormat format, const AuditRecord &record, const QByteArray &line);

/// How far somebody has read; kept in a file between exports.
struct AuditCursor {
    TenantId tenant = {};
    qint64 seq = 0; ///< 0: nothing yet
    QString hash = {};
};
/// An empty one where there is no file. Io, BadRequest for a file that is none of ours.
Result<AuditCursor> readAuditCursor(const QString &path);
/// Replaces the file, wholly or not at all.
Result<void> writeAuditCursor(const QString &path, const AuditCursor &cursor);

/// Whether each record is checked: that its hash is that of its content and, following on a cursor,
/// that it follows the record before it.
enum class AuditProof { None, Hashes, Chain };

/// Takes an export piece by piece and hands it on in a format, record by record.
class AuditLines
{
public:
    using Sink = std::function<Result<void>(const QByteArray &text)>;
    AuditLines(AuditFormat format, AuditProof proof, AuditCursor from, Sink sink);

    /// StorageCorrupt naming the first record that was changed or does not follow; nothing of it or
    /// after it is handed on.
    Result<void> take(QByteArrayView bytes);
    /// After the last record that was handed on.
    const AuditCursor &cursor() const { return m_cursor; }
    qint64 count() const { return m_count; }
    /// What has come of a record of which the end has not.
    void forgetRest() { m_rest.clear(); }

private:
    Result<void> takeLine(const QByteArray &line);

    const AuditFormat m_format;
    const AuditProof m_proof;
    const Sink m_sink;
    AuditCursor m_cursor;
    QByteArray m_rest;
    qint64 m_count = 0;
};

} // namespace skillbox
