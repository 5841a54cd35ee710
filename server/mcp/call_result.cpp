#include "server/mcp/call_result.h"

#include "engine/execution/input_schema.h"
#include "server/api/json/json_output.h"
#include "server/mcp/resource_uri.h"

#include <QJsonDocument>
#include <QUrl>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype maxOutputBytes = 512 * 1024;
constexpr qsizetype maxLogCharacters = 64 * 1024; ///< of a run that has no other result
constexpr qsizetype maxLogTail = 4096;            ///< of one that failed
constexpr qint64 maxMediaBytes = 1 << 20;         ///< all together
constexpr qint64 maxEmbeddedText = 16 * 1024;     ///< each
constexpr qint64 maxEmbeddedTexts = 64 * 1024;    ///< all together
constexpr qsizetype maxLinks = 200;

/// The end of a log, from the beginning of a line where there is one near.
QString tailOf(const QString &log, qsizetype most)
{
    const QString trimmed = log.trimmed();
    if (trimmed.size() <= most)
        return trimmed;
    QString tail = trimmed.last(most);
    const qsizetype newline = tail.indexOf(u'\n');
    if (newline >= 0 && newline < most / 2)
        tail.remove(0, newline + 1);
    else if (!tail.isEmpty() && tail[0].isLowSurrogate())
        tail.remove(0, 1);
    return u"…\n"_s + tail;
}

/// A string is given as its text, everything else as JSON.
QString outputText(const JsonText &output)
{
    const QByteArray &json = output.bytes();
    if (json.startsWith('"'))
        return QJsonDocument::fromJson('[' + json + ']').array().at(0).toString();
    return QString::fromUtf8(json);
}

/// What is wrong with the output, by the tool's own promise; empty: nothing.
QString brokenPromise(const ExecutionRecord &record, const ToolDescription &tool)
{
    if (!tool.outputSchema)
        return {};
    if (record.output.isEmpty())
        return u"the skill gave no output, though it promises one"_s;
    const auto schema = InputSchema::parse(
        QJsonDocument(*tool.outputSchema).toJson(QJsonDocument::Compact));
    if (!schema)
        return {}; // such a schema is not shown
    const auto matches = schema->check(record.output);
    if (matches)
        return {};
    if (matches.error().items.isEmpty())
        return u"the skill's output cannot be checked against its schema"_s;
    const QJsonObject first = matches.error().items.first().toObject();
    const QString pointer = first.value("pointer"_L1).toString();
    return u"the skill's output does not match its schema: %1 %2"_s.arg(
        pointer.isEmpty() ? u"it"_s : pointer, first.value("message"_L1).toString());
}

QString failureText(const ExecutionRecord &record)
{
    if (!record.error.isEmpty())
        return record.error;
    if (record.status == ExecutionStatus::Cancelled)
        return u"the run was cancelled"_s;
    return u"the run failed"_s + (record.reason.isEmpty() ? QString() : u": "_s + record.reason);
}

void putText(JsonOutput &json, const QString &text)
{
    json.beginObject().member("type", "text"_L1).member("text", text).endObject();
}

std::optional<QByteArray> contentOf(const ArtifactRecord &artifact, ExecutionService &executions)
{
    const auto device = executions.openArtifact(artifact);
    if (!device || !*device)
        return std::nullopt;
    QByteArray bytes = (*device)->read(artifact.sizeBytes);
    if (bytes.size() != artifact.sizeBytes)
        return std::nullopt;
    return bytes;
}

bool isTextType(const QString &type)
{
    return type.startsWith("text/"_L1) || type == u"application/json" || type == u"application/xml"
        || type == u"image/svg+xml";
}

QString bareType(const QString &contentType)
{
    return contentType.section(u';', 0, 0).trimmed();
}

/// Files of a run as content, within the bounds of one result.
class FileContents
{
public:
    FileContents(const ExecutionRecord &record, const ProtocolVersion &version,
                 const CallLinks &links, ExecutionService &executions)
        : m_record(record)
        , m_version(version)
        , m_links(links)
        , m_executions(executions)
    {
    }

    void put(JsonOutput &json)
    {
        qsizetype count = 0;
        for (const ArtifactRecord &artifact : m_record.artifacts) {
            if (++count > maxLinks) {
                putText(json,
                        u"%1 more files are not shown"_s.arg(m_record.artifacts.size() - maxLinks));
                return;
            }
            putContent(json, artifact);
            if (m_version.hasResourceLinks()) {
                putLink(json, artifact);
            } else {
                putText(json, u"file %1: %2"_s.arg(artifact.path, uriOf(artifact)));
            }
        }
    }

private:
    QString uriOf(const ArtifactRecord &artifact) const
    {
        return runUri({m_record.id, RunResourceUri::What::File, artifact.path});
    }

