#include "app/cli/backend/backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/tenant_view.h"
#include "engine/skill/quantity.h"

#include <map>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct SetOptions {
    std::string name;
    std::map<std::string, std::string> values; ///< by the setting's name
};

QString optionOf(const TenantSetting &setting)
{
    if (setting.value == &TenantSettings::storageBytes)
        return u"--storage"_s;
    return u"--"_s + QString(setting.name).replace(u'_', u'-');
}

Result<std::optional<qint64>> readSetting(const TenantSetting &setting, const QString &text)
{
    if (text == u"default")
        return std::nullopt;
    if (text == u"0" || text == u"none")
        return 0;
    bool isNumber = false;
    qint64 value = 0;
    QString wanted = u"a whole number"_s;
    if (setting.value == &TenantSettings::storageBytes) {
        wanted = u"a size such as 10Gi"_s;
        const Result<qint64> bytes = parseBytes(text);
        isNumber = bytes.has_value();
        value = bytes.value_or(0);
    } else {
        const bool isDays = setting.name.endsWith("_days"_L1);
        value = (isDays && text.endsWith(u'd') ? text.chopped(1) : text).toLongLong(&isNumber);
        if (isDays)
            wanted = u"a number of days such as 30"_s;
    }
    if (!isNumber || value < 0 || value > setting.most) {
        return fail(ErrorCode::BadRequest,
                    u"%1 wants %2, none for no limit, or default; not '%3'"_s.arg(optionOf(setting),
                                                                                  wanted, text));
    }
    return value;
}

Result<TenantPatch> readPatch(const SetOptions &options)
{
    TenantPatch patch;
    for (const TenantSetting &setting : tenantSettings) {
        const auto given = options.values.find(setting.name.data());
        if (given == options.values.end() || given->second.empty())
            continue;
        const auto value = readSetting(setting, toText(given->second));
        if (!value)
            return fail(value.error());
        patch.insert(setting.name, *value);
    }
    if (patch.isEmpty()) {
        return fail(ErrorCode::BadRequest,
                    u"say what to set, such as --runs-per-minute 60 or --log-days 30"_s);
    }
    return patch;
}

ExitCode set(CliContext &context, const SetOptions &options)
{
    const Result<TenantPatch> patch = readPatch(options);
    if (!patch)
        return context.reportError(patch.error());
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    const Result<TenantView> tenant = (*backend)->changeTenant({toText(options.name)}, *patch);
    if (!tenant)
        return context.reportError(tenant.error());
    return showTenant(context, *tenant);
}

} // namespace

void registerTenantSet(CLI::App &tenant, CliContext &context)
{
    CLI::App *command = addCommand(
        tenant, context,
        {"set", "Set what a tenant may use and how long its things are kept",
         "Each value may be none for no limit, or default for what the server gives to all. What "
         "is over a new limit stays; nothing more is taken. What is over a new time is removed "
         "within the hour, and the audit says how much. On a server this needs an admin of the "
         "operators' tenant.",
         "skillbox tenant set acme --max-concurrent 8 --runs-per-minute 120 --storage 10Gi\n"
         "skillbox tenant set acme --log-days 30 --artifact-days 30 --execution-days 365\n"
         "skillbox tenant set acme --storage default"},
        WorksOn::Backend);
    const auto options = std::make_shared<SetOptions>();
    addArgument(*command, "name", options->name, "The tenant", value::text);
    const auto add = [&](const char *flag, const char *setting, const char *what,
                         const char *type) {
        addOption(*command, flag, options->values[setting], what, type);
    };
    add("--max-concurrent", "max_concurrent", "Runs at the same time, over all servers", "N");
    add("--runs-per-minute", "runs_per_minute", "Runs that may begin in a minute", "N");
    add("--storage", "storage_bytes", "Archives, files, artifacts and files of sessions", "SIZE");
    add("--log-days", "log_days", "How long logs of runs are kept", "DAYS");
    add("--artifact-days", "artifact_days", "How long output files of runs are kept", "DAYS");
    add("--execution-days", "execution_days", "How long records of runs are kept", "DAYS");
    onChosen(*command, context, [options, &context] { return set(context, *options); });
}

} // namespace skillbox
