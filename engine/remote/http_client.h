#pragma once

#include "engine/base/result.h"
#include "engine/remote/server_address.h"

#include <QByteArrayList>
#include <QIODevice>
#include <QMap>

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>

namespace skillbox {

class CurlHandles;

/// Whether a request may be sent again when it is not known what became of it.
enum class Repeat { Never, Safe };

struct HttpCall {
    QByteArray method = "GET";
    QByteArray target;           ///< path and query, percent-encoded, begins with a slash
    QByteArrayList headers = {}; ///< `Name: value`
    QByteArray body = {};
    QIODevice *upload = nullptr; ///< instead of `body`: random access, open for reading
    /// Gets the body of a 2xx answer piece by piece instead of it being collected. An error ends
    /// the call and is its error.
    std::function<Result<void>(QByteArrayView)> sink = {};
    Repeat repeat = Repeat::Never;
    /// Nothing came for so long: the server is taken for dead.
    std::chrono::seconds idleLimit{60};
    /// Ends the call with Cancelled, about a second after it is asked to at the latest.
    std::stop_token stop = {};
    /// How many bytes of `upload` are taken for sending; less again when the request is repeated.
    std::function<void(qint64 bytes)> onSent = {};
};

/// What a person can do about a connection that does not work, which depends on where its settings
/// come from. A line or some each; empty: nothing is added to the message.
struct ConnectionHints {
    QString address = {};      ///< something else answers there
    QString nothingThere = {}; ///< nothing does, on this machine
    QString key = {};          ///< it is not accepted
    QString authority = {};    ///< the server's certificate is not trusted
};

struct HttpAnswer {
    int status = 0;
    QMap<QByteArray, QByteArray> headers; ///< lower-case names, the last of each
    QByteArray body;                      ///< at most maxBodyBytes

    static constexpr qsizetype maxBodyBytes = 512 << 20;
    bool isSuccess() const { return status >= 200 && status < 300; }
    QByteArray header(const QByteArray &lowerCaseName) const
    {
        return headers.value(lowerCaseName);
    }
};

/// Requests to one server, over connections that are kept. Thread-safe. Errors here mean that there
/// was no answer at all; their messages say what a person can do. What may be repeated is sent up
/// to three times when the connection breaks before a byte of the body was handed on, or the server
/// answers 429, 502, 503 or 504, waiting as long as Retry-After says, if that is a few seconds.
class HttpClient
{
public:
    struct Options {
        ServerAddress server;
        QByteArrayList headers = {}; ///< sent with every request
        /// Asked before each request for the bearer token that it is sent with; an error is the
        /// request's.
        std::function<Result<QByteArray>()> bearer = {};
        QString caFile = {}; ///< PEM file instead of the system's authorities
        std::chrono::seconds connectTimeout{10};
        ConnectionHints hints = {};
        std::stop_token stop = {}; ///< ends every call, as the one of a call does
    };
    static Result<std::unique_ptr<HttpClient>> create(Options options);
    ~HttpClient();

    Result<HttpAnswer> send(const HttpCall &call);
    const ServerAddress &server() const { return m_options.server; }
    const ConnectionHints &hints() const { return m_options.hints; }

private:
    struct Attempt;
    explicit HttpClient(Options options);
    Result<HttpAnswer> sendAsIs(const HttpCall &call);
    Attempt attempt(const HttpCall &call);

    const Options m_options;
    const std::unique_ptr<CurlHandles> m_handles;
};

} // namespace skillbox
