#pragma once

#include "engine/base/result.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

#include <optional>

namespace skillbox {

/// The boundary of `multipart/form-data; boundary=…`. UnsupportedMedia for another type, BadRequest
/// for a boundary that is none (RFC 2046 §5.1.1).
Result<QByteArray> multipartBoundary(QByteArrayView contentType);

/// What a part's header says.
struct PartHeader {
    QString name;
    std::optional<QString> fileName;
    QByteArray contentType;
};
/// `text`: the lines of the header, each with its CR LF, without the empty one.
Result<PartHeader> parsePartHeader(QByteArrayView text);

} // namespace skillbox
