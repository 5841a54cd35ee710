#pragma once

#include "engine/engine.h"
#include "server/mcp/catalog.h"
#include "server/mcp/resource_uri.h"

namespace skillbox {

class JsonOutput;

struct ResourceContent {
    QByteArray bytes;
    QString mimeType;
    bool isText = true; ///< valid UTF-8 without NUL
};

/// More is not read over the protocol: a message holds it whole.
inline constexpr qint64 maxResourceBytes = 8LL << 20;

/// NotFound, TooLarge, and what the store says.
Result<ResourceContent> readSkillResource(Engine &engine, const TenantId &tenant,
                                          const CatalogSkill &skill, const QString &path);
Result<ResourceContent> readRunResource(Engine &engine, const TenantId &tenant,
                                        const RunResourceUri &resource);

/// `{"uri","mimeType","text"}` or with `blob`.
void putContents(JsonOutput &json, const QString &uri, const ResourceContent &content);

QString skillTemplate(); ///< of the files of skills; its variables are `name` and `path`
/// The result of resources/templates/list.
QByteArray resourceTemplatesJson();

} // namespace skillbox
