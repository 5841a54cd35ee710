#pragma once

#include <QTcpSocket>

namespace skillbox {

/// The socket that QtHttpServer sees of a connection: it never touches the network, and reads one
/// request at a time as the guard writes it down, without what the client sent.
class RequestChannel final : public QTcpSocket
{
public:
    RequestChannel(quint64 connection, const QHostAddress &peer);
    ~RequestChannel() override;

    /// The field that carries the connection's number.
    static constexpr const char *connectionField = "X-Guard-Connection";

    /// Gives QtHttpServer a request. `path` is decoded.
    void deliver(const QByteArray &method, const QString &path);
    /// Tells QtHttpServer that the connection is over; it deletes the channel later.
    void retire();

    qint64 bytesAvailable() const override;
    bool isSequential() const override { return true; }
    void disconnectFromHost() override { }
    void close() override { }

protected:
    qint64 readData(char *data, qint64 maxSize) override;
    qint64 writeData(const char *data, qint64 size) override;

private:
    quint64 m_connection;
    QByteArray m_text;
};

} // namespace skillbox
