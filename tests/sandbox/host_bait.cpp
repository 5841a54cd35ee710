#include "tests/sandbox/host_bait.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSysInfo>

#include <array>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace skillbox;
using namespace Qt::StringLiterals;

namespace {

constexpr char answer[] = "secret of the host";

UniqueFd inetServer(int type)
{
    UniqueFd server(socket(AF_INET, type | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(server.get(), reinterpret_cast<sockaddr *>(&address), sizeof address) != 0)
        qFatal("cannot bind on the loopback: %s", std::strerror(errno));
    if (type == SOCK_STREAM)
        listen(server.get(), 16);
    return server;
}

int portOf(const UniqueFd &server)
{
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(server.get(), reinterpret_cast<sockaddr *>(&address), &size);
    return ntohs(address.sin_port);
}

/// `name` starts with a NUL for an abstract one.
UniqueFd unixServer(const QByteArray &name)
{
    UniqueFd server(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.constData(), static_cast<size_t>(name.size()));
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path)
                                             + static_cast<size_t>(name.size()));
    if (bind(server.get(), reinterpret_cast<sockaddr *>(&address), size) != 0)
        qFatal("cannot bind %s: %s", name.constData(), std::strerror(errno));
    listen(server.get(), 16);
    return server;
}

} // namespace

HostBait::HostBait()
    : m_folder(u"/tmp/skillbox-bait-XXXXXX"_s)
    , m_abstractName("skillbox-bait-" + QByteArray::number(getpid()))
    , m_tcp(inetServer(SOCK_STREAM))
    , m_udp(inetServer(SOCK_DGRAM))
    , m_abstract(unixServer('\0' + m_abstractName))
    , m_stop(eventfd(0, EFD_CLOEXEC))
{
    // Open to every user: what keeps an attack away must be the sandbox.
    QFile::setPermissions(m_folder.path(), QFile::Permissions(0x7755));
    const QString socketPath = m_folder.filePath(u"socket"_s);
    m_path = unixServer(QFile::encodeName(socketPath));
    QFile::setPermissions(socketPath, QFile::Permissions(0x6666));
    QFile secret(m_folder.filePath(u"secret"_s));
    if (!secret.open(QIODevice::WriteOnly))
        qFatal("cannot write the secret");
    secret.write(answer);
    secret.setPermissions(QFile::Permissions(0x6644));
    qputenv("SKILLBOX_TEST_SECRET", answer);
    m_server = std::thread([this] { serve(); });
}

HostBait::~HostBait()
{
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(m_stop.get(), &one, sizeof one);
    m_server.join();
}

void HostBait::serve()
{
    std::array<pollfd, 5> waiting{{{m_stop.get(), POLLIN, 0},
                                   {m_tcp.get(), POLLIN, 0},
                                   {m_abstract.get(), POLLIN, 0},
                                   {m_path.get(), POLLIN, 0},
                                   {m_udp.get(), POLLIN, 0}}};
    for (;;) {
        poll(waiting.data(), waiting.size(), -1);
        if (waiting[0].revents)
            return;
        for (size_t i = 1; i <= 3; ++i) {
            if (!waiting[i].revents)
                continue;
            const UniqueFd client(accept4(waiting[i].fd, nullptr, nullptr, SOCK_CLOEXEC));
            send(client.get(), answer, sizeof answer - 1, MSG_NOSIGNAL);
        }
        if (waiting[4].revents) {
            char query[512];
            sockaddr_in peer{};
            socklen_t size = sizeof peer;
            if (recvfrom(m_udp.get(), query, sizeof query, 0, reinterpret_cast<sockaddr *>(&peer),
                         &size)
                >= 0)
                sendto(m_udp.get(), answer, sizeof answer - 1, 0,
                       reinterpret_cast<sockaddr *>(&peer), size);
        }
    }
}

QByteArray HostBait::inputJson(const QByteArray &token) const
{
    QJsonObject namespaces;
    for (const char *name : {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time"}) {
        char target[64];
        const QByteArray path = QByteArray("/proc/self/ns/") + name;
        const ssize_t size = readlink(path.constData(), target, sizeof target);
        if (size > 0)
            namespaces.insert(QLatin1StringView(name), QString::fromLatin1(target, size));
    }
    QJsonArray groups;
    QFile own(u"/proc/self/cgroup"_s);
    if (own.open(QIODevice::ReadOnly)) {
        for (const QByteArray &line : own.readAll().split('\n')) {
            if (line.count(':') >= 2)
                groups.append(
                    QString::fromUtf8(line.mid(line.indexOf(':', line.indexOf(':') + 1) + 1)));
        }
    }
    return QJsonDocument(QJsonObject{
                             {u"tcp_port"_s, portOf(m_tcp)},
                             {u"udp_port"_s, portOf(m_udp)},
                             {u"abstract_name"_s, QString::fromLatin1(m_abstractName)},
                             {u"socket_path"_s, m_folder.filePath(u"socket"_s)},
                             {u"secret_path"_s, m_folder.filePath(u"secret"_s)},
                             {u"host_pid"_s, static_cast<int>(getpid())},
                             {u"host_name"_s, QSysInfo::machineHostName()},
                             {u"namespaces"_s, namespaces},
                             {u"cgroups"_s, groups},
                             {u"token"_s, QString::fromLatin1(token)},
                         })
        .toJson(QJsonDocument::Compact);
}
