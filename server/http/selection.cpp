#include "server/http/selection.h"

#include "server/http/http_date.h"
#include "server/http/request_parser.h"

#include <algorithm>
#include <optional>

namespace skillbox {

namespace {

QByteArrayView opaquePart(QByteArrayView tag)
{
    return tag.startsWith("W/") ? tag.sliced(2) : tag;
}

bool isUnchanged(const HttpHeaders &request, const HttpHeaders &response)
{
    const auto tag = response.value("ETag");
    const QList<QByteArray> wanted = request.values("If-None-Match");
    if (!wanted.isEmpty()) {
        const QList<QByteArray> tags = httpListMembers(wanted.join(','));
        return std::any_of(tags.cbegin(), tags.cend(), [&](const QByteArray &member) {
            return member == "*" || (tag && opaquePart(member) == opaquePart(*tag));
        });
    }
    const auto since = request.value("If-Modified-Since");
    const auto modified = response.value("Last-Modified");
    if (!since || !modified)
        return false;
    const QDateTime sinceTime = fromHttpDate(*since);
    const QDateTime modifiedTime = fromHttpDate(*modified);
    return sinceTime.isValid() && modifiedTime.isValid() && modifiedTime <= sinceTime;
}

/// Whether the client's half of the representation is still a half of this one.
bool rangeStillFits(const HttpHeaders &request, const HttpHeaders &response)
{
    const auto condition = request.value("If-Range");
    if (!condition)
        return true;
    if (condition->startsWith('"')) // a weak tag never fits
        return response.value("ETag") == condition;
    return response.value("Last-Modified") == condition;
}

struct ByteRange {
    std::optional<qint64> first;
    std::optional<qint64> last;
};

std::optional<qint64> positionOf(QByteArrayView text)
{
    const bool isNumber = !text.isEmpty() && text.size() <= 18
        && std::all_of(text.cbegin(), text.cend(), [](char c) { return c >= '0' && c <= '9'; });
    return isNumber ? std::optional(text.toByteArray().toLongLong()) : std::nullopt;
}

/// nullopt for several ranges and for what is none.
std::optional<ByteRange> parseRange(QByteArrayView text)
{
    if (text.size() < 6 || text.first(6).compare("bytes=", Qt::CaseInsensitive) != 0
        || text.contains(','))
        return std::nullopt;
    const QByteArrayView range = text.sliced(6).trimmed();
    const qsizetype dash = range.indexOf('-');
    if (dash < 0)
        return std::nullopt;
    const ByteRange parsed{positionOf(range.first(dash)), positionOf(range.sliced(dash + 1))};
    if ((dash > 0 && !parsed.first) || (dash + 1 < range.size() && !parsed.last)
        || (!parsed.first && !parsed.last)
        || (parsed.first && parsed.last && *parsed.last < *parsed.first))
        return std::nullopt;
    return parsed;
}

} // namespace

Selection select(const HttpHeaders &request, const HttpHeaders &response, qint64 size,
                 bool mayRange)
{
    if (isUnchanged(request, response))
        return {304, 0, 0, {}};
    const QList<QByteArray> ranges = request.values("Range");
    if (!mayRange || ranges.size() != 1 || !rangeStillFits(request, response))
        return {200, 0, size, {}};
    const auto range = parseRange(ranges.first());
    if (!range)
        return {200, 0, size, {}};
    const qint64 first = range->first ? *range->first : std::max<qint64>(0, size - *range->last);
    const qint64 last = range->first && range->last ? std::min(*range->last, size - 1) : size - 1;
    if (first > last)
        return {416, 0, 0, "bytes */" + QByteArray::number(size)};
    return {206, first, last - first + 1,
            "bytes " + QByteArray::number(first) + '-' + QByteArray::number(last) + '/'
                + QByteArray::number(size)};
}

} // namespace skillbox
