#include "app/cli/backend/remote_backend.h"

#include "engine/remote/answer_json.h"
#include "engine/remote/sse_reader.h"
#include "app/cli/json_writer.h"
#include "engine/base/clock.h"
#include "engine/skill/quantity.h"

#include <QJsonObject>

#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr auto askInterval = 500ms;     ///< of a server that has no events
constexpr auto resumePause = 500ms;     ///< after a stream that broke
constexpr int mostFruitlessStreams = 5; ///< in a row, without a single event
constexpr int pageRows = 200;           ///< the most that the API gives at once

/// A run that was under way when its server went away: it is not over, it cannot be seen.
Error lostSight(const ExecutionId &id, Error error)
{
    error.message = u"lost the server while run %1 was under way: %2\n"
                    "when the server is back: skillbox exec show %1"_s.arg(
                        id.value.left(8), error.message.section(u'\n', 0, 0));
    return error;
}

QByteArray executionTarget(const ExecutionId &id)
{
    return "/v1/executions/" + segment(id.value);
}

QByteArray requestJson(const ExecutionRequest &request)
{
    JsonWriter json;
    json.beginObject().member(u"skill"_s, request.skill).memberIfAny(u"version"_s, request.version);
    if (!request.input.isEmpty())
        json.key(u"input"_s).raw(request.input.bytes());
    if (!request.environment.isEmpty()) {
        json.key(u"env"_s).beginObject();
        for (auto it = request.environment.begin(); it != request.environment.end(); ++it)
            json.member(it.key(), it.value());
        json.endObject();
    }
    if (!request.inputFiles.isEmpty()) {
        json.key(u"input_files"_s).beginArray();
        for (const FileId &file : request.inputFiles)
            json.value(file.value);
        json.endArray();
    }
    json.memberIfAny(u"session_id"_s, request.session)
        .memberIfAny(u"entrypoint"_s, request.entrypoint)
        .memberIfAny(u"timeout"_s, request.timeout ? formatDuration(*request.timeout) : QString())
        .endObject();
    return json.bytes();
}

} // namespace

Result<ExecutionRecord> RemoteBackend::run(const ExecutionRequest &request, const RunHooks &hooks)
{
    if (!request.directory.isEmpty()) {
        return fail(ErrorCode::BadRequest,
                    u"a folder runs on this machine only, and %1 is a server\n"
                    "publish it first: skillbox skill push %2\n"
                    "or leave out --server and SKILLBOX_SERVER_URL"_s.arg(server(),
                                                                          request.directory));
    }
    // The key of our own makes it safe to send the request again: the run is made once.
    const HttpCall call{.method = "POST",
                        .target = "/v1/executions",
                        .headers = {"Content-Type: application/json", "Prefer: respond-async",
                                    "Idempotency-Key: " + newUuid().toLatin1()},
                        .body = requestJson(request),
                        .repeat = Repeat::Safe};
    const Result<JsonText> accepted = m_api.json(call);
    if (!accepted)
        return fail(accepted.error());
    ExecutionRecord record = executionFromJson(*accepted);
    if (record.id.isEmpty()) {
        return fail(ErrorCode::Internal,
                    u"the server %1 accepted the run but did not say which one it is"_s.arg(
                        server()));
    }
    if (hooks.onStarted)
        hooks.onStarted(record.id);
    if (isFinal(record.status)) { // a server that only answers when all is over
        if (hooks.onLog && !record.logs.isEmpty())
            hooks.onLog(LogStreamKind::Stdout, record.logs);
        return execution(record.id);
    }
    return follow(record.id, hooks.onLog);
}

Result<void> RemoteBackend::cancel(const ExecutionId &id)
{
    const Result<HttpAnswer> done = m_api.call(
        {.method = "POST", .target = executionTarget(id) + "/cancel", .repeat = Repeat::Safe});
    if (!done)
        return fail(done.error());
    return {};
}

/// The list of paths has no sizes; the file objects of the run do.
Result<void> RemoteBackend::fillArtifactSizes(ExecutionRecord &record)
{
    if (record.artifacts.isEmpty())
        return {};
    QMap<QString, QJsonObject> files;
    for (int offset = 0; offset < record.artifacts.size(); offset += pageRows) {
        const Result<JsonText> page = m_api.json(
            {.target = "/v1/files"
                 + queryOf({{"execution_id", record.id.value},
                            {"limit", QString::number(pageRows)},
                            {"offset", QString::number(offset)}}),
             .repeat = Repeat::Safe});
        if (!page)
            return fail(page.error());
        for (const QByteArray &row : rawItems(*page)) {
            const QJsonObject file = jsonValue(row).toObject();
            files.insert(file[u"name"].toString(), file);
        }
    }
    for (ArtifactRecord &artifact : record.artifacts) {
        const QJsonObject file = files.value(artifact.path);
        artifact.file = {file[u"id"].toString()};
        artifact.sizeBytes = file[u"size_bytes"].toInteger();
        artifact.contentType = file[u"content_type"].toString();
    }
    return {};
}

