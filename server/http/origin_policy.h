#pragma once

#include "server/http/http_headers.h"
#include "server/http/request_parser.h"

#include <QStringList>

#include <optional>

namespace skillbox {

/// Which web pages may talk to the server.
class OriginPolicy
{
public:
    /// `allowedHosts`: names a Host may carry on loopback besides the loopback's own.
    OriginPolicy(const QStringList &corsOrigins, const QStringList &allowedHosts);

    /// On loopback: a Host that is not this machine, or an Origin that is neither this server nor
    /// allowed, is a web page that should not reach us (DNS rebinding); the refusal is a 403.
    std::optional<Refusal> refuse(const RequestHead &head) const;
    /// Fields for the answer to a page of an allowed origin; none for others.
    HttpHeaders corsFields(const HttpHeaders &request) const;
    /// Whether it is the question that a browser asks before a request across origins, from an
    /// allowed origin.
    bool isPreflight(const RequestHead &head) const;
    static HttpHeaders preflightFields(const QList<QByteArray> &methods);

private:
    bool isAllowedOrigin(const QByteArray &origin) const;

    QList<QByteArray> m_origins;
    QList<QByteArray> m_hosts;
};

} // namespace skillbox
