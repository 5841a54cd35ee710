#include "app/cli/backend/backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/json_file.h"
#include "app/cli/json_writer.h"
#include "engine/registry/tool_description.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// What the vendors' APIs take.
constexpr qsizetype longestDescription = 1024;

struct ExportOptions {
    std::string format;
    std::vector<std::string> skills;
};

QString cut(const QString &text)
{
    return text.size() <= longestDescription ? text : text.first(longestDescription - 1) + u'…';
}

QByteArray compactJson(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

void putIdentity(JsonWriter &json, const ToolDescription &tool)
{
    json.beginObject().member(u"skill"_s, tool.skill).member(u"version"_s, tool.version);
    json.member(u"digest"_s, tool.digest).memberIfAny(u"input_argument"_s, tool.inputArgument);
    json.endObject();
}

/// Chat Completions: {"type":"function","function":{…}}.
void putOpenAi(JsonWriter &json, const ToolDescription &tool)
{
    json.beginObject().member(u"type"_s, u"function"_s).key(u"function"_s).beginObject();
    json.member(u"name"_s, tool.name).member(u"description"_s, cut(tool.description));
    json.key(u"parameters"_s).raw(compactJson(tool.inputSchema));
    json.endObject().endObject();
}

void putAnthropic(JsonWriter &json, const ToolDescription &tool)
{
    json.beginObject().member(u"name"_s, tool.name);
    json.member(u"description"_s, cut(tool.description));
    json.key(u"input_schema"_s).raw(compactJson(tool.inputSchema)).endObject();
}

/// As in the result of tools/list.
void putMcp(JsonWriter &json, const ToolDescription &tool)
{
    json.beginObject().member(u"name"_s, tool.name).member(u"title"_s, tool.title);
    json.member(u"description"_s, tool.description);
    json.key(u"inputSchema"_s).raw(compactJson(tool.inputSchema));
    if (tool.outputSchema)
        json.key(u"outputSchema"_s).raw(compactJson(*tool.outputSchema));
    json.endObject();
}

/// The arguments of StructuredTool and of tool() in JavaScript; a schema may be a JSON Schema.
void putLangChain(JsonWriter &json, const ToolDescription &tool)
{
    json.beginObject().member(u"name"_s, tool.name);
    json.member(u"description"_s, cut(tool.description));
    json.key(u"args_schema"_s).raw(compactJson(tool.inputSchema));
    json.key(u"metadata"_s);
    putIdentity(json, tool);
    json.endObject();
}

/// The newest version of every skill, or of those that were named, with their manifests.
Result<QList<SkillVersionRecord>> chosenSkills(Backend &backend, const QStringList &names)
{
    QList<SkillVersionRecord> chosen;
    if (!names.isEmpty()) {
        for (const QString &name : names) {
            auto record = backend.skill(name, {});
            if (!record)
                return fail(record.error());
            if (!isTool(*record)) {
                return fail(ErrorCode::NotExecutable,
                            u"the skill %1 has only instructions, so it is no tool"_s.arg(name));
            }
            chosen.append(std::move(*record));
        }
        return chosen;
    }
    const auto rows = backend.skills({.limit = 1'000'000});
    if (!rows)
        return fail(rows.error());
    for (const SkillVersionRecord &row : Registry::latestOnly(*rows)) {
        if (!isTool(row))
            continue;
        auto record = backend.skill(row.name, row.version);
        if (!record)
            return fail(record.error());
        chosen.append(std::move(*record));
    }
    return chosen;
}

ExitCode exportSkills(CliContext &context, const ExportOptions &options)
{
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    QStringList wanted;
    for (const std::string &skill : options.skills)
        wanted.append(toText(skill));
    const auto skills = chosenSkills(**backend, wanted);
    if (!skills)
        return context.reportError(skills.error());

    QStringList names;
    for (const SkillVersionRecord &record : *skills)
        names.append(record.name);
    const QHash<QString, QString> tools = toolNames(names);
    const bool isMcp = options.format == "mcp";
    JsonWriter json;
    if (isMcp)
        json.beginObject().key(u"tools"_s);
    json.beginArray();
    for (const SkillVersionRecord &record : *skills) {
        const ToolDescription tool = describeTool(record, tools.value(record.name));
        if (isMcp)
            putMcp(json, tool);
        else if (options.format == "openai")
            putOpenAi(json, tool);
        else if (options.format == "anthropic")
            putAnthropic(json, tool);
        else
            putLangChain(json, tool);
    }
    json.endArray();
    if (isMcp)
        json.endObject();
    if (skills->isEmpty())
        context.note(u"no skill that can be run is published"_s);
    if (context.wantsJson())
        return context.printJson(json.bytes());
    context.out().write(prettyJson(json.bytes()));
    return ExitCode::Success;
}

} // namespace

void registerSkillExport(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"export", "Print skills as tools for a model's API or an agent framework",
         "The newest version of each skill that can be run, or of those named. A name that an API "
         "does not take is changed; langchain's metadata says which skill it stands for.",
         "skillbox skill export --format openai > tools.json\n"
         "skillbox skill export --format anthropic word-counter\n"
         "skillbox skill export --format mcp -o json"},
        WorksOn::Backend);
    const auto options = std::make_shared<ExportOptions>();
    addChoice(*command, "-f,--format", options->format, "For whom",
              {"openai", "anthropic", "mcp", "langchain"}, Presence::Required);
    addArguments(*command, "skills", options->skills, "Only these skills", value::skill,
                 Presence::Optional);
    onChosen(*command, context, [options, &context] { return exportSkills(context, *options); });
}

} // namespace skillbox
