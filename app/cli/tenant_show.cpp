#include "app/cli/backend/backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/tenant_view.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

ExitCode show(CliContext &context, const QString &name)
{
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    const Result<TenantView> tenant = (*backend)->tenant({name});
    if (!tenant)
        return context.reportError(tenant.error());
    return showTenant(context, *tenant);
}

} // namespace

void registerTenantShow(CLI::App &tenant, CliContext &context)
{
    CLI::App *command = addCommand(tenant, context,
                                   {"show", "Show what a tenant may use and what it keeps", "",
                                    "skillbox tenant show acme\n"
                                    "skillbox tenant show acme -o json"},
                                   WorksOn::Backend);
    const auto name = std::make_shared<std::string>();
    addArgument(*command, "name", *name, "The tenant", value::text);
    onChosen(*command, context, [name, &context] { return show(context, toText(*name)); });
}

} // namespace skillbox
