#include "engine/execution/run_events.h"

#include <QStringDecoder>

namespace skillbox {

qint64 RunEvents::append(const ExecutionEvent &event)
{
    const bool isLog = event.kind == ExecutionEvent::Kind::Log;
    const std::lock_guard lock(m_mutex);
    if (isLog)
        m_text.append(event.text.toUtf8());
    m_marks.push_back(
        {.textEnd = static_cast<quint32>(m_text.size()),
         .kind = static_cast<quint8>(event.kind),
         .value = isLog ? static_cast<quint8>(event.stream) : static_cast<quint8>(event.status)});
    return static_cast<qint64>(m_marks.size());
}

std::optional<ExecutionEvent> RunEvents::at(qint64 seq) const
{
    const std::lock_guard lock(m_mutex);
    if (seq < 1 || seq > static_cast<qint64>(m_marks.size()))
        return std::nullopt;
    const Mark &mark = m_marks[static_cast<size_t>(seq - 1)];
    ExecutionEvent event;
    event.kind = static_cast<ExecutionEvent::Kind>(mark.kind);
    event.seq = seq;
    if (event.kind != ExecutionEvent::Kind::Log) {
        event.status = static_cast<ExecutionStatus>(mark.value);
        return event;
    }
    event.status = ExecutionStatus::Running;
    event.stream = static_cast<LogStreamKind>(mark.value);
    const qsizetype begin = seq > 1 ? m_marks[static_cast<size_t>(seq - 2)].textEnd : 0;
    // A byte order mark is a character like others here; QString::fromUtf8 would drop it.
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::ConvertInitialBom);
    event.text = decoder(QByteArrayView(m_text).sliced(begin, mark.textEnd - begin));
    return event;
}

qint64 RunEvents::count() const
{
    const std::lock_guard lock(m_mutex);
    return static_cast<qint64>(m_marks.size());
}

bool RunEvents::ended() const
{
    const std::lock_guard lock(m_mutex);
    return !m_marks.empty()
        && m_marks.back().kind == static_cast<quint8>(ExecutionEvent::Kind::Finished);
}

qint64 RunEvents::bytes() const
{
    const std::lock_guard lock(m_mutex);
    return m_text.size() + static_cast<qint64>(m_marks.size() * sizeof(Mark));
}

} // namespace skillbox
