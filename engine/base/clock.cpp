#include "engine/base/clock.h"

namespace skillbox {

QDateTime nowUtc()
{
    return QDateTime::currentDateTimeUtc();
}

QString toRfc3339(const QDateTime &time)
{
    return time.isValid() ? time.toUTC().toString(Qt::ISODateWithMs) : QString();
}

QDateTime fromRfc3339(const QString &text)
{
    return QDateTime::fromString(text, Qt::ISODateWithMs).toUTC();
}

} // namespace skillbox
