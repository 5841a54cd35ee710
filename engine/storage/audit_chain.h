#pragma once

#include "engine/storage/records.h"

#include <QByteArray>

namespace skillbox {

/// What a record's hash is made of, as one JSON object without spaces, its members sorted by name:
/// action, actor, address, at, details, request_id, target, tenant. Strings escape what RFC 8259
/// demands and nothing else, so `json.dumps(…, sort_keys=True, separators=(',', ':'),
/// ensure_ascii=False)` of Python writes the same text.
QByteArray auditCanonical(const AuditRecord &record);

/// SHA-256 in lower-case hex over record.previousHash (64 hex digits; nothing for a tenant's first
/// record) followed by auditCanonical(record).
QString auditHash(const AuditRecord &record);

/// The record as it will be read back: times in whole milliseconds, no lone surrogates, no NUL, and
/// numbers as their text says. Only such a record has the same hash for ever.
AuditRecord asStored(AuditRecord record);

/// One member of an audit record as a JSON string, with its quotes.
QByteArray auditJsonString(const QString &text);

} // namespace skillbox
