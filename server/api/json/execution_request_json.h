#pragma once

#include "engine/execution/execution_service.h"

namespace skillbox {

/// The body of POST /v1/executions: skill, version, input, env, input_files, session_id,
/// entrypoint, timeout. Who asks is the caller's to fill in. BadRequest naming the member; NotFound
/// for an input file whose id is none.
Result<ExecutionRequest> readExecutionRequest(QByteArrayView body);

/// The filters of GET /v1/executions are in its query: see executions_read.cpp. A cursor is opaque
/// text; nullopt for one that we did not make.
QString cursorText(const ExecutionCursor &cursor);
std::optional<ExecutionCursor> cursorFromText(const QString &text);

} // namespace skillbox
