#pragma once

#include <QDateTime>
#include <QString>

#include <chrono>

namespace skillbox {

/// `812 B`, `12.3 KiB`, `4.0 MiB`.
QString humanBytes(qint64 bytes);

/// `43 ms`, `1.24 s`, `2 min 3 s`, `1 h 2 min`.
QString humanDuration(std::chrono::milliseconds duration);

/// `just now`, `2 minutes ago`, `3 weeks ago`; for the future (a clock was set back)
/// the local time itself.
QString humanAgo(const QDateTime &time, const QDateTime &now);

/// In the local time zone: `2026-01-02 15:04:05`. Empty for an invalid time.
QString localTime(const QDateTime &time);

/// `1 file`, `3 files`.
QString counted(qint64 count, const QString &singular, const QString &plural = {});

/// How prettyJson paints object keys; both empty: not at all.
struct JsonPaint {
    QString keyStart;
    QString keyEnd;
};

/// One value, given as valid compact JSON (JsonText), indented by two spaces; numbers, strings and
/// the order of members are the text's own.
QString prettyJson(const QString &compact, const JsonPaint &paint = {});

} // namespace skillbox
