#include "app/cli/image_audit.h"

#include "engine/base/clock.h"
#include "engine/engine.h"

namespace skillbox {

Result<void> noteImageChange(Engine &engine, const QString &action, const QString &name,
                             const QJsonObject &details)
{
    AuditRecord audit;
    audit.tenant = localTenant();
    audit.at = nowUtc();
    audit.actor = CliContext::origin().actor;
    audit.action = action;
    audit.target = name;
    audit.details = details;
    return engine.metadata().appendAudit(audit);
}

} // namespace skillbox
