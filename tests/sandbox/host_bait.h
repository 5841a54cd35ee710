#pragma once

#include "engine/base/unique_fd.h"

#include <QByteArray>
#include <QTemporaryDir>

#include <thread>

/// What lies on the host for attacks to reach: servers on the loopback and on an abstract socket, a
/// socket file and a readable secret in /tmp, variables, this process. Lives as long as the test.
class HostBait
{
public:
    HostBait();
    ~HostBait();

    /// Becomes /sandbox/input.json, so that an attack knows exactly where to look. `token` names
    /// whatever a run leaves.
    QByteArray inputJson(const QByteArray &token) const;

private:
    void serve();

    QTemporaryDir m_folder; ///< in /tmp
    QByteArray m_abstractName;
    skillbox::UniqueFd m_tcp, m_udp, m_abstract, m_path, m_stop;
    std::thread m_server;
};
