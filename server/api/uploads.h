#pragma once

#include "engine/base/result.h"
#include "server/http/multipart.h"

#include <QIODevice>
#include <QMap>

#include <memory>

#include <memory>

namespace skillbox {

/// What multipart adds to the file it carries: boundaries, headers and the other fields.
inline constexpr qint64 multipartOverhead = 64 << 10;

/// The file that a multipart/form-data body brings in its field `file`.
struct UploadedFile {
    QString name;                         ///< the field `name`, else the file's own; may be empty
    QString contentType;                  ///< the part's, else by the name
    QMap<QString, QString> fields;        ///< the short text fields
    std::shared_ptr<const HttpBody> body; ///< what content reads from
    std::unique_ptr<QIODevice> content;
};
/// Large parts go to a file in `spoolDirectory`. UnsupportedMedia for another kind of body,
/// BadRequest for a malformed one or one without a file.
Result<UploadedFile> readUpload(const HttpRequest &request, const QString &spoolDirectory);

} // namespace skillbox
