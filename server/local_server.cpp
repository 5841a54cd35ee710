#include "server/local_server.h"

#include "engine/engine.h"
#include "engine/local_endpoint.h"
#include "server/api/api.h"
#include "server/api/health.h"
#include "server/http/http_server.h"

#include <QDir>
#include <QRandomGenerator>
#include <QThread>

#include <array>
#include <future>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// After the runs are over their answers still have to reach the clients.
constexpr auto answerMargin = 3s;

QString freshKey()
{
    std::array<quint32, 8> words{};
    QRandomGenerator::system()->fillRange(words.data(), words.size());
    return u"local-"_s
        + QString::fromLatin1(QByteArrayView(reinterpret_cast<const char *>(words.data()),
                                             static_cast<qsizetype>(sizeof words))
                                  .toByteArray()
                                  .toHex());
}

/// What to do about an address that cannot be listened on.
Error withAdvice(Error error, const QStringList &wanted, const QString &dataDirectory)
{
    for (const LocalEndpoint &other : liveLocalEndpoints(dataDirectory)) {
        for (const QString &address : wanted) {
            if (other.addresses.contains(u"http://"_s + address)
                || other.addresses.contains(u"https://"_s + address)
                || other.addresses.contains(address)) {
                error.message += u"\na Skillbox server with the process id %1 serves there "
                                 "already: skillbox --server local … uses it"_s.arg(other.pid);
                return error;
            }
        }
    }
    error.message += u"\nchoose another address with --listen; 127.0.0.1:0 takes any free port"_s;
    return error;
}

ServerSettings settingsOf(const LocalServerOptions &options, const Engine &engine,
                          const QString &spoolDirectory)
{
    ServerSettings settings;
    settings.publicUrl = options.publicUrl;
    settings.tls = !options.tlsCertificate.isEmpty();
    settings.commit = options.commit;
    settings.rateLimit = {.requests = options.rateLimit, .window = options.rateWindow};
    settings.maxJsonBytes = options.maxJsonBytes;
    settings.maxSkillBytes = engine.config().archiveLimits.archiveBytes;
    settings.maxFileBytes = options.maxUploadBytes;
    settings.metricsKey = options.metricsKey;
    settings.publicTenant = options.publicTenant;
    settings.authFailures = options.authFailures;
    settings.operatorTenant = options.operatorTenant;
    settings.oidc = options.oidc;
    settings.serveMetrics = options.metricsListen.isEmpty();
    settings.spoolDirectory = spoolDirectory;
    return settings;
}

Result<HttpServerConfig> httpConfigOf(const LocalServerOptions &options,
                                      const QString &spoolDirectory)
{
    HttpServerConfig config;
    config.listen = options.listen;
    config.tlsCertificate = options.tlsCertificate;
    config.tlsKey = options.tlsKey;
    config.spoolDirectory = spoolDirectory;
    config.corsOrigins = options.corsOrigins;
    config.allowedHosts = options.allowedHosts;
    config.checkHost = options.checkHost;
    config.limits.maxConnections = options.maxConnections;
    config.workers = options.workers;
    Result<TrustedProxies> proxies = TrustedProxies::parse(options.trustedProxies);
    if (!proxies)
        return fail(proxies.error());
    config.trustedProxies = std::move(*proxies);
    return config;
}

} // namespace

// In the order they are made. What lives on the thread is made and destroyed there.
class LocalServer::Private
{
public:
    explicit Private(Engine &ourEngine) : engine(ourEngine)
    {
        thread.setObjectName(u"http"_s);
        onThread.moveToThread(&thread);
        thread.start();
    }
    ~Private()
    {
        endpoint.reset(); // first: nobody shall find a server that goes
        call([this] {
            metricsServer.reset();
            http.reset();
        });
        // A key that was read from the file opens no later server of this process.
        if (!key.isEmpty())
            engine.access().withdrawForThisProcess(key);
        thread.quit();
        thread.wait();
    }

    /// Runs it on the server's thread and waits.
    void call(const std::function<void()> &task)
    {
        QMetaObject::invokeMethod(&onThread, task, Qt::BlockingQueuedConnection);
    }

    Result<void> start(const LocalServerOptions &options, const Observer &observer);
    Result<void> startMetrics(const LocalServerOptions &options);

