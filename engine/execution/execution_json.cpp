#include "engine/execution/execution_json.h"

#include "engine/base/clock.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <QJsonDocument>

namespace skillbox {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void putString(Writer &writer, const QString &text)
{
    const QByteArray utf8 = text.toUtf8();
    writer.String(utf8.constData(), static_cast<rapidjson::SizeType>(utf8.size()));
}

void putIfAny(Writer &writer, const char *key, const QString &text)
{
    if (text.isEmpty())
        return;
    writer.Key(key);
    putString(writer, text);
}

/// Splices bytes that are JSON already.
void putRaw(Writer &writer, const char *key, const QByteArray &json, rapidjson::Type type)
{
    writer.Key(key);
    writer.RawValue(json.constData(), static_cast<size_t>(json.size()), type);
}

void putResult(Writer &writer, const ExecutionRecord &record, const QString &filesUrl)
{
    writer.Key("execution_id");
    putString(writer, record.id.value);
    writer.Key("status");
    putString(writer, executionStatusName(record.status));
    if (!record.output.isEmpty())
        putRaw(writer, "output", record.output.bytes(), rapidjson::kObjectType);
    putIfAny(writer, "files_url", filesUrl);
    if (!record.artifacts.isEmpty()) {
        writer.Key("files_list");
        writer.StartArray();
        for (const ArtifactRecord &artifact : record.artifacts)
            putString(writer, artifact.path);
        writer.EndArray();
    }
    putIfAny(writer, "logs", record.logs);
    writer.Key("duration_ms");
    writer.Int64(record.durationMs);
    writer.Key("error");
    if (record.error.isEmpty())
        writer.Null();
    else
        putString(writer, record.error);
    putIfAny(writer, "reason", record.reason);
    if (record.exitCode) {
        writer.Key("exit_code");
        writer.Int(*record.exitCode);
    }
    putIfAny(writer, "skill_digest", record.skillDigest);
    if (!record.sandbox.isEmpty()) {
        putRaw(writer, "sandbox", QJsonDocument(record.sandbox).toJson(QJsonDocument::Compact),
               rapidjson::kObjectType);
    }
}

void putIdentity(Writer &writer, const ExecutionRecord &record)
{
    writer.Key("skill_name");
    putString(writer, record.skillName);
    writer.Key("skill_version");
    putString(writer, record.skillVersion);
    writer.Key("tenant_id");
    putString(writer, record.tenant.value);
    putIfAny(writer, "session_id", record.session);
}

void putTimes(Writer &writer, const ExecutionRecord &record)
{
    writer.Key("created_at");
    putString(writer, toRfc3339(record.createdAt));
    putIfAny(writer, "finished_at", toRfc3339(record.finishedAt));
}

QByteArray bytesOf(const rapidjson::StringBuffer &buffer)
{
    return {buffer.GetString(), static_cast<qsizetype>(buffer.GetSize())};
}

} // namespace

QByteArray resultJson(const ExecutionRecord &record, const QString &filesUrl)
{
    rapidjson::StringBuffer buffer;
    Writer writer(buffer);
    writer.StartObject();
    putResult(writer, record, filesUrl);
    writer.EndObject();
    return bytesOf(buffer);
}

QByteArray executionJson(const ExecutionRecord &record, const QString &filesUrl)
{
    rapidjson::StringBuffer buffer;
    Writer writer(buffer);
    writer.StartObject();
    putResult(writer, record, filesUrl);
    putIdentity(writer, record);
    if (record.input.isEmpty()) {
        writer.Key("input");
        writer.StartObject();
        writer.EndObject();
    } else {
        putRaw(writer, "input", record.input.bytes(), rapidjson::kObjectType);
    }
    putTimes(writer, record);
    writer.EndObject();
    return bytesOf(buffer);
}

QByteArray executionRowJson(const ExecutionRecord &record)
{
    rapidjson::StringBuffer buffer;
    Writer writer(buffer);
    writer.StartObject();
    putResult(writer, record, {});
    putIdentity(writer, record);
    putTimes(writer, record);
    writer.EndObject();
    return bytesOf(buffer);
}

} // namespace skillbox
