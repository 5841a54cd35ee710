#pragma once

#include "engine/storage/records.h"

#include <QByteArray>

namespace skillbox {

/// The contract's result object: execution_id, status, output, files_url, files_list, logs,
/// duration_ms, error, reason, exit_code, skill_digest, sandbox. Compact JSON; input and output
/// bytes unchanged. `filesUrl` is where the artifacts can be fetched; empty: nowhere.
QByteArray resultJson(const ExecutionRecord &record, const QString &filesUrl = {});

/// The result object plus skill_name, skill_version, tenant_id, session_id, input, created_at,
/// finished_at.
QByteArray executionJson(const ExecutionRecord &record, const QString &filesUrl = {});

/// The same without what lists leave out because it can be long: input, output, files and logs.
QByteArray executionRowJson(const ExecutionRecord &record);

} // namespace skillbox
