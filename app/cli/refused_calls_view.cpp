#include "app/cli/refused_calls_view.h"

#include <QJsonObject>
#include <QMap>

#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {

QStringList refusedCallLines(const QJsonArray &refused)
{
    QStringList lines;
    for (const QJsonValue &call : refused) {
        QString line = call[u"call"].toString();
        if (const QString detail = call[u"detail"].toString(); !detail.isEmpty())
            line += u' ' + detail;
        line += u" ×%1"_s.arg(call[u"count"].toInteger());
        if (const QString error = call[u"error"].toString(); !error.isEmpty())
            line += u" (%1)"_s.arg(error);
        lines += line;
    }
    return lines;
}

QJsonArray mergedRefusedCalls(const QList<QJsonArray> &lists)
{
    QMap<std::array<QString, 2>, QJsonObject> merged;
    for (const QJsonArray &list : lists) {
        for (const QJsonValue &call : list) {
            QJsonObject &entry = merged[{call[u"call"].toString(), call[u"detail"].toString()}];
            const qint64 count = entry.value(u"count").toInteger() + call[u"count"].toInteger();
            entry = call.toObject();
            entry.insert(u"count", count);
        }
    }
    QJsonArray all;
    for (const QJsonObject &entry : std::as_const(merged))
        all.append(entry);
    return all;
}

bool isNetworkCall(const QJsonValue &refused)
{
    const QString call = refused[u"call"].toString();
    return call == u"socket" || call == u"socketpair";
}

bool isHabitOfRuntimes(const QJsonValue &refused)
{
    // Each has an older call that is allowed; glibc, libuv, Python and Bash try these first.
    static constexpr std::array habits{
        QLatin1StringView("clone3"),         QLatin1StringView("openat2"),
        QLatin1StringView("io_uring_setup"), QLatin1StringView("fchmodat2"),
        QLatin1StringView("ioctl"),          QLatin1StringView("prctl"),
    };
    const QString call = refused[u"call"].toString();
    return std::find(habits.begin(), habits.end(), call) != habits.end();
}

} // namespace skillbox
