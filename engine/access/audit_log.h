#pragma once

#include "engine/base/result.h"
#include "engine/storage/metadata_store.h"

#include <QIODevice>

namespace skillbox {

struct AuditVerdict {
    qint64 checked = 0;
    /// Empty: every record's hash follows from its content and its predecessor. Else what is wrong
    /// at the first broken record, naming its number.
    QString broken;
    qint64 brokenSeq = 0;
};

/// Reads the hash chain of a tenant from its first record to its last, in pages, and recomputes it.
Result<AuditVerdict> verifyAudit(MetadataStore &metadata, const TenantId &tenant);

/// Writes one JSON object a line (seq, at, tenant, actor, address, request_id, action, target,
/// details, prev_hash, hash), oldest first, in bounded memory.
Result<qint64> exportAudit(MetadataStore &metadata, const TenantId &tenant, const QDateTime &since,
                           QIODevice &target);

/// One record as that JSON object, compact.
QByteArray auditJson(const AuditRecord &record);

} // namespace skillbox