Result<ExecutionRecord> RemoteBackend::execution(const ExecutionId &id)
{
    const Result<JsonText> answer = m_api.json(
        {.target = executionTarget(id), .repeat = Repeat::Safe});
    if (!answer)
        return fail(answer.error());
    ExecutionRecord record = executionFromJson(*answer);
    if (const Result<void> sizes = fillArtifactSizes(record); !sizes)
        return fail(sizes.error());
    return record;
}

Result<QList<ExecutionRecord>> RemoteBackend::executions(const ExecutionFilter &filter)
{
    const QString status = filter.status ? QString(executionStatusName(*filter.status)) : QString();
    const Result<QByteArrayList> rows = m_api.rows(
        "/v1/executions"
            + queryOf({{"skill", filter.skill},
                       {"status", status},
                       {"session", filter.session},
                       {"since", toRfc3339(filter.since)},
                       {"until", toRfc3339(filter.until)},
                       {"limit", QString::number(std::min(filter.limit, pageRows))}}),
        filter.limit);
    if (!rows)
        return fail(rows.error());
    QList<ExecutionRecord> records;
    for (const QByteArray &row : *rows) {
        const Result<JsonText> json = JsonText::parse(row, 1024);
        records.append(executionFromJson(json ? *json : JsonText()));
    }
    return records;
}

Result<QString> RemoteBackend::logs(const ExecutionId &id)
{
    const Result<HttpAnswer> answer = m_api.call(
        {.target = executionTarget(id) + "/logs", .repeat = Repeat::Safe});
    if (!answer)
        return fail(answer.error());
    return QString::fromUtf8(answer->body);
}

Result<ExecutionRecord> RemoteBackend::follow(const ExecutionId &id, const LogObserver &onLog)
{
    QByteArray lastEvent;
    bool over = false;
    int fruitless = 0;
    while (true) {
        bool any = false;
        SseReader reader([&](const ServerEvent &event) -> Result<void> {
            any = true;
            if (!event.id.isEmpty())
                lastEvent = event.id;
            if (event.type == "result") {
                over = true;
            } else if (event.type == "log" && onLog) {
                const QJsonObject log = jsonValue(event.data).toObject();
                onLog(log[u"stream"].toString() == u"stderr" ? LogStreamKind::Stderr
                                                             : LogStreamKind::Stdout,
                      log[u"text"].toString());
            }
            return {};
        });
        QByteArrayList headers{"Accept: text/event-stream"};
        if (!lastEvent.isEmpty())
            headers.append("Last-Event-ID: " + lastEvent);
        const Result<HttpAnswer> stream = m_api.call(
            {.target = executionTarget(id) + "/events",
             .headers = headers,
             .sink = [&reader](QByteArrayView bytes) { return reader.feed(bytes); }});
        if (over)
            return execution(id);
        fruitless = any ? 0 : fruitless + 1;
        const bool broken = !stream && stream.error().code == ErrorCode::Io;
        if (!stream && !broken) {
            // No such path: a server without events. Whatever else is wrong, asking will say.
            return followByAsking(*this, id, onLog, askInterval);
        }
        if (fruitless >= mostFruitlessStreams) {
            if (!stream)
                return fail(lostSight(id, stream.error()));
            return followByAsking(*this, id, onLog, askInterval);
        }
        std::this_thread::sleep_for(resumePause);
    }
}

Result<void> RemoteBackend::readArtifact(const ExecutionRecord &run, const ArtifactRecord &artifact,
                                         const ByteSink &sink)
{
    const Result<HttpAnswer> done = m_api.call(
        {.target = executionTarget(run.id) + "/files/" + segments(artifact.path),
         .sink = sink,
         .repeat = Repeat::Safe});
    if (!done)
        return fail(done.error());
    return {};
}

Result<bool> RemoteBackend::keepsContent(const ExecutionRecord &run, const ArtifactRecord &artifact,
                                         const QString &sha256)
{
    // The entity tag is the content's digest.
    const Result<HttpAnswer> answer = m_api.call(
        {.method = "HEAD",
         .target = executionTarget(run.id) + "/files/" + segments(artifact.path),
         .repeat = Repeat::Safe});
    if (!answer)
        return fail(answer.error());
    return answer->header("etag") == '"' + sha256.toLatin1() + '"';
}

} // namespace skillbox
