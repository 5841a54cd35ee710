#include "server/mcp/http_session.h"

#include "server/http/problem.h"
#include "server/http/sse.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// What is kept of a stream for a client that comes back to it.
constexpr qsizetype maxKeptBytes = 4 << 20;
constexpr size_t maxKeptEvents = 500;
constexpr auto keptAfterEnd = 5min;
constexpr size_t maxEndedStreams = 50;
constexpr auto retryAfterMs = "1000";

QByteArray eventId(quint64 stream, qint64 event)
{
    return QByteArray::number(stream) + '-' + QByteArray::number(event);
}

std::optional<std::pair<quint64, qint64>> parseEventId(const QByteArray &text)
{
    const QByteArrayList parts = text.split('-');
    bool isStream = false;
    bool isEvent = false;
    if (parts.size() != 2)
        return std::nullopt;
    const std::pair id{parts[0].toULongLong(&isStream), parts[1].toLongLong(&isEvent)};
    return isStream && isEvent && id.second >= 0 ? std::optional(id) : std::nullopt;
}

HttpResponse rpcAnswer(int status, QByteArray json)
{
    return HttpResponse::json(status, std::move(json));
}

} // namespace

HttpSession::HttpSession(TenantId tenant, KeyId key, std::chrono::milliseconds heartbeat)
    : m_id(newUuid())
    , m_tenant(std::move(tenant))
    , m_key(std::move(key))
    , m_heartbeat(heartbeat)
    , m_lastUse(SteadyClock::now())
{
    m_streams[0];
}

void HttpSession::open(McpHost &host, McpSession::Options options)
{
    m_session = McpSession::create(host, std::move(options),
                                   [weak = weak_from_this()](const McpOutput &output) {
                                       if (const auto self = weak.lock())
                                           self->deliver(output);
                                   });
}

void HttpSession::post(const RpcInput &input, const McpCaller &caller, const HttpReply &reply,
                       AnswerAs answerAs)
{
    QByteArrayList requests;
    QByteArrayList refusals;
    bool isInitialize = false;
    for (const auto &entry : input.entries) {
        if (const auto *message = std::get_if<RpcMessage>(&entry)) {
            if (message->kind == RpcMessage::Kind::Request)
                requests.append(message->id);
            isInitialize = isInitialize || message->method == u"initialize";
        } else {
            const auto &refusal = std::get<RpcRefusal>(entry);
            refusals.append(rpcFailure(refusal.id, refusal.error));
        }
    }
    const auto version = m_session->version();
    QString complaint;
    if (input.isBatch && (!version || !version->hasBatches()))
        complaint = u"batches are of protocol version 2025-03-26 alone"_s;
    else if (input.isBatch && isInitialize)
        complaint = u"initialize must not be part of a batch"_s;

    std::shared_ptr<Post> post;
    {
        const std::lock_guard lock(m_mutex);
        touch();
        m_hasEmptyEvents = version && version->hasEmptyEvents();
        QSet<QByteArray> seen;
        for (const QByteArray &request : std::as_const(requests)) {
            if (m_posts.contains(request) || seen.contains(request))
                complaint = u"a request with the id %1 is still under way"_s.arg(
                    QString::fromUtf8(request));
            seen.insert(request);
        }
        if (complaint.isEmpty() && !requests.isEmpty()) {
            post = std::make_shared<Post>(Post{
                reply,
                BatchAnswers(input.isBatch ? BatchAnswers::Form::Array : BatchAnswers::Form::Single,
                             static_cast<int>(requests.size() + refusals.size()))});
            for (const QByteArray &refusal : std::as_const(refusals))
                post->answers.add(refusal);
            if (answerAs == AnswerAs::Events) {
                forgetEnded();
                post->stream = ++m_lastStream;
                Stream &stream = m_streams[post->stream];
                stream.missing = static_cast<int>(requests.size());
                attach(post->stream, stream, reply, 0);
                for (const QByteArray &refusal : std::as_const(refusals))
                    append(post->stream, stream, refusal);
            }
            for (const QByteArray &request : std::as_const(requests))
                m_posts[request] = post;
        }
    }
    if (!complaint.isEmpty())
        return reply.send(
            rpcAnswer(400, rpcFailure("null", {RpcError::InvalidRequest, complaint})));
    if (requests.isEmpty()) {
        if (refusals.isEmpty())
            reply.send(HttpResponse::empty(202));
        else
            reply.send(
                rpcAnswer(400, input.isBatch ? '[' + refusals.join(',') + ']' : refusals.first()));
    }
    for (const auto &entry : input.entries) {
        if (const auto *message = std::get_if<RpcMessage>(&entry))
            m_session->receive(*message, caller);
    }
}

