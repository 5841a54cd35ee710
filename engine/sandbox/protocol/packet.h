#pragma once

// Packets with descriptors over AF_UNIX SOCK_SEQPACKET (unix(7), cmsg(3)). Plain C++, no Qt.

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skillbox::protocol {

/// Larger than any packet we send; a longer one is cut and then refused by decode().
inline constexpr size_t maxPacket = 16384;
inline constexpr size_t maxDescriptors = 8;

/// Sends one packet whole or not at all. False with errno set.
inline bool sendPacket(int socket, std::string_view bytes, std::span<const int> descriptors = {})
{
    iovec part{const_cast<char *>(bytes.data()), bytes.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(maxDescriptors * sizeof(int))] = {};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (!descriptors.empty()) {
        const size_t size = descriptors.size_bytes();
        header.msg_control = control;
        header.msg_controllen = CMSG_SPACE(size);
        cmsghdr *item = CMSG_FIRSTHDR(&header);
        item->cmsg_level = SOL_SOCKET;
        item->cmsg_type = SCM_RIGHTS;
        item->cmsg_len = CMSG_LEN(size);
        std::memcpy(CMSG_DATA(item), descriptors.data(), size);
    }
    ssize_t sent = 0;
    do {
        sent = sendmsg(socket, &header, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == static_cast<ssize_t>(bytes.size());
}

struct Packet {
    enum class State { Data, End, Error };
    State state = State::Error;
    std::string bytes;
    std::vector<int> descriptors; ///< the receiver's to close
    bool isCut = false; ///< too long, or the receiver may not open so many descriptors (MSG_CTRUNC)
};

/// Receives one packet; `flags` as for recvmsg(2), e.g. MSG_DONTWAIT. Error leaves errno set.
inline Packet receivePacket(int socket, int flags = 0)
{
    Packet packet;
    packet.bytes.resize(maxPacket);
    iovec part{packet.bytes.data(), packet.bytes.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(maxDescriptors * sizeof(int))];
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    ssize_t received = 0;
    do {
        received = recvmsg(socket, &header, flags | MSG_CMSG_CLOEXEC);
    } while (received < 0 && errno == EINTR);
    if (received < 0)
        return packet;
    for (cmsghdr *item = CMSG_FIRSTHDR(&header); item; item = CMSG_NXTHDR(&header, item)) {
        if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS)
            continue;
        const size_t count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        const size_t old = packet.descriptors.size();
        packet.descriptors.resize(old + count);
        std::memcpy(packet.descriptors.data() + old, CMSG_DATA(item), count * sizeof(int));
    }
    packet.bytes.resize(static_cast<size_t>(received));
    packet.isCut = (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
    packet.state = received == 0 ? Packet::State::End : Packet::State::Data;
    return packet;
}

} // namespace skillbox::protocol
