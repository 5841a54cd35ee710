#include "server/service_manager.h"

#include "engine/base/unique_fd.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

namespace skillbox {

void notifyServiceManager(const QString &socket, const QByteArray &state)
{
    QByteArray path = socket.toLocal8Bit();
    sockaddr_un address{};
    if (path.size() < 2 || (path[0] != '/' && path[0] != '@')
        || path.size() >= static_cast<qsizetype>(sizeof address.sun_path))
        return;
    if (path[0] == '@')
        path[0] = '\0'; // the abstract namespace of unix(7)
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.constData(), static_cast<size_t>(path.size()));
    const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!fd)
        return;
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path)
                                               + static_cast<size_t>(path.size()));
    ::sendto(fd.get(), state.constData(), static_cast<size_t>(state.size()), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr *>(&address), length);
}

} // namespace skillbox
