#pragma once

#include "server/http/http_headers.h"
#include "server/http/http_limits.h"

#include <QString>

#include <optional>

namespace skillbox {

/// How a request's body ends (RFC 9112 §6.3).
enum class BodyFraming { None, Length, Chunked };

/// A request line and fields that mean one thing only.
struct RequestHead {
    QByteArray method;
    QByteArray target; ///< origin form, `*` with OPTIONS; an absolute form has lost its origin
    bool http10 = false;
    HttpHeaders headers;
    QByteArray host; ///< with port, as sent; empty: an HTTP/1.0 request without
    BodyFraming framing = BodyFraming::None;
    qint64 contentLength = 0; ///< with BodyFraming::Length
    bool keepAlive = true;
    bool expectsContinue = false;
};

/// Why the guard ends a connection over what it was sent.
struct Refusal {
    int status = 400;
    QString slug;
    QString message;
};

/// Reads one request's head from a stream of bytes, strictly (RFC 9112): what a proxy before us
/// could understand in another way is refused, never repaired. No I/O.
class RequestHeadParser
{
public:
    explicit RequestHeadParser(const HttpLimits &limits) : m_limits(limits) { }

    enum class State { NeedsMore, Complete, Refused };

    /// Takes bytes from the front of `data` up to the end of the head and says how many. Takes
    /// nothing once the state is not NeedsMore.
    qsizetype feed(QByteArrayView data);
    State state() const { return m_state; }
    /// Whether a byte of the request came yet.
    bool hasBegun() const { return m_size > 0; }
    qint64 size() const { return m_size; }

    /// The head as far as it was read, whole when Complete.
    const RequestHead &head() const { return m_head; }
    const Refusal &refusal() const { return m_refusal; }
    /// Ready for the next request.
    void reset();

private:
    void takeLine(QByteArrayView line);
    void takeRequestLine(QByteArrayView line);
    void takeTarget(QByteArrayView target);
    void takeAbsoluteForm(QByteArrayView target);
    void takeField(QByteArrayView line);
    void finish();
    bool takeHost();
    bool takeFraming();
    void takeConnection();
    void takeExpectation();
    void refuse(int status, const QString &slug, const QString &message);
    void refuse(const QString &message); ///< 400

    HttpLimits m_limits;
    State m_state = State::NeedsMore;
    QByteArray m_line; ///< of the line under way
    qint64 m_size = 0; ///< of the head so far
    bool m_hasRequestLine = false;
    bool m_skippedEmptyLine = false;
    QByteArray m_absoluteAuthority; ///< empty: the target was in origin form
    RequestHead m_head;
    Refusal m_refusal;
};

/// Characters of a method or a field name (RFC 9110 §5.6.2).
bool isHttpToken(QByteArrayView text);
/// Whether the text can be a field's value: no control characters but tabs.
bool isHttpFieldValue(QByteArrayView text);
/// A comma-separated list's members, trimmed, empty ones left out.
QList<QByteArray> httpListMembers(QByteArrayView text);

} // namespace skillbox
