#pragma once

#include <QByteArray>
#include <QDateTime>

namespace skillbox {

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
QByteArray toHttpDate(const QDateTime &time);
/// That form only; an invalid time for any other text.
QDateTime fromHttpDate(const QByteArray &text);

} // namespace skillbox
