#include "engine/net/loopback_host.h"

#include <QUrl>

#include <arpa/inet.h>

using namespace Qt::StringLiterals;

namespace skillbox {

bool isLoopbackHost(const QString &host)
{
    in_addr four{};
    // By number, not by how it begins: 127.example.com is somebody's.
    return host == u"localhost" || host == u"::1"
        || (::inet_pton(AF_INET, host.toLatin1().constData(), &four) == 1
            && (ntohl(four.s_addr) >> 24) == 127);
}

bool isPrivateWebAddress(const QString &text)
{
    const QUrl url(text, QUrl::StrictMode);
    if (!url.isValid() || url.host().isEmpty() || !url.userInfo().isEmpty() || url.hasFragment())
        return false;
    return url.scheme() == u"https" || (url.scheme() == u"http" && isLoopbackHost(url.host()));
}

} // namespace skillbox
