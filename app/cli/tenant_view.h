#pragma once

#include "app/cli/exit_code.h"
#include "engine/access/tenant_service.h"

namespace skillbox {

class CliContext;

/// A setting as people read it: `4`, `1.0 GiB`, `30 days`, `–` for no limit.
QString settingText(const TenantSetting &setting, qint64 value);

/// One tenant with all it may use, as a table or JSON.
ExitCode showTenant(CliContext &context, const TenantView &tenant);

} // namespace skillbox
