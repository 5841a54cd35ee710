#include "server/http/dispatcher.h"

#include "server/http/request_channel.h"

#include <QTcpServer>
#include <QtHttpServer/QAbstractHttpServer>
#include <QtHttpServer/QHttpServerRequest>
#include <QtHttpServer/QHttpServerResponder>

namespace skillbox {

class Dispatcher::Server final : public QAbstractHttpServer
{
public:
    explicit Server(Receiver receiver) : m_receiver(std::move(receiver)) { }

protected:
    // Answers are written by the connection, never by a responder: the one of 6.4 cannot stream and
    // outlives its socket. Hence no other request may be given to a channel before the answer is
    // complete, which is what the connection does.
#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
    bool handleRequest(const QHttpServerRequest &request, QHttpServerResponder &) override
    {
        return receive(request);
    }
    void missingHandler(const QHttpServerRequest &, QHttpServerResponder &) override { }
#elif QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    bool handleRequest(const QHttpServerRequest &request, QHttpServerResponder &) override
    {
        return receive(request);
    }
    void missingHandler(const QHttpServerRequest &, QHttpServerResponder &&) override { }
#else
    bool handleRequest(const QHttpServerRequest &request, QTcpSocket *) override
    {
        return receive(request);
    }
    void missingHandler(const QHttpServerRequest &, QTcpSocket *) override { }
#endif

private:
    bool receive(const QHttpServerRequest &request)
    {
        m_receiver(request.value(RequestChannel::connectionField).toULongLong());
        return true;
    }

    Receiver m_receiver;
};

Dispatcher::Dispatcher(Receiver receiver) : m_server(std::make_unique<Server>(std::move(receiver)))
{
}

Dispatcher::~Dispatcher() = default;

void Dispatcher::bind(std::unique_ptr<QTcpServer> server)
{
    m_server->bind(server.release()); // becomes its parent
}

} // namespace skillbox
