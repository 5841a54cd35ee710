#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/input_argument.h"
#include "app/cli/json_writer.h"
#include "app/cli/lint_run.h"
#include "app/cli/refused_calls_view.h"
#include "app/cli/skill_runner.h"
#include "app/cli/table.h"
#include "app/cli/text.h"
#include "engine/engine_config.h"
#include "engine/skill/archive.h"

#include <QFileInfo>
#include <QJsonDocument>
#include <QTemporaryDir>

#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr std::array<Capability, 4> allCapabilities{Capability::Network, Capability::Subprocess,
                                                    Capability::Files, Capability::Environment};

QList<CapabilityUse> usesOf(const LintReport &report, Capability capability)
{
    QList<CapabilityUse> uses;
    for (const CapabilityUse &use : report.uses) {
        if (use.capability == capability)
            uses += use;
    }
    return uses;
}

QString placeOf(const CapabilityUse &use)
{
    return u"%1:%2"_s.arg(use.file).arg(use.range.line);
}

/// What runs tried, if any were made.
struct Trials {
    int runs = 0;
    QJsonArray network; ///< refused calls, by what they are after
    QJsonArray others;
};

/// The rows of one capability: places in the code on the left, refused calls on the right.
void addRows(Table &table, const LintReport &report, Capability capability, const Trials *trials)
{
    const QList<CapabilityUse> uses = usesOf(report, capability);
    const bool isDeclared = report.declared.has(capability);
    QString declared = isDeclared ? u"yes"_s : u"no"_s;
    if (capability == Capability::Environment && !report.declared.variables.isEmpty())
        declared = report.declared.variables.join(u", "_s);
    QStringList tried;
    if (trials && capability == Capability::Network)
        tried = refusedCallLines(trials->network);

    const qsizetype rows = std::max<qsizetype>({uses.size(), tried.size(), 1});
    for (qsizetype i = 0; i < rows; ++i) {
        const bool hasUse = i < uses.size();
        const bool isCovered = hasUse ? report.declared.covers(uses[i])
                                      : isDeclared || tried.isEmpty();
        const Paint declaredPaint = hasUse || !tried.isEmpty()
            ? (isCovered ? Paint::Green : Paint::Red)
            : (isDeclared ? Paint::Yellow : Paint::Plain);
        QList<TableCell> cells{
            {i == 0 ? QString(capabilityName(capability)) : QString()},
            {i == 0 ? declared : QString(), declaredPaint},
            {hasUse       ? uses[i].what + u" ("_s + placeOf(uses[i]) + u')'
                 : i == 0 ? u"–"_s
                          : QString(),
             hasUse ? Paint::Plain : Paint::Dim},
        };
        if (trials) {
            // The sandbox refuses the network only; of the others it does not know who is meant.
            const QString none = capability == Capability::Network ? u"–"_s : QString();
            cells += TableCell(i < tried.size() ? tried[i]
                                   : i == 0     ? none
                                                : QString(),
                               i < tried.size() ? Paint::Plain : Paint::Dim);
        }
        table.addRow(cells);
    }
}

void printTable(CliContext &context, const LintReport &report, const Trials *trials)
{
    QList<TableColumn> columns{{u"Capability"_s},
                               {u"Declared"_s},
                               {u"In the code"_s, Qt::AlignLeft, true}};
    if (trials)
        columns += TableColumn{u"Tried and refused"_s, Qt::AlignLeft, true};
    Table table(columns);
    for (const Capability capability : allCapabilities)
        addRows(table, report, capability, trials);
    Terminal &out = context.out();
    out.write(table.render(out));
    if (!trials)
        return;
    QStringList habits, others;
    for (const QJsonValue &call : trials->others)
        (isHabitOfRuntimes(call) ? habits : others) += refusedCallLines({call});
    out.writeLine();
    for (const QString &line : std::as_const(others))
        out.writeLine(out.painted(Paint::Yellow, u"also refused: "_s) + printableLine(line));
    if (!habits.isEmpty()) {
        out.writeLine(
            out.painted(Paint::Dim, u"habits of the interpreter: "_s + habits.join(u", "_s)));
    }
    out.writeLine(out.painted(Paint::Dim,
                              trials->runs == 1 ? u"1 run in the sandbox"_s
                                                : u"%1 runs in the sandbox"_s.arg(trials->runs)));
}

QByteArray compact(const QJsonArray &array)
{
    return QJsonDocument(array).toJson(QJsonDocument::Compact);
}

void writeJson(JsonWriter &json, const LintedSkill &skill, const Trials *trials)
{
    const LintReport &report = skill.report;
    json.beginObject().member(u"path"_s, skill.path).key(u"capabilities"_s).beginObject();
    for (const Capability capability : allCapabilities) {
        json.key(QString(capabilityName(capability)))
            .beginObject()
            .member(u"declared"_s, report.declared.has(capability))
            .key(u"uses"_s)
            .beginArray();
        for (const CapabilityUse &use : usesOf(report, capability)) {
            json.beginObject()
                .member(u"what"_s, use.what)
                .member(u"file"_s, use.file)
                .member(u"line"_s, qint64{use.range.line})
                .member(u"covered"_s, report.declared.covers(use))
                .endObject();
        }
        json.endArray();
        if (trials && capability == Capability::Network)
            json.key(u"tried"_s).raw(compact(trials->network));
        json.endObject();
    }
    json.endObject();
    if (trials)
        json.member(u"runs"_s, qint64{trials->runs}).key(u"refused"_s).raw(compact(trials->others));
    json.endObject();
}

