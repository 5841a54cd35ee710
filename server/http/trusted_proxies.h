#pragma once

#include "engine/base/result.h"
#include "server/http/http_headers.h"

#include <QStringList>

#include <array>
#include <optional>

namespace skillbox {

/// Proxies whose word is taken for whose request they pass on. By default none: X-Forwarded-For is
/// a header like any other, and whoever calls could write what he likes into it.
class TrustedProxies
{
public:
    /// Each is an address `10.0.0.5`, a network `10.0.0.0/8` or `fd00::/8`, or `unix`: who comes
    /// through a socket file. BadRequest names the first that is none of these.
    static Result<TrustedProxies> parse(const QStringList &texts);

    /// The client's address: the peer itself unless it is trusted; then the last address of
    /// X-Forwarded-For that is not trusted. To its left anybody may have written anything, so it is
    /// not read. Where the field ends, or has something else than an address, the address that was
    /// trusted last counts.
    QString clientOf(const QString &peer, const HttpHeaders &headers) const;

private:
    using Address = std::array<unsigned char, 16>; ///< IPv4 as ::ffff:a.b.c.d
    struct Network {
        Address address{};
        int bits = 128;
    };
    static std::optional<Address> addressFrom(QByteArrayView text);
    static std::optional<Address> hopFrom(QByteArrayView text);
    static QString textOf(const Address &address);
    bool contains(const Address &address) const;

    QList<Network> m_networks;
    bool m_unixSocket = false;
};

} // namespace skillbox
