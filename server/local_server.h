#pragma once

#include "engine/access/oidc_config.h"
#include "engine/base/result.h"

#include <QStringList>

#include <chrono>
#include <functional>
#include <memory>

namespace skillbox {

class Engine;
class ServerLog;

/// Who may use a server.
enum class ServerAccess {
    /// This user's programs, with a random key that the server writes into the data directory, and
    /// whoever has a key of the store. For addresses on this machine only.
    LocalKey,
    Keys, ///< whoever has a key of the store
};

struct LocalServerOptions {
    /// `127.0.0.1:8080`, `[::1]:0`, `0.0.0.0:8080`, `unix:/path`; port 0: any free one.
    QStringList listen{QStringLiteral("127.0.0.1:0")};
    ServerAccess access = ServerAccess::LocalKey;
    QString publicUrl = {};      ///< empty: links say what the request's Host header says
    QString tlsCertificate = {}; ///< PEM file; empty: no TLS
    QString tlsKey = {};
    QStringList allowedHosts = {}; ///< for Host headers besides the loopback's own names
    bool checkHost = true;         ///< refuse other Host headers, and foreign origins
    QStringList corsOrigins = {};
    /// Addresses and networks of proxies that say for whom a request is, see TrustedProxies.
    QStringList trustedProxies = {};
    QString metricsListen = {}; ///< empty: /metrics is at the API's addresses
    QByteArray metricsKey = {}; ///< empty: /metrics is open
    QString publicTenant = {};  ///< whose skills may be discovered without a key; empty: nobody's
    OidcConfig oidc = {};       ///< whose tokens open it, too; by default nobody's
    int rateLimit = 0;          ///< requests of a tenant in rateWindow; 0: no limit
    std::chrono::seconds rateWindow{60};
    int authFailures = 60; ///< a minute and address, see FailedCalls; 0: no bound
    QString operatorTenant = QStringLiteral("local"); ///< whose admins set what tenants may use
    int maxConnections = 1024;
    qint64 maxJsonBytes = 8LL << 20;
    qint64 maxUploadBytes = 256LL << 20;
    int workers = 0;          ///< 0: by the processors
    QString commit = {};      ///< of the source; empty: not known
    ServerLog *log = nullptr; ///< outlives the server; null: nothing is logged
};

/// One request, when it has been answered.
struct AnsweredRequest {
    QString method;
    QString path;
    int status = 0;
    std::chrono::microseconds duration{};
    QString client = {}; ///< its User-Agent, printable and not long; empty: none
};

/// The whole HTTP API over an engine, on a thread of its own. What the desktop and the server
/// program share, and the one header of the server that the desktop may use.
class LocalServer
{
public:
    /// Called on the server's thread; must not block.
    using Observer = std::function<void(const AnsweredRequest &request)>;

    /// Binds every address or none; when it returns, requests are answered. The engine must outlive
    /// the server. Errors say what a person can do about them.
    static Result<std::unique_ptr<LocalServer>>
    start(Engine &engine, const LocalServerOptions &options, Observer observer = {});
    /// Closes what is open at once; drain() first to let it end.
    ~LocalServer();
    LocalServer(const LocalServer &) = delete;
    LocalServer &operator=(const LocalServer &) = delete;

    /// Where it listens, ports resolved: `http://127.0.0.1:41234`, `unix:/path`.
    QStringList addresses() const;
    /// The same of /metrics; empty: it is with the API.
    QString metricsAddress() const;
    /// The file that tells this user's programs the address and the key; empty with Keys.
    QString keyFile() const;
    /// The key in it; empty with Keys.
    QString localKey() const;

    /// Is not ready any more, accepts nothing new, and waits up to `grace` for the runs and
    /// requests it has; runs that are left then are cancelled and recorded. Blocks the caller, not
    /// the server. From one thread.
    void drain(std::chrono::milliseconds grace);

private:
    class Private;
    explicit LocalServer(std::unique_ptr<Private> d);
    std::unique_ptr<Private> d;
};

} // namespace skillbox
