#include "engine/remote/server_address.h"

#include "engine/net/loopback_host.h"

#include <QUrl>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

// sun_path of unix(7) holds 108 bytes with the NUL.
constexpr qsizetype longestSocketPath = 107;

tl::unexpected<Error> badAddress(const QString &text, const QString &why)
{
    return fail(ErrorCode::BadRequest,
                u"the server address '%1' %2\n"
                "it looks like http://127.0.0.1:8080, https://skillbox.example.com or unix:/path"_s
                    .arg(text, why));
}

} // namespace

Result<ServerAddress> parseServerAddress(const QString &text)
{
    if (text.startsWith(u"unix:")) {
        QString path = text.sliced(5);
        if (path.startsWith(u"///"))
            path = path.sliced(2); // unix:///path, as other programs write it
        if (!path.startsWith(u'/'))
            return badAddress(text, u"needs an absolute path after unix:"_s);
        if (path.toUtf8().size() > longestSocketPath)
            return badAddress(text, u"has a path that is too long for a socket"_s);
        return ServerAddress{text, "http://localhost", path, true};
    }
    const QUrl url(text, QUrl::StrictMode);
    const QString scheme = url.scheme().toLower();
    if (!url.isValid() || url.host().isEmpty() || (scheme != u"http" && scheme != u"https"))
        return badAddress(text, u"is not an http:// or https:// address"_s);
    if (!url.userInfo().isEmpty())
        return badAddress(url.toString(QUrl::RemoveUserInfo),
                          u"was given with a user name or password; the key goes to --api-key"_s);
    if (url.hasQuery() || url.hasFragment())
        return badAddress(text, u"has a query or a fragment"_s);
    QByteArray base = url.toEncoded(QUrl::StripTrailingSlash | QUrl::NormalizePathSegments);
    while (base.endsWith('/'))
        base.chop(1);
    return ServerAddress{QString::fromUtf8(base), base, {}, isLoopbackHost(url.host())};
}

} // namespace skillbox
