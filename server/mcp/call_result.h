#pragma once

#include "engine/execution/execution_service.h"
#include "engine/registry/tool_description.h"
#include "server/mcp/protocol_version.h"

namespace skillbox {

/// Where a run is found outside the protocol; empty where nowhere.
struct CallLinks {
    QString baseUrl;
    QString filesUrl;
};

/// The result of tools/call for a run that is over. A run that did not succeed, or whose output is
/// not what the tool promises, is a result with isError and words that a model can act on.
///
/// Bounded: what is too large for a conversation is left out and said to be a resource. Small
/// images and sounds come as such, small texts as embedded resources, all files as links.
QByteArray callResultJson(const ExecutionRecord &record, const ToolDescription &tool,
                          const ProtocolVersion &version, const CallLinks &links,
                          ExecutionService &executions);

/// The same for a run that was never recorded: an input that breaks the schema, a full queue.
QByteArray failedCallJson(const Error &error);

} // namespace skillbox
