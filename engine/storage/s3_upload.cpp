#include "engine/storage/s3_upload.h"

#include "engine/base/sha256.h"

#include <QBuffer>
#include <QDateTime>
#include <QXmlStreamReader>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// The text of the first element of that name; empty: there is none.
QByteArray elementText(const QByteArray &body, QLatin1StringView name)
{
    QXmlStreamReader xml(body);
    while (!xml.atEnd()) {
        if (xml.readNext() == QXmlStreamReader::StartElement && xml.name() == name)
            return xml.readElementText(QXmlStreamReader::SkipChildElements).toUtf8();
    }
    return {};
}

bool hasElement(const QByteArray &body, QLatin1StringView name)
{
    QXmlStreamReader xml(body);
    while (!xml.atEnd()) {
        if (xml.readNext() == QXmlStreamReader::StartElement && xml.name() == name)
            return true;
    }
    return false;
}

Error unreadable(const QFile &file)
{
    return {ErrorCode::Io,
            u"What is to be stored could not be read: %1."_s.arg(file.errorString())};
}

Result<QString> hashOf(QFile &file, qint64 begin, qint64 bytes)
{
    if (!file.seek(begin))
        return fail(unreadable(file));
    Sha256 hash;
    QByteArray piece(256 * 1024, Qt::Uninitialized);
    for (qint64 left = bytes; left > 0;) {
        const qint64 got = file.read(piece.data(), qMin<qint64>(left, piece.size()));
        if (got <= 0)
            return fail(unreadable(file));
        hash.add(QByteArrayView(piece.constData(), got));
        left -= got;
    }
    return hash.finish();
}

} // namespace

Error s3Unexpected(const S3Client &client, const S3Answer &answer, const QString &doing)
{
    return {ErrorCode::StorageUnavailable,
            u"The S3 store %1 does not let us %2."_s.arg(client.name(), doing),
            u"HTTP %1 %2"_s.arg(answer.status).arg(s3ErrorText(answer.body))};
}

Result<void> S3Upload::put(const QByteArray &key, QFile &file, const QString &sha256)
{
    const qint64 size = file.size();
    if (size > smallObject && size <= usualPart) {
        const auto done = putIfNew(key, file, sha256);
        if (!done)
            return fail(done.error());
        if (*done)
            return {};
    }
    if (size > smallObject) {
        const auto refreshed = refresh(key, size);
        if (!refreshed)
            return fail(refreshed.error());
        if (*refreshed)
            return {};
    }
    if (size > usualPart)
        return putInParts(key, file);
    S3Answer answer;
    if (auto put = putWhole(key, file, sha256, {}, &answer); !put)
        return put;
    return answer.isSuccess() ? Result<void>() : fail(s3Unexpected(m_client, answer, u"write"_s));
}

Result<void> S3Upload::putWhole(const QByteArray &key, QFile &file, const QString &sha256,
                                const QList<QPair<QByteArray, QByteArray>> &headers,
                                S3Answer *answer)
{
    auto sent = m_client.send({.method = "PUT",
                               .key = key,
                               .headers = headers,
                               .upload = &file,
                               .uploadHash = sha256.toLatin1()});
    if (!sent)
        return fail(sent.error());
    *answer = std::move(*sent);
    return {};
}

Result<bool> S3Upload::putIfNew(const QByteArray &key, QFile &file, const QString &sha256)
{
    // With versions kept, or under a lock, an object that is there must not be written again. A
    // store that does not know the condition writes.
    S3Answer answer;
    if (auto put = putWhole(key, file, sha256, {{"if-none-match", "*"}}, &answer); !put)
        return fail(put.error());
    if (answer.isSuccess())
        return true;
    // 412: it is there; 409: it is being written this moment; 501: the condition is not known.
    if (answer.status == 412 || answer.status == 409 || answer.status == 501)
        return false;
    return fail(s3Unexpected(m_client, answer, u"write"_s));
}

Result<bool> S3Upload::refresh(const QByteArray &key, qint64 size)
{
    const auto found = m_client.send({.method = "HEAD", .key = key});
    if (!found)
        return fail(found.error());
    if (found->status != 200 || found->headers.value("content-length").toLongLong() != size)
        return false;
    // A copy of it onto itself, made within the store. Not all can, and none of more than 5 GiB.
    const QByteArray source = '/' + m_client.bucket().toUtf8() + '/' + key;
    const auto copied = m_client.send(
        {.method = "PUT",
         .key = key,
         .headers = {{"x-amz-copy-source", source}, {"x-amz-metadata-directive", "REPLACE"}}});
    if (!copied)
        return fail(copied.error());
    return copied->isSuccess() && hasElement(copied->body, "CopyObjectResult"_L1);
}

