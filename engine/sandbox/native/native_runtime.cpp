#include "engine/sandbox/native/native_runtime.h"

#include "engine/sandbox/images/image_store.h"
#include "engine/sandbox/input_names.h"
#include "engine/sandbox/native/control_report.h"
#include "engine/sandbox/native/descriptor_limit.h"
#include "engine/sandbox/native/host_view.h"
#include "engine/sandbox/native/image_view.h"
#include "engine/sandbox/native/interpreter.h"
#include "engine/sandbox/native/launcher_client.h"
#include "engine/sandbox/native/refused_calls.h"
#include "engine/sandbox/native/run_monitor.h"
#include "engine/sandbox/native/setup_advice.h"
#include "engine/sandbox/protocol/messages.h"

#include <QFile>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

const QString scriptsFolder = u"/sandbox/scripts/"_s;

const QString hostSearchPath = u"/usr/local/bin:/usr/bin:/bin"_s;

/// What every program expects, and over it what the job adds: a time zone or a language, say. PATH
/// is ours alone; makers of jobs refuse it long before.
std::vector<std::string> environmentOf(const QString &searchPath,
                                       const QMap<QString, QString> &added = {})
{
    QMap<QString, QString> all{{u"LANG"_s, u"C.UTF-8"_s},
                               {u"LC_ALL"_s, u"C.UTF-8"_s},
                               {u"TZ"_s, u"UTC"_s}};
    all.insert(added);
    all.insert(u"PATH"_s, searchPath);
    std::vector<std::string> environment;
    for (auto it = all.cbegin(); it != all.cend(); ++it)
        environment.push_back((it.key() + u'=' + it.value()).toStdString());
    return environment;
}

/// What a job's programs come from: this machine, or an image that stays as long as this lives.
struct Base {
    Interpreter interpreter;
    QString searchPath;
    std::vector<protocol::RootEntry> view;
    QMap<QString, QString> others = {}; ///< of alsoLanguages: what there is, language to program
    std::optional<ImageInUse> image = {};
};

Result<Base> hostBase(const SandboxJob &job)
{
    Result<Interpreter> interpreter = findInterpreter(job.language);
    if (!interpreter)
        return fail(interpreter.error());
    QList<Interpreter> all{*interpreter};
    QMap<QString, QString> others;
    for (const Language language : job.alsoLanguages) {
        if (const Result<Interpreter> other = findInterpreter(language)) {
            all.append(*other);
            others.insert(languageName(language), other->program);
        }
    }
    return Base{std::move(*interpreter), hostSearchPath, hostView(all, job.observation),
                std::move(others)};
}

Result<Base> imageBase(const SandboxJob &job, const ImageStore *images)
{
    if (!images) {
        return fail(ErrorCode::SandboxUnavailable,
                    u"image \"%1\" cannot be used: this runtime has no images"_s.arg(job.image));
    }
    Result<ImageInUse> image = images->use(job.image);
    if (!image)
        return fail(ErrorCode::SandboxUnavailable, image.error().message, image.error().detail);
    const QString given = image->record.searchPath;
    QMap<QString, QString> others;
    for (const Language language : job.alsoLanguages) {
        if (const auto other = findInterpreterInImage(language, image->rootDirectory, given))
            others.insert(languageName(language), other->program);
    }
    Result<Interpreter> interpreter = findInterpreterInImage(job.language, image->rootDirectory,
                                                             given);
    if (!interpreter) {
        return fail(interpreter.error().code,
                    u"image \"%1\" cannot be used: "_s.arg(job.image) + interpreter.error().message,
                    interpreter.error().detail);
    }
    auto view = imageView(image->rootDirectory);
    if (!view)
        return fail(view.error());
    return Base{std::move(*interpreter), given.isEmpty() ? usualSearchPath() : given,
                std::move(*view), std::move(others), std::move(*image)};
}

/// Where the input files go.
Result<std::vector<protocol::RootEntry>> inputEntries(const QList<SandboxInputFile> &files)
{
    const Result<QByteArrayList> names = inputFileNames(files);
    if (!names)
        return fail(names.error());
    std::vector<protocol::RootEntry> entries;
    for (qsizetype i = 0; i < files.size(); ++i) {
        entries.push_back({protocol::RootEntry::Bind,
                           "/sandbox/input/" + names->at(i).toStdString(),
                           QFile::encodeName(files.at(i).hostPath).toStdString()});
    }
    return entries;
}

