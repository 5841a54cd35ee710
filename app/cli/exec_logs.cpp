#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/execution_lookup.h"
#include "app/cli/json_writer.h"
#include "engine/engine.h"

#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr auto logPollInterval = 150ms; ///< another process writes the log; nothing wakes us

ExitCode printLogs(CliContext &context, ExecutionService &executions, ExecutionRecord record,
                   bool follow)
{
    Terminal &out = context.out();
    QString shown;
    while (true) {
        // The state first: a log read after a final state is the whole log.
        const bool over = isFinal(record.status);
        const Result<QString> logs = executions.logs(localTenant(), record.id);
        if (!logs)
            return context.reportError(logs.error());
        if (context.wantsJson() && (over || !follow)) {
            JsonWriter json;
            json.beginObject()
                .member(u"execution_id"_s, record.id.value)
                .member(u"status"_s, QString(executionStatusName(record.status)))
                .member(u"logs"_s, *logs)
                .endObject();
            return context.printJson(json.bytes());
        }
        // The stored log is the live one, unless its end was cut: then what differs is shown again.
        qsizetype common = 0;
        while (common < shown.size() && common < logs->size() && shown[common] == (*logs)[common])
            ++common;
        if (!context.wantsJson())
            out.write(out.foreign(logs->sliced(common)));
        shown = *logs;
        if (over || !follow)
            break;
        std::this_thread::sleep_for(logPollInterval);
        Result<ExecutionRecord> now = executions.find(localTenant(), record.id);
        if (!now)
            return context.reportError(now.error());
        record = std::move(*now);
    }
    if (!shown.isEmpty() && !shown.endsWith(u'\n') && out.isTerminal())
        out.writeLine();
    return ExitCode::Success;
}

} // namespace

void registerExecLogs(CLI::App &exec, CliContext &context)
{
    CLI::App *command = addCommand(
        exec, context,
        {"logs", "Print what a run wrote to its standard output and error",
         "ID is the id of a run, a unique beginning of it, or `last`.",
         "skillbox exec logs last\n"
         "skillbox exec logs 3f2a91c0 --follow   # a run of another terminal, while it goes on"});
    const auto id = std::make_shared<std::string>();
    const auto follow = std::make_shared<bool>(false);
    addArgument(*command, "ID", *id, "Which run", value::execution);
    addFlag(*command, "-f,--follow", *follow, "Go on until the run is over");
    onChosen(*command, context, [id, follow, &context] {
        const Result<Engine *> engine = context.engine();
        if (!engine)
            return context.reportError(engine.error());
        ExecutionService &executions = (*engine)->executions();
        const Result<ExecutionRecord> record = findExecution(executions, toText(*id));
        if (!record)
            return context.reportError(record.error());
        return printLogs(context, executions, *record, *follow);
    });
}

} // namespace skillbox
