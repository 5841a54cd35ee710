#include "server/api/answers.h"

#include "engine/base/clock.h"
#include "server/http/problem.h"

#include <QLoggingCategory>
#include <QUrl>
#include <QUrlQuery>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Q_LOGGING_CATEGORY(apiLog, "skillbox.api")

Result<int> numberOf(const HttpRequest &request, QStringView name, int standard, int least,
                     int most)
{
    if (!request.hasQuery(name))
        return standard;
    bool isNumber = false;
    const int number = request.queryValue(name).toInt(&isNumber);
    if (!isNumber || number < least || number > most) {
        return fail(ErrorCode::BadRequest,
                    u"%1 must be a whole number from %2 to %3"_s.arg(name).arg(least).arg(most));
    }
    return number;
}

bool isOurFault(ErrorCode code)
{
    return httpStatusOf(code) >= 500;
}

/// What may stand between quotes in a header (RFC 9110 §5.6.4) and is no trouble as a file name.
QByteArray plainName(const QString &name)
{
    QByteArray plain;
    for (const QChar c : name) {
        const char16_t unit = c.unicode();
        const bool safe = unit >= 0x20 && unit < 0x7f && unit != u'"' && unit != u'\\'
            && unit != u'/' && unit != u'%';
        plain += safe ? static_cast<char>(unit) : '_';
    }
    return plain;
}

} // namespace

HttpResponse failed(const Error &error, const HttpRequest &request)
{
    if (isOurFault(error.code)) {
        qCWarning(apiLog, "%s %s: %s%s%s", qUtf8Printable(request.requestId),
                  qUtf8Printable(errorSlug(error.code)), qUtf8Printable(error.message),
                  error.detail.isEmpty() ? "" : ": ", qUtf8Printable(error.detail));
    }
    return problem(error, request.requestId, request.path);
}

HttpResponse answer(const Result<QByteArray> &json, const HttpRequest &request)
{
    return json ? HttpResponse::json(200, *json) : failed(json.error(), request);
}

Result<int> limitOf(const HttpRequest &request, int standard, int most)
{
    return numberOf(request, u"limit", standard, 1, most);
}

Result<int> offsetOf(const HttpRequest &request)
{
    return numberOf(request, u"offset", 0, 0, 1'000'000'000);
}

Result<QDateTime> timeOf(const HttpRequest &request, QStringView name)
{
    if (!request.hasQuery(name))
        return QDateTime();
    const QDateTime time = fromRfc3339(request.queryValue(name));
    if (!time.isValid()) {
        return fail(ErrorCode::BadRequest,
                    u"%1 must be a time such as 2026-01-02T03:04:05Z"_s.arg(name));
    }
    return time;
}

bool flagOf(const HttpRequest &request, QStringView name)
{
    if (!request.hasQuery(name))
        return false;
    const QString value = request.queryValue(name);
    return value != u"0" && value.compare(u"false", Qt::CaseInsensitive) != 0;
}

void addNextLink(HttpResponse &response, const HttpRequest &request, const QString &cursor)
{
    QUrlQuery query;
    for (const auto &[name, value] : request.query) {
        if (name != u"cursor" && name != u"offset") {
            query.addQueryItem(QString::fromLatin1(QUrl::toPercentEncoding(name)),
                               QString::fromLatin1(QUrl::toPercentEncoding(value)));
        }
    }
    query.addQueryItem(u"cursor"_s, QString::fromLatin1(QUrl::toPercentEncoding(cursor)));
    response.headers.add("Link",
                         '<' + QUrl::toPercentEncoding(request.path, "/") + '?'
                             + query.toString(QUrl::FullyEncoded).toLatin1() + ">; rel=\"next\"");
}

QByteArray attachmentNamed(const QString &name)
{
    const QString last = name.sliced(name.lastIndexOf(u'/') + 1);
    QByteArray value = "attachment; filename=\"" + plainName(last) + '"';
    if (plainName(last) != last.toUtf8())
        value += "; filename*=UTF-8''" + QUrl::toPercentEncoding(last);
    return value;
}

void addForeignContentHeaders(HttpResponse &response, const QString &contentType,
                              const QString &name)
{
    const QByteArray type = contentType.toLatin1();
    const bool printable = !type.isEmpty()
        && std::all_of(type.begin(), type.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    response.headers.set("Content-Type", printable ? type : "application/octet-stream");
    response.headers.set("Content-Disposition", attachmentNamed(name));
    response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Cache-Control", "private, no-cache");
}

} // namespace skillbox
