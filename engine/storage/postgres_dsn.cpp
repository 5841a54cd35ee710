#include "engine/storage/postgres_dsn.h"

#include <QUrl>
#include <QUrlQuery>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

const QStringList &knownParameters()
{
    static const QStringList names{u"sslmode"_s,         u"sslrootcert"_s, u"sslcert"_s,
                                   u"sslkey"_s,          u"host"_s,        u"connect_timeout"_s,
                                   u"target_session_attrs"_s};
    return names;
}

} // namespace

QString PostgresDsn::display() const
{
    const bool socket = host.startsWith(u'/');
    return socket ? u"%1 (socket in %2)"_s.arg(database, host)
                  : u"%1:%2/%3"_s.arg(host, QString::number(port), database);
}

Result<PostgresDsn> parsePostgresDsn(const QString &text)
{
    const auto wrong = [](const QString &what) {
        return fail(ErrorCode::BadRequest,
                    u"The database's address is not usable: %1; expected"
                    u" postgres://user:password@host:5432/name."_s.arg(what));
    };
    const QUrl url(text, QUrl::StrictMode);
    if (!url.isValid())
        return wrong(u"it is no URL (characters such as @ : / in a password are written as %40 %3A"
                     u" %2F)"_s);
    if (url.scheme() != "postgres"_L1 && url.scheme() != "postgresql"_L1)
        return wrong(u"its scheme is \"%1\""_s.arg(url.scheme()));
    if (url.hasFragment())
        return wrong(u"it has a part behind #"_s);

    PostgresDsn dsn{.host = url.host(QUrl::FullyDecoded),
                    .port = url.port(5432),
                    .database = url.path(QUrl::FullyDecoded).mid(1),
                    .user = url.userName(QUrl::FullyDecoded),
                    .password = url.password(QUrl::FullyDecoded)};
    for (const auto &[name, value] : QUrlQuery(url).queryItems(QUrl::FullyDecoded)) {
        if (!knownParameters().contains(name)) {
            return wrong(u"it has the parameter \"%1\"; known are %2"_s.arg(
                name, knownParameters().join(u", "_s)));
        }
        // Qt hands the parameters on as one text, parted by semicolons.
        if (value.contains(u';') || value.contains(u'\'') || value.contains(u'\\'))
            return wrong(u"the value of \"%1\" has a semicolon, quote or backslash"_s.arg(name));
        if (name == "host"_L1)
            dsn.host = value;
        else
            dsn.parameters.insert(name, value);
    }
    if (dsn.host.isEmpty())
        return wrong(u"it names no host"_s);
    if (dsn.database.isEmpty() || dsn.database.contains(u'/'))
        return wrong(u"it names no database"_s);
    return dsn;
}

} // namespace skillbox
