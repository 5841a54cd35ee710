#pragma once

#include "engine/base/unique_fd.h"

#include <QByteArray>
#include <QMap>
#include <QString>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <thread>

namespace skillbox::test {

/// Serves documents at paths over HTTP on loopback, on a thread of its own: the part of a sign-in
/// service that a server needs, with everything that can happen to it.
class LocalProvider
{
public:
    LocalProvider()
    {
        start();
        setDocument("/.well-known/openid-configuration",
                    "{\"issuer\":\"" + issuer().toUtf8() + "\",\"jwks_uri\":\"" + issuer().toUtf8()
                        + "/jwks\"}");
    }
    ~LocalProvider() { stop(); }
    LocalProvider(const LocalProvider &) = delete;
    LocalProvider &operator=(const LocalProvider &) = delete;

    QString issuer() const { return QStringLiteral("http://127.0.0.1:%1").arg(m_port); }
    void setDocument(const QByteArray &path, const QByteArray &body, int status = 200)
    {
        const std::lock_guard lock(m_mutex);
        m_documents[path] = {status, body};
    }
    void setKeys(const QByteArray &keySet) { setDocument("/jwks", keySet); }
    /// How often somebody asked for the keys.
    int asked() const { return m_asked; }

    /// Nothing answers there any more.
    void stop()
    {
        if (!m_thread.joinable())
            return;
        m_thread.request_stop();
        m_thread.join();
        m_listener = UniqueFd();
    }
    /// At the same port.
    void start()
    {
        m_listener = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const int yes = 1;
        ::setsockopt(m_listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(m_port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto *generic = reinterpret_cast<sockaddr *>(&address);
        if (::bind(m_listener.get(), generic, size) != 0 || ::listen(m_listener.get(), 16) != 0
            || ::getsockname(m_listener.get(), generic, &size) != 0)
            qFatal("the provider of the test cannot listen");
        m_port = ntohs(address.sin_port);
        m_thread = std::jthread([this](const std::stop_token &stop) { serve(stop); });
    }

private:
    struct Document {
        int status = 200;
        QByteArray body;
    };

    void serve(const std::stop_token &stop)
    {
        while (!stop.stop_requested()) {
            pollfd waiting{m_listener.get(), POLLIN, 0};
            if (::poll(&waiting, 1, 20) != 1)
                continue;
            const UniqueFd client(::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (client)
                answer(client.get());
        }
    }
    void answer(int client)
    {
        QByteArray request;
        while (!request.contains("\r\n\r\n")) {
            char buffer[4096];
            const ssize_t got = ::recv(client, buffer, sizeof buffer, 0);
            if (got <= 0)
                return;
            request.append(buffer, got);
        }
        const QByteArray path = request.split(' ').value(1);
        if (path == "/jwks")
            ++m_asked;
        Document document{404, "{}"};
        {
            const std::lock_guard lock(m_mutex);
            document = m_documents.value(path, document);
        }
        const QByteArray response = "HTTP/1.1 " + QByteArray::number(document.status)
            + " X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
            + QByteArray::number(document.body.size()) + "\r\n\r\n" + document.body;
        qsizetype sent = 0;
        while (sent < response.size()) {
            const ssize_t once = ::send(client, response.constData() + sent,
                                        static_cast<size_t>(response.size() - sent), MSG_NOSIGNAL);
            if (once <= 0)
                return;
            sent += once;
        }
    }

    UniqueFd m_listener;
    quint16 m_port = 0;
    std::mutex m_mutex; ///< guards what follows
    QMap<QByteArray, Document> m_documents;
    std::atomic<int> m_asked = 0;
    std::jthread m_thread;
};

} // namespace skillbox::test
