#include "engine/access/audit_log.h"

#include "engine/base/clock.h"
#include "engine/storage/audit_chain.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int pageSize = 1000;

/// What is wrong with a record, given the hash of the one before it; empty: nothing.
QString faultOf(const AuditRecord &record, const QString &previousHash, qint64 previousSeq)
{
    if (record.previousHash != previousHash) {
        if (previousSeq == 0) {
            return u"the audit record %1 is not the first, but there is none before it"_s.arg(
                record.seq);
        }
        return u"the audit record %1 does not follow the record %2: one of them was changed, or"
               u" records between them were removed or added"_s.arg(record.seq)
                   .arg(previousSeq);
    }
    if (record.hash != auditHash(record)) {
        return u"the audit record %1 was changed after it had been written"_s.arg(record.seq);
    }
    return {};
}

} // namespace

Result<AuditVerdict> verifyAudit(MetadataStore &metadata, const TenantId &tenant)
{
    // Read first: records that are added meanwhile come after it and are checked as well.
    const auto head = metadata.auditHead(tenant);
    if (!head)
        return fail(head.error());
    AuditVerdict verdict;
    const auto broken = [&verdict](qint64 seq, const QString &what) {
        verdict.brokenSeq = seq;
        verdict.broken = what;
        return verdict;
    };
    qint64 lastSeq = 0;
    bool headSeen = false;
    for (;;) {
        const auto page = metadata.listAudit(tenant, {.afterSeq = lastSeq, .limit = pageSize});
        if (!page)
            return fail(page.error());
        for (const AuditRecord &record : *page) {
            if (const QString fault = faultOf(record, verdict.lastHash, lastSeq); !fault.isEmpty())
                return broken(record.seq, fault);
            if (*head && record.seq == (*head)->seq) {
                if (record.hash != (*head)->hash) {
                    return broken(record.seq,
                                  u"the audit record %1 is not the one that was written last"_s.arg(
                                      record.seq));
                }
                headSeen = true;
            }
            verdict.lastHash = record.hash;
            lastSeq = record.seq;
            ++verdict.checked;
        }
        if (page->size() < pageSize)
            break;
    }
    if (*head && !headSeen) {
        return broken((*head)->seq,
                      u"the audit ends with the record %1, but the record %2 was written last"_s
                          .arg(lastSeq)
                          .arg((*head)->seq));
    }
    if (!*head && verdict.checked > 0) {
        // The first record and the head are written together, so none can be missing.
        const auto now = metadata.auditHead(tenant);
        if (!now)
            return fail(now.error());
        if (!*now) {
            return broken(lastSeq,
                          u"nothing says that the audit record %1 is the last"_s.arg(lastSeq));
        }
    }
    return verdict;
}

QByteArray auditJson(const AuditRecord &record)
{
    QByteArray json = "{\"seq\":" + QByteArray::number(record.seq);
    const auto member = [&json](const char *name, const QByteArray &value) {
        json += ",\"";
        json += name;
        json += "\":";
        json += value;
    };
    member("at", auditJsonString(toRfc3339(record.at)));
    member("tenant", auditJsonString(record.tenant.value));
    member("actor", auditJsonString(record.actor));
    member("address", auditJsonString(record.address));
    member("request_id", auditJsonString(record.requestId));
    member("action", auditJsonString(record.action));
    member("target", auditJsonString(record.target));
    member("details", QJsonDocument(record.details).toJson(QJsonDocument::Compact));
    member("prev_hash", auditJsonString(record.previousHash));
    member("hash", auditJsonString(record.hash));
    return json + '}';
}

Result<qint64> exportAudit(MetadataStore &metadata, const TenantId &tenant,
                           const AuditFilter &which, QIODevice &target)
{
    qint64 written = 0;
    AuditFilter filter = which;
    filter.limit = pageSize;
    for (;;) {
        const auto page = metadata.listAudit(tenant, filter);
        if (!page)
            return fail(page.error());
        for (const AuditRecord &record : *page) {
            const QByteArray line = auditJson(record) + '\n';
            if (target.write(line) != line.size()) {
                return fail(ErrorCode::Io,
                            u"the audit cannot be written: %1"_s.arg(target.errorString()));
            }
            filter.afterSeq = record.seq;
            ++written;
        }
        if (page->size() < pageSize)
            return written;
    }
}

} // namespace skillbox
