#pragma once

#include "server/http/http_request.h"
#include "server/http/http_response.h"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace skillbox {

/// Where a handler runs. Those that may block (store, files, JSON of megabytes) run on the worker
/// pool; Immediate ones run on the HTTP thread and must not block at all.
enum class RunsOn { Workers, Immediate };

using HttpHandler = std::function<void(HttpRequest request, HttpReply reply)>;
using SimpleHandler = std::function<HttpResponse(const HttpRequest &request)>;

/// Asked on the HTTP thread when the head is complete and before any of the body is read: an
/// answer ends the request there (401, 403, 429 …), none lets it go on. May set request.identity
/// and request.answerFields.
using HttpGate = std::function<std::optional<HttpResponse>(HttpRequest &request)>;

struct RouteOptions {
    qint64 maxBodyBytes = 1LL << 20;
    RunsOn runsOn = RunsOn::Workers;
    HttpGate gate; ///< null: open to everybody
};

/// Which handler answers which method and path. Filled before the server starts, constant then.
///
/// A pattern is segments: literal, `{name}` (one segment) or, last, `{name...}` (one or more,
/// joined by slashes). Literal segments win over `{name}`. GET serves HEAD. An unknown path is
/// 404 `not_found`; a known one with another method is 405 with Allow.
class Router
{
public:
    Router();
    ~Router();
    void add(const QByteArray &method, const QString &pattern, RouteOptions options,
             HttpHandler handler);
    void add(const QByteArray &method, const QString &pattern, RouteOptions options,
             SimpleHandler handler);

    struct Route;
    struct Match {
        const Route *route = nullptr; ///< null: see allowed
        QMap<QString, QString> parameters;
        QList<QByteArray> allowed; ///< methods of the path; empty: no such path
    };
    Match match(const QByteArray &method, const QString &path) const;
    /// Every method and pattern, for the test that compares them with openapi.yaml.
    QList<std::pair<QByteArray, QString>> routes() const;

private:
    std::vector<std::unique_ptr<Route>> m_routes;
};

struct Router::Route {
    struct Segment {
        enum class Kind { Literal, Parameter, Rest } kind = Kind::Literal;
        QString text; ///< the literal, or the parameter's name
    };
    QByteArray method;
    QString pattern;
    std::vector<Segment> segments;
    RouteOptions options;
    HttpHandler handler;
};

} // namespace skillbox
