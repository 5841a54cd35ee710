#pragma once

#include "engine/storage/records.h"
#include "server/http/http_server.h"

#include <QByteArray>

#include <chrono>
#include <memory>

namespace skillbox {

/// What a run that is over comes to for the metrics.
struct RunMeasures {
    ExecutionStatus status = ExecutionStatus::Failed;
    QString reason;                       ///< empty: none
    std::chrono::microseconds queued{};   ///< asked → a slot is held
    std::chrono::microseconds setup{};    ///< of the sandbox; 0: there was none
    std::chrono::microseconds duration{}; ///< the slot is held → collected
};

/// The server's numbers in Prometheus' text format (version 0.0.4). Labels have few values: routes
/// by pattern, methods and statuses, reasons of ours; nothing of a tenant. Thread-safe.
class Metrics
{
public:
    Metrics(const QString &version, const QString &commit);
    ~Metrics();

    void countRequest(const RequestSummary &request);
    void countRun(const RunMeasures &run);

    /// What is asked for at each scrape instead of being counted.
    struct Gauges {
        int queued = 0;
        int running = 0;
        int connections = 0;
        // What was removed after its time, and when that was last done to the end.
        qint64 logsRemoved = 0;
        qint64 artifactsRemoved = 0;
        qint64 executionsRemoved = 0;
        qint64 blobsRemoved = 0;
        qint64 retentionFailures = 0;
        qint64 retentionPassMs = 0; ///< since 1970; 0: never
    };
    QByteArray scrape(const Gauges &gauges) const;

    static constexpr QByteArrayView contentType = "text/plain; version=0.0.4; charset=utf-8";

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace skillbox
