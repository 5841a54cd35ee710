#pragma once

#include <QMutex>
#include <QTcpServer>
#include <QTcpSocket>
#include <QThread>
#include <QUrl>

#include <functional>

namespace skillbox::test {

/// Stands before an HTTP server on loopback, writes down the first line of every request, and can
/// break the connection instead of passing one on. For clients that send one request after another.
class RequestProxy
{
public:
    explicit RequestProxy(const QUrl &server)
    {
        m_thread.start();
        m_server.moveToThread(&m_thread);
        const quint16 port = static_cast<quint16>(server.port());
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this, port] {
            while (QTcpSocket *client = m_server.nextPendingConnection())
                join(client, port);
        });
        QMetaObject::invokeMethod(
            &m_server, [this] { m_server.listen(QHostAddress::LocalHost); },
            Qt::BlockingQueuedConnection);
    }
    ~RequestProxy()
    {
        QMetaObject::invokeMethod(
            &m_server,
            [this] {
                m_server.close();
                const auto sockets = m_server.findChildren<QTcpSocket *>();
                qDeleteAll(sockets);
                m_server.moveToThread(nullptr);
            },
            Qt::BlockingQueuedConnection);
        m_thread.quit();
        m_thread.wait();
    }

    QString endpoint() const
    {
        return QStringLiteral("http://127.0.0.1:%1").arg(m_server.serverPort());
    }
    /// Which requests never arrive, by their first line. Set before the first of them.
    void breakWhere(std::function<bool(const QByteArray &)> broken)
    {
        m_broken = std::move(broken);
    }
    /// The first lines of the requests since the last call.
    QByteArrayList takeRequests()
    {
        const QMutexLocker lock(&m_mutex);
        return std::exchange(m_requests, {});
    }

private:
    void join(QTcpSocket *client, quint16 port)
    {
        auto *server = new QTcpSocket(&m_server);
        server->connectToHost(QHostAddress::LocalHost, port);
        QObject::connect(client, &QTcpSocket::readyRead, server, [this, client, server] {
            const QByteArray bytes = client->readAll();
            static const QByteArrayList methods{"GET ", "PUT ", "POST ", "HEAD ", "DELETE "};
            for (const QByteArray &method : methods) {
                if (!bytes.startsWith(method))
                    continue;
                const QByteArray line = bytes.left(bytes.indexOf('\r'));
                {
                    const QMutexLocker lock(&m_mutex);
                    m_requests.append(line);
                }
                if (m_broken && m_broken(line))
                    return client->abort();
            }
            server->write(bytes);
        });
        QObject::connect(server, &QTcpSocket::readyRead, client,
                         [client, server] { client->write(server->readAll()); });
        QObject::connect(client, &QTcpSocket::disconnected, server, [server] { server->abort(); });
        QObject::connect(server, &QTcpSocket::disconnected, client,
                         [client] { client->disconnectFromHost(); });
    }

    QThread m_thread;
    QTcpServer m_server;
    std::function<bool(const QByteArray &)> m_broken;
    QMutex m_mutex; ///< guards what follows
    QByteArrayList m_requests;
};

} // namespace skillbox::test
