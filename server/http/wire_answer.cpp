#include "server/http/wire_answer.h"

#include "server/http/http_log.h"
#include "server/http/problem.h"
#include "server/http/request_parser.h"
#include "server/http/selection.h"

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

/// Fields that are the guard's: they frame the message or speak for the connection.
constexpr std::array guardFields{
    "content-length", "transfer-encoding", "connection",   "keep-alive", "date",
    "trailer",        "upgrade",           "x-request-id", "traceparent"};

bool isGuardField(QByteArrayView name)
{
    return std::any_of(guardFields.cbegin(), guardFields.cend(), [&](const char *field) {
        return name.compare(field, Qt::CaseInsensitive) == 0;
    });
}

QByteArray mediaTypeOf(const HttpHeaders &headers)
{
    const QByteArray type = headers.value("Content-Type").value_or(QByteArray());
    const qsizetype semicolon = type.indexOf(';');
    return (semicolon < 0 ? type : type.first(semicolon)).trimmed().toLower();
}

void addDefaults(HttpHeaders &headers)
{
    const QByteArray type = mediaTypeOf(headers);
    if ((type == "application/json" || type.endsWith("+json")) && !headers.value("Cache-Control"))
        headers.add("Cache-Control", "no-store");
    const bool isRendered = type == "text/html" || type == "application/xhtml+xml"
        || type == "image/svg+xml" || type == "text/xml" || type == "application/xml"
        || type == "application/pdf";
    if (isRendered && !headers.value("Content-Security-Policy"))
        headers.add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    if (!headers.value("X-Content-Type-Options"))
        headers.add("X-Content-Type-Options", "nosniff");
}

void addField(QByteArray &head, QByteArrayView name, QByteArrayView value)
{
    head.append(name).append(": ").append(value).append("\r\n");
}

/// Status line and every field but those that frame the body.
QByteArray headWithoutFraming(int status, HttpHeaders headers, const AnswerContext &context)
{
    addDefaults(headers);
    QByteArray head;
    head.reserve(512);
    head.append("HTTP/1.1 ").append(QByteArray::number(status)).append(' ');
    head.append(reasonPhrase(status)).append("\r\n");
    addField(head, "Date", context.date);
    // Lists both (RFC 9651), so what the answer says for itself comes after what the gate says.
    for (const auto &[name, value] : context.gateFields.fields()) {
        const auto own = headers.value(name);
        headers.set(name, own ? value + ", " + *own : value);
    }
    for (const auto &[name, value] : headers.fields()) {
        if (isGuardField(name))
            continue;
        if (!isHttpToken(name) || !isHttpFieldValue(value)) {
            qCWarning(httpLog, "an answer's field was malformed and left out");
            continue;
        }
        addField(head, name, value);
    }
    for (const auto &[name, value] : context.corsFields.fields())
        addField(head, name, value);
    addField(head, "X-Request-ID", context.requestId.toLatin1());
    if (!context.trace.traceId.isEmpty())
        addField(head, "traceparent", context.trace.header());
    if (!context.keepAlive)
        addField(head, "Connection", "close");
    else if (context.http10)
        addField(head, "Connection", "keep-alive");
    return head;
}

qint64 sizeOf(const HttpResponse &response)
{
    if (const auto *bytes = std::get_if<QByteArray>(&response.body))
        return bytes->size();
    const auto &device = std::get<std::shared_ptr<QIODevice>>(response.body);
    return device ? device->size() : 0;
}

/// In place of the representation: what every error has, and of its fields those that still hold.
void describeBadRange(HttpResponse &response, qint64 size, const AnswerContext &context)
{
    HttpResponse said = problem(416, u"range_not_satisfiable"_s,
                                u"the range begins behind the end; there are %1 bytes"_s.arg(size),
                                context.requestId, context.path);
    for (const char *name : {"ETag", "Last-Modified", "Accept-Ranges", "Content-Range"}) {
        if (const auto value = response.headers.value(name))
            said.headers.set(name, *value);
    }
    response = std::move(said);
}

bool hasNoBody(int status)
{
    return status < 200 || status == 204 || status == 304;
}

} // namespace

WireAnswer makeWireAnswer(HttpResponse response, const AnswerContext &context)
{
    WireAnswer answer;
    const qint64 size = sizeOf(response);
    const bool isRead = context.method == "GET" || context.method == "HEAD";
    const auto *device = std::get_if<std::shared_ptr<QIODevice>>(&response.body);
    const bool mayRange = device && *device && !(*device)->isSequential();
    answer.length = size;
    if (response.status == 200 && isRead) {
        if (mayRange)
            response.headers.set("Accept-Ranges", "bytes");
        const Selection selection = select(context.request, response.headers, size,
                                           mayRange && context.method == "GET");
        response.status = selection.status;
        answer.offset = selection.offset;
        answer.length = selection.length;
        if (!selection.contentRange.isEmpty())
            response.headers.set("Content-Range", selection.contentRange);
        if (selection.status == 416) {
            describeBadRange(response, size, context);
            answer.length = sizeOf(response);
        }
    }
    answer.status = response.status;
    answer.head = headWithoutFraming(response.status, std::move(response.headers), context);
    if (response.status >= 200 && response.status != 204 && response.status != 304)
        addField(answer.head, "Content-Length", QByteArray::number(answer.length));
    answer.head.append("\r\n");
    if (hasNoBody(response.status) || context.method == "HEAD" || answer.length == 0)
        answer.offset = answer.length = 0;
    else
        answer.body = std::move(response.body);
    return answer;
}

QByteArray makeStreamHead(int status, HttpHeaders headers, const AnswerContext &context)
{
    QByteArray head = headWithoutFraming(status, std::move(headers), context);
    if (!context.http10 && !hasNoBody(status))
        addField(head, "Transfer-Encoding", "chunked");
    return head.append("\r\n");
}

QByteArray reasonPhrase(int status)
{
    static constexpr std::array<std::pair<int, const char *>, 41> phrases{{
        {100, "Continue"},
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {205, "Reset Content"},
        {206, "Partial Content"},
        {207, "Multi-Status"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
        {507, "Insufficient Storage"},
    }};
    const auto found = std::find_if(phrases.cbegin(), phrases.cend(),
                                    [status](const auto &entry) { return entry.first == status; });
    return found == phrases.cend() ? QByteArray() : QByteArray(found->second);
}

} // namespace skillbox
