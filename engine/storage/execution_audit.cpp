#include "engine/storage/execution_audit.h"

#include "engine/base/sha256.h"

using namespace Qt::StringLiterals;

namespace skillbox {

AuditRecord executionFinished(const ExecutionRecord &record, const Origin &origin)
{
    QJsonObject details{
        {u"skill"_s, record.skillName},
        {u"version"_s, record.skillVersion},
        {u"digest"_s, record.skillDigest},
        {u"input_sha256"_s, Sha256::of(record.input.bytes())},
        {u"status"_s, QString(executionStatusName(record.status))},
        {u"reason"_s, record.reason},
        {u"duration_ms"_s, record.durationMs},
    };
    if (!record.session.isEmpty())
        details.insert(u"session"_s, record.session);
    AuditRecord audit;
    audit.tenant = record.tenant;
    audit.at = record.finishedAt;
    audit.actor = origin.actor;
    audit.action = u"execution.finish"_s;
    audit.target = record.id.value;
    audit.details = details;
    audit.address = origin.address;
    audit.requestId = origin.requestId;
    return audit;
}

} // namespace skillbox
