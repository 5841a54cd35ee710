#include "server/http/connection.h"

#include "engine/base/ids.h"
#include "server/http/content_coding.h"
#include "server/http/http_log.h"
#include "server/http/problem.h"
#include "server/http/trace_context.h"

#include <QSslSocket>

#include <sys/socket.h>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

constexpr qint64 socketReadBuffer = 64 << 10;
/// What we say of a request whose client left before the answer (as nginx does).
constexpr int clientLeftStatus = 499;

bool isPrintableId(const QByteArray &text)
{
    return !text.isEmpty() && text.size() <= 128
        && std::all_of(text.cbegin(), text.cend(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

/// What a client calls itself, for people: no control characters, and not long.
QString printable(const QByteArray &text)
{
    QString kept = QString::fromLatin1(text.left(128));
    kept.removeIf([](QChar c) { return !c.isPrint(); });
    return kept.trimmed();
}

} // namespace

Connection::Connection(quint64 id, GuardContext &context, std::unique_ptr<QTcpSocket> socket,
                       RequestChannel *channel, Peer peer)
    : m_id(id)
    , m_context(context)
    , m_socket(std::move(socket))
    , m_tls(qobject_cast<QSslSocket *>(m_socket.get()))
    , m_channel(channel)
    , m_peer(std::move(peer))
    , m_parser(context.config.limits)
{
    m_socket->setReadBufferSize(socketReadBuffer);
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    m_deadline = deadlineIn(context.config.limits.headTimeout);
    m_writeDeadline = deadlineIn(context.config.limits.writeIdleTimeout);
    connect(m_socket.get(), &QTcpSocket::readyRead, this, [this] { process(); });
    connect(m_socket.get(), &QTcpSocket::bytesWritten, this, [this] { onWritten(); });
    connect(m_socket.get(), &QTcpSocket::disconnected, this, [this] { leave(); });
    if (m_tls) // what is encrypted counts as written before it is sent
        connect(m_tls, &QSslSocket::encryptedBytesWritten, this, [this] { onWritten(); });
}

Connection::~Connection()
{
    // Without the signals: their receiver is half gone.
    m_socket->disconnect(this);
    if (m_exchange)
        m_exchange->detach();
    if (m_channel)
        m_channel->retire();
}

void Connection::handle()
{
    if (m_phase != Phase::Handling || m_exchange)
        return;
    m_exchange = std::make_shared<Exchange>(m_context.thread, *this,
                                            acceptsGzip(m_request.headers));
    const HttpReply reply = makeReply(m_exchange);
    // What the handler takes is its own; of the request we keep what the summary needs.
    HttpRequest request = std::exchange(m_request, {});
    const HttpHandler &handler = m_route->handler;
    if (m_route->options.runsOn == RunsOn::Immediate) {
        try {
            handler(std::move(request), reply);
        } catch (const std::exception &error) {
            qCWarning(httpLog, "a handler threw: %s", error.what());
        } catch (...) {
            qCWarning(httpLog, "a handler threw something unknown");
        }
        return; // one that gave no answer has had 500 sent when its reply went
    }
    const bool taken = m_context.workers->submit(
        [&handler, request = std::move(request), reply] { handler(request, reply); });
    if (!taken)
        reply.send(problemOf(503, u"busy"_s, u"the server has too many requests to work on"_s));
}

void Connection::sweep(GuardClock::time_point now)
{
    if (m_phase == Phase::Gone)
        return;
    // Not only answers wait to be sent: so do the bytes of a TLS handshake.
    if (unsent() == 0)
        m_writeDeadline = now + m_context.config.limits.writeIdleTimeout;
    else if (now > m_writeDeadline)
        return abort(); // reads too slowly or not at all
    switch (m_phase) {
    case Phase::Head:
        if (now <= m_deadline)
            break;
        if (m_parser.hasBegun())
            refuse({408, u"request_timeout"_s, u"the header did not come in time"_s});
        else
            beginClose();
        break;
    case Phase::Body:
        if (now > m_deadline)
            refuse({408, u"request_timeout"_s, u"the body did not come in time"_s});
        break;
    case Phase::Streaming: {
        if (m_stream->hasOverflowed())
            return abort();
        const auto [bytes, interval] = m_stream->heartbeat();
        if (!bytes.isEmpty() && now - m_lastWrite >= interval)
            m_stream->write(bytes);
        break;
    }
    case Phase::Closing:
        if (now > m_deadline)
            abort();
        break;
    case Phase::Handling:
    case Phase::Answering:
    case Phase::Gone: break;
    }
}

void Connection::drain()
{
    if (m_phase == Phase::Head && !m_parser.hasBegun() && m_input.isEmpty())
        beginClose();
}

void Connection::abort()
{
    m_keepAlive = false;
    m_socket->abort();
    leave(); // abort says `disconnected` only of a socket that was connected
}

void Connection::identify()
{
    const RequestHead &head = m_parser.head();
    m_hasRequest = true;
    m_request = {};
    m_gateFields = {};
    m_request.method = head.method == "HEAD" ? QByteArray("GET") : head.method;
    m_request.headers = head.headers;
    const QByteArray id = head.headers.value("X-Request-ID").value_or(QByteArray());
    m_request.requestId = isPrintableId(id) ? QString::fromLatin1(id) : newUuid();
    m_request.trace = traceContextOf(head.headers);
    m_request.peer = m_context.config.trustedProxies.clientOf(m_peer.name, head.headers);
    m_summary = {};
    m_summary.method = head.method;
    m_summary.requestId = m_request.requestId;
    m_summary.trace = m_request.trace;
    m_summary.peer = m_request.peer;
    m_summary.userAgent = printable(head.headers.value("User-Agent").value_or(QByteArray()));
    m_summary.requestBytes = m_parser.size();
}

void Connection::refuse(const Refusal &refusal)
{
    if (!m_hasRequest)
        identify();
    m_keepAlive = false;
    m_bodyUnread = true;
    answer(problemOf(refusal.status, refusal.slug, refusal.message));
}

void Connection::answerEarly(HttpResponse response)
{
    // A short body that is here already is stepped over; for any other the connection ends, since
    // nobody will read what comes.
    const RequestHead &head = m_parser.head();
    if (head.framing == BodyFraming::Length && head.contentLength <= input().size()) {
        takeInput(qsizetype(head.contentLength));
    } else if (head.framing != BodyFraming::None) {
        m_keepAlive = false;
        m_bodyUnread = true;
    }
    compressBody(response, acceptsGzip(head.headers));
    answer(std::move(response));
}

HttpResponse Connection::problemOf(int status, const QString &slug, const QString &message) const
{
    return problem(status, slug, message, m_summary.requestId, m_summary.path);
}

void Connection::endExchange()
{
    ++m_servedThisTurn;
    report(m_summary.status);
    m_answer = {};
    m_stream.reset();
    if (const auto exchange = std::exchange(m_exchange, nullptr))
        exchange->detach();
    m_request = {};
    m_route = nullptr;
    m_collector.reset();
    if (m_phase == Phase::Gone)
        return;
    if (!m_keepAlive)
        return beginClose();
    m_phase = Phase::Head;
    m_parser.reset();
    m_deadline = deadlineIn(m_context.config.limits.keepAliveTimeout);
    process();
}

void Connection::beginClose()
{
    m_phase = Phase::Closing;
    m_deadline = GuardClock::time_point::max();
    m_bodyUnread = m_bodyUnread || !input().isEmpty() || m_socket->bytesAvailable() > 0;
    continueClose();
}

void Connection::continueClose()
{
    if (unsent() > 0) // the write deadline watches over it
        return;
    if (!m_bodyUnread) {
        m_socket->disconnectFromHost();
        return;
    }
    // Closing now would reset the connection because of unread bytes, and the reset could overtake
    // the answer: say that no more is to come, and read what does for a moment.
    if (m_deadline == GuardClock::time_point::max()) {
        m_deadline = deadlineIn(m_context.config.limits.lingerTimeout);
        if (!m_tls)
            ::shutdown(int(m_socket->socketDescriptor()), SHUT_WR);
    }
    discardInput();
}

void Connection::leave()
{
    if (m_phase == Phase::Gone)
        return;
    m_phase = Phase::Gone;
    if (m_hasRequest)
        report(m_summary.status == 0 ? clientLeftStatus : m_summary.status);
    m_stream.reset();
    if (const auto exchange = std::exchange(m_exchange, nullptr))
        exchange->detach();
    m_collector.reset();
    m_answer = {};
    m_context.connections.remove(m_id);
    deleteLater(); // we may be deep in a call of our own, or of QtHttpServer with our channel
    if (m_context.connectionGone)
        m_context.connectionGone();
}

void Connection::report(int status)
{
    if (!std::exchange(m_hasRequest, false) || !m_context.observer)
        return;
    m_summary.status = status;
    m_summary.duration = std::chrono::duration_cast<std::chrono::microseconds>(GuardClock::now()
                                                                               - m_requestSince);
    m_context.observer(m_summary);
}

GuardClock::time_point Connection::deadlineIn(std::chrono::milliseconds time) const
{
    return GuardClock::now() + time;
}

} // namespace skillbox
