#pragma once

#include <QtGlobal>

#include <functional>
#include <memory>

class QTcpServer;

namespace skillbox {

/// QtHttpServer between the guard and the routes: it reads what the guard lets through and says
/// which connection has a request. The only place that knows QtHttpServer.
class Dispatcher
{
public:
    using Receiver = std::function<void(quint64 connection)>;
    explicit Dispatcher(Receiver receiver);
    ~Dispatcher();

    /// Takes the server, which must listen, and the channels it will present.
    void bind(std::unique_ptr<QTcpServer> server);

private:
    class Server;
    std::unique_ptr<Server> m_server;
};

} // namespace skillbox
