#pragma once

#include "engine/base/result.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QList>
#include <QString>

#include <utility>

namespace skillbox {

/// The origin form of a request's target (RFC 9112 §3.2.1), decoded.
struct RequestTarget {
    QString path;
    QList<std::pair<QString, QString>> query;
};

/// Decodes percent signs once. BadRequest for what could mean two things or hide something: an
/// encoded slash, backslash or NUL, control characters, `.` and `..` segments, broken escapes,
/// bytes that are not UTF-8, over 128 query parameters. Empty segments stay: they match no route.
Result<RequestTarget> decodeTarget(QByteArrayView originForm);

} // namespace skillbox
