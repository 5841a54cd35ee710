#include "server/http/connection.h"

#include "server/http/http_log.h"

#include <QSslSocket>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

constexpr qint64 writePieceBytes = 64 << 10;
/// No more is given to a socket while so much waits in it.
constexpr qint64 writeHighWater = 256 << 10;

} // namespace

void Connection::answer(HttpResponse response)
{
    if (m_phase != Phase::Handling && m_phase != Phase::Head && m_phase != Phase::Body)
        return;
    m_summary.subject = response.subject;
    m_answer = makeWireAnswer(std::move(response), answerContext());
    m_summary.status = m_answer.status;
    m_phase = Phase::Answering;
    const auto *device = std::get_if<std::shared_ptr<QIODevice>>(&m_answer.body);
    if (device && *device && m_answer.offset > 0 && !(*device)->seek(m_answer.offset)) {
        qCWarning(httpLog, "a body cannot be read from its middle: %s",
                  qUtf8Printable((*device)->errorString()));
        return abort();
    }
    pumpAnswer();
}

void Connection::answerUnhandled()
{
    answer(problemOf(500, u"internal"_s, u"the server failed to answer this request"_s));
}

void Connection::beginStream(int status, const HttpHeaders &headers,
                             std::shared_ptr<StreamBuffer> stream)
{
    if (m_phase != Phase::Handling)
        return stream->finish();
    AnswerContext context = answerContext();
    if (context.http10)
        context.keepAlive = m_keepAlive = false; // its end is the connection's
    m_streamIsChunked = !context.http10;
    m_summary.status = status;
    write(makeStreamHead(status, headers, context));
    m_phase = Phase::Streaming;
    m_stream = std::move(stream);
    m_lastWrite = GuardClock::now();
    const bool hasBody = context.method != "HEAD" && status != 204 && status != 304;
    if (hasBody)
        return continueStream();
    m_isPumping = true; // flush may say that bytes were written, which is no call for a body
    flush();
    m_isPumping = false;
    if (m_phase == Phase::Streaming)
        endExchange();
}

void Connection::continueStream()
{
    if (m_phase != Phase::Streaming || m_isPumping)
        return;
    if (m_stream->hasOverflowed())
        return abort();
    m_isPumping = true;
    while (m_phase == Phase::Streaming && unsent() < writeHighWater) {
        const QByteArray piece = m_stream->take(writePieceBytes);
        if (piece.isEmpty())
            break;
        if (m_streamIsChunked)
            write(QByteArray::number(piece.size(), 16) + "\r\n" + piece + "\r\n");
        else
            write(piece);
        m_lastWrite = GuardClock::now();
        if (unsent() >= writeHighWater)
            flush(); // may send it all, and no signal will come for that then
    }
    const bool isDone = m_phase == Phase::Streaming && m_stream->isDrained();
    if (isDone && m_streamIsChunked)
        write("0\r\n\r\n");
    flush();
    m_isPumping = false;
    if (isDone && m_phase == Phase::Streaming)
        endExchange();
}

AnswerContext Connection::answerContext()
{
    const RequestHead &head = m_parser.head();
    if (m_context.draining)
        m_keepAlive = false;
    AnswerContext context;
    context.method = head.method;
    context.request = head.headers;
    context.http10 = head.http10;
    context.keepAlive = m_keepAlive;
    context.path = m_summary.path;
    context.requestId = m_summary.requestId;
    context.trace = m_summary.trace;
    context.gateFields = m_gateFields;
    context.corsFields = m_context.origins.corsFields(head.headers);
    context.date = m_context.date();
    return context;
}

void Connection::pumpAnswer()
{
    if (m_isPumping)
        return;
    m_isPumping = true;
    const auto hasMore = [this] { return !m_answer.head.isEmpty() || m_answer.length > 0; };
    while (m_phase == Phase::Answering && hasMore() && unsent() < writeHighWater) {
        if (!writePiece()) {
            m_isPumping = false;
            return abort();
        }
        if (!hasMore() || unsent() >= writeHighWater)
            flush(); // may send it all, and no signal will come for that then
    }
    m_isPumping = false;
    if (m_phase == Phase::Answering && !hasMore())
        endExchange();
}

bool Connection::writePiece()
{
    QByteArray head = std::exchange(m_answer.head, {});
    const qint64 size = std::min(m_answer.length, writePieceBytes);
    if (const auto *bytes = std::get_if<QByteArray>(&m_answer.body)) {
        const QByteArrayView piece = QByteArrayView(*bytes).sliced(m_answer.offset, size);
        if (head.isEmpty())
            write(piece);
        else
            write(head.append(piece));
    } else {
        QByteArray piece(qsizetype(size), Qt::Uninitialized);
        const auto &device = std::get<std::shared_ptr<QIODevice>>(m_answer.body);
        if (device->read(piece.data(), size) != size) {
            qCWarning(httpLog, "a body ended before its size: %s",
                      qUtf8Printable(device->errorString()));
            return false;
        }
        write(head.isEmpty() ? piece : head.append(piece));
    }
    m_answer.offset += size;
    m_answer.length -= size;
    return true;
}

void Connection::onWritten()
{
    m_writeDeadline = deadlineIn(m_context.config.limits.writeIdleTimeout);
    switch (m_phase) {
    case Phase::Answering: pumpAnswer(); break;
    case Phase::Streaming: continueStream(); break;
    case Phase::Closing: continueClose(); break;
    case Phase::Head:
    case Phase::Body: process(); break; // it may have waited for room
    case Phase::Handling:
    case Phase::Gone: break;
    }
}

void Connection::write(QByteArrayView bytes)
{
    if (m_phase == Phase::Gone)
        return;
    if (unsent() == 0)
        m_writeDeadline = deadlineIn(m_context.config.limits.writeIdleTimeout);
    m_summary.responseBytes += bytes.size();
    m_socket->write(bytes.data(), bytes.size());
}

void Connection::flush()
{
    if (m_phase == Phase::Gone)
        return;
    const qint64 before = unsent();
    m_socket->flush();
    if (m_phase != Phase::Gone && unsent() < before)
        m_writeDeadline = deadlineIn(m_context.config.limits.writeIdleTimeout);
}

qint64 Connection::unsent() const
{
    return m_socket->bytesToWrite() + (m_tls ? m_tls->encryptedBytesToWrite() : 0);
}

} // namespace skillbox
