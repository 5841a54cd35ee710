#include "app/cli/artifact_download.h"
#include "app/cli/backend/backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/input_argument.h"
#include "app/cli/interrupt_guard.h"
#include "app/cli/progress_line.h"
#include "app/cli/result_view.h"
#include "app/cli/skill_source.h"
#include "engine/execution/execution_json.h"
#include "engine/skill/quantity.h"

#include <QFileInfo>

#include <optional>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct RunOptions {
    std::string skill;
    std::optional<std::string> input;
    std::string version;
    std::vector<std::string> environment;
    std::string timeout;
    std::string entrypoint;
    std::string download;
    bool overwrite = false;
    bool follow = false;
};

Result<QMap<QString, QString>> parseEnvironment(const std::vector<std::string> &assignments)
{
    QMap<QString, QString> environment;
    for (const std::string &assignment : assignments) {
        const QString text = toText(assignment);
        const qsizetype equals = text.indexOf(u'=');
        if (equals < 1) {
            return fail(ErrorCode::BadRequest, u"--env needs NAME=VALUE, not '%1'"_s.arg(text));
        }
        environment.insert(text.first(equals), text.sliced(equals + 1));
    }
    return environment;
}

Result<ExecutionRequest> makeRequest(CliContext &context, const RunOptions &options)
{
    ExecutionRequest request;
    request.version = toText(options.version);
    request.entrypoint = toText(options.entrypoint);

    // What is wrong with the arguments is told before anything is opened or started.
    const Result<QMap<QString, QString>> environment = parseEnvironment(options.environment);
    if (!environment)
        return fail(environment.error());
    request.environment = *environment;
    if (!options.timeout.empty()) {
        const Result<std::chrono::milliseconds> timeout = parseDuration(toText(options.timeout));
        if (!timeout) {
            return fail(ErrorCode::BadRequest, u"--timeout: "_s + timeout.error().message,
                        timeout.error().detail);
        }
        request.timeout = *timeout;
    }
    if (!options.download.empty()) {
        const QFileInfo target(toText(options.download));
        if (target.exists() && !target.isDir()) {
            return fail(ErrorCode::BadRequest,
                        u"--download: '%1' is a file, not a folder"_s.arg(
                            toText(options.download)));
        }
    }
    if (options.input) {
        const Result<JsonText> input = readInputArgument(toText(*options.input));
        if (!input)
            return fail(input.error());
        request.input = *input;
    }
    const Result<SkillSource> source = chooseSkillSource(context, toText(options.skill),
                                                         request.version);
    if (!source)
        return fail(source.error());
    if (!source->directory.isEmpty() && !request.version.isEmpty()) {
        return fail(ErrorCode::BadRequest,
                    u"--version names a published version, and '%1' is a folder"_s.arg(
                        toText(options.skill)));
    }
    request.skill = source->name;
    request.directory = source->directory;
    return request;
}

/// Blocks until the run is over. Its log goes to standard error with --follow; the first interrupt
/// cancels it.
Result<ExecutionRecord> runToEnd(CliContext &context, Backend &backend,
                                 const ExecutionRequest &request, const RunOptions &options,
                                 bool &wasInterrupted)
{
    Terminal &err = context.err();
    ProgressLine progress(err);
    progress.setLabel(u"Running %1"_s.arg(toText(options.skill)));

    std::mutex mutex; // guards `id` between this thread and the interrupt's
    std::optional<ExecutionId> id;
    bool wanted = false;
    const InterruptGuard guard([&] {
        progress.setLabel(u"Cancelling"_s);
        if (err.isTerminal())
            progress.writeLine(u"Cancelling; press Ctrl-C again to leave at once."_s);
        const std::lock_guard lock(mutex);
        wanted = true;
        if (id)
            backend.cancel(*id);
    });

    Backend::RunHooks hooks;
    hooks.onStarted = [&](const ExecutionId &started) {
        const std::lock_guard lock(mutex);
        id = started;
        if (wanted)
            backend.cancel(*id);
    };
    if (options.follow) {
        hooks.onLog = [&](LogStreamKind stream, const QString &text) {
            const Paint paint = stream == LogStreamKind::Stderr ? Paint::Yellow : Paint::Plain;
            progress.write(err.painted(paint, err.foreign(text)));
        };
    }
    Result<ExecutionRecord> record = backend.run(request, hooks);
    progress.stop();
    wasInterrupted = guard.interrupted();
    return record;
}

