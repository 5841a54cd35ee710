#include "server/http/request_target.h"

#include <QStringDecoder>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

constexpr qsizetype maxQueryParameters = 128;

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

enum class Plus { IsPlus, IsSpace };

Result<QString> percentDecoded(QByteArrayView text, Plus plus)
{
    QByteArray bytes;
    bytes.reserve(text.size());
    for (qsizetype i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '+' && plus == Plus::IsSpace) {
            bytes += ' ';
        } else if (c != '%') {
            bytes += c;
        } else {
            const int high = i + 2 < text.size() ? hexDigit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hexDigit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return fail(ErrorCode::BadRequest, u"the target has a broken percent escape"_s);
            bytes += char(high << 4 | low);
            i += 2;
        }
    }
    // Stateless: else a character that is cut off at the end would be waited for, not refused.
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString decoded = decoder(bytes);
    if (decoder.hasError())
        return fail(ErrorCode::BadRequest, u"the target is not UTF-8"_s);
    return decoded;
}

Result<QString> decodedPath(QByteArrayView text)
{
    const QByteArray lower = text.toByteArray().toLower();
    if (lower.contains("%2f") || lower.contains("%5c") || lower.contains('\\'))
        return fail(ErrorCode::BadRequest, u"the path has an encoded slash or a backslash"_s);
    auto path = percentDecoded(text, Plus::IsPlus);
    if (!path)
        return path;
    for (const QChar c : std::as_const(*path)) {
        if (c < QChar(0x20) || c == QChar(0x7f))
            return fail(ErrorCode::BadRequest, u"the path has a control character"_s);
    }
    const QList<QStringView> segments = QStringView(*path).split(u'/');
    for (const QStringView segment : segments) {
        if (segment == u"." || segment == u"..")
            return fail(ErrorCode::BadRequest, u"the path has a \".\" or \"..\" segment"_s);
    }
    return path;
}

Result<QList<std::pair<QString, QString>>> decodedQuery(QByteArrayView text)
{
    QList<std::pair<QString, QString>> query;
    while (!text.isEmpty()) {
        const qsizetype end = text.indexOf('&') < 0 ? text.size() : text.indexOf('&');
        const QByteArrayView pair = text.first(end);
        text = text.sliced(std::min(end + 1, text.size()));
        if (pair.isEmpty())
            continue;
        if (query.size() == maxQueryParameters)
            return fail(ErrorCode::BadRequest,
                        u"the query has over %1 parameters"_s.arg(maxQueryParameters));
        const qsizetype equals = pair.indexOf('=') < 0 ? pair.size() : pair.indexOf('=');
        auto key = percentDecoded(pair.first(equals), Plus::IsSpace);
        if (!key)
            return fail(key.error());
        auto value = percentDecoded(pair.sliced(std::min(equals + 1, pair.size())), Plus::IsSpace);
        if (!value)
            return fail(value.error());
        query.emplace_back(*key, *value);
    }
    return query;
}

} // namespace

Result<RequestTarget> decodeTarget(QByteArrayView originForm)
{
    if (!originForm.startsWith('/'))
        return fail(ErrorCode::BadRequest, u"the target is not a path"_s);
    const qsizetype mark = originForm.indexOf('?') < 0 ? originForm.size()
                                                       : originForm.indexOf('?');
    auto path = decodedPath(originForm.first(mark));
    if (!path)
        return fail(path.error());
    auto query = decodedQuery(originForm.sliced(std::min(mark + 1, originForm.size())));
    if (!query)
        return fail(query.error());
    return RequestTarget{std::move(*path), std::move(*query)};
}

} // namespace skillbox
