#include "app/cli/moment_argument.h"

#include "engine/base/clock.h"
#include "engine/skill/quantity.h"

#include <QRegularExpression>
#include <QTimeZone>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr qint64 longestDays = 36'500; ///< a hundred years: beyond it somebody mistyped

std::optional<Milliseconds> readSpan(const QString &text)
{
    static const QRegularExpression days(u"^([0-9]{1,6})([dw])$"_s);
    if (const auto match = days.match(text); match.hasMatch()) {
        const qint64 count = match.captured(1).toLongLong() * (match.captured(2) == u"w" ? 7 : 1);
        return std::chrono::hours(24 * count);
    }
    // A bare number would be seconds, which nobody means here.
    if (!text.isEmpty() && text.back().isLetter()) {
        if (const auto duration = parseDuration(text))
            return *duration;
    }
    return std::nullopt;
}

QDateTime readTime(const QString &text)
{
    static const QRegularExpression date(u"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"_s);
    if (date.match(text).hasMatch())
        return QDate::fromString(text, Qt::ISODate).startOfDay(Qt::UTC);
    // Without its offset a time would be that of whatever place this runs at.
    static const QRegularExpression withOffset(
        u"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2})$"_s);
    return withOffset.match(text).hasMatch() ? fromRfc3339(text.toUpper()) : QDateTime();
}

} // namespace

Result<QDateTime> parseMoment(const QString &option, const QString &text, const QDateTime &now,
                              Span span)
{
    if (const auto length = readSpan(text)) {
        if (*length <= Milliseconds(0) || *length > std::chrono::hours(24 * longestDays)) {
            return fail(ErrorCode::BadRequest,
                        u"%1 %2 is no span of time between a moment and a hundred years"_s.arg(
                            option, text));
        }
        return now.addMSecs(span == Span::Ahead ? length->count() : -length->count());
    }
    const QDateTime time = readTime(text);
    if (!time.isValid()) {
        return fail(ErrorCode::BadRequest,
                    u"%1 does not understand '%2'; write a span like 90d or 12h, a date like"
                    u" 2027-01-31, or a time like 2027-01-31T08:00:00Z"_s.arg(option, text));
    }
    return time;
}

} // namespace skillbox
