#include "engine/skill/quantity.h"

#include "engine/skill/path_rules.h"

#include <QtNumeric>

#include <array>
#include <limits>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// A non-negative decimal number, exactly: digits / 10^scale.
struct Decimal {
    qint64 digits = 0;
    int scale = 0;
};

/// Takes a number such as `15`, `1.5` or `.5` off the front of `text`; nullopt if there is none or
/// it has more digits than fit.
std::optional<Decimal> takeDecimal(QStringView &text)
{
    Decimal number;
    qsizetype i = 0;
    bool anyDigit = false;
    bool afterPoint = false;
    for (; i < text.size(); ++i) {
        const QChar c = text[i];
        if (c == u'.' && !afterPoint) {
            afterPoint = true;
            continue;
        }
        if (c < u'0' || c > u'9')
            break;
        anyDigit = true;
        if (qMulOverflow<qint64>(number.digits, 10, &number.digits)
            || qAddOverflow<qint64>(number.digits, c.unicode() - u'0', &number.digits)) {
            return std::nullopt;
        }
        if (afterPoint)
            ++number.scale;
    }
    if (!anyDigit || text[i - 1] == u'.')
        return std::nullopt;
    while (number.scale > 0 && number.digits % 10 == 0) {
        number.digits /= 10;
        --number.scale;
    }
    text = text.sliced(i);
    return number;
}

/// number × unit if that is whole and fits.
std::optional<qint64> times(const Decimal &number, qint64 unit)
{
    qint64 digits = number.digits;
    int scale = number.scale;
    // Dividing the unit first keeps 1.5Gi and the like from overflowing.
    for (; scale > 0 && unit % 10 == 0; --scale)
        unit /= 10;
    for (; scale > 0 && unit % 2 == 0 && digits % 5 == 0; --scale) {
        unit /= 2;
        digits /= 5;
    }
    qint64 product = 0;
    if (scale > 0 || qMulOverflow<qint64>(digits, unit, &product))
        return std::nullopt;
    return product;
}

tl::unexpected<Error> bad(QStringView text, const QString &rule)
{
    return fail(ErrorCode::BadRequest, quotedName(text.toUtf8()) + u' ' + rule);
}

struct Unit {
    const char *name;
    qint64 factor;
};

constexpr std::array<Unit, 4> durationUnits{{
    {"h", 3'600'000},
    {"m", 60'000},
    {"s", 1000},
    {"ms", 1},
}};

constexpr std::array<Unit, 9> byteUnits{{
    {"Ki", 1LL << 10},
    {"Mi", 1LL << 20},
    {"Gi", 1LL << 30},
    {"Ti", 1LL << 40},
    {"k", 1000},
    {"K", 1000},
    {"M", 1'000'000},
    {"G", 1'000'000'000},
    {"T", 1'000'000'000'000},
}};

} // namespace

Result<std::chrono::milliseconds> parseDuration(QStringView text)
{
    const auto notOne = [text] {
        return bad(text, u"is not a duration; write it like 60s, 1m30s, 1.5s or 100ms"_s);
    };

    QStringView rest = text;
    qint64 total = 0;
    size_t nextUnit = 0;
    do {
        const auto number = takeDecimal(rest);
        if (!number)
            return notOne();
        qsizetype letters = 0;
        while (letters < rest.size() && rest[letters].isLetter())
            ++letters;
        const QStringView name = rest.first(letters);
        rest = rest.sliced(letters);

        size_t unit = nextUnit;
        if (name.isEmpty() && nextUnit == 0 && rest.isEmpty()) {
            unit = 2;
        } else {
            while (unit < durationUnits.size()
                   && name != QLatin1StringView(durationUnits[unit].name))
                ++unit;
        }
        if (unit == durationUnits.size())
            return notOne();
        nextUnit = unit + 1;

        const auto milliseconds = times(*number, durationUnits[unit].factor);
        if (!milliseconds || qAddOverflow(total, *milliseconds, &total))
            return bad(text, u"is too long or finer than a millisecond"_s);
    } while (!rest.isEmpty());

    if (total == 0)
        return bad(text, u"must be longer than zero"_s);
    return std::chrono::milliseconds(total);
}

QString formatDuration(std::chrono::milliseconds duration)
{
    const qint64 count = duration.count();
    if (count == 0)
        return u"0s"_s;
    QString text = count < 0 ? u"-"_s : QString();
    // As unsigned, the most negative count has an absolute value too.
    quint64 rest = count < 0 ? 0 - static_cast<quint64>(count) : static_cast<quint64>(count);
    if (rest < 1000)
        return text + QString::number(rest) + u"ms"_s;
    if (const quint64 hours = rest / 3'600'000)
        text += QString::number(hours) + u'h';
    rest %= 3'600'000;
    if (const quint64 minutes = rest / 60'000)
        text += QString::number(minutes) + u'm';
    rest %= 60'000;
    if (rest == 0)
        return text;
    text += QString::number(rest / 1000);
    if (const quint64 fraction = rest % 1000) {
        QString digits = u'.' + QString::number(fraction).rightJustified(3, u'0');
        while (digits.endsWith(u'0'))
            digits.chop(1);
        text += digits;
    }
    return text + u's';
}

Result<qint64> parseBytes(QStringView text)
{
    QStringView rest = text;
    const auto number = takeDecimal(rest);
    qint64 factor = rest.isEmpty() ? 1 : 0;
    for (const Unit &unit : byteUnits) {
        if (rest == QLatin1StringView(unit.name))
            factor = unit.factor;
    }
    if (!number || factor == 0)
        return bad(text, u"is not a size; write it like 256Mi, 1Gi or a number of bytes"_s);
    const auto bytes = times(*number, factor);
    if (!bytes)
        return bad(text, u"is too large or not a whole number of bytes"_s);
    if (*bytes == 0)
        return bad(text, u"must be more than zero"_s);
    return *bytes;
}

QString formatBytes(qint64 bytes)
{
    for (size_t i = 4; i-- > 0;) {
        const Unit &unit = byteUnits[i];
        if (bytes != 0 && bytes % unit.factor == 0)
            return QString::number(bytes / unit.factor) + QLatin1StringView(unit.name);
    }
    return QString::number(bytes);
}

Result<int> parseMilliCpu(QStringView text)
{
    QStringView rest = text;
    const auto number = takeDecimal(rest);
    const bool thousandths = rest == u"m";
    if (!number || (!rest.isEmpty() && !thousandths))
        return bad(text, u"is not a number of CPU cores; write it like 0.5, 2 or 500m"_s);
    const auto milliCpu = times(*number, thousandths ? 1 : 1000);
    if (!milliCpu || *milliCpu > std::numeric_limits<int>::max())
        return bad(text, u"is too large or finer than a thousandth of a core"_s);
    if (*milliCpu == 0)
        return bad(text, u"must be more than zero"_s);
    return static_cast<int>(*milliCpu);
}

QString formatMilliCpu(int milliCpu)
{
    QString text = QString::number(milliCpu / 1000);
    if (const int fraction = milliCpu % 1000) {
        text += u'.' + QString::number(fraction).rightJustified(3, u'0');
        while (text.endsWith(u'0'))
            text.chop(1);
    }
    return text;
}

} // namespace skillbox
