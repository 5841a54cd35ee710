#include "server/api/json/skill_json.h"

#include "engine/base/clock.h"
#include "engine/registry/finding_json.h"
#include "server/api/json/json_output.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

void putHead(JsonOutput &json, const SkillVersionRecord &record)
{
    json.member("name", record.name)
        .member("version", record.version)
        .member("description", record.description)
        .member("lang", record.language);
}

void putRow(JsonOutput &json, const SkillVersionRecord &record)
{
    putHead(json, record);
    json.member("mode", record.mode)
        .member("status", skillStatusName(record))
        .member("digest", record.digest)
        .member("published_at", toRfc3339(record.publishedAt));
}

void putTagNames(JsonOutput &json, const QString &version, const QList<TagRecord> &tags)
{
    json.key("tags").beginArray();
    for (const TagRecord &tag : tags) {
        if (tag.version == version)
            json.value(tag.tag);
    }
    json.endArray();
}

void putTag(JsonOutput &json, const QString &name, const TagRecord &tag)
{
    json.beginObject()
        .member("name", name)
        .member("tag", tag.tag)
        .member("version", tag.version)
        .member("set_by", tag.setBy)
        .member("set_at", toRfc3339(tag.setAt))
        .endObject();
}

/// A member of the manifest, where it has one.
void putManifest(JsonOutput &json, const SkillVersionRecord &record,
                 std::initializer_list<const char *> keys)
{
    for (const char *key : keys) {
        const QJsonValue value = record.manifest.value(QLatin1StringView(key));
        if (!value.isUndefined())
            json.member(key, value);
    }
}

void putPublished(JsonOutput &json, const SkillVersionRecord &record,
                  const QList<Finding> &findings)
{
    putHead(json, record);
    json.member("mode", record.mode).member("digest", record.digest);
    if (!findings.isEmpty())
        json.member("findings", QJsonValue(findingsJson(findings)));
}

} // namespace

QLatin1StringView skillStatusName(const SkillVersionRecord &record)
{
    return record.yankedAt.isValid() ? "yanked"_L1 : "available"_L1;
}

QByteArray skillRowsJson(const QList<SkillVersionRecord> &records)
{
    JsonOutput json;
    json.beginArray();
    for (const SkillVersionRecord &record : records) {
        json.beginObject();
        putRow(json, record);
        json.endObject();
    }
    json.endArray();
    return json.bytes();
}

QByteArray skillVersionsJson(const QList<SkillVersionRecord> &records, const QString &latest,
                             const QList<TagRecord> &tags)
{
    JsonOutput json;
    json.beginArray();
    for (const SkillVersionRecord &record : records) {
        json.beginObject();
        putRow(json, record);
        json.member("published_by", record.publishedBy).member("latest", record.version == latest);
        putTagNames(json, record.version, tags);
        json.endObject();
    }
    json.endArray();
    return json.bytes();
}

QByteArray skillVersionJson(const SkillVersionRecord &record, const QList<TagRecord> &tags)
{
    JsonOutput json;
    json.beginObject();
    putHead(json, record);
    putManifest(json, record, {"image"});
    json.memberIfAny("instructions", record.instructions);
    putManifest(json, record, {"timeout"});
    json.member("resources", QJsonValue(record.manifest.value("resources"_L1).toObject()))
        .member("mode", record.mode)
        .member("status", skillStatusName(record));
    putManifest(json, record,
                {"entrypoint", "license", "compatibility", "metadata", "allowed_tools", "schemas",
                 "files", "unknown_keys"});
    json.member("digest", record.digest)
        .member("archive_bytes", record.archiveBytes)
        .member("published_at", toRfc3339(record.publishedAt))
        .member("published_by", record.publishedBy)
        .member("yanked", record.yankedAt.isValid());
    if (record.yankedAt.isValid()) {
        json.member("yanked_at", toRfc3339(record.yankedAt))
            .memberIfAny("yank_reason", record.yankReason);
    }
    if (!record.findings.isEmpty())
        json.member("findings", QJsonValue(record.findings));
    putTagNames(json, record.version, tags);
    json.endObject();
    return json.bytes();
}

QByteArray publishedJson(const SkillVersionRecord &record, const QList<Finding> &findings)
{
    JsonOutput json;
    json.beginObject();
    putPublished(json, record, findings);
    json.endObject();
    return json.bytes();
}

QByteArray validJson(const SkillVersionRecord &record, const QList<Finding> &findings)
{
    JsonOutput json;
    json.beginObject().member("valid", true);
    putPublished(json, record, findings);
    json.endObject();
    return json.bytes();
}

QByteArray skillFilesJson(const QList<SkillFile> &files)
{
    JsonOutput json;
    json.beginArray();
    for (const SkillFile &file : files) {
        json.beginObject().member("path", file.path);
        if (file.isText)
            json.utf8Member("content", file.content);
        else
            json.utf8Member("content", file.content.toBase64());
        json.member("size_bytes", file.size);
        if (!file.isText)
            json.member("encoding", "base64"_L1);
        if (file.executable)
            json.member("executable", true);
        if (file.omitted)
            json.member("omitted", true);
        json.endObject();
    }
    json.endArray();
    return json.bytes();
}

QByteArray skillDiffJson(const QString &name, const QString &from, const QString &to,
                         const QList<FileDiff> &files)
{
    JsonOutput json;
    json.beginObject()
        .member("name", name)
        .member("from", from)
        .member("to", to)
        .key("files")
        .beginArray();
    for (const FileDiff &file : files) {
        json.beginObject().member("path", file.path).member("status", fileChangeName(file.change));
        if (!file.diff.isEmpty())
            json.utf8Member("diff", file.diff);
        if (file.binary)
            json.member("binary", true);
        if (file.omitted)
            json.member("omitted", true);
        json.endObject();
    }
    json.endArray().endObject();
    return json.bytes();
}

QByteArray tagJson(const QString &name, const TagRecord &tag)
{
    JsonOutput json;
    putTag(json, name, tag);
    return json.bytes();
}

QByteArray tagsJson(const QString &name, const QList<TagRecord> &tags)
{
    JsonOutput json;
    json.beginArray();
    for (const TagRecord &tag : tags)
        putTag(json, name, tag);
    json.endArray();
    return json.bytes();
}

} // namespace skillbox
