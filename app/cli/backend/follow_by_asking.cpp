#include "app/cli/backend/backend.h"

#include <thread>

namespace skillbox {

Result<ExecutionRecord> followByAsking(Backend &backend, const ExecutionId &id,
                                       const LogObserver &onLog, std::chrono::milliseconds interval)
{
    QString shown;
    while (true) {
        // The state first: a log read after a final state is the whole log.
        Result<ExecutionRecord> record = backend.execution(id);
        if (!record)
            return record;
        const Result<QString> logs = backend.logs(id);
        if (!logs)
            return fail(logs.error());
        // The stored log is the live one, unless its end was cut: then what differs is shown again.
        qsizetype common = 0;
        while (common < shown.size() && common < logs->size() && shown[common] == (*logs)[common])
            ++common;
        if (common < logs->size() && onLog)
            onLog(LogStreamKind::Stdout, logs->sliced(common));
        shown = *logs;
        if (isFinal(record->status))
            return record;
        std::this_thread::sleep_for(interval);
    }
}

} // namespace skillbox
