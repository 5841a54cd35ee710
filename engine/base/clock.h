#pragma once

#include <QDateTime>
#include <QString>

namespace skillbox {

/// Now, in UTC. Thread-safe.
QDateTime nowUtc();

/// RFC 3339, UTC, always with milliseconds, so that texts sort as times do:
/// `2026-01-02T03:04:05.678Z`. An invalid time gives an empty text.
QString toRfc3339(const QDateTime &time);

/// The inverse; an invalid QDateTime for text that is not RFC 3339.
QDateTime fromRfc3339(const QString &text);

} // namespace skillbox
