#include "server/http/problem.h"

#include <QJsonArray>
#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

/// The text as a JSON string, quotes included.
QByteArray jsonString(const QString &text)
{
    const QByteArray array = QJsonDocument(QJsonArray{text}).toJson(QJsonDocument::Compact);
    return array.sliced(1, array.size() - 2);
}

/// `not_found` → `Not found`.
QString titleOf(const QString &slug)
{
    QString title = slug;
    title.replace(u'_', u' ');
    if (!title.isEmpty())
        title[0] = title[0].toUpper();
    return title;
}

HttpResponse makeProblem(int status, const QString &slug, const QString &message,
                         const QJsonArray &details, const QString &requestId,
                         const QString &instance)
{
    // By hand, since the members have an order that people read them in.
    QByteArray body = "{\"error\":" + jsonString(slug) + ",\"message\":" + jsonString(message);
    if (!details.isEmpty())
        body += ",\"details\":" + QJsonDocument(details).toJson(QJsonDocument::Compact);
    body += ",\"type\":" + jsonString(u"urn:skillbox:error:"_s + slug);
    body += ",\"title\":" + jsonString(titleOf(slug));
    if (!instance.isEmpty())
        body += ",\"instance\":" + jsonString(instance);
    if (!requestId.isEmpty())
        body += ",\"request_id\":" + jsonString(requestId);
    body += '}';

    HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "application/problem+json; charset=utf-8");
    if (status == 401) // RFC 9110 §11.6.1
        response.headers.add("WWW-Authenticate", "Bearer");
    if (status == 429 || status == 503)
        response.headers.add("Retry-After", "1");
    response.body = std::move(body);
    return response;
}

} // namespace

int httpStatusOf(ErrorCode code)
{
    switch (code) {
    case ErrorCode::BadRequest:
    case ErrorCode::InvalidSkill: return 400;
    case ErrorCode::Unauthorized: return 401;
    case ErrorCode::Forbidden: return 403;
    case ErrorCode::NotFound: return 404;
    case ErrorCode::VersionExists:
    case ErrorCode::SkillNotAvailable:
    case ErrorCode::Conflict:
    case ErrorCode::Cancelled: return 409;
    case ErrorCode::TooLarge: return 413;
    case ErrorCode::UnsupportedMedia: return 415;
    case ErrorCode::InvalidInput:
    case ErrorCode::NotExecutable:
    case ErrorCode::SecurityScanFailed: return 422;
    case ErrorCode::Busy:
    case ErrorCode::RateLimited: return 429;
    case ErrorCode::StorageUnavailable:
    case ErrorCode::StorageTooNew:
    case ErrorCode::SandboxUnavailable: return 503;
    case ErrorCode::StorageCorrupt:
    case ErrorCode::Io:
    case ErrorCode::Internal: break;
    }
    return 500;
}

HttpResponse problem(const Error &error, const QString &requestId, const QString &instance)
{
    return makeProblem(httpStatusOf(error.code), errorSlug(error.code), error.message, error.items,
                       requestId, instance);
}

HttpResponse problem(int status, const QString &slug, const QString &message,
                     const QString &requestId, const QString &instance)
{
    return makeProblem(status, slug, message, {}, requestId, instance);
}

} // namespace skillbox
