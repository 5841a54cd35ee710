#include "app/cli/backend/backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/format.h"
#include "app/cli/table.h"
#include "app/cli/tenant_json.h"
#include "app/cli/tenant_view.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

ExitCode listTenants(CliContext &context)
{
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    const Result<QList<TenantView>> tenants = (*backend)->tenants();
    if (!tenants)
        return context.reportError(tenants.error());
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginArray();
        for (const TenantView &tenant : *tenants)
            writeTenant(json, tenant);
        json.endArray();
        return context.printJson(json.bytes());
    }
    Table table({{u"TENANT"_s, Qt::AlignLeft, true},
                 {u"AT ONCE"_s, Qt::AlignRight},
                 {u"A MINUTE"_s, Qt::AlignRight},
                 {u"STORAGE"_s, Qt::AlignRight},
                 {u"LOGS"_s, Qt::AlignRight},
                 {u"FILES"_s, Qt::AlignRight},
                 {u"RUNS"_s, Qt::AlignRight},
                 {u"KEEPS"_s, Qt::AlignRight}});
    for (const TenantView &tenant : *tenants) {
        QList<TableCell> row{TableCell(tenant.record.id.value, Paint::Bold)};
        for (const TenantSetting &setting : tenantSettings) {
            const bool own = (tenant.record.settings.*setting.value).has_value();
            row.append(TableCell(
                settingText(setting, effective(setting, tenant.record.settings, tenant.defaults)),
                own ? Paint::Plain : Paint::Dim));
        }
        row.append(TableCell(humanBytes(tenant.record.storedBytes)));
        table.addRow(row);
    }
    context.out().write(table.render(context.out()));
    return ExitCode::Success;
}

} // namespace

void registerTenantList(CLI::App &tenant, CliContext &context)
{
    CLI::App *command = addCommand(
        tenant, context,
        {"list", "List tenants with what they may use and what they keep",
         "Runs at once and a minute, storage, and for how long logs, output files and records of "
         "runs are kept; – is no limit. On a server an admin of the operators' tenant sees all "
         "tenants, another admin its own.",
         "skillbox tenant list\n"
         "skillbox tenant list -o json"},
        WorksOn::Backend);
    onChosen(*command, context, [&context] { return listTenants(context); });
}

} // namespace skillbox