void HttpSession::deliver(const McpOutput &output)
{
    std::optional<HttpResponse> response;
    std::shared_ptr<Post> post;
    {
        const std::lock_guard lock(m_mutex);
        touch();
        const auto found = m_posts.find(output.request);
        if (found != m_posts.end())
            post = found->second;
        if (output.kind == McpOutput::Kind::Note) {
            if (output.request.isEmpty())
                append(0, m_streams[0], output.json);
            else if (post && post->stream != 0)
                append(post->stream, m_streams[post->stream], output.json);
            return;
        }
        if (!post)
            return;
        m_posts.erase(found);
        if (post->stream != 0) {
            Stream &stream = m_streams[post->stream];
            if (!output.json.isEmpty())
                append(post->stream, stream, output.json);
            if (--stream.missing <= 0)
                endStream(stream);
            return;
        }
        post->answers.add(output.json);
        const auto whole = post->answers.whole();
        if (!whole)
            return;
        response = whole->isEmpty() ? HttpResponse::empty(202) : rpcAnswer(200, *whole);
        response->headers.add("Mcp-Session-Id", m_id.toLatin1());
        response->headers.add("Cache-Control", "no-store");
    }
    post->reply.send(std::move(*response));
}

void HttpSession::append(quint64 number, Stream &stream, const QByteArray &json)
{
    const qint64 event = ++stream.last;
    stream.events.emplace_back(event, json);
    stream.bytes += json.size();
    // The newest stays, whatever its size: it may be the answer.
    while (stream.events.size() > 1
           && (stream.events.size() > maxKeptEvents || stream.bytes > maxKeptBytes)) {
        stream.bytes -= stream.events.front().second.size();
        stream.events.pop_front();
    }
    if (stream.connection)
        write(number, stream, event, json);
}

void HttpSession::write(quint64 number, Stream &stream, qint64 event, const QByteArray &json)
{
    const bool isThere = stream.connection->write(
        formatSseEvent({.event = "message", .id = eventId(number, event), .data = json}));
    if (isThere)
        stream.sent = event;
    else
        stream.connection.reset(); // the client is gone; it may come back with Last-Event-ID
}

void HttpSession::attach(quint64 number, Stream &stream, const HttpReply &reply, qint64 after)
{
    if (stream.connection)
        stream.connection->close();
    HttpHeaders headers;
    headers.add("Content-Type", "text/event-stream");
    headers.add("Cache-Control", "no-store");
    headers.add("X-Accel-Buffering", "no"); // nginx would hold events back otherwise
    headers.add("Mcp-Session-Id", m_id.toLatin1());
    stream.connection = reply.stream(200, headers);
    stream.connection->setHeartbeat(": still here\n\n", m_heartbeat);
    if (m_hasEmptyEvents) {
        // An id to come back with, before anything has happened (2025-11-25).
        stream.connection->write("id: " + eventId(number, after)
                                 + "\nretry: " + QByteArray(retryAfterMs) + "\ndata:\n\n");
    } else {
        stream.connection->write(": welcome\n\n"); // the head goes out with it
    }
    const auto events = stream.events; // write() may take the connection away, not the events
    for (const auto &[event, json] : events) {
        if (event > after && stream.connection)
            write(number, stream, event, json);
    }
}

void HttpSession::listen(const HttpReply &reply, const QByteArray &lastEvent)
{
    const std::lock_guard lock(m_mutex);
    touch();
    if (const auto version = m_session->version())
        m_hasEmptyEvents = version->hasEmptyEvents();
    const auto known = parseEventId(lastEvent);
    quint64 number = known ? known->first : 0;
    if (!m_streams.contains(number))
        number = 0; // it ended long ago
    Stream &stream = m_streams[number];
    const bool continues = known && known->first == number && known->second <= stream.last;
    attach(number, stream, reply, continues ? known->second : stream.sent);
    if (number != 0 && stream.missing <= 0)
        endStream(stream);
}

void HttpSession::endStream(Stream &stream)
{
    stream.endedAt = SteadyClock::now();
    if (stream.connection)
        stream.connection->close();
    stream.connection.reset();
}

void HttpSession::forgetEnded()
{
    const auto now = SteadyClock::now();
    size_t ended = 0;
    for (auto it = m_streams.rbegin(); it != m_streams.rend();) {
        const bool hasEnded = it->first != 0 && it->second.missing <= 0;
        const bool isOld = hasEnded
            && (now - it->second.endedAt > keptAfterEnd || ++ended > maxEndedStreams);
        if (isOld)
            it = std::make_reverse_iterator(m_streams.erase(std::next(it).base()));
        else
            ++it;
    }
}

void HttpSession::endListening()
{
    const std::lock_guard lock(m_mutex);
    Stream &stream = m_streams[0];
    if (stream.connection)
        stream.connection->close();
    stream.connection.reset();
}

void HttpSession::close()
{
    m_session->close();
    std::map<QByteArray, std::shared_ptr<Post>> posts;
    {
        const std::lock_guard lock(m_mutex);
        posts.swap(m_posts);
        for (auto &[number, stream] : m_streams) {
            if (stream.connection)
                stream.connection->close();
            stream.connection.reset();
        }
    }
    for (const auto &[request, post] : posts) {
        if (post->stream == 0)
            post->reply.send(HttpResponse::empty(202)); // the first answer counts
    }
}

std::chrono::milliseconds HttpSession::idleFor() const
{
    if (m_session->callsUnderWay() > 0)
        return 0ms;
    const std::lock_guard lock(m_mutex);
    const auto isOpen = [](const auto &entry) {
        return entry.second.connection && entry.second.connection->isOpen();
    };
    if (std::any_of(m_streams.begin(), m_streams.end(), isOpen))
        return 0ms;
    return std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - m_lastUse);
}

} // namespace skillbox
