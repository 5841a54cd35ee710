#include "server/http/origin_policy.h"

#include <QHostAddress>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

/// Without the port; lower case; an IPv6 address without its brackets.
QByteArray hostNameOf(const QByteArray &authority)
{
    if (authority.startsWith('['))
        return authority.mid(1, authority.indexOf(']') - 1).toLower();
    const qsizetype colon = authority.indexOf(':');
    return (colon < 0 ? authority : authority.first(colon)).toLower();
}

bool isLoopbackName(const QByteArray &host)
{
    if (host == "localhost")
        return true;
    const QHostAddress address(QString::fromLatin1(host));
    // Only the usual spelling: QHostAddress takes 127.1 and 0x7f000001 for addresses, too.
    return address.isLoopback() && address.toString().toLatin1() == host;
}

} // namespace

OriginPolicy::OriginPolicy(const QStringList &corsOrigins, const QStringList &allowedHosts)
{
    for (const QString &origin : corsOrigins)
        m_origins.append(origin.toUtf8());
    for (const QString &host : allowedHosts)
        m_hosts.append(hostNameOf(host.toUtf8()));
}

std::optional<Refusal> OriginPolicy::refuse(const RequestHead &head) const
{
    const QByteArray host = hostNameOf(head.host);
    if (!isLoopbackName(host) && !m_hosts.contains(host)) {
        return Refusal{403, u"forbidden"_s,
                       u"this server answers to the names of this machine only"_s};
    }
    const QList<QByteArray> origins = head.headers.values("Origin");
    for (const QByteArray &origin : origins) {
        const bool isOurs = origin.compare("http://" + head.host, Qt::CaseInsensitive) == 0
            || origin.compare("https://" + head.host, Qt::CaseInsensitive) == 0;
        if (!isOurs && !isAllowedOrigin(origin))
            return Refusal{403, u"forbidden"_s, u"web pages may not use this server"_s};
    }
    return std::nullopt;
}

HttpHeaders OriginPolicy::corsFields(const HttpHeaders &request) const
{
    HttpHeaders fields;
    if (m_origins.isEmpty())
        return fields;
    fields.add("Vary", "Origin");
    const auto origin = request.value("Origin");
    if (!origin || !isAllowedOrigin(*origin))
        return fields;
    fields.add("Access-Control-Allow-Origin", m_origins[m_origins.indexOf(*origin)]);
    fields.add("Access-Control-Expose-Headers",
               "Content-Disposition, ETag, Link, Location, Mcp-Session-Id, RateLimit, "
               "RateLimit-Policy, Retry-After, X-Request-ID, traceparent");
    return fields;
}

bool OriginPolicy::isPreflight(const RequestHead &head) const
{
    const auto origin = head.headers.value("Origin");
    return head.method == "OPTIONS" && origin && isAllowedOrigin(*origin)
        && head.headers.value("Access-Control-Request-Method");
}

HttpHeaders OriginPolicy::preflightFields(const QList<QByteArray> &methods)
{
    HttpHeaders fields;
    fields.add("Access-Control-Allow-Methods", methods.join(", "));
    fields.add("Access-Control-Allow-Headers",
               "Accept, Authorization, Content-Type, Idempotency-Key, If-Modified-Since, "
               "If-None-Match, If-Range, Last-Event-ID, MCP-Protocol-Version, Mcp-Session-Id, Prefer, "
               "Range, X-Request-ID, X-Session-ID, X-Tenant-ID, traceparent, tracestate");
    fields.add("Access-Control-Max-Age", "600");
    return fields;
}

bool OriginPolicy::isAllowedOrigin(const QByteArray &origin) const
{
    return m_origins.contains(origin);
}

} // namespace skillbox
