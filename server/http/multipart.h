#pragma once

#include "engine/base/result.h"
#include "server/http/http_request.h"

#include <QList>

#include <memory>
#include <optional>

namespace skillbox {

struct MultipartLimits {
    int maxParts = 64;
    qint64 maxHeaderBytes = 8 << 10; ///< of one part
    qint64 spoolAboveBytes = 256 << 10;
    QString spoolDirectory; ///< empty: the system's for temporary files
};

/// One field of a form (RFC 7578).
struct MultipartPart {
    QString name;
    /// What the client calls the file, without folders; it may still be anything that a file must
    /// not be called. nullopt: the part is no file.
    std::optional<QString> fileName;
    QByteArray contentType; ///< as sent; empty: none
    std::shared_ptr<const HttpBody> body;
};

/// Takes a form apart, reading `body` once from its beginning. UnsupportedMedia when the content
/// type is not multipart/form-data, TooLarge over a limit, BadRequest for what is malformed: text
/// before the first or after the last boundary, a part without a name, a missing end.
Result<QList<MultipartPart>> parseMultipart(const QByteArray &contentType, const HttpBody &body,
                                            const MultipartLimits &limits);

/// The first part of that name; null: there is none.
const MultipartPart *findPart(const QList<MultipartPart> &parts, QStringView name);

} // namespace skillbox
