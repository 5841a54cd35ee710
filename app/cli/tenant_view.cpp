#include "app/cli/tenant_view.h"

#include "app/cli/cli_context.h"
#include "app/cli/format.h"
#include "app/cli/table.h"
#include "app/cli/tenant_json.h"
#include "engine/base/clock.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString titleOf(const TenantSetting &setting)
{
    const auto is = [&](std::optional<qint64> TenantSettings::*value) {
        return setting.value == value;
    };
    return is(&TenantSettings::maxConcurrent) ? u"runs at the same time"_s
        : is(&TenantSettings::runsPerMinute)  ? u"runs a minute"_s
        : is(&TenantSettings::storageBytes)   ? u"storage"_s
        : is(&TenantSettings::logDays)        ? u"logs are kept"_s
        : is(&TenantSettings::artifactDays)   ? u"output files are kept"_s
                                              : u"runs are kept"_s;
}

} // namespace

QString settingText(const TenantSetting &setting, qint64 value)
{
    if (value == 0)
        return u"–"_s;
    if (setting.value == &TenantSettings::storageBytes)
        return humanBytes(value);
    return setting.name.endsWith("_days"_L1) ? counted(value, u"day"_s) : QString::number(value);
}

ExitCode showTenant(CliContext &context, const TenantView &tenant)
{
    if (context.wantsJson()) {
        JsonWriter json;
        writeTenant(json, tenant);
        return context.printJson(json.bytes());
    }
    const TenantRecord &record = tenant.record;
    Terminal &out = context.out();
    out.writeLine(out.painted(Paint::Bold, out.foreign(record.id.value)));
    Table table({{{}}, {{}}, {{}}});
    table.hideTitles();
    const QString standard = u"default"_s;
    for (const TenantSetting &setting : tenantSettings) {
        table.addRow(
            {TableCell(titleOf(setting), Paint::Dim),
             TableCell(settingText(setting, effective(setting, record.settings, tenant.defaults))),
             TableCell(record.settings.*setting.value ? QString() : standard, Paint::Dim)});
    }
    table.addRow({TableCell(u"keeps now"_s, Paint::Dim), TableCell(humanBytes(record.storedBytes)),
                  TableCell({})});
    if (record.updatedAt.isValid()) {
        table.addRow({TableCell(u"set"_s, Paint::Dim),
                      TableCell(humanAgo(record.updatedAt, nowUtc())),
                      TableCell(u"by "_s + record.updatedBy, Paint::Dim)});
    }
    out.write(table.render(out, 2));
    return ExitCode::Success;
}

} // namespace skillbox
