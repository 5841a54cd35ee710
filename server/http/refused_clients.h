#pragma once

#include "engine/base/unique_fd.h"

#include <chrono>
#include <vector>

namespace skillbox {

/// Connections over the bound: told so in a canned answer, then closed a moment later, since an
/// immediate close would reset the connection before the client has read it.
class RefusedClients
{
public:
    explicit RefusedClients(std::chrono::milliseconds linger) : m_linger(linger) { }

    enum class Say { Busy, Nothing };
    void add(UniqueFd socket, Say say);
    void sweep();
    bool isEmpty() const { return m_clients.empty(); }

private:
    struct Client {
        UniqueFd socket;
        std::chrono::steady_clock::time_point until;
    };
    std::chrono::milliseconds m_linger;
    std::vector<Client> m_clients;
};

} // namespace skillbox
