#include "server/http/http_date.h"

#include <QLocale>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

constexpr QLatin1StringView httpDateForm("ddd, dd MMM yyyy HH:mm:ss 'GMT'");

} // namespace

QByteArray toHttpDate(const QDateTime &time)
{
    return QLocale::c().toString(time.toUTC(), QString(httpDateForm)).toLatin1();
}

QDateTime fromHttpDate(const QByteArray &text)
{
    QDateTime time = QLocale::c().toDateTime(QString::fromLatin1(text), QString(httpDateForm));
    time.setTimeSpec(Qt::UTC);
    return time;
}

} // namespace skillbox