Result<void> S3Upload::putInParts(const QByteArray &key, QFile &file)
{
    QBuffer nothing;
    nothing.open(QIODevice::ReadOnly);
    const auto begun = m_client.send({.method = "POST",
                                      .key = key,
                                      .query = {{"uploads", ""}},
                                      .upload = &nothing,
                                      .uploadHash = Sha256::of({}).toLatin1()});
    if (!begun)
        return fail(begun.error());
    const QByteArray upload = elementText(begun->body, "UploadId"_L1);
    if (!begun->isSuccess() || upload.isEmpty())
        return fail(s3Unexpected(m_client, *begun, u"write"_s));
    auto done = sendParts(key, upload, file);
    Result<void> completed = done ? complete(key, upload, std::move(*done), file.size())
                                  : Result<void>(fail(done.error()));
    if (!completed) {
        // Its parts would be paid for until tidy() finds them.
        (void)m_client.send({.method = "DELETE", .key = key, .query = {{"uploadId", upload}}});
    }
    return completed;
}

Result<QByteArray> S3Upload::sendParts(const QByteArray &key, const QByteArray &upload, QFile &file)
{
    constexpr qint64 mostParts = 10'000;
    const qint64 size = file.size();
    const qint64 part = qMax(usualPart, (size + mostParts - 1) / mostParts);
    QByteArray parts = "<CompleteMultipartUpload>";
    int number = 0;
    for (qint64 begin = 0; begin < size; begin += part) {
        const qint64 bytes = qMin(part, size - begin);
        const auto hash = hashOf(file, begin, bytes);
        if (!hash)
            return fail(hash.error());
        const QByteArray text = QByteArray::number(++number);
        const auto sent = m_client.send({.method = "PUT",
                                         .key = key,
                                         .query = {{"partNumber", text}, {"uploadId", upload}},
                                         .upload = &file,
                                         .uploadHash = hash->toLatin1(),
                                         .uploadBegin = begin,
                                         .uploadBytes = bytes});
        if (!sent)
            return fail(sent.error());
        const QByteArray tag = sent->headers.value("etag");
        if (!sent->isSuccess() || tag.isEmpty())
            return fail(s3Unexpected(m_client, *sent, u"write"_s));
        parts += "<Part><PartNumber>" + text + "</PartNumber><ETag>"
            + QString::fromLatin1(tag).toHtmlEscaped().toLatin1() + "</ETag></Part>";
    }
    return parts + "</CompleteMultipartUpload>";
}

Result<void> S3Upload::complete(const QByteArray &key, const QByteArray &upload, QByteArray parts,
                                qint64 size)
{
    QBuffer body(&parts);
    body.open(QIODevice::ReadOnly);
    const auto done = m_client.send({.method = "POST",
                                     .key = key,
                                     .query = {{"uploadId", upload}},
                                     .upload = &body,
                                     .uploadHash = Sha256::of(parts).toLatin1()});
    if (!done)
        return fail(done.error());
    // 200 can be followed by an error, as the store may take long (AWS, CompleteMultipartUpload).
    if (done->isSuccess() && hasElement(done->body, "CompleteMultipartUploadResult"_L1))
        return {};
    if (done->status == 404) { // carried out before, and its answer was lost
        const auto found = m_client.send({.method = "HEAD", .key = key});
        if (found && found->status == 200
            && found->headers.value("content-length").toLongLong() == size)
            return {};
    }
    return fail(s3Unexpected(m_client, *done, u"write"_s));
}

Result<void> abortUploadsBefore(S3Client &client, const QDateTime &until)
{
    QByteArray keyMarker;
    QByteArray uploadMarker;
    for (;;) {
        S3Call call{.query = {{"uploads", ""}}};
        if (!keyMarker.isEmpty()) {
            call.query.append({"key-marker", keyMarker});
            call.query.append({"upload-id-marker", uploadMarker});
        }
        const auto listed = client.send(call);
        if (!listed)
            return fail(listed.error());
        if (!listed->isSuccess())
            return fail(s3Unexpected(client, *listed, u"list uploads"_s));
        QByteArray key;
        QByteArray id;
        QDateTime begun;
        bool more = false;
        QXmlStreamReader xml(listed->body);
        while (!xml.atEnd()) {
            const auto token = xml.readNext();
            if (token == QXmlStreamReader::StartElement) {
                if (xml.name() == "Key"_L1)
                    key = xml.readElementText().toUtf8();
                else if (xml.name() == "UploadId"_L1)
                    id = xml.readElementText().toUtf8();
                else if (xml.name() == "Initiated"_L1)
                    begun = QDateTime::fromString(xml.readElementText(), Qt::ISODateWithMs);
                else if (xml.name() == "IsTruncated"_L1)
                    more = xml.readElementText() == "true"_L1;
                else if (xml.name() == "NextKeyMarker"_L1)
                    keyMarker = xml.readElementText().toUtf8();
                else if (xml.name() == "NextUploadIdMarker"_L1)
                    uploadMarker = xml.readElementText().toUtf8();
            } else if (token == QXmlStreamReader::EndElement && xml.name() == "Upload"_L1) {
                if (begun.isValid() && begun < until) {
                    const auto aborted = client.send(
                        {.method = "DELETE", .key = key, .query = {{"uploadId", id}}});
                    if (!aborted)
                        return fail(aborted.error());
                }
            }
        }
        if (xml.hasError())
            return fail(s3Unexpected(client, *listed, u"list uploads"_s));
        if (!more || keyMarker.isEmpty())
            return {};
    }
}

} // namespace skillbox
