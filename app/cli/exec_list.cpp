#include "app/cli/backend/backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/execution_lookup.h"
#include "app/cli/format.h"
#include "app/cli/result_view.h"
#include "app/cli/table.h"
#include "engine/base/clock.h"
#include "engine/execution/execution_json.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct ExecutionListOptions {
    std::string skill;
    std::string status;
    int limit = 20;
};

void printTable(Terminal &out, const QList<ExecutionRecord> &rows)
{
    Table table({{u"ID"_s},
                 {u"STATUS"_s},
                 {u"SKILL"_s, Qt::AlignLeft, true},
                 {u"VERSION"_s},
                 {u"DURATION"_s, Qt::AlignRight},
                 {u"STARTED"_s},
                 {u"ERROR"_s, Qt::AlignLeft, true}});
    const QDateTime now = nowUtc();
    for (const ExecutionRecord &row : rows) {
        table.addRow({TableCell(shortId(row.id)),
                      TableCell(QString(executionStatusName(row.status)), statusPaint(row.status)),
                      TableCell(row.skillName, Paint::Bold), TableCell(row.skillVersion),
                      TableCell(isFinal(row.status)
                                    ? humanDuration(std::chrono::milliseconds(row.durationMs))
                                    : QString()),
                      TableCell(humanAgo(row.createdAt, now)), TableCell(row.error, Paint::Dim)});
    }
    out.write(table.render(out));
}

ExitCode listExecutions(CliContext &context, const ExecutionListOptions &options)
{
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    ExecutionFilter filter;
    filter.skill = toText(options.skill);
    filter.status = executionStatusFromName(toText(options.status));
    filter.limit = options.limit;
    const Result<QList<ExecutionRecord>> rows = (*backend)->executions(filter);
    if (!rows)
        return context.reportError(rows.error());
    if (context.wantsJson()) {
        QByteArrayList objects;
        for (const ExecutionRecord &row : *rows)
            objects.append(executionJson(row));
        return context.printJson('[' + objects.join(',') + ']');
    }
    if (!rows->isEmpty())
        printTable(context.out(), *rows);
    else if (!options.skill.empty() || !options.status.empty())
        context.note(u"no run matches"_s);
    else
        context.note(u"nothing has been run yet"_s);
    return ExitCode::Success;
}

} // namespace

void registerExecList(CLI::App &exec, CliContext &context)
{
    CLI::App *command = addCommand(exec, context,
                                   {"list", "List runs, newest first", "",
                                    "skillbox exec list\n"
                                    "skillbox exec list --skill word-counter --status failed\n"
                                    "skillbox exec list --limit 200 -o json"},
                                   WorksOn::Backend);
    const auto options = std::make_shared<ExecutionListOptions>();
    addOption(*command, "--skill", options->skill, "Only runs of this skill", value::skill);
    addChoice(*command, "--status", options->status, "Only runs that are in this state",
              {"queued", "running", "success", "failed", "timeout", "cancelled"});
    addNumber(*command, "-n,--limit", options->limit, "How many at most (default: 20)", 1, 10'000);
    onChosen(*command, context, [options, &context] { return listExecutions(context, *options); });
}

} // namespace skillbox
