#include "engine/execution/foreign_run.h"

#include "engine/execution/live_run.h"
#include "engine/execution/log_parts.h"

#include <QFile>
#include <QFileInfo>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr auto timeBetweenReclaims = 1s;
constexpr qint64 logPieceBytes = 64 * 1024;

} // namespace

QString foreignLogPath(const ExecutionService::Parts &parts, const ExecutionRecord &record)
{
    if (!isUuid(record.instance.value))
        return {};
    const QString instances = QFileInfo(parts.runDirectory).path();
    return liveLogPath(instances + u'/' + record.instance.value, record.id);
}

void ForeignRun::appendNews(RunEvents &events)
{
    const auto now = std::chrono::steady_clock::now();
    if (events.ended() || (!m_hasNews.exchange(false) && now - m_asked < m_pause))
        return; // several who follow one run share the answer
    m_asked = now;
    if (now - m_reclaimed >= timeBetweenReclaims && m_parts.reclaimLost) {
        m_reclaimed = now;
        m_parts.reclaimLost();
    }
    const auto record = m_parts.metadata.findExecution(events.tenant(), m_id);
    if (!record || !*record)
        return; // the store is busy; the next question may be answered
    const ExecutionRecord &run = **record;
    if (!m_running && run.startedAt.isValid()) {
        m_running = true;
        events.append(
            {.kind = ExecutionEvent::Kind::State, .status = ExecutionStatus::Running, .text = {}});
    }
    if (isFinal(run.status)) {
        // The stored log is the whole one; what was said already is its beginning.
        if (run.logs.startsWith(m_text))
            appendLog(events, run.logs.sliced(m_text.size()));
        events.append({.kind = ExecutionEvent::Kind::Finished, .status = run.status, .text = {}});
        return;
    }
    if (m_parts.liveLogs == LiveLogs::InStore)
        appendStored(events);
    else
        appendSpooled(events, run);
}

/// The parts have the events with the numbers that they have where the run is.
void ForeignRun::appendStored(RunEvents &events)
{
    const auto parts = m_parts.metadata.readLog(events.tenant(), m_id, m_lastPart);
    if (!parts)
        return;
    for (const LogPart &part : *parts) {
        for (const ExecutionEvent &event : eventsOfPart(part)) {
            if (event.seq <= events.count())
                continue;
            m_text += event.text;
            events.append(event);
        }
        m_lastPart = part.firstEvent;
    }
}

void ForeignRun::appendSpooled(RunEvents &events, const ExecutionRecord &run)
{
    QFile spool(foreignLogPath(m_parts, run));
    if (!spool.open(QIODevice::ReadOnly | QIODevice::Unbuffered) || !spool.seek(m_read))
        return;
    for (;;) {
        const QByteArray piece = spool.read(logPieceBytes);
        if (piece.isEmpty())
            return;
        m_read += piece.size();
        appendLog(events, m_decoder(piece));
    }
}

void ForeignRun::appendLog(RunEvents &events, const QString &text)
{
    if (text.isEmpty())
        return;
    m_text += text;
    events.append({.kind = ExecutionEvent::Kind::Log, .text = text});
}

} // namespace skillbox
