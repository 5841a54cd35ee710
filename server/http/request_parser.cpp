#include "server/http/request_parser.h"

#include <algorithm>
#include <array>
#include <limits>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

constexpr qsizetype maxMethodLength = 32;

bool isTokenChar(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        return true;
    return c != '\0' && QByteArrayView("!#$%&'*+-.^_`|~").contains(c);
}

/// Fields of which a second one would leave open which of them counts.
constexpr std::array singleFields{
    "host",          "content-length", "transfer-encoding", "content-type",
    "authorization", "expect",         "content-encoding"};

/// `host[:port]` of a Host field or an absolute form: no user, no path, nothing unprintable.
bool isAuthority(QByteArrayView text)
{
    if (text.isEmpty() || text.size() > 260)
        return false;
    QByteArrayView host = text;
    QByteArrayView port;
    if (text.startsWith('[')) {
        const qsizetype end = text.indexOf(']');
        if (end < 0)
            return false;
        host = text.sliced(1, end - 1);
        const QByteArrayView rest = text.sliced(end + 1);
        if (!rest.isEmpty() && !rest.startsWith(':'))
            return false;
        port = rest.isEmpty() ? rest : rest.sliced(1);
        if (host.isEmpty() || !std::all_of(host.cbegin(), host.cend(), [](char c) {
                return QByteArrayView("0123456789abcdefABCDEF:.").contains(c);
            }))
            return false;
    } else {
        const qsizetype colon = text.indexOf(':');
        host = colon < 0 ? text : text.first(colon);
        port = colon < 0 ? QByteArrayView() : text.sliced(colon + 1);
        if (host.isEmpty() || !std::all_of(host.cbegin(), host.cend(), [](char c) {
                return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                    || QByteArrayView("-._~!$&'()*+,;=%").contains(c);
            }))
            return false;
    }
    return port.size() <= 5
        && std::all_of(port.cbegin(), port.cend(), [](char c) { return c >= '0' && c <= '9'; });
}

QByteArrayView withoutOuterSpace(QByteArrayView text)
{
    const auto isSpace = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.isEmpty() && isSpace(text.front()))
        text = text.sliced(1);
    while (!text.isEmpty() && isSpace(text.back()))
        text.chop(1);
    return text;
}

bool isSameText(QByteArrayView a, QByteArrayView b)
{
    return a.compare(b, Qt::CaseInsensitive) == 0;
}

} // namespace

bool isHttpToken(QByteArrayView text)
{
    return !text.isEmpty() && std::all_of(text.cbegin(), text.cend(), isTokenChar);
}

bool isHttpFieldValue(QByteArrayView text)
{
    return std::none_of(text.cbegin(), text.cend(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7f;
    });
}

QList<QByteArray> httpListMembers(QByteArrayView text)
{
    QList<QByteArray> members;
    while (!text.isEmpty()) {
        const qsizetype end = text.indexOf(',') < 0 ? text.size() : text.indexOf(',');
        const QByteArrayView member = withoutOuterSpace(text.first(end));
        if (!member.isEmpty())
            members.append(member.toByteArray());
        text = text.sliced(std::min(end + 1, text.size()));
    }
    return members;
}

qsizetype RequestHeadParser::feed(QByteArrayView data)
{
    qsizetype taken = 0;
    while (taken < data.size() && m_state == State::NeedsMore) {
        const QByteArrayView rest = data.sliced(taken);
        const qsizetype newline = rest.indexOf('\n');
        const qsizetype room = m_limits.maxHeaderBytes + 1 - m_size; // one more shows the excess
        const qsizetype piece = std::min(newline < 0 ? rest.size() : newline + 1, room);
        m_line.append(rest.first(piece));
        m_size += piece;
        taken += piece;
        if (!m_hasRequestLine && m_line.size() > maxMethodLength + m_limits.maxTargetBytes + 12)
            refuse(414, u"uri_too_long"_s, u"the request line is longer than this server takes"_s);
        else if (m_size > m_limits.maxHeaderBytes)
            refuse(431, u"headers_too_large"_s,
                   u"the header is larger than %1 bytes"_s.arg(m_limits.maxHeaderBytes));
        else if (m_line.endsWith('\n'))
            takeLine(std::exchange(m_line, {}));
    }
    return taken;
}

