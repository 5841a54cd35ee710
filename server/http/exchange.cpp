#include "server/http/exchange.h"

#include "server/http/connection.h"
#include "server/http/content_coding.h"
#include "server/http/http_log.h"

using namespace Qt::StringLiterals;

namespace skillbox {

Exchange::Exchange(std::shared_ptr<HttpThread> thread, Connection &connection, bool takesGzip)
    : m_thread(std::move(thread))
    , m_takesGzip(takesGzip)
    , m_connection(&connection)
{
}

bool Exchange::claim()
{
    return !m_claimed.exchange(true) && m_clientIsThere;
}

bool Exchange::attach(const std::shared_ptr<StreamBuffer> &stream)
{
    const std::lock_guard lock(m_mutex);
    if (m_clientIsThere)
        m_stream = stream;
    return m_clientIsThere;
}

void Exchange::detach()
{
    std::shared_ptr<StreamBuffer> stream;
    {
        const std::lock_guard lock(m_mutex);
        m_clientIsThere = false;
        stream = std::move(m_stream);
    }
    m_connection = nullptr;
    if (stream)
        stream->finish();
}

struct HttpStream::State {
    explicit State(std::shared_ptr<StreamBuffer> b) : buffer(std::move(b)) { }
    Q_DISABLE_COPY_MOVE(State)
    std::shared_ptr<StreamBuffer> buffer;

    ~State() { buffer->close(); }
};

HttpStream::HttpStream(std::shared_ptr<State> state) : m_state(std::move(state)) { }

bool HttpStream::write(QByteArray bytes)
{
    return m_state->buffer->write(std::move(bytes));
}

void HttpStream::close()
{
    m_state->buffer->close();
}

bool HttpStream::isOpen() const
{
    return m_state->buffer->isOpen();
}

void HttpStream::onClosed(std::function<void()> callback)
{
    m_state->buffer->onClosed(std::move(callback));
}

void HttpStream::setHeartbeat(QByteArray bytes, std::chrono::milliseconds interval)
{
    m_state->buffer->setHeartbeat(std::move(bytes), interval);
}

struct HttpReply::State {
    explicit State(std::shared_ptr<Exchange> e) : exchange(std::move(e)) { }
    Q_DISABLE_COPY_MOVE(State)
    std::shared_ptr<Exchange> exchange;

    // The handler forgot, threw, or was dropped with the queue.
    ~State()
    {
        if (!exchange->claim())
            return;
        qCWarning(httpLog, "a handler gave no answer");
        exchange->thread().run([exchange = exchange] {
            if (Connection *connection = exchange->connection())
                connection->answerUnhandled();
        });
    }
};

HttpReply::HttpReply(std::shared_ptr<State> state) : m_state(std::move(state)) { }

void HttpReply::send(HttpResponse response) const
{
    const std::shared_ptr<Exchange> &exchange = m_state->exchange;
    if (!exchange->claim())
        return;
    compressBody(response, exchange->takesGzip()); // here, off the server's thread as a rule
    exchange->thread().run([exchange, response = std::move(response)]() mutable {
        if (Connection *connection = exchange->connection())
            connection->answer(std::move(response));
    });
}

HttpStream HttpReply::stream(int status, HttpHeaders headers) const
{
    const std::shared_ptr<Exchange> &exchange = m_state->exchange;
    auto buffer = std::make_shared<StreamBuffer>(exchange->sharedThread());
    if (!exchange->claim() || !exchange->attach(buffer)) {
        buffer->finish();
    } else {
        buffer->setWake([weak = std::weak_ptr(exchange)] {
            const auto there = weak.lock();
            if (there && there->connection())
                there->connection()->continueStream();
        });
        exchange->thread().run([exchange, buffer, status, headers = std::move(headers)] {
            if (Connection *connection = exchange->connection())
                connection->beginStream(status, headers, buffer);
        });
    }
    return HttpStream(std::make_shared<HttpStream::State>(std::move(buffer)));
}

bool HttpReply::clientIsThere() const
{
    return m_state->exchange->clientIsThere();
}

HttpReply makeReply(std::shared_ptr<Exchange> exchange)
{
    return HttpReply(std::make_shared<HttpReply::State>(std::move(exchange)));
}

} // namespace skillbox
