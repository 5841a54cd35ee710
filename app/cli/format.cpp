#include "app/cli/format.h"

#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString ago(qint64 count, const QString &unit)
{
    return counted(count, unit) + u" ago"_s;
}

} // namespace

QString humanBytes(qint64 bytes)
{
    if (bytes < 1024)
        return u"%1 B"_s.arg(bytes);
    static constexpr std::array units{"KiB", "MiB", "GiB", "TiB"};
    double value = static_cast<double>(bytes) / 1024.0;
    size_t unit = 0;
    // Rounds to one digit, so 1023.96 KiB would read as 1024.0 KiB.
    while (value >= 1023.95 && unit + 1 < units.size()) {
        value /= 1024.0;
        ++unit;
    }
    return u"%1 %2"_s.arg(value, 0, 'f', 1).arg(QLatin1StringView(units[unit]));
}

QString humanDuration(std::chrono::milliseconds duration)
{
    const qint64 ms = duration.count();
    if (ms < 1000)
        return u"%1 ms"_s.arg(ms);
    if (ms < 60'000) {
        // Cut, not rounded: 59.999 s must not read as 60.00 s.
        return u"%1.%2 s"_s.arg(ms / 1000).arg(ms % 1000 / 10, 2, 10, QChar(u'0'));
    }
    const qint64 seconds = ms / 1000;
    if (seconds < 3600)
        return u"%1 min %2 s"_s.arg(seconds / 60).arg(seconds % 60);
    return u"%1 h %2 min"_s.arg(seconds / 3600).arg(seconds % 3600 / 60);
}

QString humanAgo(const QDateTime &time, const QDateTime &now)
{
    if (!time.isValid())
        return {};
    const qint64 seconds = time.secsTo(now);
    if (seconds < -5)
        return localTime(time);
    if (seconds < 10)
        return u"just now"_s;
    if (seconds < 60)
        return ago(seconds, u"second"_s);
    if (seconds < 3600)
        return ago(seconds / 60, u"minute"_s);
    if (seconds < 86'400)
        return ago(seconds / 3600, u"hour"_s);
    const qint64 days = seconds / 86'400;
    if (days < 14)
        return ago(days, u"day"_s);
    if (days < 61)
        return ago(days / 7, u"week"_s);
    if (days < 730)
        return ago(days / 30, u"month"_s);
    return ago(days / 365, u"year"_s);
}

QString localTime(const QDateTime &time)
{
    return time.isValid() ? time.toLocalTime().toString(u"yyyy-MM-dd HH:mm:ss"_s) : QString();
}

QString counted(qint64 count, const QString &singular, const QString &plural)
{
    if (count == 1)
        return u"1 "_s + singular;
    return u"%1 %2"_s.arg(count).arg(plural.isEmpty() ? singular + u's' : plural);
}

QString prettyJson(const QString &text, const JsonPaint &paint)
{
    QString pretty;
    pretty.reserve(text.size() * 2);
    QList<QChar> open;
    const auto newLine = [&] { pretty += u'\n' + QString(open.size() * 2, u' '); };
    bool expectKey = false;

    // The text is known to be valid and compact, so every token begins at its first character.
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        if (c == u'"') {
            qsizetype end = i + 1;
            while (text[end] != u'"')
                end += text[end] == u'\\' ? 2 : 1;
            const QStringView token = QStringView(text).mid(i, end - i + 1);
            if (expectKey)
                pretty.append(paint.keyStart).append(token).append(paint.keyEnd);
            else
                pretty += token;
            expectKey = false;
            i = end;
        } else if (c == u'{' || c == u'[') {
            pretty += c;
            const QChar closing = c == u'{' ? u'}' : u']';
            if (text[i + 1] == closing) {
                pretty += closing;
                ++i;
                continue;
            }
            open.append(c);
            newLine();
            expectKey = c == u'{';
        } else if (c == u'}' || c == u']') {
            open.removeLast();
            newLine();
            pretty += c;
        } else if (c == u',') {
            pretty += c;
            newLine();
            expectKey = open.last() == u'{';
        } else if (c == u':') {
            pretty += u": "_s;
        } else {
            pretty += c;
        }
    }
    return pretty;
}

} // namespace skillbox
