#pragma once

#include "engine/engine.h"
#include "server/mcp/catalog.h"
#include "server/mcp/protocol_version.h"

namespace skillbox {

/// The result of prompts/get: the skill's instructions and what was said to them; then the files
/// that the instructions name, pictures as such and texts embedded, as far as they are small, since
/// a client that offers prompts need not let its model read resources. BadRequest without an
/// argument that is required.
Result<QByteArray> makePrompt(Engine &engine, const TenantId &tenant, const CatalogSkill &skill,
                              const QMap<QString, QString> &arguments,
                              const ProtocolVersion &version);

/// What the schema knows of an argument's values: enum, const, examples, booleans.
QStringList promptCompletions(const CatalogSkill &skill, const QString &argument);
/// The result of completion/complete: those of `values` that begin with what was typed, then those
/// that have it within, a hundred at most.
QByteArray completionJson(const QStringList &values, const QString &typed);

} // namespace skillbox
