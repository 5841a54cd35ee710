#include "app/cli/result_view.h"

#include "app/cli/execution_lookup.h"
#include "app/cli/format.h"
#include "app/cli/table.h"
#include "app/cli/text.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

// The end of the log matters most when something went wrong.
constexpr qsizetype logLinesOfFailure = 15;
constexpr qsizetype logLinesOfSuccess = 5;

QString statusSentence(const ExecutionRecord &record)
{
    const QString duration = humanDuration(std::chrono::milliseconds(record.durationMs));
    switch (record.status) {
    case ExecutionStatus::Queued: return u"is waiting for a free slot"_s;
    case ExecutionStatus::Running: return u"is running"_s;
    case ExecutionStatus::Success: return u"succeeded in "_s + duration;
    case ExecutionStatus::Failed: return u"failed after "_s + duration;
    case ExecutionStatus::Timeout: return u"timed out after "_s + duration;
    case ExecutionStatus::Cancelled: return u"was cancelled after "_s + duration;
    }
    return {};
}

QStringList logLines(const QString &logs)
{
    QStringList lines = logs.split(u'\n');
    while (!lines.isEmpty() && lines.last().isEmpty())
        lines.removeLast();
    return lines;
}

void printHeading(Terminal &out, const QString &heading)
{
    out.writeLine();
    out.writeLine(out.painted(Paint::Bold, heading));
}

void printLogs(Terminal &out, const QStringList &lines, qsizetype atMost)
{
    const qsizetype skipped = std::max<qsizetype>(0, lines.size() - atMost);
    printHeading(
        out, skipped > 0 ? u"Log, last %1 of %2 lines"_s.arg(atMost).arg(lines.size()) : u"Log"_s);
    for (const QString &line : lines.sliced(skipped))
        out.writeLine(u"  "_s + out.foreign(line));
}

void printFiles(Terminal &out, const ExecutionRecord &record, const QList<SavedArtifact> &saved)
{
    printHeading(out, saved.isEmpty() ? u"Files"_s : u"Files saved"_s);
    Table table({{{}, Qt::AlignLeft, true}, {{}, Qt::AlignRight}});
    table.hideTitles();
    for (qsizetype i = 0; i < record.artifacts.size(); ++i) {
        const ArtifactRecord &artifact = record.artifacts[i];
        const bool isSaved = i < saved.size();
        table.addRow({isSaved ? saved[i].localPath : artifact.path,
                      TableCell(humanBytes(artifact.sizeBytes), Paint::Dim)});
    }
    out.write(table.render(out, 2));
}

/// What a person can do next, each a command and what it gives.
QList<std::pair<QString, QString>> nextSteps(const ExecutionRecord &record,
                                             const ResultViewOptions &options, bool logsAreComplete)
{
    QList<std::pair<QString, QString>> steps;
    const QString id = shortId(record.id);
    if (!logsAreComplete)
        steps.append({u"skillbox exec logs %1"_s.arg(id), u"the whole log"_s});
    if (!record.artifacts.isEmpty() && options.saved.isEmpty())
        steps.append({u"skillbox exec download %1 DIR"_s.arg(id), u"save the files"_s});
    if (record.status == ExecutionStatus::Failed || record.status == ExecutionStatus::Timeout)
        steps.append({u"skillbox exec show %1"_s.arg(id), u"input and sandbox of this run"_s});
    if (!isFinal(record.status)) {
        steps.append({u"skillbox exec logs %1 --follow"_s.arg(id), u"watch it"_s});
        steps.append({u"skillbox exec cancel %1"_s.arg(id), u"stop it"_s});
    }
    return steps;
}

} // namespace

Paint statusPaint(ExecutionStatus status)
{
    switch (status) {
    case ExecutionStatus::Success: return Paint::Green;
    case ExecutionStatus::Failed:
    case ExecutionStatus::Timeout: return Paint::Red;
    case ExecutionStatus::Cancelled: return Paint::Yellow;
    case ExecutionStatus::Queued:
    case ExecutionStatus::Running: return Paint::Cyan;
    }
    return Paint::Plain;
}

QString statusMark(const Terminal &terminal, ExecutionStatus status)
{
    const QString mark = status == ExecutionStatus::Success ? u"✔"_s
        : isFinal(status)                                   ? u"✘"_s
                                                            : u"●"_s;
    return terminal.painted(statusPaint(status), mark);
}

ExitCode exitCodeFor(ExecutionStatus status)
{
    switch (status) {
    case ExecutionStatus::Success: return ExitCode::Success;
    case ExecutionStatus::Timeout: return ExitCode::TimedOut;
    case ExecutionStatus::Cancelled: return ExitCode::Interrupted;
    default: return ExitCode::SkillFailed;
    }
}

void printResult(Terminal &out, const ExecutionRecord &record, const ResultViewOptions &options)
{
    QString title = out.painted(Paint::Bold, out.foreign(record.skillName));
    if (!record.skillVersion.isEmpty())
        title += u' ' + record.skillVersion;
    out.writeLine(statusMark(out, record.status) + u' ' + title + u' ' + statusSentence(record));
    // That it was cancelled is said already.
    if (!record.error.isEmpty() && record.status != ExecutionStatus::Cancelled) {
        QString reason = out.foreign(record.error.trimmed());
        out.writeLine(u"  "_s
                      + out.painted(statusPaint(record.status), reason.replace(u'\n', u"\n  "_s)));
    }

    if (!record.output.isEmpty()) {
        JsonPaint paint;
        if (out.hasColour())
            paint = {u"\x1b[34m"_s, u"\x1b[0m"_s};
        out.writeLine();
        out.writeLine(prettyJson(out.foreign(QString::fromUtf8(record.output.bytes())), paint));
    }

    const QStringList lines = logLines(record.logs);
    const qsizetype atMost = record.status == ExecutionStatus::Success ? logLinesOfSuccess
                                                                       : logLinesOfFailure;
    const bool showLogs = !options.logsWereShown && !lines.isEmpty();
    if (showLogs)
        printLogs(out, lines, atMost);
    const bool logsAreComplete = !showLogs || lines.size() <= atMost;

    if (!record.artifacts.isEmpty())
        printFiles(out, record, options.saved);

    const auto steps = nextSteps(record, options, logsAreComplete);
    if (steps.isEmpty())
        return;
    out.writeLine();
    int width = 0;
    for (const auto &[command, purpose] : steps)
        width = std::max(width, displayWidth(command));
    for (const auto &[command, purpose] : steps) {
        out.writeLine(u"  "_s + padded(command, width + 2)
                      + out.painted(Paint::Dim, u"# "_s + purpose));
    }
}

} // namespace skillbox
