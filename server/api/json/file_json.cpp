#include "server/api/json/file_json.h"

#include "engine/base/clock.h"
#include "server/api/json/json_output.h"

#include <QStringDecoder>

namespace skillbox {
namespace {

void putFile(JsonOutput &json, const FileRecord &file)
{
    json.beginObject()
        .member("id", file.id.value)
        .member("tenant_id", file.tenant.value)
        .memberIfAny("session_id", file.session)
        .memberIfAny("execution_id", file.execution.value)
        .member("name", file.name)
        .member("content_type", file.contentType)
        .member("size_bytes", file.sizeBytes)
        .member("version", qint64(file.version))
        .memberIfAny("parent_id", file.parent.value)
        .member("created_at", toRfc3339(file.createdAt))
        .member("updated_at", toRfc3339(file.updatedAt))
        .endObject();
}

void putSessionFile(JsonOutput &json, const SessionFileRecord &file)
{
    json.beginObject().member("path", file.path).member("size_bytes", file.sizeBytes);
    if (file.executable)
        json.member("executable", true);
    json.member("updated_at", toRfc3339(file.updatedAt)).endObject();
}

} // namespace

QByteArray fileJson(const FileRecord &file)
{
    JsonOutput json;
    putFile(json, file);
    return json.bytes();
}

QByteArray filesJson(const QList<FileRecord> &files)
{
    JsonOutput json;
    json.beginArray();
    for (const FileRecord &file : files)
        putFile(json, file);
    return json.endArray().bytes();
}

QByteArray sessionFileJson(const SessionFileRecord &file)
{
    JsonOutput json;
    putSessionFile(json, file);
    return json.bytes();
}

QByteArray sessionFilesJson(const QList<SessionFileRecord> &files)
{
    JsonOutput json;
    json.beginArray();
    for (const SessionFileRecord &file : files)
        putSessionFile(json, file);
    return json.endArray().bytes();
}

QByteArray fileContentJson(const QString &path, const QByteArray &content)
{
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString text = decoder(content);
    const bool isText = !decoder.hasError() && !content.contains('\0');
    JsonOutput json;
    json.beginObject().member("path", path);
    if (isText)
        json.utf8Member("content", content);
    else
        json.utf8Member("content", content.toBase64());
    json.member("size_bytes", qint64(content.size()));
    if (!isText)
        json.member("encoding", QLatin1StringView("base64"));
    return json.endObject().bytes();
}

} // namespace skillbox
