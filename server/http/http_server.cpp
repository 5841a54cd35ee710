#include "server/http/http_server.h"

#include "server/http/connection.h"
#include "server/http/dispatcher.h"
#include "server/http/http_log.h"
#include "server/http/listener.h"
#include "server/http/refused_clients.h"
#include "server/http/tls_identity.h"

#include <QPointer>
#include <QSslSocket>
#include <QTimer>

#include <algorithm>
#include <vector>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

/// How often deadlines are looked at: fine enough for the shortest of them, once a second at most.
std::chrono::milliseconds sweepInterval(const HttpLimits &limits)
{
    const auto shortest = std::min({limits.headTimeout, limits.bodyIdleTimeout,
                                    limits.keepAliveTimeout, limits.writeIdleTimeout,
                                    limits.lingerTimeout});
    return std::clamp(shortest / 4, std::chrono::milliseconds(20), std::chrono::milliseconds(1000));
}

} // namespace

class HttpServer::Private
{
public:
    Private(HttpServerConfig config, const Router &router, RequestObserver observer);
    ~Private();

    Result<void> listen();
    void accept(Listener &listener, qintptr descriptor);
    std::unique_ptr<QTcpSocket> makeSocket(const Listener &listener) const;
    void sweep();
    void drain(std::chrono::milliseconds grace, std::function<void()> done);
    void connectionGone();

    GuardContext context;
    std::optional<QSslConfiguration> tls;
    Dispatcher dispatcher;
    std::vector<QPointer<Listener>> listeners; ///< the dispatcher's
    QStringList addresses;
    RefusedClients refused;
    quint64 lastId = 0;
    QTimer sweeper;
    QTimer graceOver;
    std::function<void()> drained;
};

HttpServer::Private::Private(HttpServerConfig config, const Router &router,
                             RequestObserver observer)
    : context(std::move(config), router, std::move(observer))
    , dispatcher([this](quint64 id) {
        if (Connection *connection = context.connections.value(id))
            connection->handle();
    })
    , refused(context.config.limits.lingerTimeout)
{
    context.connectionGone = [this] { connectionGone(); };
    QObject::connect(&sweeper, &QTimer::timeout, &sweeper, [this] { sweep(); });
    sweeper.setInterval(sweepInterval(context.config.limits));
    graceOver.setSingleShot(true);
    QObject::connect(&graceOver, &QTimer::timeout, &graceOver, [this] {
        const QList<Connection *> all = context.connections.values();
        for (Connection *connection : all)
            connection->abort();
    });
}

HttpServer::Private::~Private()
{
    drained = nullptr;
    context.connectionGone = nullptr;
    for (const auto &listener : listeners) {
        if (listener)
            listener->shut();
    }
    const QList<Connection *> all = std::exchange(context.connections, {}).values();
    qDeleteAll(all);
    context.thread->close();
    context.workers.reset(); // waits for handlers; their answers have nowhere to go
}

Result<void> HttpServer::Private::listen()
{
    if (!context.config.tlsCertificate.isEmpty() || !context.config.tlsKey.isEmpty()) {
        auto identity = loadTlsIdentity(context.config.tlsCertificate, context.config.tlsKey);
        if (!identity)
            return fail(identity.error());
        tls = std::move(*identity);
    }
    if (context.config.listen.isEmpty())
        return fail(ErrorCode::BadRequest, u"there is no address to listen on"_s);
    std::vector<std::unique_ptr<Listener>> opened;
    for (const QString &address : std::as_const(context.config.listen)) {
        auto listener = Listener::open(address, [this](Listener &from, qintptr descriptor) {
            accept(from, descriptor);
        });
        if (!listener)
            return fail(listener.error());
        opened.push_back(std::move(*listener));
    }
    for (auto &listener : opened) {
        const QString scheme = tls && !listener->isUnixSocket() ? u"https://"_s : u"http://"_s;
        addresses.append(listener->isUnixSocket() ? listener->address()
                                                  : scheme + listener->address());
        listeners.emplace_back(listener.get());
        dispatcher.bind(std::move(listener));
    }
    return {};
}

void HttpServer::Private::accept(Listener &listener, qintptr descriptor)
{
    if (!sweeper.isActive())
        sweeper.start();
    if (context.draining || context.connections.size() >= context.config.limits.maxConnections) {
        refused.add(UniqueFd(int(descriptor)),
                    tls && !listener.isUnixSocket() ? RefusedClients::Say::Nothing
                                                    : RefusedClients::Say::Busy);
        if (context.observer) {
            RequestSummary summary;
            summary.status = 503;
            context.observer(summary);
        }
        return;
    }
    auto socket = makeSocket(listener);
    if (!socket->setSocketDescriptor(descriptor)) {
        const UniqueFd unusable{int(descriptor)};
        return;
    }
    if (auto *encrypted = qobject_cast<QSslSocket *>(socket.get()))
        encrypted->startServerEncryption();
    const Connection::Peer peer{listener.isUnixSocket() ? u"unix"_s
                                                        : socket->peerAddress().toString(),
                                context.config.checkHost && listener.isLoopback()};
    const quint64 id = ++lastId;
    auto *channel = new RequestChannel(id, socket->peerAddress()); // QtHttpServer deletes it
    listener.present(channel);
    auto *connection = new Connection(id, context, std::move(socket), channel, peer);
    context.connections.insert(id, connection); // deletes itself, or goes with us
}

std::unique_ptr<QTcpSocket> HttpServer::Private::makeSocket(const Listener &listener) const
{
    if (!tls || listener.isUnixSocket())
        return std::make_unique<QTcpSocket>();
    auto socket = std::make_unique<QSslSocket>();
    socket->setSslConfiguration(*tls);
    return socket;
}

void HttpServer::Private::sweep()
{
    const auto now = GuardClock::now();
    const QList<Connection *> all = context.connections.values(); // some leave meanwhile
    for (Connection *connection : all)
        connection->sweep(now);
    refused.sweep();
    // A server that nobody talks to wakes nobody.
    if (context.connections.isEmpty() && refused.isEmpty())
        sweeper.stop();
}

void HttpServer::Private::drain(std::chrono::milliseconds grace, std::function<void()> done)
{
    context.draining = true;
    drained = std::move(done);
    for (const auto &listener : listeners) {
        if (listener)
            listener->shut();
    }
    const QList<Connection *> all = context.connections.values();
    for (Connection *connection : all)
        connection->drain();
    graceOver.start(grace);
    connectionGone();
}

void HttpServer::Private::connectionGone()
{
    if (!context.draining || !context.connections.isEmpty() || !drained)
        return;
    graceOver.stop();
    // From the event loop: the callee may well delete the server.
    QMetaObject::invokeMethod(&sweeper, std::exchange(drained, nullptr), Qt::QueuedConnection);
}

HttpServer::HttpServer(std::unique_ptr<Private> p) : d(std::move(p)) { }

HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerConfig config, const Router &router,
                                                      RequestObserver observer)
{
    auto d = std::make_unique<Private>(std::move(config), router, std::move(observer));
    if (auto listening = d->listen(); !listening)
        return fail(listening.error());
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(d)));
}

QStringList HttpServer::addresses() const
{
    return d->addresses;
}

int HttpServer::connectionCount() const
{
    return int(d->context.connections.size());
}

void HttpServer::drain(std::chrono::milliseconds grace, std::function<void()> done)
{
    d->drain(grace, std::move(done));
}

} // namespace skillbox
