#pragma once

#include "engine/base/ids.h"

#include <QByteArray>
#include <QList>

#include <functional>

namespace skillbox {

/// What engines that share a store tell each other, so that nobody has to ask all the time. A hint:
/// it may get lost, and whoever needs to know asks the store now and then all the same.
struct StoreNews {
    enum class Kind {
        Missed,       ///< the connection was made (again): anything may have happened
        Waiting,      ///< a run was put into the queue
        Started,      ///< a run from the queue has begun
        Logged,       ///< there is more of a run's log
        CancelWanted, ///< somebody wants a run stopped
        Ended,        ///< the final record of a run is there
    };
    Kind kind = Kind::Missed;
    ExecutionId execution = {}; ///< empty for Missed and Waiting
    friend bool operator==(const StoreNews &, const StoreNews &) = default;
};

/// Called on a thread of the watch; must not block for long.
using StoreNewsHandler = std::function<void(const QList<StoreNews> &)>;

/// Calls a handler with the news as long as it lives; its end waits for a call that is under way.
class StoreWatch
{
public:
    virtual ~StoreWatch() = default;
};

/// As texts of at most `maxBytes` each, and back. What is none of our texts gives nothing.
QList<QByteArray> encodeNews(const QList<StoreNews> &news, qsizetype maxBytes);
QList<StoreNews> decodeNews(const QByteArray &text);

} // namespace skillbox
