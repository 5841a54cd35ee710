#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/execution_lookup.h"
#include "app/cli/json_writer.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

ExitCode printLogs(CliContext &context, Backend &backend, const ExecutionRecord &record)
{
    const Result<QString> logs = backend.logs(record.id);
    if (!logs)
        return context.reportError(logs.error());
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject()
            .member(u"execution_id"_s, record.id.value)
            .member(u"status"_s, QString(executionStatusName(record.status)))
            .member(u"logs"_s, *logs)
            .endObject();
        return context.printJson(json.bytes());
    }
    Terminal &out = context.out();
    out.write(out.foreign(*logs));
    if (!logs->isEmpty() && !logs->endsWith(u'\n') && out.isTerminal())
        out.writeLine();
    return ExitCode::Success;
}

ExitCode followLogs(CliContext &context, Backend &backend, const ExecutionId &id)
{
    Terminal &out = context.out();
    bool endsInLine = false;
    const Result<ExecutionRecord> record = backend.follow(
        id, [&](LogStreamKind, const QString &text) {
            if (!context.wantsJson())
                out.write(out.foreign(text));
            endsInLine = !text.endsWith(u'\n');
        });
    if (!record)
        return context.reportError(record.error());
    if (context.wantsJson())
        return printLogs(context, backend, *record);
    if (endsInLine && out.isTerminal())
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
         "skillbox exec logs 3f2a91c0 --follow   # a run of another terminal, while it goes on"},
        WorksOn::Backend);
    const auto id = std::make_shared<std::string>();
    const auto follow = std::make_shared<bool>(false);
    addArgument(*command, "ID", *id, "Which run", value::execution);
    addFlag(*command, "-f,--follow", *follow, "Go on until the run is over");
    onChosen(*command, context, [id, follow, &context] {
        const Result<Backend *> backend = context.backend();
        if (!backend)
            return context.reportError(backend.error());
        const Result<ExecutionRecord> record = findExecution(**backend, toText(*id));
        if (!record)
            return context.reportError(record.error());
        return *follow ? followLogs(context, **backend, record->id)
                       : printLogs(context, **backend, *record);
    });
}

} // namespace skillbox
