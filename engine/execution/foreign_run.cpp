#include "engine/execution/foreign_run.h"

#include "engine/execution/live_run.h"

#include <QFile>
#include <QFileInfo>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// Several who follow one run share the answer.
constexpr auto leastBetweenQuestions = 50ms;
constexpr int questionsPerReclaim = 20;
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
    if (now - m_asked < leastBetweenQuestions || events.ended())
        return;
    m_asked = now;
    if (++m_times % questionsPerReclaim == 0 && m_parts.reclaimLost)
        m_parts.reclaimLost();
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