ExitCode runSkill(CliContext &context, const RunOptions &options)
{
    const Result<ExecutionRequest> request = makeRequest(context, options);
    if (!request)
        return context.reportError(request.error());
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());

    bool wasInterrupted = false;
    const Result<ExecutionRecord> record = runToEnd(context, **backend, *request, options,
                                                    wasInterrupted);
    if (!record) {
        return context.reportError(withSimilarSkills(**backend, record.error(), request->skill));
    }

    Result<QList<SavedArtifact>> saved;
    if (!options.download.empty()) {
        saved = downloadArtifacts(**backend, *record, toText(options.download),
                                  options.overwrite ? ExistingFiles::Replace
                                                    : ExistingFiles::KeepForeign);
    }
    if (context.wantsJson()) {
        context.printJson(resultJson(*record));
    } else {
        printResult(context.out(), *record,
                    {.logsWereShown = options.follow,
                     .saved = saved ? *saved : QList<SavedArtifact>()});
    }
    // A run that went well but whose files could not be saved did not do what was asked.
    const ExitCode code = wasInterrupted && record->status != ExecutionStatus::Success
        ? ExitCode::Interrupted
        : exitCodeFor(record->status);
    if (!saved) {
        const ExitCode saveCode = context.reportError(saved.error());
        return code == ExitCode::Success ? saveCode : code;
    }
    return code;
}

} // namespace

void registerRun(CLI::App &root, CliContext &context)
{
    CLI::App *command = addCommand(
        root, context,
        {"run", "Run a skill in the sandbox and print its result",
         "SKILL is a published skill, or a folder with a SKILL.md that need not be published: "
         "anything with a slash, `.`, or the name of a folder that no published skill has.\n\n"
         "Exit codes: 0 the skill succeeded, 2 it failed, 124 it timed out, 130 it was "
         "interrupted, "
         "1 it could not be run.",
         "skillbox run word-counter --input '{\"text\":\"a b a\"}'\n"
         "skillbox run ./my-skill --input @input.json --follow   # an unpublished folder\n"
         "echo '{\"n\":3}' | skillbox run dice --input - -o json   # the result as one JSON line\n"
         "skillbox run chart --input @data.json --download out   # save the files it makes\n"
         "skillbox run dice --version 1.2.0 --env SEED=7 --timeout 10s"},
        WorksOn::Backend);
    const auto options = std::make_shared<RunOptions>();
    addArgument(*command, "SKILL", options->skill, "A published skill, or a skill's folder",
                value::skillOrDirectory);
    addOption(*command, "-i,--input", options->input,
              "The input: JSON text, @FILE to read a file, - to read standard input "
              "(default {})",
              "JSON|@FILE|-");
    addOption(*command, "--version", options->version, "Which version (default: the latest)",
              value::version);
    addOption(*command, "-e,--env", options->environment,
              "An environment variable for the skill; may be repeated", "NAME=VALUE");
    addOption(*command, "--timeout", options->timeout,
              "Stop earlier than the skill's own limit, e.g. 10s or 1m30s", "DURATION");
    addOption(*command, "--entrypoint", options->entrypoint,
              "A script of the skill to run instead of its default", value::text);
    addOption(*command, "-d,--download", options->download,
              "Save the files the skill makes into this folder", value::directory);
    addFlag(*command, "--overwrite", options->overwrite,
            "With --download: also replace files that no earlier run has made");
    addFlag(*command, "-f,--follow", options->follow,
            "Show the log on standard error while the skill runs");
    onChosen(*command, context, [options, &context] { return runSkill(context, *options); });
}

} // namespace skillbox
