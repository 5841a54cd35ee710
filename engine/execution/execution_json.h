#pragma once

#include "engine/storage/records.h"

#include <QByteArray>

namespace skillbox {

/// The contract's result object: execution_id, status, output, files_list, logs, duration_ms,
/// error, reason, exit_code, skill_digest, sandbox. Compact JSON; input and output bytes unchanged.
QByteArray resultJson(const ExecutionRecord &record);

/// The result object plus skill_name, skill_version, tenant_id, input, created_at, finished_at.
QByteArray executionJson(const ExecutionRecord &record);

} // namespace skillbox
