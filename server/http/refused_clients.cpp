#include "server/http/refused_clients.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace skillbox {

namespace {

// A flood must not hold more descriptors than this; the others are closed at once.
constexpr size_t maxLingering = 64;

constexpr std::string_view busyAnswer =
    "HTTP/1.1 503 Service Unavailable\r\n"
    "Content-Type: application/problem+json; charset=utf-8\r\n"
    "Cache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Retry-After: 1\r\n"
    "Content-Length: 112\r\n"
    "Connection: close\r\n"
    "\r\n"
    "{\"error\":\"busy\",\"message\":\"the server has too many connections\","
    "\"type\":\"urn:skillbox:error:busy\",\"title\":\"Busy\"}";

} // namespace

void RefusedClients::add(UniqueFd socket, Say say)
{
    if (say == Say::Nothing)
        return;
    ::send(socket.get(), busyAnswer.data(), busyAnswer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    ::shutdown(socket.get(), SHUT_WR);
    if (m_clients.size() < maxLingering)
        m_clients.push_back({std::move(socket), std::chrono::steady_clock::now() + m_linger});
}

void RefusedClients::sweep()
{
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(m_clients, [now](const Client &client) {
        std::array<char, 4096> waste;
        ssize_t size = 0;
        // As much as a client sends between two sweeps; a faster one is cut off by its deadline.
        for (int i = 0; i < 16; ++i) {
            size = ::recv(client.socket.get(), waste.data(), waste.size(), MSG_DONTWAIT);
            if (size <= 0)
                break;
        }
        return size == 0 || now > client.until;
    });
}

} // namespace skillbox
