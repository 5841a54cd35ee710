#include "engine/remote/api_client.h"

#include "engine/remote/answer_json.h"

#include <QJsonObject>
#include <QUrl>

#include <optional>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

std::optional<ErrorCode> codeFromSlug(const QString &slug)
{
    for (int i = 0; i <= static_cast<int>(ErrorCode::Internal); ++i) {
        const auto code = static_cast<ErrorCode>(i);
        if (slug == errorSlug(code))
            return code;
    }
    return std::nullopt;
}

ErrorCode codeFromStatus(int status)
{
    switch (status) {
    case 401: return ErrorCode::Unauthorized;
    case 403: return ErrorCode::Forbidden;
    case 404: return ErrorCode::NotFound;
    case 409: return ErrorCode::Conflict;
    case 413: return ErrorCode::TooLarge;
    case 429: return ErrorCode::RateLimited;
    case 503: return ErrorCode::Busy;
    default: return status < 500 ? ErrorCode::BadRequest : ErrorCode::Internal;
    }
}

/// The lines of findings and violations that the body carries.
QString itemLines(const QJsonArray &items)
{
    constexpr int mostLines = 20;
    QString lines;
    int shown = 0;
    for (const QJsonValue item : items) {
        const QJsonObject object = item.toObject();
        const QString message = object[u"message"].toString();
        if (message.isEmpty() || object[u"severity"].toString() == u"info")
            continue;
        if (++shown > mostLines)
            return lines + u"\n…"_s;
        QString place = object[u"pointer"].toString();
        if (const QString file = object[u"file"].toString(); !file.isEmpty()) {
            place = file;
            if (const int line = object[u"line"].toInt(); line > 0)
                place += u':' + QString::number(line);
        }
        lines += u"\n  "_s + (place.isEmpty() ? QString() : place + u": "_s) + message;
    }
    return lines;
}

/// The target of `rel="next"` in a Link header (RFC 8288); only its path and query are used, so
/// that a server cannot send us elsewhere.
QByteArray nextTarget(const QByteArray &link)
{
    for (const QByteArray &part : link.split(',')) {
        const qsizetype open = part.indexOf('<');
        const qsizetype close = part.indexOf('>');
        const QByteArray parameters = part.mid(close + 1).toLower();
        if (open < 0 || close < open
            || !(parameters.contains("rel=\"next\"") || parameters.contains("rel=next")))
            continue;
        const QUrl url = QUrl::fromEncoded(part.mid(open + 1, close - open - 1));
        return url.toEncoded(QUrl::RemoveScheme | QUrl::RemoveAuthority | QUrl::RemoveFragment);
    }
    return {};
}

} // namespace

QByteArray segment(const QString &text)
{
    return QUrl::toPercentEncoding(text);
}

QByteArray segments(const QString &path)
{
    return QUrl::toPercentEncoding(path, "/");
}

QByteArray queryOf(const QList<std::pair<QByteArray, QString>> &parameters)
{
    QByteArray query;
    for (const auto &[name, value] : parameters) {
        if (!value.isEmpty())
            query += (query.isEmpty() ? '?' : '&') + name + '=' + QUrl::toPercentEncoding(value);
    }
    return query;
}

tl::unexpected<Error> ApiClient::noSkillbox(const HttpAnswer &answer, const HttpCall &call) const
{
    const QByteArray location = answer.header("location");
    QString message = u"what answers at %1 does not look like a Skillbox server"_s.arg(
        server().text);
    if (answer.status >= 300 && answer.status < 400 && !location.isEmpty())
        message += u"\nit points to %1; give that address"_s.arg(QString::fromUtf8(location));
    else if (!m_http->hints().address.isEmpty())
        message += u'\n' + m_http->hints().address;
    return fail(ErrorCode::Io, message,
                u"%1 %2 answered %3 %4"_s.arg(QString::fromUtf8(call.method),
                                              QString::fromUtf8(call.target),
                                              QString::number(answer.status),
                                              QString::fromUtf8(answer.header("content-type"))));
}

Error ApiClient::errorOf(const HttpAnswer &answer, const HttpCall &call) const
{
    const Result<JsonText> json = JsonText::parse(answer.body);
    const QJsonObject body = json ? jsonValue(json->bytes()).toObject() : QJsonObject();
    const QString slug = body[u"error"].toString();
    QString message = body[u"message"].toString();
    if (slug.isEmpty() || message.isEmpty())
        return noSkillbox(answer, call).value();

    const QJsonArray items = body[u"details"].toArray();
    if (items.size() > 1 || (!items.isEmpty() && slug == u"invalid_skill"))
        message = message.section(u'\n', 0, 0) + itemLines(items);
    switch (answer.status) {
    case 401:
        if (!m_http->hints().key.isEmpty())
            message += u'\n' + m_http->hints().key;
        break;
    case 405:
        message += u"\nthe server does not know this request: it may be older than this program"_s;
        break;
    case 429:
    case 503:
        if (const QByteArray after = answer.header("retry-after"); !after.isEmpty())
            message += u"\ntry again in %1 s"_s.arg(QString::fromUtf8(after));
        break;
    default: break;
    }
    return {codeFromSlug(slug).value_or(codeFromStatus(answer.status)), message,
            u"%1 %2 answered %3 %4, request %5"_s
                .arg(QString::fromUtf8(call.method), QString::fromUtf8(call.target))
                .arg(answer.status)
                .arg(slug, QString::fromUtf8(answer.header("x-request-id"))),
            items};
}

Result<HttpAnswer> ApiClient::call(const HttpCall &call)
{
    Result<HttpAnswer> answer = m_http->send(call);
    if (!answer || answer->isSuccess())
        return answer;
    return fail(errorOf(*answer, call));
}

Result<JsonText> ApiClient::json(const HttpCall &call)
{
    const Result<HttpAnswer> answer = this->call(call);
    if (!answer)
        return fail(answer.error());
    Result<JsonText> json = JsonText::parse(answer->body, 1024);
    if (!json)
        return noSkillbox(*answer, call);
    return json;
}

Result<QByteArrayList> ApiClient::rows(QByteArray target, qsizetype limit,
                                       const std::stop_token &stop)
{
    QByteArrayList rows;
    // A server whose pages never end must not keep us here: each has to bring something.
    while (!target.isEmpty() && rows.size() < limit) {
        const HttpCall request{.target = target, .repeat = Repeat::Safe, .stop = stop};
        const Result<HttpAnswer> answer = call(request);
        if (!answer)
            return fail(answer.error());
        const Result<JsonText> json = JsonText::parse(answer->body, 1024);
        const QByteArray bytes = json ? json->bytes() : QByteArray();
        if (!bytes.startsWith('['))
            return noSkillbox(*answer, request);
        const QByteArrayList page = rawItems(*json);
        if (page.isEmpty())
            break;
        rows += page;
        target = nextTarget(answer->header("link"));
        const QByteArray prefix =
            QUrl::fromEncoded(server().baseUrl).path(QUrl::FullyEncoded).toUtf8();
        if (!prefix.isEmpty() && target.startsWith(prefix + '/'))
            target.remove(0, prefix.size());
    }
    return rows.size() > limit ? rows.first(limit) : rows;
}

} // namespace skillbox
