#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/execution_lookup.h"
#include "app/cli/format.h"
#include "app/cli/result_view.h"
#include "app/cli/table.h"
#include "engine/base/clock.h"
#include "engine/execution/execution_json.h"

#include <QJsonArray>
#include <QJsonObject>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype longestInputShown = 2000;

void printFacts(Terminal &out, const ExecutionRecord &record)
{
    Table table({{{}}, {{}, Qt::AlignLeft, true}});
    table.hideTitles();
    const auto add = [&](const QString &name, const QString &text) {
        if (!text.isEmpty())
            table.addRow({TableCell(name, Paint::Dim), TableCell(text)});
    };
    add(u"Execution"_s, record.id.value);
    add(u"Started"_s,
        u"%1 (%2)"_s.arg(localTime(record.createdAt), humanAgo(record.createdAt, nowUtc()))
            + (record.caller.isEmpty() ? QString() : u" by "_s + record.caller));
    add(u"Script"_s, record.entrypoint);
    add(u"Reason"_s, record.reason);
    if (record.exitCode)
        add(u"Exit code"_s, QString::number(*record.exitCode));
    add(u"Digest"_s, record.skillDigest);
    for (auto it = record.sandbox.begin(); it != record.sandbox.end(); ++it) {
        if (!it.value().isObject() && !it.value().isArray())
            add(u"Sandbox "_s + it.key(), it.value().toVariant().toString());
    }
    out.write(table.render(out, 2));
}

ExitCode show(CliContext &context, const QString &id)
{
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    const Result<ExecutionRecord> record = findExecution(**backend, id);
    if (!record)
        return context.reportError(record.error());
    if (context.wantsJson())
        return context.printJson(executionJson(*record));

    Terminal &out = context.out();
    printResult(out, *record, {});
    out.writeLine();
    out.writeLine(out.painted(Paint::Bold, u"Details"_s));
    printFacts(out, *record);
    out.writeLine();
    out.writeLine(out.painted(Paint::Bold, u"Input"_s));
    const QString input = out.foreign(QString::fromUtf8(record->input.bytes()));
    if (input.isEmpty())
        out.writeLine(u"  {}"_s);
    else if (input.size() <= longestInputShown)
        out.writeLine(u"  "_s + prettyJson(input).replace(u'\n', u"\n  "_s));
    else
        out.writeLine(
            u"  %1 of JSON; -o json shows it"_s.arg(humanBytes(record->input.bytes().size())));
    return ExitCode::Success;
}

} // namespace

void registerExecShow(CLI::App &exec, CliContext &context)
{
    CLI::App *command = addCommand(exec, context,
                                   {"show", "Show one run: result, input, and the sandbox it had",
                                    "ID is the id of a run, a unique beginning of it, or `last`.",
                                    "skillbox exec show last\n"
                                    "skillbox exec show 3f2a91c0 -o json"},
                                   WorksOn::Backend);
    const auto id = std::make_shared<std::string>();
    addArgument(*command, "ID", *id, "Which run", value::execution);
    onChosen(*command, context, [id, &context] { return show(context, toText(*id)); });
}

} // namespace skillbox
