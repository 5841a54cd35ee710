#pragma once

#include "engine/execution/run_events.h"

#include <QStringDecoder>

namespace skillbox {

/// Where another instance on this machine keeps the live log of a run; empty: nowhere.
QString foreignLogPath(const ExecutionService::Parts &parts, const ExecutionRecord &record);

/// Makes events of what the store and the live log say about a run that another process carries
/// out. For one thread; `parts` must outlive it.
class ForeignRun
{
public:
    ForeignRun(ExecutionId id, const ExecutionService::Parts &parts)
        : m_id(std::move(id))
        , m_parts(parts)
    {
    }

    /// Asks, unless it has just done so.
    void appendNews(RunEvents &events);

private:
    void appendLog(RunEvents &events, const QString &text);

    const ExecutionId m_id;
    const ExecutionService::Parts &m_parts;
    std::chrono::steady_clock::time_point m_asked{};
    int m_times = 0;
    bool m_running = false;
    qint64 m_read = 0; ///< bytes of the live log
    QString m_text;    ///< said so far
    QStringDecoder m_decoder{QStringDecoder::Utf8, QStringDecoder::Flag::ConvertInitialBom};
};

} // namespace skillbox
