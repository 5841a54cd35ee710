#include "server/http/listener.h"

#include "engine/base/system_error.h"
#include "engine/base/unique_fd.h"
#include "server/http/http_log.h"

#include <QFile>
#include <QTimer>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

constexpr int backlog = 512;
constexpr std::chrono::milliseconds acceptPause{100};

struct TcpAddress {
    QHostAddress host;
    quint16 port = 0;
};

std::optional<TcpAddress> parseTcpAddress(const QString &text)
{
    const qsizetype colon = text.lastIndexOf(u':');
    if (colon < 0)
        return std::nullopt;
    bool isPort = false;
    TcpAddress address;
    address.port = text.sliced(colon + 1).toUShort(&isPort);
    QString host = text.first(colon);
    if (host.startsWith(u'[') && host.endsWith(u']'))
        host = host.sliced(1, host.size() - 2);
    else if (host.contains(u':'))
        return std::nullopt; // an IPv6 address needs its brackets
    address.host = host == u"localhost" ? QHostAddress(QHostAddress::LocalHost)
                                        : QHostAddress(host);
    return isPort && !address.host.isNull() ? std::optional(address) : std::nullopt;
}

/// Makes room for a socket at the path: removes one that nobody listens on any more.
Result<void> removeStale(const sockaddr_un &address, const QString &path)
{
    struct stat info {
    };
    if (::lstat(address.sun_path, &info) != 0)
        return errno == ENOENT ? Result<void>()
                               : failedCall(u"cannot listen on \"%1\""_s.arg(path));
    if (!S_ISSOCK(info.st_mode))
        return fail(ErrorCode::Io,
                    u"cannot listen on \"%1\": it is there and no socket"_s.arg(path));
    const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!probe)
        return failedCall(u"cannot listen on \"%1\""_s.arg(path));
    if (::connect(probe.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0
        || errno != ECONNREFUSED) {
        return fail(ErrorCode::Io,
                    u"cannot listen on \"%1\": another process listens there"_s.arg(path));
    }
    if (::unlink(address.sun_path) != 0 && errno != ENOENT)
        return failedCall(u"cannot listen on \"%1\""_s.arg(path));
    return {};
}

} // namespace

Listener::Listener(Acceptor acceptor) : m_acceptor(std::move(acceptor))
{
    // Out of descriptors (EMFILE): Qt stops accepting then; without this it never begins again.
    connect(this, &QTcpServer::acceptError, this, [this] { recover(); });
}

Listener::~Listener()
{
    shut();
}

Result<std::unique_ptr<Listener>> Listener::open(const QString &address, Acceptor acceptor)
{
    std::unique_ptr<Listener> listener(new Listener(std::move(acceptor)));
    const auto result = address.startsWith(u"unix:") ? listener->listenUnix(address.sliced(5))
                                                     : listener->listenTcp(address);
    if (!result)
        return fail(result.error());
    return listener;
}

Result<void> Listener::listenTcp(const QString &address)
{
    const auto parsed = parseTcpAddress(address);
    if (!parsed) {
        return fail(ErrorCode::BadRequest,
                    u"\"%1\" is no address to listen on, such as 127.0.0.1:8080, [::1]:8080 or "
                    "unix:/path"_s.arg(address));
    }
    setListenBacklogSize(backlog);
    if (!listen(parsed->host, parsed->port)) {
        const QString why = serverError() == QAbstractSocket::AddressInUseError
            ? u"the address is in use"_s
            : errorString();
        return fail(ErrorCode::Io, u"cannot listen on %1: %2"_s.arg(address, why));
    }
    return {};
}

Result<void> Listener::listenUnix(const QString &path)
{
    sockaddr_un address{};
    const QByteArray name = QFile::encodeName(path);
    if (name.isEmpty() || size_t(name.size()) >= sizeof address.sun_path) {
        return fail(ErrorCode::BadRequest,
                    u"a Unix socket's path has 1 to %1 bytes: \"%2\""_s
                        .arg(sizeof address.sun_path - 1)
                        .arg(path));
    }
    address.sun_family = AF_UNIX;
    std::copy(name.cbegin(), name.cend(), address.sun_path);
    if (auto removed = removeStale(address, path); !removed)
        return removed;
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    struct stat info {
    };
    // Nobody can connect between bind and listen, so the mode holds from the first connection.
    if (!socket
        || ::bind(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0
        || ::chmod(address.sun_path, 0600) != 0 || ::stat(address.sun_path, &info) != 0
        || ::listen(socket.get(), backlog) != 0) {
        return failedCall(u"cannot listen on \"%1\""_s.arg(path));
    }
    if (!setSocketDescriptor(socket.get()))
        return fail(ErrorCode::Io, u"cannot listen on \"%1\": %2"_s.arg(path, errorString()));
    socket.release();
    m_path = path;
    m_device = info.st_dev;
    m_inode = info.st_ino;
    return {};
}

QString Listener::address() const
{
    if (isUnixSocket())
        return u"unix:"_s + m_path;
    const QString host = serverAddress().toString();
    return (serverAddress().protocol() == QAbstractSocket::IPv6Protocol ? u"[%1]:%2"_s : u"%1:%2"_s)
        .arg(host)
        .arg(serverPort());
}

bool Listener::isLoopback() const
{
    return !isUnixSocket() && serverAddress().isLoopback();
}

void Listener::shut()
{
    close();
    if (m_path.isEmpty())
        return;
    struct stat info {
    };
    const QByteArray name = QFile::encodeName(m_path);
    if (::lstat(name.constData(), &info) == 0 && info.st_dev == m_device && info.st_ino == m_inode)
        ::unlink(name.constData()); // ours still, not a successor's
    m_path.clear();
}

void Listener::incomingConnection(qintptr descriptor)
{
    m_acceptor(*this, descriptor);
}

void Listener::recover()
{
    qCWarning(httpLog, "cannot accept connections: %s", qUtf8Printable(errorString()));
    QTimer::singleShot(acceptPause, this, [this] {
        if (isListening())
            resumeAccepting();
    });
}

} // namespace skillbox
