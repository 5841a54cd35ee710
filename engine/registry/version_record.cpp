#include "engine/registry/version_record.h"

#include "engine/skill/entrypoint.h"
#include "engine/skill/quantity.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// A schema larger than this is still part of the skill, only not shown with every look at it.
constexpr qint64 maxSchemaBytes = 256 * 1024;

/// `schemas/input.json` and `schemas/output.json` as values, where they are JSON objects.
QJsonObject readSchemas(const SkillContent &content, const QString &directory)
{
    QJsonObject schemas;
    for (const QString &kind : {u"input"_s, u"output"_s}) {
        const QString path = u"schemas/%1.json"_s.arg(kind);
        const auto file = std::find_if(content.files.begin(), content.files.end(),
                                       [&](const PackedFile &f) { return f.path == path; });
        if (file == content.files.end() || file->size > maxSchemaBytes)
            continue;
        QFile text(directory + u'/' + path);
        if (!text.open(QIODevice::ReadOnly))
            continue;
        const QJsonDocument document = QJsonDocument::fromJson(text.readAll());
        if (document.isObject())
            schemas.insert(kind, document.object());
    }
    return schemas;
}

QJsonObject manifestJson(const Manifest &manifest, const std::optional<Entrypoint> &entrypoint,
                         const SkillContent &content, const QString &directory)
{
    QJsonObject json;
    const auto insertText = [&json](const QString &key, const QString &value) {
        if (!value.isEmpty())
            json.insert(key, value);
    };
    insertText(u"image"_s, manifest.image);
    if (manifest.timeout)
        json.insert(u"timeout"_s, formatDuration(*manifest.timeout));
    QJsonObject resources;
    if (manifest.milliCpu)
        resources.insert(u"cpu"_s, formatMilliCpu(*manifest.milliCpu));
    if (manifest.memoryBytes)
        resources.insert(u"memory"_s, formatBytes(*manifest.memoryBytes));
    json.insert(u"resources"_s, resources); // always there, also when empty
    insertText(u"license"_s, manifest.license);
    insertText(u"compatibility"_s, manifest.compatibility);
    QJsonObject metadata;
    for (const auto &[key, value] : manifest.metadata)
        metadata.insert(key, value);
    if (!metadata.isEmpty())
        json.insert(u"metadata"_s, metadata);
    if (!manifest.allowedTools.isEmpty())
        json.insert(u"allowed_tools"_s, QJsonArray::fromStringList(manifest.allowedTools));
    if (entrypoint)
        json.insert(u"entrypoint"_s, entrypoint->path);
    QJsonArray files;
    for (const PackedFile &file : content.files) {
        QJsonObject entry{{u"path"_s, file.path}, {u"size_bytes"_s, file.size}};
        if (file.executable)
            entry.insert(u"executable"_s, true);
        files.append(entry);
    }
    json.insert(u"files"_s, files);
    QJsonArray unknown;
    for (const auto &[key, bytes] : manifest.unknownKeys)
        unknown.append(key);
    if (!unknown.isEmpty())
        json.insert(u"unknown_keys"_s, unknown);
    if (const QJsonObject schemas = readSchemas(content, directory); !schemas.isEmpty())
        json.insert(u"schemas"_s, schemas);
    return json;
}

} // namespace

Result<Manifest> readManifest(const QString &directory)
{
    QFile file(directory + u"/SKILL.md"_s);
    if (!QFileInfo::exists(file.fileName())) {
        return fail(ErrorCode::InvalidSkill,
                    u"There is no SKILL.md in %1, so it is not a skill."_s.arg(directory));
    }
    if (!QFileInfo(file).isFile() || !file.open(QIODevice::ReadOnly)) {
        return fail(ErrorCode::InvalidSkill,
                    u"The file SKILL.md in %1 cannot be read."_s.arg(directory),
                    file.errorString());
    }
    return requireManifest(file.read(maxManifestBytes + 1));
}

Result<SkillVersionRecord> describeVersion(const Manifest &manifest, const SkillContent &content,
                                           const QString &directory)
{
    const auto entrypoint = findEntrypoint(manifest, content.paths());
    if (!entrypoint)
        return fail(entrypoint.error());
    SkillVersionRecord record;
    record.name = manifest.name;
    record.version = manifest.version;
    record.digest = content.digest;
    record.description = manifest.description;
    const auto language = manifest.language ? manifest.language
        : *entrypoint                       ? std::optional((*entrypoint)->language)
                                            : std::nullopt;
    record.language = language ? QString(languageName(*language)) : QString();
    record.mode = skillModeName(effectiveMode(manifest, *entrypoint));
    record.instructions = manifest.instructions;
    record.manifest = manifestJson(manifest, *entrypoint, content, directory);
    return record;
}

QList<PackedFile> packedFilesOf(const SkillVersionRecord &record)
{
    QList<PackedFile> packed;
    const QJsonArray files = record.manifest.value("files"_L1).toArray();
    for (const QJsonValue &value : files) {
        const QJsonObject file = value.toObject();
        packed.append({file.value("path"_L1).toString(), file.value("size_bytes"_L1).toInteger(),
                       file.value("executable"_L1).toBool(), QString()});
    }
    return packed;
}

QStringList filesOf(const SkillVersionRecord &record)
{
    QStringList paths;
    const QJsonArray files = record.manifest.value("files"_L1).toArray();
    for (const QJsonValue &file : files)
        paths.append(file.toObject().value("path"_L1).toString());
    return paths;
}

} // namespace skillbox
