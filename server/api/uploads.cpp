#include "server/api/uploads.h"

#include "engine/base/content_type.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 maxFieldBytes = 4 << 10;

/// A media type as it may stand in a header again; RFC 7578 §4.4 has a default for parts without.
QString partType(const MultipartPart &part, const QString &name)
{
    const QByteArray type = part.contentType.trimmed();
    const bool isUsable = !type.isEmpty() && type.size() <= 255 && type.contains('/')
        && std::all_of(type.begin(), type.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    return isUsable ? QString::fromLatin1(type) : contentTypeOf(name);
}

} // namespace

Result<UploadedFile> readUpload(const HttpRequest &request, const QString &spoolDirectory)
{
    const auto parts = parseMultipart(request.headers.value("Content-Type").value_or(QByteArray()),
                                      *request.body, {.spoolDirectory = spoolDirectory});
    if (!parts)
        return fail(parts.error());
    const MultipartPart *file = findPart(*parts, u"file");
    if (!file)
        return fail(ErrorCode::BadRequest, u"the form has no field named file"_s);

    UploadedFile upload;
    for (const MultipartPart &part : *parts) {
        if (&part == file)
            continue;
        if (part.body->size() > maxFieldBytes) {
            return fail(ErrorCode::TooLarge,
                        u"the form's field \"%1\" has over %2 bytes"_s.arg(part.name.left(100))
                            .arg(maxFieldBytes));
        }
        upload.fields.insert(part.name, QString::fromUtf8(part.body->bytes()));
    }
    upload.name = upload.fields.value(u"name"_s, file->fileName.value_or(QString()));
    upload.contentType = partType(*file, upload.name);
    upload.body = file->body;
    upload.content = file->body->open();
    return upload;
}

} // namespace skillbox
