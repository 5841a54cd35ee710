#pragma once

#include "engine/base/unique_fd.h"
#include "server/http/http_headers.h"

#include <QByteArray>
#include <QString>

#include <chrono>
#include <optional>

namespace skillbox {

/// An answer as the client read it.
struct RawAnswer {
    int status = 0;
    HttpHeaders headers;
    QByteArray body;
    bool isWhole = false; ///< framed by length or chunks, and all of it came

    QByteArray field(const char *name) const { return headers.value(name).value_or(QByteArray()); }
};

/// A client that sends exactly the bytes it is told to. Blocks, so it must not be used on the
/// server's thread.
class RawClient
{
public:
    static constexpr std::chrono::milliseconds patience{10'000};

    static RawClient tcp(quint16 port);
    static RawClient local(const QString &path);

    bool isConnected() const { return bool(m_socket); }
    int descriptor() const { return m_socket.get(); }
    /// False: the server is gone.
    bool send(const QByteArray &bytes);
    /// The next answer; status 0: none came. `toHead`: it has no body, whatever its fields say.
    RawAnswer read(bool toHead = false);
    /// Whether the server ends the connection, reading what comes until then.
    bool isEnded(std::chrono::milliseconds within = patience);
    /// What was received and is no answer taken by read().
    const QByteArray &pending() const { return m_pending; }
    /// Receives until `size` bytes are pending; false: they do not come.
    bool receive(qsizetype size);
    void leave() { m_socket.reset(); }
    /// Leaves with a reset instead of an orderly end.
    void reset();

private:
    explicit RawClient(UniqueFd socket) : m_socket(std::move(socket)) { }
    bool receiveMore(std::chrono::milliseconds within);
    std::optional<QByteArray> takeLine();
    bool takeChunks(QByteArray &body);

    UniqueFd m_socket;
    QByteArray m_pending;
    bool m_ended = false;
};

} // namespace skillbox