/// Reads the log of a probe that has none.
class IgnoreOutput final : public OutputSink
{
public:
    void write(LogStreamKind, QByteArrayView) override { }
};

void setLimits(protocol::Job &job, const SandboxLimits &limits)
{
    // The wall clock ends a run; this ends a process that the launcher can no longer reach.
    job.cpuSeconds = static_cast<uint64_t>(limits.wallClock.count() / 1000 * 8 + 60);
    job.memoryBytes = static_cast<uint64_t>(limits.memoryBytes);
    job.processes = static_cast<uint64_t>(limits.processes);
    job.openFiles = static_cast<uint64_t>(limits.openFiles);
    job.tmpBytes = static_cast<uint64_t>(limits.tmpBytes);
    job.outputBytes = static_cast<uint64_t>(limits.outputBytes);
    job.sessionBytes = static_cast<uint64_t>(limits.sessionBytes);
    job.inodes = static_cast<uint64_t>(limits.inodes);
}

protocol::RunRequest requestFor(const SandboxPolicy &policy)
{
    const SandboxLimits &limits = policy.limits;
    protocol::RunRequest request;
    if (policy.required.controlGroup)
        request.required |= protocol::RequireCgroup;
    if (policy.required.landlock)
        request.required |= protocol::RequireLandlock;
    if (policy.required.timeNamespace)
        request.required |= protocol::RequireTimeNamespace;
    request.wallClockMs = static_cast<uint64_t>(limits.wallClock.count());
    request.memoryBytes = static_cast<uint64_t>(limits.memoryBytes);
    request.milliCpu = static_cast<uint64_t>(limits.milliCpu);
    request.processes = static_cast<uint64_t>(limits.processes);
    return request;
}

} // namespace

class NativeRuntime::Private
{
public:
    explicit Private(const NativeRuntimeConfig &config)
        : launcher(config.launcherPath)
        , images(config.images)
        , required(config.required)
    {
    }

    Result<protocol::Job> prepare(const SandboxJob &job, const Base &base) const;
    Result<MonitoredRun> execute(const protocol::Job &job, const SandboxPolicy &policy,
                                 OutputSink &sink, UsageMeter *usage, std::stop_token cancellation);

    LauncherClient launcher;
    const ImageStore *images;
    const RequiredControls required;
};

Result<protocol::Job> NativeRuntime::Private::prepare(const SandboxJob &job, const Base &base) const
{
    protocol::Job prepared;
    prepared.root = base.view;
    prepared.root.push_back({protocol::RootEntry::Bind, "/sandbox/scripts",
                             QFile::encodeName(job.skillDirectory).toStdString()});
    const auto inputs = inputEntries(job.inputFiles);
    if (!inputs)
        return fail(inputs.error());
    prepared.root.insert(prepared.root.end(), inputs->begin(), inputs->end());
    prepared.sessionSource = QFile::encodeName(job.sessionDirectory).toStdString();
    prepared.argv.push_back(base.interpreter.program.toStdString());
    for (const QString &argument : base.interpreter.arguments)
        prepared.argv.push_back(argument.toStdString());
    prepared.argv.push_back((scriptsFolder + job.entrypoint).toStdString());
    for (const QString &argument : job.arguments)
        prepared.argv.push_back(argument.toStdString());

    prepared.environment = environmentOf(base.searchPath, job.environment);
    prepared.workingDirectory = "/sandbox";
    prepared.inputJson = std::string_view(job.inputJson.constData(),
                                          static_cast<size_t>(job.inputJson.size()));
    prepared.observed = job.observation == Observation::RefusedCalls ? 1 : 0;
    setLimits(prepared, job.policy.limits);
    return prepared;
}

Result<MonitoredRun> NativeRuntime::Private::execute(const protocol::Job &job,
                                                     const SandboxPolicy &policy, OutputSink &sink,
                                                     UsageMeter *usage,
                                                     std::stop_token cancellation)
{
    Result<LaunchedRun> launched = launcher.launch(requestFor(policy), job);
    if (!launched)
        return fail(launched.error());
    const quint64 itsLauncher = launched->launcher;
    auto run = monitorRun(std::move(*launched), policy.limits, sink, usage,
                          std::move(cancellation));
    if (!run)
        launcher.awaitEndOf(itsLauncher);
    return run;
}

