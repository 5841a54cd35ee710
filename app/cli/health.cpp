#include "app/cli/backend/backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/json_writer.h"
#include "app/cli/table.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

ExitCode health(CliContext &context)
{
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    const Result<Backend::Health> health = (*backend)->health();
    if (!health)
        return context.reportError(health.error());
    const ExitCode code = health->ready ? ExitCode::Success : ExitCode::Error;
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject()
            .member(u"status"_s, health->ready ? u"ready"_s : u"not_ready"_s)
            .memberIfAny(u"server"_s, (*backend)->server())
            .member(u"version"_s, health->version)
            .key(u"checks"_s)
            .beginObject();
        for (const auto &[name, state] : health->checks)
            json.member(name, state);
        json.endObject().endObject();
        context.printJson(json.bytes());
        return code;
    }
    Terminal &out = context.out();
    const QString place = (*backend)->server().isEmpty() ? u"this machine"_s : (*backend)->server();
    out.writeLine((health->ready ? out.painted(Paint::Green, u"✔"_s) + u" Ready: "_s
                                 : out.painted(Paint::Red, u"✘"_s) + u" Not ready: "_s)
                  + place + (health->version.isEmpty() ? QString() : u", "_s + health->version));
    Table table({{{}}, {{}, Qt::AlignLeft, true}});
    table.hideTitles();
    for (const auto &[name, state] : health->checks) {
        table.addRow({TableCell(name, Paint::Dim),
                      TableCell(out.foreign(state), state == u"ok" ? Paint::Plain : Paint::Red)});
    }
    out.write(table.render(out, 2));
    return code;
}

} // namespace

void registerHealth(CLI::App &root, CliContext &context)
{
    CLI::App *command = addCommand(
        root, context,
        {"health", "Ask whether runs would work, here or on the server",
         "Ends with exit code 1 if they would not. What exactly a machine lacks, and how to get "
         "it, says `skillbox doctor` there.",
         "skillbox health\n"
         "skillbox health --server https://skillbox.example.com -o json"},
        WorksOn::Backend);
    onChosen(*command, context, [&context] { return health(context); });
}

} // namespace skillbox
