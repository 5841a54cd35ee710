#include "engine/execution/log_parts.h"

#include "engine/execution/run_events.h"

#include <QJsonDocument>

namespace skillbox {
namespace {

// A part is written several times a second; a run that says more is followed with a delay.
constexpr int mostEventsInPart = 4096;
constexpr qsizetype mostTextInPart = 256 * 1024;

} // namespace

std::optional<LogPart> nextLogPart(const RunEvents &events, qint64 afterEvent, qint64 *lastEvent)
{
    QJsonArray list;
    LogPart part;
    qsizetype text = 0;
    for (qint64 seq = afterEvent + 1; list.size() < mostEventsInPart && text < mostTextInPart;
         ++seq) {
        const auto event = events.at(seq);
        if (!event || (event->kind != ExecutionEvent::Kind::Log && !list.isEmpty()))
            break;
        *lastEvent = seq;
        if (event->kind != ExecutionEvent::Kind::Log)
            continue; // that it runs: followers know from the record
        if (list.isEmpty())
            part.firstEvent = seq;
        list.append(QJsonArray{static_cast<int>(event->stream), event->text});
        text += event->text.size();
    }
    if (list.isEmpty())
        return std::nullopt;
    part.events = QString::fromUtf8(QJsonDocument(list).toJson(QJsonDocument::Compact));
    return part;
}

QList<ExecutionEvent> eventsOfPart(const LogPart &part)
{
    QList<ExecutionEvent> events;
    qint64 seq = part.firstEvent;
    for (const QJsonValue item : QJsonDocument::fromJson(part.events.toUtf8()).array()) {
        const QJsonArray pair = item.toArray();
        events.append({.kind = ExecutionEvent::Kind::Log,
                       .seq = seq++,
                       .status = ExecutionStatus::Running,
                       .stream = pair.at(0).toInt() == static_cast<int>(LogStreamKind::Stderr)
                           ? LogStreamKind::Stderr
                           : LogStreamKind::Stdout,
                       .text = pair.at(1).toString()});
    }
    return events;
}

} // namespace skillbox
