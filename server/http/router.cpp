#include "server/http/router.h"

#include <algorithm>

namespace skillbox {

namespace {

using Segment = Router::Route::Segment;

std::vector<Segment> segmentsOf(const QString &pattern)
{
    std::vector<Segment> segments;
    const QList<QString> texts = pattern.sliced(1).split(u'/');
    for (const QString &text : texts) {
        if (!text.startsWith(u'{')) {
            segments.push_back({Segment::Kind::Literal, text});
        } else if (text.endsWith(QLatin1StringView("...}"))) {
            segments.push_back({Segment::Kind::Rest, text.sliced(1, text.size() - 5)});
        } else {
            segments.push_back({Segment::Kind::Parameter, text.sliced(1, text.size() - 2)});
        }
    }
    return segments;
}

bool fits(const std::vector<Segment> &segments, const QList<QStringView> &path)
{
    const qsizetype count = qsizetype(segments.size());
    const bool open = segments.back().kind == Segment::Kind::Rest;
    if (open ? path.size() < count : path.size() != count)
        return false;
    for (qsizetype i = 0; i < count; ++i) {
        const Segment &segment = segments[size_t(i)];
        if (path[i].isEmpty() && !(segment.kind == Segment::Kind::Literal && path.size() == 1))
            return false;
        if (segment.kind == Segment::Kind::Literal && segment.text != path[i])
            return false;
    }
    // A rest is several segments, and none of them is empty.
    return std::none_of(path.cbegin() + count, path.cend(),
                        [](QStringView text) { return text.isEmpty(); });
}

/// Whether `a` is the better answer to a path that both fit: the first segment that differs in
/// kind decides, literal before parameter before rest.
bool moreSpecific(const std::vector<Segment> &a, const std::vector<Segment> &b)
{
    return std::lexicographical_compare(a.cbegin(), a.cend(), b.cbegin(), b.cend(),
                                        [](const Segment &x, const Segment &y) {
                                            return x.kind < y.kind;
                                        });
}

QMap<QString, QString> parametersOf(const std::vector<Segment> &segments, const QString &path,
                                    const QList<QStringView> &texts)
{
    QMap<QString, QString> parameters;
    for (qsizetype i = 0; i < qsizetype(segments.size()); ++i) {
        const Segment &segment = segments[size_t(i)];
        if (segment.kind == Segment::Kind::Parameter)
            parameters.insert(segment.text, texts[i].toString());
        else if (segment.kind == Segment::Kind::Rest)
            parameters.insert(segment.text, path.sliced(texts[i].data() - path.constData()));
    }
    return parameters;
}

} // namespace

Router::Router() = default;
Router::~Router() = default;

void Router::add(const QByteArray &method, const QString &pattern, RouteOptions options,
                 HttpHandler handler)
{
    const auto same = [&](const auto &r) { return r->method == method && r->pattern == pattern; };
    if (!pattern.startsWith(u'/') || std::any_of(m_routes.cbegin(), m_routes.cend(), same)) {
        qFatal("not a pattern or a route twice: %s %s", method.constData(),
               qUtf8Printable(pattern)); // a slip of ours, seen at the first start
    }
    auto route = std::make_unique<Route>();
    route->method = method;
    route->pattern = pattern;
    route->segments = segmentsOf(pattern);
    route->options = std::move(options);
    route->handler = std::move(handler);
    m_routes.push_back(std::move(route));
}

void Router::add(const QByteArray &method, const QString &pattern, RouteOptions options,
                 SimpleHandler handler)
{
    add(method, pattern, std::move(options),
        HttpHandler(
            [handler = std::move(handler)](const HttpRequest &request, const HttpReply &reply) {
                reply.send(handler(request));
            }));
}

Router::Match Router::match(const QByteArray &method, const QString &path) const
{
    Match match;
    if (!path.startsWith(u'/'))
        return match;
    const QList<QStringView> texts = QStringView(path).sliced(1).split(u'/');
    const Route *get = nullptr;
    const auto keepBetter = [](const Route *&best, const Route *route) {
        if (!best || moreSpecific(route->segments, best->segments))
            best = route;
    };
    for (const auto &route : m_routes) {
        if (!fits(route->segments, texts))
            continue;
        if (route->method == method)
            keepBetter(match.route, route.get());
        if (route->method == "GET")
            keepBetter(get, route.get());
        match.allowed.append(route->method);
    }
    if (!match.route && method == "HEAD")
        match.route = get;
    if (get)
        match.allowed.append("HEAD");
    std::sort(match.allowed.begin(), match.allowed.end());
    match.allowed.erase(std::unique(match.allowed.begin(), match.allowed.end()),
                        match.allowed.end());
    if (match.route)
        match.parameters = parametersOf(match.route->segments, path, texts);
    return match;
}

QList<std::pair<QByteArray, QString>> Router::routes() const
{
    QList<std::pair<QByteArray, QString>> all;
    for (const auto &route : m_routes)
        all.emplace_back(route->method, route->pattern);
    return all;
}

} // namespace skillbox