    void putContent(JsonOutput &json, const ArtifactRecord &artifact)
    {
        const QString type = bareType(artifact.contentType);
        const bool isSound = type.startsWith("audio/"_L1) && m_version.hasAudio();
        // The kinds of pictures that models take.
        const bool isImage = type == u"image/png" || type == u"image/jpeg" || type == u"image/gif"
            || type == u"image/webp";
        if (isSound || isImage) {
            if (m_media + artifact.sizeBytes > maxMediaBytes)
                return;
            const auto bytes = contentOf(artifact, m_executions);
            if (!bytes || bytes->isEmpty())
                return;
            m_media += artifact.sizeBytes;
            json.beginObject()
                .member("type", isSound ? "audio"_L1 : "image"_L1)
                .utf8Member("data", bytes->toBase64())
                .member("mimeType", type)
                .endObject();
        } else if (isTextType(type)) {
            if (artifact.sizeBytes > maxEmbeddedText
                || m_text + artifact.sizeBytes > maxEmbeddedTexts)
                return;
            const auto bytes = contentOf(artifact, m_executions);
            if (!bytes || !QByteArrayView(*bytes).isValidUtf8())
                return;
            m_text += artifact.sizeBytes;
            json.beginObject()
                .member("type", "resource"_L1)
                .key("resource")
                .beginObject()
                .member("uri", uriOf(artifact))
                .member("mimeType", type)
                .utf8Member("text", *bytes)
                .endObject()
                .endObject();
        }
    }

    void putLink(JsonOutput &json, const ArtifactRecord &artifact) const
    {
        json.beginObject()
            .member("type", "resource_link"_L1)
            .member("uri", uriOf(artifact))
            .member("name", artifact.path)
            .memberIfAny("mimeType", bareType(artifact.contentType))
            .member("size", artifact.sizeBytes);
        if (!m_links.baseUrl.isEmpty()) {
            json.key("_meta")
                .beginObject()
                .member("skillbox/url",
                        u"%1/v1/executions/%2/files/%3"_s.arg(
                            m_links.baseUrl, m_record.id.value,
                            QString::fromLatin1(QUrl::toPercentEncoding(artifact.path, "/"))))
                .endObject();
        }
        json.endObject();
    }

    const ExecutionRecord &m_record;
    const ProtocolVersion &m_version;
    const CallLinks &m_links;
    ExecutionService &m_executions;
    qint64 m_media = 0;
    qint64 m_text = 0;
};

void putFacts(JsonOutput &json, const ExecutionRecord &record, const CallLinks &links)
{
    json.key("_meta")
        .beginObject()
        .member("skillbox/execution_id", record.id.value)
        .member("skillbox/status", executionStatusName(record.status));
    json.memberIfAny("skillbox/reason", record.reason);
    if (record.exitCode)
        json.member("skillbox/exit_code", qint64(*record.exitCode));
    json.member("skillbox/duration_ms", record.durationMs)
        .member("skillbox/version", record.skillVersion)
        .memberIfAny("skillbox/files_url", links.filesUrl)
        .endObject();
}

} // namespace

QByteArray callResultJson(const ExecutionRecord &record, const ToolDescription &tool,
                          const ProtocolVersion &version, const CallLinks &links,
                          ExecutionService &executions)
{
    const bool succeeded = record.status == ExecutionStatus::Success;
    const bool isTooLarge = record.output.bytes().size() > maxOutputBytes;
    const QString complaint = succeeded ? brokenPromise(record, tool) : failureText(record);
    // A promised output that does not fit cannot be kept back from a client that checks.
    const bool isError = !complaint.isEmpty() || (isTooLarge && tool.outputSchema);

    JsonOutput json;
    json.beginObject().key("content").beginArray();
    if (!complaint.isEmpty()) {
        QString text = complaint;
        if (const QString tail = tailOf(record.logs, maxLogTail); !tail.isEmpty())
            text += u"\n\nThe end of its log:\n"_s + tail;
        putText(json, text);
    }
    if (isTooLarge) {
        putText(json,
                u"The output has %1 bytes, too many to show here; it is the resource %2"_s
                    .arg(record.output.bytes().size())
                    .arg(runUri({record.id, RunResourceUri::What::Output})));
    } else if (!record.output.isEmpty()) {
        putText(json, outputText(record.output));
    } else if (complaint.isEmpty()) {
        const QString log = tailOf(record.logs, maxLogCharacters);
        putText(json, log.isEmpty() ? u"The skill ran and had nothing to say."_s : log);
    }
    FileContents(record, version, links, executions).put(json);
    json.endArray();

    if (version.hasStructuredResults() && !record.output.isEmpty() && !isTooLarge) {
        if (record.output.isObject()) {
            json.rawMember("structuredContent", record.output.bytes());
        } else {
            json.key("structuredContent")
                .beginObject()
                .rawMember("result", record.output.bytes())
                .endObject();
        }
    }
    json.member("isError", isError);
    putFacts(json, record, links);
    json.endObject();
    return json.bytes();
}

QByteArray failedCallJson(const Error &error)
{
    QString text = error.message;
    if (error.items.size() > 1) {
        for (const QJsonValue &value : error.items) {
            const QJsonObject item = value.toObject();
            text += u"\n%1: %2"_s.arg(item.value("pointer"_L1).toString(),
                                      item.value("message"_L1).toString());
        }
    }
    JsonOutput json;
    json.beginObject().key("content").beginArray();
    putText(json, text);
    json.endArray()
        .member("isError", true)
        .key("_meta")
        .beginObject()
        .member("skillbox/error", errorSlug(error.code))
        .endObject()
        .endObject();
    return json.bytes();
}

} // namespace skillbox
