#include "engine/sandbox/native/refused_calls.h"

#include <QJsonObject>

#include <algorithm>
#include <cstring>
#include <tuple>

using namespace Qt::StringLiterals;

namespace skillbox {

QList<RefusedCall> refusedCalls(const std::vector<protocol::RefusedCalls> &calls)
{
    QList<RefusedCall> list;
    for (const protocol::RefusedCalls &kind : calls) {
        const char *name = kind.errorNumber == 0
            ? nullptr
            : strerrorname_np(static_cast<int>(kind.errorNumber));
        list.append({QString::fromStdString(kind.call), QString::fromStdString(kind.detail),
                     QString::fromLatin1(name), static_cast<qint64>(kind.count)});
    }
    std::sort(list.begin(), list.end(), [](const RefusedCall &a, const RefusedCall &b) {
        return std::tie(a.call, a.detail) < std::tie(b.call, b.detail);
    });
    return list;
}

QJsonArray refusedCallsJson(const QList<RefusedCall> &calls)
{
    QJsonArray array;
    for (const RefusedCall &call : calls) {
        QJsonObject object{{u"call"_s, call.call}, {u"count"_s, call.count}};
        if (!call.detail.isEmpty())
            object.insert(u"detail"_s, call.detail);
        if (!call.error.isEmpty())
            object.insert(u"error"_s, call.error);
        array.append(object);
    }
    return array;
}

} // namespace skillbox
