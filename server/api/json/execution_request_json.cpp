#include "server/api/json/execution_request_json.h"

#include "engine/skill/quantity.h"
#include "engine/workspace/session_service.h"
#include "server/api/json/json_reader.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype maxInputFiles = 100;

} // namespace

Result<ExecutionRequest> readExecutionRequest(QByteArrayView body)
{
    auto json = JsonReader::parse(body);
    if (!json)
        return fail(json.error());

    ExecutionRequest request;
    request.skill = json->requiredText("skill"_L1);
    request.version = json->text("version"_L1);
    request.input = json->value("input"_L1);
    request.environment = json->textMap("env"_L1);
    request.session = json->text("session_id"_L1);
    request.entrypoint = json->text("entrypoint"_L1);
    const QString timeout = json->text("timeout"_L1);
    const QStringList files = json->texts("input_files"_L1);

    if (!request.session.isEmpty() && !SessionService::isSessionName(request.session)) {
        json->refuse(u"session_id must be 1 to 128 characters of A-Z a-z 0-9 . _ -"_s);
    }
    if (!timeout.isEmpty()) {
        if (const auto duration = parseDuration(timeout))
            request.timeout = *duration;
        else
            json->refuse(u"timeout: "_s + duration.error().message);
    }
    if (files.size() > maxInputFiles)
        json->refuse(u"input_files has more than %1 ids"_s.arg(maxInputFiles));
    if (json->error())
        return fail(*json->error());
    for (const QString &file : files) {
        if (!isUuid(file))
            return fail(ErrorCode::NotFound, u"there is no file \"%1\""_s.arg(file.left(200)));
        request.inputFiles.append(FileId{file});
    }
    return request;
}

QString cursorText(const ExecutionCursor &cursor)
{
    const QByteArray plain = QByteArray::number(cursor.createdAt.toMSecsSinceEpoch()) + '.'
        + QByteArray::number(cursor.seq);
    return QString::fromLatin1(
        plain.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals));
}

std::optional<ExecutionCursor> cursorFromText(const QString &text)
{
    const auto plain = QByteArray::fromBase64Encoding(
        text.toLatin1(), QByteArray::Base64UrlEncoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!plain)
        return std::nullopt;
    const QByteArrayList parts = (*plain).split('.');
    if (parts.size() != 2)
        return std::nullopt;
    bool isTime = false;
    bool isNumber = false;
    const qint64 time = parts[0].toLongLong(&isTime);
    const qint64 seq = parts[1].toLongLong(&isNumber);
    if (!isTime || !isNumber)
        return std::nullopt;
    // Beyond what a QDateTime can hold it would be invalid and mean "from the start".
    const QDateTime createdAt = QDateTime::fromMSecsSinceEpoch(time, Qt::UTC);
    if (!createdAt.isValid())
        return std::nullopt;
    return ExecutionCursor{createdAt, seq};
}

} // namespace skillbox
