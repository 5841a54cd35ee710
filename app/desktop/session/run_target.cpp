#include "app/desktop/session/run_target.h"

#include "app/desktop/session/json_node.h"
#include "engine/engine.h"
#include "engine/execution/input_schema.h"
#include "engine/execution/run_policy.h"

#include <QFile>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int mostExamples = 100;
constexpr qint64 mostExampleBytes = 1 << 20;

Result<QByteArray> readCapped(const QString &path, qint64 mostBytes)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::Io, u"it cannot be read: %1"_s.arg(file.errorString()));
    QByteArray bytes = file.read(mostBytes + 1);
    if (bytes.size() > mostBytes)
        return fail(ErrorCode::TooLarge, u"it is larger than %1 bytes"_s.arg(mostBytes));
    return bytes;
}

std::optional<ExampleInput> readExample(const QString &directory, const QString &path)
{
    const auto bytes = readCapped(directory + u'/' + path, mostExampleBytes);
    if (!bytes)
        return std::nullopt;
    const auto test = JsonNode::parse(*bytes);
    if (!test || !test->isObject() || !test->member(u"input"))
        return std::nullopt;
    const auto textOf = [&](QStringView name) {
        const JsonNode *member = test->member(name);
        return member && member->kind() == JsonNode::Kind::String ? member->text() : QString();
    };
    ExampleInput example;
    example.name = textOf(u"name");
    if (example.name.isEmpty())
        example.name = path.sliced(path.lastIndexOf(u'/') + 1).chopped(5);
    example.description = textOf(u"description");
    const JsonNode *files = test->member(u"files");
    example.needsFiles = files && files->size() > 0;
    example.input = test->member(u"input")->compact();
    return example;
}

bool isScript(const Manifest &manifest, const QStringList &files, const QString &path)
{
    static const QStringList endings{u".py"_s, u".js"_s, u".mjs"_s, u".cjs"_s, u".sh"_s};
    const bool named = std::any_of(endings.begin(), endings.end(),
                                   [&](const QString &ending) { return path.endsWith(ending); });
    return named && namedEntrypoint(manifest, files, path).has_value();
}

} // namespace

Result<RunTarget> describeTarget(Engine &engine, const RunTargetQuery &query)
{
    Registry &registry = engine.registry();
    const SkillRef ref{localTenant(), query.skill, query.version};
    const auto resolved = query.directory.isEmpty() ? registry.resolve(ref)
                                                    : registry.resolveDirectory(query.directory);
    if (!resolved)
        return fail(resolved.error());
    const RunLimits &limits = engine.config().limits;
    RunTarget target;
    target.name = resolved->name;
    target.version = resolved->version;
    target.description = resolved->manifest.description;
    target.directory = query.directory;
    target.files = resolved->files;
    target.digest = resolved->digest;
    const SandboxLimits given = makePolicy(resolved->manifest, limits, {}).policy.limits;
    target.timeout = given.wallClock;
    target.memoryBytes = given.memoryBytes;
    target.milliCpu = given.milliCpu;
    if (query.directory.isEmpty()) {
        const auto versions = registry.versions(localTenant(), resolved->name);
        if (!versions)
            return fail(versions.error());
        for (const SkillVersionRecord &version : *versions)
            target.versions.append(version.version);
    }
    if (resolved->entrypoint
        && effectiveMode(resolved->manifest, resolved->entrypoint) == SkillMode::Executable)
        target.entrypoint = resolved->entrypoint->path;
    for (const QString &path : resolved->files) {
        if (isScript(resolved->manifest, resolved->files, path))
            target.scripts.append(path);
        if (path.startsWith("tests/"_L1) && path.endsWith(".json"_L1)
            && target.examples.size() < mostExamples) {
            if (auto example = readExample(resolved->directory, path))
                target.examples.append(std::move(*example));
        }
    }
    const QString schemaPath = u"schemas/input.json"_s;
    if (resolved->files.contains(schemaPath)) {
        const auto text = readCapped(resolved->directory + u'/' + schemaPath,
                                     InputSchema::maxBytes);
        const auto usable = text ? InputSchema::parse(*text).map([](const InputSchema &) {})
                                 : Result<void>(fail(text.error()));
        if (usable)
            target.inputSchema = *text;
        else
            target.schemaProblem = usable.error().message;
    }
    return target;
}

} // namespace skillbox
