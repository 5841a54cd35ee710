#include "server/mcp/resource_reader.h"

#include "engine/base/content_type.h"
#include "server/api/json/json_output.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

tl::unexpected<Error> tooLarge(qint64 size)
{
    return fail(ErrorCode::TooLarge,
                u"the resource has %1 bytes; at most %2 are given out here"_s.arg(size).arg(
                    maxResourceBytes));
}

Result<ResourceContent> contentOf(QByteArray bytes, const QString &mimeType)
{
    if (bytes.size() > maxResourceBytes)
        return tooLarge(bytes.size());
    const bool isText = QByteArrayView(bytes).isValidUtf8() && !bytes.contains('\0');
    return ResourceContent{std::move(bytes), mimeType.section(u';', 0, 0).trimmed(), isText};
}

Result<ResourceContent> readArtifact(Engine &engine, const ExecutionRecord &record,
                                     const QString &path)
{
    const auto &artifacts = record.artifacts;
    const auto found = std::find_if(artifacts.begin(), artifacts.end(),
                                    [&](const ArtifactRecord &a) { return a.path == path; });
    if (found == artifacts.end())
        return fail(ErrorCode::NotFound, u"the run left no file of that name"_s);
    if (found->sizeBytes > maxResourceBytes)
        return tooLarge(found->sizeBytes);
    const auto device = engine.executions().openArtifact(*found);
    if (!device)
        return fail(device.error());
    return contentOf((*device)->readAll(), found->contentType);
}

} // namespace

Result<ResourceContent> readSkillResource(Engine &engine, const TenantId &tenant,
                                          const CatalogSkill &skill, const QString &path)
{
    const auto known = std::find_if(skill.files.begin(), skill.files.end(),
                                    [&](const PackedFile &file) { return file.path == path; });
    if (known == skill.files.end())
        return fail(ErrorCode::NotFound, u"the skill has no file of that name"_s);
    const auto record = engine.registry().find({tenant, skill.tool.skill, skill.tool.version});
    if (!record)
        return fail(record.error());
    const auto tree = engine.registry().openTree(*record);
    if (!tree)
        return fail(tree.error());
    auto file = readSkillFile(*tree, path);
    if (!file)
        return fail(file.error());
    const QString type = path.endsWith(".md"_L1, Qt::CaseInsensitive) ? u"text/markdown"_s
                                                                      : contentTypeOf(path);
    return contentOf(std::move(file->content), type);
}

Result<ResourceContent> readRunResource(Engine &engine, const TenantId &tenant,
                                        const RunResourceUri &resource)
{
    const auto record = engine.executions().find(tenant, resource.execution);
    if (!record)
        return fail(record.error());
    switch (resource.what) {
    case RunResourceUri::What::File: return readArtifact(engine, *record, resource.path);
    case RunResourceUri::What::Output:
        if (record->output.isEmpty())
            return fail(ErrorCode::NotFound, u"the run has no output"_s);
        return contentOf(record->output.bytes(), u"application/json"_s);
    case RunResourceUri::What::Logs: break;
    }
    const auto logs = engine.executions().logs(tenant, resource.execution);
    if (!logs)
        return fail(logs.error());
    return contentOf(logs->toUtf8(), u"text/plain"_s);
}

void putContents(JsonOutput &json, const QString &uri, const ResourceContent &content)
{
    json.beginObject().member("uri", uri).memberIfAny("mimeType", content.mimeType);
    if (content.isText)
        json.utf8Member("text", content.bytes);
    else
        json.utf8Member("blob", content.bytes.toBase64());
    json.endObject();
}

QString skillTemplate()
{
    return u"skill://{name}/{+path}"_s;
}

QByteArray resourceTemplatesJson()
{
    struct Template {
        QString uri;
        QLatin1StringView name;
        QLatin1StringView title;
        QLatin1StringView description;
    };
    const Template templates[] = {
        {skillTemplate(), "skill-file"_L1, "File of a skill"_L1,
         "A file of the newest version of a skill: SKILL.md, references, scripts"_L1},
        {u"skillbox://executions/{id}/files/{+path}"_s, "run-file"_L1, "File of a run"_L1,
         "A file that a run wrote, as the result of its call names it"_L1},
        {u"skillbox://executions/{id}/output"_s, "run-output"_L1, "Output of a run"_L1,
         "The whole JSON output of a run"_L1},
        {u"skillbox://executions/{id}/logs"_s, "run-logs"_L1, "Log of a run"_L1,
         "What a run has printed, also while it is under way"_L1},
    };
    JsonOutput json;
    json.beginObject().key("resourceTemplates").beginArray();
    for (const Template &entry : templates) {
        json.beginObject()
            .member("uriTemplate", entry.uri)
            .member("name", entry.name)
            .member("title", entry.title)
            .member("description", entry.description)
            .endObject();
    }
    json.endArray().endObject();
    return json.bytes();
}

} // namespace skillbox
