#pragma once

#include "engine/base/result.h"
#include "server/http/http_headers.h"

#include <QByteArray>
#include <QIODevice>
#include <QMap>
#include <QString>

#include <any>
#include <memory>

namespace skillbox {

/// A request's body, wholly received and framed; small ones are in memory, others in a file that
/// goes with the object.
class HttpBody
{
public:
    virtual ~HttpBody() = default;
    virtual qint64 size() const = 0;
    /// A fresh device at the first byte, open for reading. Any number of them, from any thread.
    virtual std::unique_ptr<QIODevice> open() const = 0;
    /// Everything at once, for routes whose limit is small.
    QByteArray bytes() const;
    /// A path that opens the file it lies in, in this process and while the body lives; empty: it
    /// is in memory. The file has no name: open follows a link in /proc, so O_NOFOLLOW fails.
    virtual QString filePath() const { return {}; }
};

/// Who the request belongs to in a distributed trace (W3C Trace Context, level 1). Both texts are
/// lower-case hex; made up where the client sent none or nonsense.
struct TraceContext {
    QByteArray traceId; ///< 32 digits
    QByteArray spanId;  ///< 16 digits, of this request
    QByteArray flags = "01";
    QByteArray parentSpanId; ///< of the caller; empty: none
    QByteArray state;        ///< tracestate, as it came
    QByteArray header() const { return "00-" + traceId + '-' + spanId + '-' + flags; }
};

/// One request as a handler sees it.
struct HttpRequest {
    QByteArray method; ///< GET, POST …; HEAD comes as GET and its body is left out by the guard
    QString path;      ///< percent-decoded; begins with a slash; no `.`, `..` or empty segments
    QMap<QString, QString> parameters;        ///< what the route's `{name}`s stand for, decoded
    QList<std::pair<QString, QString>> query; ///< decoded, in order
    HttpHeaders headers;
    std::shared_ptr<const HttpBody> body; ///< never null for a handler
    QString requestId;                    ///< X-Request-ID, echoed on every answer
    TraceContext trace;
    QString peer;      ///< the client's address, behind trusted proxies too; `unix`: a local socket
    std::any identity; ///< what the route's gate found out about the caller
    /// What the route's gate wants in the answer, whatever is answered and by whom. Of a gate only:
    /// what a handler puts here is not sent.
    HttpHeaders answerFields;

    /// The first of that name; empty: there is none.
    QString queryValue(QStringView name) const;
    bool hasQuery(QStringView name) const;
};

} // namespace skillbox
