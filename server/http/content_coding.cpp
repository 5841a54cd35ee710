#include "server/http/content_coding.h"

#include "server/http/request_parser.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

namespace skillbox {

namespace {

constexpr qsizetype compressAbove = 1 << 10;
constexpr int compressionLevel = 5; // above it, time grows and size hardly falls for JSON

/// The weight of a member `coding;q=0.5`, 0 to 1; 0 for a malformed one.
double weightOf(QByteArrayView member)
{
    const qsizetype semicolon = member.indexOf(';');
    if (semicolon < 0)
        return 1;
    const QByteArray parameter = member.sliced(semicolon + 1).trimmed().toByteArray().toLower();
    if (!parameter.startsWith("q="))
        return 0;
    bool isNumber = false;
    const double weight = parameter.sliced(2).trimmed().toDouble(&isNumber);
    return isNumber && weight >= 0 && weight <= 1 ? weight : 0;
}

QByteArray codingOf(QByteArrayView member)
{
    const qsizetype semicolon = member.indexOf(';');
    return (semicolon < 0 ? member : member.first(semicolon)).trimmed().toByteArray().toLower();
}

bool isCompressible(const QByteArray &contentType)
{
    const QByteArray type = codingOf(contentType);
    constexpr std::array types{"application/json", "application/javascript", "application/xml",
                               "application/yaml", "image/svg+xml"};
    return (type.startsWith("text/") && type != "text/event-stream") || type.endsWith("+json")
        || std::any_of(types.cbegin(), types.cend(), [&](const char *t) { return type == t; });
}

} // namespace

bool acceptsGzip(const HttpHeaders &request)
{
    double named = -1;
    double any = -1;
    const QList<QByteArray> fields = request.values("Accept-Encoding");
    for (const QByteArray &field : fields) {
        const QList<QByteArray> members = httpListMembers(field);
        for (const QByteArray &member : members) {
            const QByteArray coding = codingOf(member);
            if (coding == "gzip" || coding == "x-gzip")
                named = std::max(named, weightOf(member));
            else if (coding == "*")
                any = std::max(any, weightOf(member));
        }
    }
    return (named < 0 ? any : named) > 0;
}

void compressBody(HttpResponse &response, bool clientTakesGzip)
{
    auto *bytes = std::get_if<QByteArray>(&response.body);
    if (!bytes || bytes->size() <= compressAbove || response.headers.value("Content-Encoding")
        || !isCompressible(response.headers.value("Content-Type").value_or(QByteArray()))) {
        return;
    }
    response.headers.add("Vary", "Accept-Encoding");
    if (!clientTakesGzip)
        return;
    const auto packed = gzip(*bytes);
    if (!packed || packed->size() >= bytes->size())
        return;
    *bytes = *packed;
    response.headers.set("Content-Encoding", "gzip");
    // The packed bytes are another representation: a strong tag would lie (RFC 9110 §8.8.1).
    const auto tag = response.headers.value("ETag");
    if (tag && !tag->startsWith("W/"))
        response.headers.set("ETag", "W/" + *tag);
}

std::optional<QByteArray> gzip(const QByteArray &bytes)
{
    if (bytes.size() > std::numeric_limits<int>::max()) // zlib counts in 32 bits
        return std::nullopt;
    z_stream stream{};
    constexpr int gzipFraming = 16 + MAX_WBITS;
    if (deflateInit2(&stream, compressionLevel, Z_DEFLATED, gzipFraming, 8, Z_DEFAULT_STRATEGY)
        != Z_OK)
        return std::nullopt;
    QByteArray packed(qsizetype(deflateBound(&stream, uLong(bytes.size()))), Qt::Uninitialized);
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.constData()));
    stream.avail_in = uInt(bytes.size());
    stream.next_out = reinterpret_cast<Bytef *>(packed.data());
    stream.avail_out = uInt(packed.size());
    const int result = deflate(&stream, Z_FINISH);
    packed.truncate(qsizetype(stream.total_out));
    deflateEnd(&stream);
    return result == Z_STREAM_END ? std::optional(packed) : std::nullopt;
}

} // namespace skillbox
