#include "engine/housekeeping.h"

#include "engine/base/clock.h"
#include "engine/workspace/blob_sweep.h"

#include <QLoggingCategory>

#include <condition_variable>
#include <mutex>

namespace skillbox {
namespace {

Q_LOGGING_CATEGORY(housekeepingLog, "skillbox.housekeeping")

/// Forgotten in one transaction, so that others get their turn to write.
constexpr int keysAtOnce = 500;

void logFailure(const char *what, const Error &error)
{
    qCWarning(housekeepingLog, "%s: %s %s", what, qUtf8Printable(error.message),
              qUtf8Printable(error.detail));
}

} // namespace

Housekeeping::Housekeeping(MetadataStore &metadata, BlobStore &blobs,
                           std::function<void()> reclaimLost, Schedule schedule)
    : m_metadata(metadata)
    , m_blobs(blobs)
    , m_reclaimLost(std::move(reclaimLost))
    , m_thread([this, schedule](const std::stop_token &closing) { work(closing, schedule); })
{
}

void Housekeeping::work(const std::stop_token &closing, Schedule schedule)
{
    std::mutex mutex;
    std::condition_variable_any never;
    const auto pause = [&](std::chrono::milliseconds time) {
        std::unique_lock lock(mutex);
        never.wait_for(lock, closing, time, [] { return false; });
    };
    pause(schedule.firstAfter);
    while (!closing.stop_requested()) {
        m_reclaimLost();
        Result<qint64> forgotten = keysAtOnce;
        while (forgotten && *forgotten == keysAtOnce && !closing.stop_requested())
            forgotten = m_metadata.forgetIdempotency(nowUtc(), keysAtOnce);
        if (!forgotten)
            logFailure("old idempotency keys are kept", forgotten.error());
        const auto swept = sweepBlobs(m_metadata, m_blobs,
                                      nowUtc().addMSecs(-schedule.blobAge.count()), closing);
        if (!swept)
            logFailure("unused blobs are kept", swept.error());
        pause(schedule.every);
    }
}

} // namespace skillbox