NativeRuntime::NativeRuntime(std::unique_ptr<Private> parts) : d(std::move(parts)) { }
NativeRuntime::~NativeRuntime() = default;

std::unique_ptr<SandboxRuntime> NativeRuntime::create(NativeRuntimeConfig config)
{
    raiseDescriptorLimit();
    return std::unique_ptr<SandboxRuntime>(new NativeRuntime(std::make_unique<Private>(config)));
}

void NativeRuntime::prepare()
{
    // A launcher that cannot be started says so to the run that needs it.
    [[maybe_unused]] const Result<void> started = d->launcher.start();
}

QString NativeRuntime::name() const
{
    return u"native"_s;
}

Result<Outcome> NativeRuntime::run(const SandboxJob &job, OutputSink &sink,
                                   std::stop_token cancellation)
{
    // Holds the image's lock until everything of the run is dead.
    const Result<Base> base = job.image.isEmpty() ? hostBase(job) : imageBase(job, d->images);
    if (!base)
        return fail(base.error());
    const Result<protocol::Job> prepared = d->prepare(job, *base);
    if (!prepared)
        return fail(prepared.error());
    Result<MonitoredRun> run = d->execute(*prepared, job.policy, sink, job.usage.get(),
                                          std::move(cancellation));
    if (!run)
        return fail(run.error());

    if (!run->advice.isEmpty())
        run->outcome.message += u' ' + run->advice;
    run->outcome.report = {{u"backend"_s, name()},
                           {u"interpreter"_s, base->interpreter.program},
                           {u"level"_s, levelOf(run->controls)},
                           {u"controls"_s, controlsJson(run->controls)}};
    if (!base->others.isEmpty()) {
        QJsonObject others;
        for (auto it = base->others.cbegin(); it != base->others.cend(); ++it)
            others.insert(it.key(), it.value());
        run->outcome.report.insert(u"other_interpreters"_s, others);
    }
    if (job.observation == Observation::RefusedCalls)
        run->outcome.report.insert(u"refused"_s, refusedCallsJson(run->outcome.refused));
    if (base->image) {
        run->outcome.report.insert(u"image"_s,
                                   QJsonObject{{u"name"_s, base->image->record.name},
                                               {u"digest"_s, base->image->record.digest}});
    }
    return std::move(run->outcome);
}

Result<QList<ControlState>> NativeRuntime::probe()
{
    QList<ControlState> states;
    protocol::Job job;
    job.root = hostView({});
    job.argv = {"/usr/bin/true"};
    job.environment = environmentOf(hostSearchPath);
    job.workingDirectory = "/sandbox";
    SandboxPolicy policy;
    policy.limits.wallClock = std::chrono::seconds(10);
    setLimits(job, policy.limits);
    IgnoreOutput nothing;
    const Result<MonitoredRun> run = d->execute(job, policy, nothing, nullptr, {});
    if (!run) {
        states.append(
            {u"sandbox"_s, ControlState::State::Missing, run.error().message, run.error().detail});
    } else if (run->outcome.kind != OutcomeKind::Exited || run->outcome.exitCode != 0) {
        states.append(
            {u"sandbox"_s, ControlState::State::Missing, run->outcome.message, run->advice});
    } else {
        states.append({u"sandbox"_s,
                       ControlState::State::Active,
                       u"a test run took %1 ms to set up"_s.arg(
                           double(run->outcome.setupTime.count()) / 1000, 0, 'f', 1),
                       {}});
        states.append(controlStates(run->controls, d->required));
    }
    for (const Language language : {Language::Python, Language::Node, Language::Bash}) {
        const Result<Interpreter> interpreter = findInterpreter(language);
        const QString control = u"%1 interpreter"_s.arg(languageName(language));
        if (interpreter) {
            states.append({control, ControlState::State::Active, interpreter->program, {}});
        } else {
            states.append({control, ControlState::State::Degraded, u"not found"_s,
                           interpreter.error().message});
        }
    }
    return states;
}

} // namespace skillbox
