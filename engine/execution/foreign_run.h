#pragma once

#include "engine/execution/run_events.h"

#include <QStringDecoder>

#include <atomic>

namespace skillbox {

/// Where another instance on this machine keeps the live log of a run; empty: nowhere.
QString foreignLogPath(const ExecutionService::Parts &parts, const ExecutionRecord &record);

/// Makes events of what the store and the live log say about a run that another process carries
/// out. For one thread; `parts` must outlive it.
class ForeignRun
{
public:
    /// Asks the store at most once in `pause`, but at once where something is known to be new.
    ForeignRun(ExecutionId id, const ExecutionService::Parts &parts,
               std::chrono::milliseconds pause)
        : m_id(std::move(id))
        , m_parts(parts)
        , m_pause(pause)
    {
    }

    /// Asks, unless it has just done so.
    void appendNews(RunEvents &events);
    /// The next appendNews() asks. For any thread.
    void hasNews() { m_hasNews = true; }

private:
    void appendLog(RunEvents &events, const QString &text);
    void appendSpooled(RunEvents &events, const ExecutionRecord &run);
    void appendStored(RunEvents &events);

    const ExecutionId m_id;
    const ExecutionService::Parts &m_parts;
    const std::chrono::milliseconds m_pause;
    std::atomic<bool> m_hasNews = true;
    std::chrono::steady_clock::time_point m_asked{};
    std::chrono::steady_clock::time_point m_reclaimed = std::chrono::steady_clock::now();
    qint64 m_lastPart = 0; ///< the first event of the last part that was read
    bool m_running = false;
    qint64 m_read = 0; ///< bytes of the live log
    QString m_text;    ///< said so far
    QStringDecoder m_decoder{QStringDecoder::Utf8, QStringDecoder::Flag::ConvertInitialBom};
};

} // namespace skillbox