void RequestHeadParser::takeLine(QByteArrayView line)
{
    line.chop(1);
    if (!line.endsWith('\r'))
        return refuse(u"a line of the header ends in a bare line feed"_s);
    line.chop(1);
    if (line.contains('\r'))
        return refuse(u"the header has a bare carriage return"_s);
    if (m_hasRequestLine)
        return line.isEmpty() ? finish() : takeField(line);
    // RFC 9112 §2.2: one empty line before a request is what some clients send after a body.
    if (line.isEmpty() && !m_skippedEmptyLine) {
        m_skippedEmptyLine = true;
        m_size = 0;
        return;
    }
    takeRequestLine(line);
}

void RequestHeadParser::takeRequestLine(QByteArrayView line)
{
    m_hasRequestLine = true;
    const qsizetype first = line.indexOf(' ');
    const qsizetype last = line.lastIndexOf(' ');
    if (first < 0 || first == last)
        return refuse(u"the request line is not a method, a target and a version"_s);
    const QByteArrayView method = line.first(first);
    const QByteArrayView target = line.sliced(first + 1, last - first - 1);
    const QByteArrayView version = line.sliced(last + 1);
    if (!isHttpToken(method) || method.size() > maxMethodLength)
        return refuse(u"the request's method is no method"_s);
    m_head.method = method.toByteArray();
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    if (version.size() != 8 || !version.startsWith("HTTP/") || !isDigit(version[5])
        || version[6] != '.' || !isDigit(version[7])) {
        return refuse(u"the request line does not end in a version of HTTP"_s);
    }
    if (version[5] != '1')
        return refuse(505, u"http_version_not_supported"_s, u"this server speaks HTTP/1.1"_s);
    m_head.http10 = version[7] == '0';
    m_head.keepAlive = !m_head.http10;
    if (target.size() > m_limits.maxTargetBytes) {
        return refuse(414, u"uri_too_long"_s,
                      u"the target is longer than %1 bytes"_s.arg(m_limits.maxTargetBytes));
    }
    takeTarget(target);
}