    Engine &engine;
    QThread thread;
    QObject onThread;
    std::unique_ptr<Api> api;
    std::unique_ptr<Router> metricsRouter;
    std::unique_ptr<HttpServer> http;
    std::unique_ptr<HttpServer> metricsServer;
    QStringList addresses;
    QString metricsAddress;
    QString key;
    std::optional<LocalEndpointFile> endpoint;
};

Result<void> LocalServer::Private::start(const LocalServerOptions &options,
                                         const Observer &observer)
{
    const QString data = engine.config().dataDirectory;
    const QString spool = data + u"/spool"_s;
    if (!QDir().mkpath(spool)) {
        return fail(ErrorCode::StorageUnavailable,
                    u"cannot make the folder \"%1\" for large requests"_s.arg(spool));
    }
    const Result<HttpServerConfig> config = httpConfigOf(options, spool);
    if (!config)
        return fail(config.error());
    auto made = Api::create(engine, settingsOf(options, engine, spool), options.log);
    if (!made)
        return fail(made.error());
    api = std::move(*made);

    RequestObserver onRequest = api->observer();
    if (observer) {
        onRequest = [counted = std::move(onRequest), observer](const RequestSummary &request) {
            counted(request);
            observer({QString::fromLatin1(request.method), request.path, request.status,
                      request.duration, request.userAgent});
        };
    }
    Result<std::unique_ptr<HttpServer>> started;
    call([&] { started = HttpServer::start(*config, api->router(), onRequest); });
    if (!started)
        return fail(withAdvice(started.error(), options.listen, data));
    http = std::move(*started);
    addresses = http->addresses();
    api->services().connections = [server = http.get()] { return server->connectionCount(); };
    return startMetrics(options);
}

Result<void> LocalServer::Private::startMetrics(const LocalServerOptions &options)
{
    if (options.metricsListen.isEmpty())
        return {};
    metricsRouter = std::make_unique<Router>();
    registerMetrics(*metricsRouter, api->services());
    HttpServerConfig config;
    config.listen = {options.metricsListen};
    config.checkHost = false; // numbers only, and scrapers come by any name
    config.workers = 1;
    Result<std::unique_ptr<HttpServer>> started;
    call([&] { started = HttpServer::start(config, *metricsRouter); });
    if (!started) {
        Error error = started.error();
        error.message += u"\nchoose another address with --metrics-listen"_s;
        return fail(error);
    }
    metricsServer = std::move(*started);
    metricsAddress = metricsServer->addresses().join(u", "_s);
    return {};
}

Result<std::unique_ptr<LocalServer>>
LocalServer::start(Engine &engine, const LocalServerOptions &options, Observer observer)
{
    auto d = std::make_unique<Private>(engine);
    // Known before the first request can come.
    if (options.access == ServerAccess::LocalKey) {
        d->key = freshKey();
        engine.access().acceptForThisProcess(
            d->key, {localTenant(), {u"local"_s}, u"local server"_s, Role::Admin});
    }
    if (const Result<void> started = d->start(options, observer); !started)
        return fail(started.error());
    if (options.access == ServerAccess::LocalKey) {
        auto file = LocalEndpointFile::publish(engine.config().dataDirectory,
                                               {.addresses = d->addresses, .key = d->key});
        if (!file)
            return fail(file.error());
        d->endpoint.emplace(std::move(*file));
    }
    return std::unique_ptr<LocalServer>(new LocalServer(std::move(d)));
}

LocalServer::LocalServer(std::unique_ptr<Private> parts) : d(std::move(parts)) { }

LocalServer::~LocalServer() = default;

QStringList LocalServer::addresses() const
{
    return d->addresses;
}

QString LocalServer::metricsAddress() const
{
    return d->metricsAddress;
}

QString LocalServer::keyFile() const
{
    return d->endpoint ? d->endpoint->path() : QString();
}

QString LocalServer::localKey() const
{
    return d->key;
}

void LocalServer::drain(std::chrono::milliseconds grace)
{
    // Nobody new finds the server from here on.
    d->endpoint.reset();
    d->api->setDraining();
    const auto deadline = std::chrono::steady_clock::now() + grace + answerMargin;
    const auto closed = std::make_shared<std::promise<void>>();
    d->call([&] { d->http->drain(grace + answerMargin, [closed] { closed->set_value(); }); });
    d->engine.executions().drain(grace);
    // Runs are over; downloads, uploads and commands in sessions may not be.
    closed->get_future().wait_until(deadline);
}

} // namespace skillbox
