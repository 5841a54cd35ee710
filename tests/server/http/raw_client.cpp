#include "tests/server/http/raw_client.h"

#include <QFile>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace skillbox {

namespace {

UniqueFd connected(int family, const sockaddr *address, socklen_t size)
{
    UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (fd && ::connect(fd.get(), address, size) != 0)
        fd.reset();
    return fd;
}

} // namespace

RawClient RawClient::tcp(quint16 port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return RawClient(
        connected(AF_INET, reinterpret_cast<const sockaddr *>(&address), sizeof address));
}

RawClient RawClient::local(const QString &path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const QByteArray name = QFile::encodeName(path);
    std::copy(name.cbegin(), name.cend(), address.sun_path);
    return RawClient(
        connected(AF_UNIX, reinterpret_cast<const sockaddr *>(&address), sizeof address));
}

bool RawClient::send(const QByteArray &bytes)
{
    qsizetype sent = 0;
    while (sent < bytes.size()) {
        const ssize_t size = ::send(m_socket.get(), bytes.constData() + sent,
                                    size_t(bytes.size() - sent), MSG_NOSIGNAL);
        if (size < 0)
            return false;
        sent += size;
    }
    return true;
}

RawAnswer RawClient::read(bool toHead)
{
    RawAnswer answer;
    const auto statusLine = takeLine();
    if (!statusLine || !statusLine->startsWith("HTTP/1.1 "))
        return answer;
    while (true) {
        const auto line = takeLine();
        if (!line)
            return {};
        if (line->isEmpty())
            break;
        const qsizetype colon = line->indexOf(':');
        answer.headers.add(line->first(colon), line->sliced(colon + 1).trimmed());
    }
    answer.status = statusLine->mid(9, 3).toInt();
    if (toHead || answer.status == 204 || answer.status == 304 || answer.status == 100) {
        answer.isWhole = true;
    } else if (answer.field("Transfer-Encoding") == "chunked") {
        answer.isWhole = takeChunks(answer.body);
    } else if (const auto length = answer.headers.value("Content-Length")) {
        answer.isWhole = receive(length->toLongLong());
        answer.body = m_pending.first(std::min(length->toLongLong(), m_pending.size()));
        m_pending.remove(0, answer.body.size());
    } else {
        isEnded();
        answer.body = std::exchange(m_pending, {});
    }
    return answer;
}

bool RawClient::isEnded(std::chrono::milliseconds within)
{
    const auto until = std::chrono::steady_clock::now() + within;
    while (!m_ended) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        if (left.count() <= 0 || (!receiveMore(left) && !m_ended))
            return m_ended;
    }
    return true;
}

bool RawClient::receive(qsizetype size)
{
    while (m_pending.size() < size) {
        if (!receiveMore(patience))
            return false;
    }
    return true;
}

void RawClient::reset()
{
    const linger immediately{1, 0};
    ::setsockopt(m_socket.get(), SOL_SOCKET, SO_LINGER, &immediately, sizeof immediately);
    m_socket.reset();
}

bool RawClient::receiveMore(std::chrono::milliseconds within)
{
    pollfd poll{m_socket.get(), POLLIN, 0};
    if (m_ended || ::poll(&poll, 1, int(within.count())) <= 0)
        return false;
    QByteArray piece(64 << 10, Qt::Uninitialized);
    const ssize_t size = ::recv(m_socket.get(), piece.data(), size_t(piece.size()), 0);
    if (size <= 0) {
        m_ended = true;
        return false;
    }
    m_pending += piece.first(size);
    return true;
}

std::optional<QByteArray> RawClient::takeLine()
{
    while (!m_pending.contains("\r\n")) {
        if (!receiveMore(patience))
            return std::nullopt;
    }
    const QByteArray line = m_pending.first(m_pending.indexOf("\r\n"));
    m_pending.remove(0, line.size() + 2);
    return line;
}

bool RawClient::takeChunks(QByteArray &body)
{
    while (true) {
        const auto line = takeLine();
        if (!line)
            return false;
        const qsizetype size = line->toLongLong(nullptr, 16);
        if (!receive(size + 2))
            return false;
        body += m_pending.first(size);
        m_pending.remove(0, size + 2);
        if (size == 0)
            return true;
    }
}

} // namespace skillbox
