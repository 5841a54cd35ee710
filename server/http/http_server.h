#pragma once

#include "engine/base/result.h"
#include "server/http/http_limits.h"
#include "server/http/router.h"
#include "server/http/trusted_proxies.h"

#include <QStringList>

#include <chrono>

namespace skillbox {

struct HttpServerConfig {
    QStringList listen;      ///< `127.0.0.1:8080`, `[::1]:0`, `unix:/path`; port 0: any free one
    QString tlsCertificate;  ///< PEM file; empty: no TLS
    QString tlsKey;          ///< PEM file
    QString spoolDirectory;  ///< for large bodies; the guard removes what it put there
    QStringList corsOrigins; ///< exact origins; empty: CORS is off
    /// On loopback, the names a Host header may carry besides the loopback addresses and
    /// `localhost`; requests with another Host or a foreign Origin are refused, so that web pages
    /// cannot reach the server (DNS rebinding).
    QStringList allowedHosts;
    bool checkHost = true;
    TrustedProxies trustedProxies = {}; ///< who may say for whom a request is
    HttpLimits limits;
    int workers = 0; ///< threads for handlers that may block; 0: by the processors, at least 4
};

/// What is known of a request when its answer has been handed to the client, or when it is clear
/// that it never will: status 499 then, the client left before. An empty method: the guard refused
/// what came, or with status 503 and no request id the connection itself.
struct RequestSummary {
    QByteArray method;
    QString path;
    QString routePattern; ///< empty: none matched
    int status = 0;
    qint64 requestBytes = 0;
    qint64 responseBytes = 0;
    std::chrono::microseconds duration{};
    QString requestId;
    TraceContext trace;
    QString peer;      ///< the client's address, see HttpRequest::peer
    QString userAgent; ///< printable, cut to 128 characters; empty: none
    QString subject;   ///< id of what the answer was about, where its handler said so
    std::any identity;
};
using RequestObserver = std::function<void(const RequestSummary &)>;

/// HTTP/1.1 (RFC 9112) behind the guard: QtHttpServer never sees what is not strictly framed and
/// within the limits. The router must outlive it. Lives on the thread that made it, which needs an
/// event loop; handlers run where their route says.
class HttpServer
{
public:
    /// Binds every address or none. The error names the address and why (in use, permission …).
    static Result<std::unique_ptr<HttpServer>> start(HttpServerConfig config, const Router &router,
                                                     RequestObserver observer = {});
    /// Ends all connections and waits for handlers that run; drain() first where that matters.
    ~HttpServer();

    /// Where it listens, ports resolved: `http://127.0.0.1:41234`, `unix:/path`.
    QStringList addresses() const;
    int connectionCount() const;
    /// Stops accepting, lets requests under way end for `grace`, then closes; `done` is called
    /// once, on this thread, when no connection is left.
    void drain(std::chrono::milliseconds grace, std::function<void()> done);

private:
    class Private;
    explicit HttpServer(std::unique_ptr<Private> d);
    std::unique_ptr<Private> d;
};

} // namespace skillbox