void RequestHeadParser::takeTarget(QByteArrayView target)
{
    const bool isClean = std::all_of(target.cbegin(), target.cend(),
                                     [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
    if (target.isEmpty() || !isClean)
        return refuse(u"the target has a character that must be percent-encoded"_s);
    if (target.startsWith('/')) {
        m_head.target = target.toByteArray();
        return;
    }
    if (target == "*" && m_head.method == "OPTIONS") {
        m_head.target = "*";
        return;
    }
    takeAbsoluteForm(target);
}

void RequestHeadParser::takeAbsoluteForm(QByteArrayView target)
{
    const qsizetype scheme = target.indexOf("://");
    if (scheme < 0
        || (!isSameText(target.first(scheme), "http")
            && !isSameText(target.first(scheme), "https")))
        return refuse(u"the target is not a path"_s);
    const QByteArrayView rest = target.sliced(scheme + 3);
    const auto end = std::find_if(rest.cbegin(), rest.cend(),
                                  [](char c) { return c == '/' || c == '?'; });
    m_absoluteAuthority = rest.first(end - rest.cbegin()).toByteArray();
    if (!isAuthority(m_absoluteAuthority))
        return refuse(u"the target names no host"_s);
    const QByteArrayView path = rest.sliced(end - rest.cbegin());
    m_head.target = path.startsWith('/') ? path.toByteArray() : '/' + path.toByteArray();
}

void RequestHeadParser::takeField(QByteArrayView line)
{
    if (line.front() == ' ' || line.front() == '\t')
        return refuse(u"a field of the header is folded over two lines"_s);
    const qsizetype colon = line.indexOf(':');
    if (colon < 0 || !isHttpToken(line.first(colon)))
        return refuse(u"a line of the header is not a name, a colon and a value"_s);
    const QByteArrayView name = line.first(colon);
    const QByteArrayView value = withoutOuterSpace(line.sliced(colon + 1));
    if (!isHttpFieldValue(value))
        return refuse(u"a field of the header has a control character"_s);
    if (m_head.headers.fields().size() >= m_limits.maxHeaderFields) {
        return refuse(431, u"headers_too_large"_s,
                      u"the header has over %1 fields"_s.arg(m_limits.maxHeaderFields));
    }
    const bool isSingle = std::any_of(singleFields.cbegin(), singleFields.cend(),
                                      [&](const char *single) { return isSameText(name, single); });
    if (isSingle && m_head.headers.value(name)) {
        return refuse(u"the header has two fields %1"_s.arg(QString::fromLatin1(name).toLower()));
    }
    m_head.headers.add(name.toByteArray(), value.toByteArray());
}

void RequestHeadParser::finish()
{
    if (!takeHost() || !takeFraming())
        return;
    takeConnection();
    takeExpectation();
    if (m_state == State::NeedsMore)
        m_state = State::Complete;
}

bool RequestHeadParser::takeHost()
{
    const auto host = m_head.headers.value("Host");
    if (!host && !m_head.http10) {
        refuse(u"the header has no field host"_s);
        return false;
    }
    if (host && !isAuthority(*host)) {
        refuse(u"the field host names no host"_s);
        return false;
    }
    if (host && !m_absoluteAuthority.isEmpty() && !isSameText(*host, m_absoluteAuthority)) {
        refuse(u"the target and the field host name different hosts"_s);
        return false;
    }
    m_head.host = host.value_or(m_absoluteAuthority);
    return true;
}

bool RequestHeadParser::takeFraming()
{
    const auto length = m_head.headers.value("Content-Length");
    const auto coding = m_head.headers.value("Transfer-Encoding");
    if (coding) {
        if (length || m_head.http10) {
            refuse(u"the body's framing is ambiguous"_s); // RFC 9112 §6.1, request smuggling
            return false;
        }
        if (!isSameText(*coding, "chunked")) {
            const QList<QByteArray> codings = httpListMembers(*coding);
            const bool known = std::any_of(codings.cbegin(), codings.cend(), [](const auto &name) {
                return isSameText(name, "chunked");
            });
            if (known || codings.isEmpty())
                refuse(u"the body's transfer coding is not chunked alone"_s);
            else
                refuse(501, u"not_implemented"_s, u"the only transfer coding taken is chunked"_s);
            return false;
        }
        m_head.framing = BodyFraming::Chunked;
        return true;
    }
    if (!length)
        return true;
    const bool isNumber = !length->isEmpty() && length->size() <= 18
        && std::all_of(length->cbegin(), length->cend(),
                       [](char c) { return c >= '0' && c <= '9'; });
    if (!isNumber) {
        refuse(u"the field content-length is not a length"_s);
        return false;
    }
    m_head.contentLength = length->toLongLong();
    m_head.framing = m_head.contentLength > 0 ? BodyFraming::Length : BodyFraming::None;
    return true;
}

void RequestHeadParser::takeConnection()
{
    const QList<QByteArray> fields = m_head.headers.values("Connection");
    for (const QByteArray &field : fields) {
        const QList<QByteArray> options = httpListMembers(field);
        for (const QByteArray &option : options) {
            if (isSameText(option, "close")) {
                m_head.keepAlive = false;
                return;
            }
            if (isSameText(option, "keep-alive"))
                m_head.keepAlive = true;
        }
    }
}

void RequestHeadParser::takeExpectation()
{
    const auto expectation = m_head.headers.value("Expect");
    if (!expectation || m_head.http10) // RFC 9110 §10.1.1: ignored from HTTP/1.0
        return;
    if (!isSameText(*expectation, "100-continue"))
        return refuse(417, u"expectation_failed"_s, u"the only expectation met is 100-continue"_s);
    m_head.expectsContinue = true;
}

void RequestHeadParser::reset()
{
    *this = RequestHeadParser(m_limits);
}

void RequestHeadParser::refuse(int status, const QString &slug, const QString &message)
{
    m_state = State::Refused;
    m_refusal = {status, slug, message};
}

void RequestHeadParser::refuse(const QString &message)
{
    refuse(400, u"bad_request"_s, message);
}

} // namespace skillbox
