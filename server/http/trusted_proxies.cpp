#include "server/http/trusted_proxies.h"

#include <arpa/inet.h>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int bitsOfIPv4 = 32;
constexpr int bitsOfIPv6 = 128;
constexpr int bitsBeforeIPv4 = bitsOfIPv6 - bitsOfIPv4;
constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

template<typename Address>
bool isIPv4(const Address &address)
{
    return std::equal(mapped.begin(), mapped.end(), address.begin());
}

/// With everything behind the first `bits` bits set to zero.
template<typename Address>
Address cut(Address address, int bits)
{
    for (size_t i = 0; i < address.size(); ++i) {
        const int kept = std::clamp(bits - 8 * static_cast<int>(i), 0, 8);
        address[i] = static_cast<unsigned char>(address[i] & (0xff00 >> kept));
    }
    return address;
}

tl::unexpected<Error> badProxy(const QString &text, const QString &why)
{
    return fail(ErrorCode::BadRequest,
                u"\"%1\" %2; proxies look like 10.0.0.5, 10.0.0.0/8, fd00::/8 or unix"_s.arg(text,
                                                                                             why));
}

} // namespace

std::optional<TrustedProxies::Address> TrustedProxies::addressFrom(QByteArrayView text)
{
    // inet_pton wants a NUL, and the longest address has 45 characters.
    if (text.size() >= INET6_ADDRSTRLEN || text.contains('\0'))
        return std::nullopt;
    const QByteArray ended = text.toByteArray();
    Address address{};
    if (::inet_pton(AF_INET6, ended.constData(), address.data()) == 1)
        return address;
    if (::inet_pton(AF_INET, ended.constData(), address.data() + mapped.size()) != 1)
        return std::nullopt;
    std::copy(mapped.begin(), mapped.end(), address.begin());
    return address;
}

/// As proxies write it: `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
std::optional<TrustedProxies::Address> TrustedProxies::hopFrom(QByteArrayView text)
{
    const auto isPort = [](QByteArrayView port) {
        return !port.isEmpty() && port.size() <= 5
            && std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    if (text.startsWith('[')) {
        const qsizetype end = text.indexOf(']');
        const QByteArrayView rest = end < 0 ? QByteArrayView() : text.sliced(end + 1);
        if (end < 0 || (!rest.isEmpty() && (rest.front() != ':' || !isPort(rest.sliced(1)))))
            return std::nullopt;
        return addressFrom(text.sliced(1, end - 1));
    }
    const qsizetype colon = text.indexOf(':');
    if (colon >= 0 && colon == text.lastIndexOf(':') && isPort(text.sliced(colon + 1)))
        return addressFrom(text.first(colon));
    return addressFrom(text);
}

QString TrustedProxies::textOf(const Address &address)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    const bool four = isIPv4(address);
    ::inet_ntop(four ? AF_INET : AF_INET6, address.data() + (four ? mapped.size() : 0), text.data(),
                text.size());
    return QString::fromLatin1(text.data());
}

Result<TrustedProxies> TrustedProxies::parse(const QStringList &texts)
{
    TrustedProxies proxies;
    for (const QString &text : texts) {
        if (text == u"unix") {
            proxies.m_unixSocket = true;
            continue;
        }
        const std::optional<Address> address = addressFrom(text.section(u'/', 0, 0).toUtf8());
        if (!address)
            return badProxy(text, u"does not begin with an IP address"_s);
        const int widest = isIPv4(*address) && !text.contains(u':') ? bitsOfIPv4 : bitsOfIPv6;
        int bits = widest;
        if (text.contains(u'/')) {
            const QString length = text.section(u'/', 1);
            bool isNumber = false;
            bits = length.toInt(&isNumber);
            // 0 would take everybody's word, which is what this is there to prevent.
            if (!isNumber || !length.front().isDigit() || bits < 1 || bits > widest)
                return badProxy(text, u"has no length from 1 to %1 after the slash"_s.arg(widest));
        }
        const int all = widest == bitsOfIPv4 ? bits + bitsBeforeIPv4 : bits;
        const Address network = cut(*address, all);
        if (network != *address) {
            return badProxy(text,
                            u"is no network: it would be %1/%2"_s.arg(textOf(network)).arg(bits));
        }
        proxies.m_networks.append({network, all});
    }
    return proxies;
}

bool TrustedProxies::contains(const Address &address) const
{
    return std::any_of(m_networks.begin(), m_networks.end(), [&](const Network &network) {
        return cut(address, network.bits) == network.address;
    });
}

QString TrustedProxies::clientOf(const QString &peer, const HttpHeaders &headers) const
{
    if (m_networks.isEmpty() && !m_unixSocket)
        return peer;
    std::optional<Address> client; // the last that was trusted; none: a socket file
    if (peer != u"unix")
        client = addressFrom(peer.section(u'%', 0, 0).toLatin1()); // without a link's scope
    if (peer == u"unix" ? !m_unixSocket : !client || !contains(*client))
        return peer;

    const QList<QByteArray> fields = headers.values("X-Forwarded-For");
    for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
        QByteArrayView left = *field;
        bool isMore = true;
        while (isMore) {
            const qsizetype comma = left.lastIndexOf(',');
            const std::optional<Address> hop = hopFrom(left.sliced(comma + 1).trimmed());
            isMore = comma >= 0;
            left = left.first(qMax<qsizetype>(comma, 0));
            if (!hop)
                return client ? textOf(*client) : peer;
            client = hop;
            if (!contains(*hop))
                return textOf(*hop);
        }
    }
    return client ? textOf(*client) : peer;
}

} // namespace skillbox
