#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/execution_lookup.h"
#include "app/cli/json_writer.h"
#include "app/cli/progress_line.h"

#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr auto patience =
    5s; ///< the process that runs it looks for requests several times a second
constexpr auto endPollInterval = 50ms;

/// The record once it is final, or as it is when patience ends.
Result<ExecutionRecord> awaitEnd(CliContext &context, Backend &backend, const ExecutionId &id)
{
    ProgressLine progress(context.err());
    progress.setLabel(u"Cancelling %1"_s.arg(shortId(id)));
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (true) {
        Result<ExecutionRecord> record = backend.execution(id);
        if (!record || isFinal(record->status) || std::chrono::steady_clock::now() > deadline)
            return record;
        std::this_thread::sleep_for(endPollInterval);
    }
}

ExitCode cancel(CliContext &context, const QString &text)
{
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    Result<ExecutionRecord> record = findExecution(**backend, text);
    if (!record)
        return context.reportError(record.error());
    const bool wasOver = isFinal(record->status);
    if (!wasOver) {
        const Result<void> asked = (*backend)->cancel(record->id);
        if (!asked)
            return context.reportError(asked.error());
        record = awaitEnd(context, **backend, record->id);
        if (!record)
            return context.reportError(record.error());
    }

    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject()
            .member(u"execution_id"_s, record->id.value)
            .member(u"status"_s, QString(executionStatusName(record->status)))
            .endObject();
        return context.printJson(json.bytes());
    }
    Terminal &out = context.out();
    const QString title = record->skillName + u' ' + shortId(record->id);
    if (wasOver || (isFinal(record->status) && record->status != ExecutionStatus::Cancelled)) {
        out.writeLine(u"%1 was over already: %2"_s.arg(title, executionStatusName(record->status)));
    } else if (isFinal(record->status)) {
        out.writeLine(out.painted(Paint::Green, u"✔"_s) + u" Cancelled "_s + title);
    } else {
        out.writeLine(u"Asked for %1 to be cancelled; it has not ended yet"_s.arg(title));
    }
    return ExitCode::Success;
}

} // namespace

void registerExecCancel(CLI::App &exec, CliContext &context)
{
    CLI::App *command = addCommand(
        exec, context,
        {"cancel", "Stop a run and everything it started",
         "Works from any terminal. A run that is over already is left as it is.",
         "skillbox exec cancel 3f2a91c0\n"
         "skillbox exec cancel last"},
        WorksOn::Backend);
    const auto id = std::make_shared<std::string>();
    addArgument(*command, "ID", *id, "Which run: its id, a beginning of it, or `last`",
                value::execution);
    onChosen(*command, context, [id, &context] { return cancel(context, toText(*id)); });
}

} // namespace skillbox
