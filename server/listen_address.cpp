#include "server/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <optional>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

// sun_path of unix(7) holds 108 bytes with the NUL.
constexpr qsizetype longestSocketPath = 107;

tl::unexpected<Error> badAddress(const QString &text, const QString &why)
{
    return fail(ErrorCode::BadRequest,
                u"\"%1\" %2; addresses look like 127.0.0.1:8080, [::1]:8080, 0.0.0.0:8080 or "
                "unix:/path"_s.arg(text, why));
}

std::optional<int> portFrom(const QString &text)
{
    bool isNumber = false;
    const int port = text.toInt(&isNumber);
    if (!isNumber || port < 0 || port > 65535 || text.startsWith(u'+'))
        return std::nullopt;
    return port;
}

/// Whether it is a literal address, and whether it is this machine's own.
std::optional<bool> loopbackOf(const QString &host)
{
    in_addr four{};
    in6_addr six{};
    if (::inet_pton(AF_INET, host.toLatin1().constData(), &four) == 1)
        return (ntohl(four.s_addr) >> 24) == 127;
    if (::inet_pton(AF_INET6, host.toLatin1().constData(), &six) == 1)
        return IN6_IS_ADDR_LOOPBACK(&six) != 0;
    return std::nullopt;
}

} // namespace

QString ListenAddress::text() const
{
    if (!unixSocket.isEmpty())
        return u"unix:"_s + unixSocket;
    return (host.contains(u':') ? u"[%1]:%2"_s : u"%1:%2"_s).arg(host).arg(port);
}

Result<ListenAddress> parseListenAddress(const QString &text, int usualPort)
{
    if (text.startsWith(u"unix:")) {
        const QString path = text.sliced(5);
        if (!path.startsWith(u'/') || path.endsWith(u'/'))
            return badAddress(text, u"needs the absolute path of a socket"_s);
        if (path.toUtf8().size() > longestSocketPath)
            return badAddress(text, u"has a path that is too long for a socket"_s);
        return ListenAddress{.host = {}, .port = 0, .unixSocket = path};
    }
    ListenAddress address{.host = text, .port = usualPort, .unixSocket = {}};
    QString portText;
    if (text.startsWith(u'[')) {
        const qsizetype end = text.indexOf(u']');
        if (end < 0)
            return badAddress(text, u"has no closing bracket"_s);
        address.host = text.sliced(1, end - 1);
        portText = text.sliced(end + 1);
        if (!portText.isEmpty() && !portText.startsWith(u':'))
            return badAddress(text, u"is not an address and a port"_s);
        portText.remove(0, 1);
    } else if (text.count(u':') == 1) {
        address.host = text.section(u':', 0, 0);
        portText = text.section(u':', 1);
        if (portText.isEmpty())
            return badAddress(text, u"has no port after the colon"_s);
    } else if (text.contains(u':')) {
        return badAddress(text, u"needs brackets around an IPv6 address"_s);
    } else if (portFrom(text)) {
        address.host = u"127.0.0.1"_s;
        portText = text;
    }
    if (!portText.isEmpty()) {
        const std::optional<int> port = portFrom(portText);
        if (!port)
            return badAddress(text, u"has a port that is not a number from 0 to 65535"_s);
        address.port = *port;
    }
    if (address.host == u"localhost")
        address.host = u"127.0.0.1"_s;
    if (address.host.isEmpty() || address.host == u"*")
        address.host = u"0.0.0.0"_s;
    const std::optional<bool> loopback = loopbackOf(address.host);
    if (!loopback)
        return badAddress(text, u"does not begin with an IP address"_s);
    address.isThisMachine = *loopback;
    return address;
}

} // namespace skillbox
