#pragma once

#include "engine/base/result.h"
#include "server/http/request_channel.h"

#include <QTcpServer>

#include <functional>
#include <memory>

namespace skillbox {

/// One address the server listens on: TCP or a Unix socket. What it accepts goes to the server;
/// QtHttpServer is presented channels instead.
class Listener final : public QTcpServer
{
public:
    /// Called for each accepted connection, which is the callee's from then on.
    using Acceptor = std::function<void(Listener &listener, qintptr descriptor)>;

    /// `address` as in HttpServerConfig::listen. The error names it and says why.
    static Result<std::unique_ptr<Listener>> open(const QString &address, Acceptor acceptor);
    ~Listener() override;

    /// `127.0.0.1:41234`, `unix:/path`.
    QString address() const;
    bool isUnixSocket() const { return !m_path.isEmpty(); }
    /// Whether only this machine can reach it by TCP.
    bool isLoopback() const;

    void present(RequestChannel *channel) { addPendingConnection(channel); }
    /// Stops accepting and frees the address.
    void shut();

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    explicit Listener(Acceptor acceptor);
    Result<void> listenTcp(const QString &address);
    Result<void> listenUnix(const QString &path);
    void recover();

    Acceptor m_acceptor;
    QString m_path; ///< of the Unix socket
    quint64 m_device = 0;
    quint64 m_inode = 0;
};

} // namespace skillbox
