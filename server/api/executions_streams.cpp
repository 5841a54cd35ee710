#include "engine/execution/execution_json.h"
#include "server/api/answers.h"
#include "server/api/executions.h"
#include "server/api/json/json_output.h"
#include "server/http/sse.h"

#include <memory>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// A stream (HttpStream, SseStream) that follows a run. What the run tells is written from a thread
/// of the service; when the stream ends, by the run's end or because the client left, the
/// subscription goes.
///
/// The stream's end holds this object, the subscription only a weak reference: so the last of it
/// never goes in the middle of a call by the run, which the subscription's end would wait for.
template<typename Stream>
class RunStream : public std::enable_shared_from_this<RunStream<Stream>>
{
public:
    using Writer = std::function<void(Stream &, const ExecutionEvent &)>;

    RunStream(Stream stream, Writer writer)
        : m_stream(std::move(stream))
        , m_writer(std::move(writer))
    {
    }

    void follow(ExecutionService &executions, const ExecutionRecord &record, qint64 afterSeq)
    {
        auto subscription = executions.subscribe(record.tenant, record.id, afterSeq,
                                                 [weak = this->weak_from_this()](
                                                     const ExecutionEvent &event) {
                                                     if (const auto self = weak.lock())
                                                         self->write(event);
                                                 });
        if (!subscription)
            return m_stream.close(); // the store failed in the moment since it was read
        m_subscription = std::move(*subscription);
        m_stream.onClosed([self = this->shared_from_this()] { self->m_subscription.reset(); });
    }

private:
    void write(const ExecutionEvent &event)
    {
        m_writer(m_stream, event);
        if (event.kind == ExecutionEvent::Kind::Finished
            || event.kind == ExecutionEvent::Kind::Left)
            m_stream.close();
    }

    Stream m_stream;
    const Writer m_writer;
    std::unique_ptr<ExecutionSubscription> m_subscription;
};

/// A stream holds 4 MiB for a slow client; a result event must leave room in it.
constexpr qsizetype maxResultBytes = 2 << 20;

/// What was seen last by a client that comes back; 0: it begins.
qint64 lastEventOf(const HttpRequest &request)
{
    bool isNumber = false;
    const qint64 seq =
        request.headers.value("Last-Event-ID").value_or(QByteArray()).toLongLong(&isNumber);
    return isNumber && seq > 0 ? seq : 0;
}

QByteArray stateJson(ExecutionStatus status)
{
    JsonOutput json;
    json.beginObject().member("status", executionStatusName(status)).endObject();
    return json.bytes();
}

QByteArray logJson(const ExecutionEvent &event)
{
    JsonOutput json;
    json.beginObject()
        .member("stream", event.stream == LogStreamKind::Stdout ? "stdout"_L1 : "stderr"_L1)
        .member("text", event.text)
        .member("seq", event.seq)
        .endObject();
    return json.bytes();
}

/// The result object; without output and logs where they are too long for an event.
QByteArray eventResultJson(ExecutionRecord &record, const QString &filesUrl)
{
    const QByteArray whole = resultJson(record, filesUrl);
    if (whole.size() <= maxResultBytes)
        return whole;
    record.output = {};
    record.logs.clear();
    return resultJson(record, filesUrl);
}

void streamEvents(const HttpRequest &request, const HttpReply &reply, ApiServices &services)
{
    const auto record = executionOf(request, services);
    if (!record)
        return reply.send(failed(record.error(), request));

    SseStream events = SseStream::begin(reply, services.settings.heartbeat);
    const qint64 seen = lastEventOf(request);
    if (seen == 0 && record->status == ExecutionStatus::Queued)
        events.send({.event = "state", .id = {}, .data = stateJson(record->status)});

    // The engine outlives the server, and the stream may end after it.
    auto writer = [&engine = services.engine, links = services.links,
                   base = services.links.baseUrl(request), tenant = record->tenant,
                   id = record->id](SseStream &stream, const ExecutionEvent &event) {
        const QByteArray seq = QByteArray::number(event.seq);
        switch (event.kind) {
        case ExecutionEvent::Kind::State:
            stream.send({.event = "state", .id = seq, .data = stateJson(event.status)});
            break;
        case ExecutionEvent::Kind::Log:
            stream.send({.event = "log", .id = seq, .data = logJson(event)});
            break;
        case ExecutionEvent::Kind::Finished:
            if (auto final = engine.executions().find(tenant, id)) {
                stream.send({.event = "result",
                             .id = seq,
                             .data = eventResultJson(*final, links.filesUrl(base, *final))});
            }
            break;
        case ExecutionEvent::Kind::Left: break; // another server goes on after Last-Event-ID
        }
    };
    const auto stream = std::make_shared<RunStream<SseStream>>(events, std::move(writer));
    stream->follow(services.engine.executions(), *record, seen);
}

} // namespace

void followLogs(const HttpRequest &request, const HttpReply &reply, ApiServices &services)
{
    const auto record = executionOf(request, services);
    if (!record)
        return reply.send(failed(record.error(), request));
    HttpHeaders headers;
    headers.add("Content-Type", "text/plain; charset=utf-8");
    headers.add("Cache-Control", "no-store");
    const auto writer = [](HttpStream &stream, const ExecutionEvent &event) {
        if (event.kind == ExecutionEvent::Kind::Log)
            stream.write(event.text.toUtf8());
    };
    const auto stream = std::make_shared<RunStream<HttpStream>>(reply.stream(200, headers), writer);
    stream->follow(services.engine.executions(), *record, 0);
}

void registerExecutionStreams(Router &router, ApiServices &services)
{
    router.add("GET", u"/v1/executions/{id}/events"_s, services.route(Permission::Read),
               HttpHandler([&services](const HttpRequest &request, const HttpReply &reply) {
                   streamEvents(request, reply, services);
               }));
}

} // namespace skillbox
