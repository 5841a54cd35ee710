#include "engine/housekeeping.h"

#include "engine/base/clock.h"
#include "engine/workspace/blob_sweep.h"

#include <QLoggingCategory>

#include <condition_variable>
#include <mutex>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Q_LOGGING_CATEGORY(housekeepingLog, "skillbox.housekeeping")

/// Forgotten in one transaction, so that others get their turn to write.
constexpr int keysAtOnce = 500;

/// A million blobs are looked through in less.
constexpr std::chrono::hours sweepDuty{2};

/// When to look again where another server was at it: it may have died at it.
constexpr std::chrono::milliseconds soon = std::chrono::minutes(5);

void logFailure(const char *what, const Error &error)
{
    qCWarning(housekeepingLog, "%s: %s %s", what, qUtf8Printable(error.message),
              qUtf8Printable(error.detail));
}

} // namespace

Housekeeping::Housekeeping(Parts parts, Schedule schedule)
    : m_parts(std::move(parts))
    , m_retention(m_parts.metadata, m_parts.blobs, m_parts.instance, m_parts.tenantDefaults)
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
        m_parts.reclaimLost();
        const bool done = tidy(closing, schedule);
        pause(done ? schedule.every : std::min(schedule.every, soon));
    }
}

bool Housekeeping::tidy(const std::stop_token &closing, const Schedule &schedule)
{
    Result<qint64> forgotten = keysAtOnce;
    while (forgotten && *forgotten == keysAtOnce && !closing.stop_requested())
        forgotten = m_parts.metadata.forgetIdempotency(nowUtc(), keysAtOnce);
    if (!forgotten)
        logFailure("old idempotency keys are kept", forgotten.error());
    const auto removed = m_retention.pass(closing);
    if (!removed)
        logFailure("what was kept long enough is kept longer", removed.error());
    sweep(closing, schedule);
    return removed && *removed;
}

void Housekeeping::sweep(const std::stop_token &closing, const Schedule &schedule)
{
    const QString duty = u"blob sweep"_s;
    if (m_parts.blobsAreShared) {
        const auto ours = m_parts.metadata.takeDuty(duty, m_parts.instance, sweepDuty);
        if (!ours || !*ours)
            return;
    }
    const auto swept = sweepBlobs(m_parts.metadata, m_parts.blobs,
                                  nowUtc().addMSecs(-schedule.blobAge.count()), closing);
    if (!swept)
        logFailure("unused blobs are kept", swept.error());
    if (m_parts.blobsAreShared)
        (void)m_parts.metadata.endDuty(duty, m_parts.instance);
}

} // namespace skillbox
