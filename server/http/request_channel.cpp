#include "server/http/request_channel.h"

#include <cstring>

namespace skillbox {

RequestChannel::RequestChannel(quint64 connection, const QHostAddress &peer)
    : m_connection(connection)
{
    setOpenMode(QIODevice::ReadWrite);
    setSocketState(QAbstractSocket::ConnectedState);
    setPeerAddress(peer);
}

RequestChannel::~RequestChannel()
{
    setSocketState(QAbstractSocket::UnconnectedState); // there is nothing to abort
}

void RequestChannel::deliver(const QByteArray &method, const QString &path)
{
    m_text += method + ' ' + path.toUtf8().toPercentEncoding("/") + " HTTP/1.1\r\nHost: guard\r\n"
        + connectionField + ": " + QByteArray::number(m_connection) + "\r\n\r\n";
    Q_EMIT readyRead();
}

void RequestChannel::retire()
{
    setSocketState(QAbstractSocket::UnconnectedState);
    Q_EMIT disconnected();
}

qint64 RequestChannel::bytesAvailable() const
{
    return m_text.size() + QIODevice::bytesAvailable();
}

qint64 RequestChannel::readData(char *data, qint64 maxSize)
{
    const qsizetype size = std::min<qsizetype>(maxSize, m_text.size());
    std::memcpy(data, m_text.constData(), size_t(size));
    m_text.remove(0, size);
    return size;
}

qint64 RequestChannel::writeData(const char *, qint64 size)
{
    return size; // answers are written by the connection
}

} // namespace skillbox