struct CapabilityArguments {
    std::string path;
    std::optional<std::string> input;
    bool observe = false;

    bool wantsTrials() const { return input || observe; }
};

/// Runs the skill with the given input, and its test cases if they are asked for.
Result<Trials> tryOut(CliContext &context, const QString &directory,
                      const CapabilityArguments &arguments)
{
    SkillRunner runner(context);
    Trials trials;
    QList<QJsonArray> refused;
    if (arguments.input) {
        const auto input = readInputArgument(toText(*arguments.input));
        if (!input)
            return fail(input.error());
        const auto record = runner.run(directory, *input, Observation::RefusedCalls);
        if (!record)
            return fail(record.error());
        if (record->status != ExecutionStatus::Success)
            context.note(u"the run ended as %1: %2"_s.arg(executionStatusName(record->status),
                                                          record->error));
        refused += record->sandbox.value(u"refused").toArray();
        ++trials.runs;
    }
    if (arguments.observe) {
        const QStringList cases = testCaseFiles(directory);
        if (cases.isEmpty() && !arguments.input) {
            return fail(ErrorCode::NotFound,
                        u"the skill has no test case to run: write one as tests/NAME.json, or give "
                        "an input with --run"_s);
        }
        for (const QString &file : cases) {
            const auto run = runner.runCase(directory, directory + u"/tests/"_s + file,
                                            Observation::RefusedCalls);
            if (!run)
                return fail(run.error().code, u"%1: %2"_s.arg(file, run.error().message));
            refused += run->refused;
            ++trials.runs;
        }
    }
    for (const QJsonValue &call : mergedRefusedCalls(refused))
        (isNetworkCall(call) ? trials.network : trials.others).append(call);
    return trials;
}

/// The folder itself, or one with what is in the archive.
Result<QString> folderOf(CliContext &context, const QString &path, const QTemporaryDir &scratch)
{
    const QFileInfo info(path);
    if (info.isDir())
        return info.absoluteFilePath();
    if (info.fileName().compare(u"SKILL.md", Qt::CaseInsensitive) == 0)
        return info.absolutePath();
    const Result<EngineConfig> config = context.engineConfig();
    if (!config)
        return fail(config.error());
    const QString directory = scratch.filePath(u"skill"_s);
    if (const auto content = unpackArchive(path, directory, config->archiveLimits); !content)
        return fail(content.error());
    return directory;
}

ExitCode show(CliContext &context, const CapabilityArguments &arguments)
{
    const QString path = toText(arguments.path);
    const Result<LintedSkill> skill = lintPath(context, path, {});
    if (!skill)
        return context.reportError(skill.error());
    std::optional<Trials> trials;
    const QTemporaryDir scratch;
    if (arguments.wantsTrials()) {
        const auto directory = folderOf(context, path, scratch);
        if (!directory)
            return context.reportError(directory.error());
        auto tried = tryOut(context, *directory, arguments);
        if (!tried)
            return context.reportError(tried.error());
        trials = std::move(*tried);
    }
    if (context.wantsJson()) {
        JsonWriter json;
        writeJson(json, *skill, trials ? &*trials : nullptr);
        return context.printJson(json.bytes());
    }
    printTable(context, skill->report, trials ? &*trials : nullptr);
    return ExitCode::Success;
}

} // namespace

void registerSkillCapabilities(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"capabilities",
         "Show what a skill says it needs beside what its code uses and a run tries",
         "A skill declares with `skillbox.capabilities: network subprocess files env:NAME` under "
         "metadata. Declaring gives no rights: the sandbox has no network either way. With --run "
         "or "
         "--observe the skill is run, and the system calls that the sandbox refused are counted. "
         "Such a run may do no more than any other.",
         "skillbox skill capabilities my-skill\n"
         "skillbox skill capabilities my-skill --run '{\"url\": \"https://example.org\"}'\n"
         "skillbox skill capabilities my-skill --observe  # runs its test cases\n"
         "skillbox skill capabilities my-skill-1.0.0.zip -o json"});
    const auto arguments = std::make_shared<CapabilityArguments>();
    addArgument(*command, "PATH", arguments->path, "A skill's folder or zip archive",
                value::directoryOrArchive);
    addOption(*command, "--run", arguments->input,
              "Run it once with this input: JSON, @FILE, or - for standard input", "INPUT");
    addFlag(*command, "--observe", arguments->observe, "Run its test cases");
    onChosen(*command, context, [arguments, &context] { return show(context, *arguments); });
}

} // namespace skillbox
