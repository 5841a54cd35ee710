#pragma once

#include "engine/base/result.h"
#include "engine/storage/metadata_store.h"

#include <QIODevice>

namespace skillbox {

struct AuditVerdict {
    qint64 checked = 0; ///< records that are in order
    /// Empty: every record's hash follows from its content and its predecessor, and none is missing
    /// at the end. Else what is wrong at the first broken record, naming its number.
    QString broken;
    qint64 brokenSeq = 0;
    /// Hash of the last record in order. Written down elsewhere it proves later that everything up
    /// to it is unchanged: who can write to the store could compute a whole new chain.
    QString lastHash;
};

/// Reads the hash chain of a tenant from its first record to its last, in pages, and recomputes it.
Result<AuditVerdict> verifyAudit(MetadataStore &metadata, const TenantId &tenant);

/// Writes one JSON object a line (seq, at, tenant, actor, address, request_id, action, target,
/// details, prev_hash, hash), oldest first, in bounded memory. How many; `which.limit` says
/// nothing.
Result<qint64> exportAudit(MetadataStore &metadata, const TenantId &tenant,
                           const AuditFilter &which, QIODevice &target);

/// One record as that JSON object, compact.
QByteArray auditJson(const AuditRecord &record);

} // namespace skillbox
