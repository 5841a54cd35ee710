#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/format.h"
#include "app/cli/json_writer.h"
#include "app/cli/text.h"
#include "engine/engine.h"
#include "engine/engine_config.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

ControlState missing(const QString &control, const Error &error, const QString &fix)
{
    return {control, ControlState::State::Missing, error.message, fix};
}

/// Each part of what a run needs, tried in the order a run would.
QList<ControlState> examine(CliContext &context)
{
    QList<ControlState> controls;
    const Result<EngineConfig> config = context.engineConfig();
    if (!config) {
        controls.append(
            missing(u"configuration"_s, config.error(), u"correct the variables named"_s));
        return controls;
    }
    // The sandbox is tried without the store, so that a broken store does not hide what it can do.
    if (const Result<Engine *> engine = context.engine()) {
        controls.append({u"store"_s, ControlState::State::Active, config->dataDirectory, {}});
    } else {
        controls.append(missing(u"store"_s, engine.error(),
                                u"set SKILLBOX_DATA_DIR to a folder you can write"_s));
    }
    const Result<QList<ControlState>> sandbox = makeSandbox(*config)->probe();
    if (!sandbox) {
        controls.append(missing(u"sandbox"_s, sandbox.error(), {}));
        return controls;
    }
    return controls + *sandbox;
}

QString stateName(ControlState::State state)
{
    switch (state) {
    case ControlState::State::Active: return u"active"_s;
    case ControlState::State::Degraded: return u"degraded"_s;
    case ControlState::State::Missing: break;
    }
    return u"missing"_s;
}

QString stateMark(const Terminal &out, ControlState::State state)
{
    switch (state) {
    case ControlState::State::Active: return out.painted(Paint::Green, u"✔ active  "_s);
    case ControlState::State::Degraded: return out.painted(Paint::Yellow, u"! degraded"_s);
    case ControlState::State::Missing: break;
    }
    return out.painted(Paint::Red, u"✘ missing "_s);
}

void printTable(Terminal &out, const QList<ControlState> &controls)
{
    int nameWidth = 0;
    for (const ControlState &control : controls)
        nameWidth = std::max(nameWidth, displayWidth(control.control));
    const int indent = 14 + nameWidth;
    const int width = out.width() > 0 ? std::max(indent + 24, out.width()) : 100;
    for (const ControlState &control : controls) {
        out.writeLine(stateMark(out, control.state) + u"  "_s + padded(control.control, nameWidth)
                      + u"  "_s + wrapped(out.foreign(control.detail), width, indent));
        if (!control.fix.isEmpty()) {
            out.writeLine(QString(indent, u' ')
                          + out.painted(Paint::Dim, wrapped(u"→ "_s + control.fix, width, indent)));
        }
    }
}

qint64 countOf(const QList<ControlState> &controls, ControlState::State state)
{
    return std::count_if(controls.begin(), controls.end(),
                         [state](const ControlState &control) { return control.state == state; });
}

void printVerdict(Terminal &out, qint64 degraded, qint64 absent)
{
    out.writeLine();
    if (absent > 0) {
        out.writeLine(out.painted(Paint::Red, u"✘"_s)
                      + u" Skills cannot run safely here: %1 missing."_s.arg(
                          counted(absent, u"control is"_s, u"controls are"_s)));
    } else if (degraded > 0) {
        out.writeLine(out.painted(Paint::Yellow, u"!"_s)
                      + u" Skills run sandboxed; %1 weaker than on the best systems."_s.arg(
                          counted(degraded, u"control is"_s, u"controls are"_s)));
    } else {
        out.writeLine(out.painted(Paint::Green, u"✔"_s) + u" Skills run fully sandboxed."_s);
    }
}

ExitCode doctor(CliContext &context, bool asJson)
{
    const QList<ControlState> controls = examine(context);
    const qint64 absent = countOf(controls, ControlState::State::Missing);
    if (asJson) {
        JsonWriter json;
        json.beginObject().member(u"healthy"_s, absent == 0).key(u"controls"_s).beginArray();
        for (const ControlState &control : controls) {
            json.beginObject()
                .member(u"control"_s, control.control)
                .member(u"state"_s, stateName(control.state))
                .member(u"detail"_s, control.detail)
                .memberIfAny(u"fix"_s, control.fix)
                .endObject();
        }
        json.endArray().endObject();
        context.printJson(json.bytes());
    } else {
        printTable(context.out(), controls);
        printVerdict(context.out(), countOf(controls, ControlState::State::Degraded), absent);
    }
    return absent > 0 ? ExitCode::Error : ExitCode::Success;
}

} // namespace

void registerDoctor(CLI::App &root, CliContext &context)
{
    CLI::App *command = addCommand(
        root, context,
        {"doctor", "Check that skills can run here, and how well they are confined",
         "Tries each control of the sandbox for real. Ends with exit code 1 if one that is needed "
         "is "
         "missing; a weaker one is told and does not count.",
         "skillbox doctor\n"
         "skillbox doctor --json"});
    const auto asJson = std::make_shared<bool>(false);
    addFlag(*command, "--json", *asJson, "The same as --output json");
    onChosen(*command, context,
             [asJson, &context] { return doctor(context, *asJson || context.wantsJson()); });
}

} // namespace skillbox
