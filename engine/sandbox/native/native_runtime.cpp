#include "engine/sandbox/native/native_runtime.h"

#include "engine/sandbox/native/control_report.h"
#include "engine/sandbox/native/host_view.h"
#include "engine/sandbox/native/interpreter.h"
#include "engine/sandbox/native/launcher_client.h"
#include "engine/sandbox/native/run_monitor.h"
#include "engine/sandbox/native/setup_advice.h"
#include "engine/sandbox/protocol/messages.h"

#include <QFile>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

const QString scriptsFolder = u"/sandbox/scripts/"_s;

/// What every program expects and no caller may change.
const std::vector<std::string> baseEnvironment = {
    "PATH=/usr/local/bin:/usr/bin:/bin",
    "LANG=C.UTF-8",
    "LC_ALL=C.UTF-8",
    "TZ=UTC",
};

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
    job.inodes = static_cast<uint64_t>(limits.inodes);
}

protocol::RunRequest requestFor(const SandboxLimits &limits)
{
    protocol::RunRequest request;
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
    explicit Private(const QString &launcherPath) : launcher(launcherPath) { }

    Result<protocol::Job> prepare(const SandboxJob &job, QString &interpreterShown);
    Result<MonitoredRun> execute(const protocol::Job &job, const SandboxLimits &limits,
                                 OutputSink &sink, std::stop_token cancellation);

    LauncherClient launcher;
};

Result<protocol::Job> NativeRuntime::Private::prepare(const SandboxJob &job,
                                                      QString &interpreterShown)
{
    const Result<Interpreter> interpreter = findInterpreter(job.language);
    if (!interpreter)
        return fail(interpreter.error());
    interpreterShown = interpreter->program;

    protocol::Job prepared;
    prepared.root = hostView(*interpreter);
    prepared.root.push_back({protocol::RootEntry::Bind, "/sandbox/scripts",
                             QFile::encodeName(job.skillDirectory).toStdString()});
    for (const SandboxInputFile &file : job.inputFiles) {
        if (file.name.isEmpty() || file.name.contains(u'/') || file.name == "."_L1
            || file.name == ".."_L1) {
            return fail(ErrorCode::BadRequest,
                        u"\"%1\" cannot be the name of an input file"_s.arg(file.name));
        }
        prepared.root.push_back({protocol::RootEntry::Bind,
                                 "/sandbox/input/" + file.name.toStdString(),
                                 QFile::encodeName(file.hostPath).toStdString()});
    }
    prepared.argv.push_back(interpreter->program.toStdString());
    for (const QString &argument : interpreter->arguments)
        prepared.argv.push_back(argument.toStdString());
    prepared.argv.push_back((scriptsFolder + job.entrypoint).toStdString());
    for (const QString &argument : job.arguments)
        prepared.argv.push_back(argument.toStdString());

    prepared.environment = baseEnvironment;
    for (auto it = job.environment.cbegin(); it != job.environment.cend(); ++it)
        prepared.environment.push_back((it.key() + u'=' + it.value()).toStdString());
    prepared.workingDirectory = "/sandbox";
    prepared.inputJson
        = std::string_view(job.inputJson.constData(), static_cast<size_t>(job.inputJson.size()));
    setLimits(prepared, job.policy.limits);
    return prepared;
}

Result<MonitoredRun> NativeRuntime::Private::execute(const protocol::Job &job,
                                                     const SandboxLimits &limits, OutputSink &sink,
                                                     std::stop_token cancellation)
{
    Result<LaunchedRun> launched = launcher.launch(requestFor(limits), job);
    if (!launched)
        return fail(launched.error());
    return monitorRun(std::move(*launched), limits, sink, std::move(cancellation));
}

NativeRuntime::NativeRuntime(std::unique_ptr<Private> parts) : d(std::move(parts)) { }
NativeRuntime::~NativeRuntime() = default;

std::unique_ptr<SandboxRuntime> NativeRuntime::create(NativeRuntimeConfig config)
{
    return std::unique_ptr<SandboxRuntime>(
        new NativeRuntime(std::make_unique<Private>(config.launcherPath)));
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
    QString interpreter;
    const Result<protocol::Job> prepared = d->prepare(job, interpreter);
    if (!prepared)
        return fail(prepared.error());
    Result<MonitoredRun> run
        = d->execute(*prepared, job.policy.limits, sink, std::move(cancellation));
    if (!run)
        return fail(run.error());

    if (!run->advice.isEmpty())
        run->outcome.message += u' ' + run->advice;
    run->outcome.report = {{u"backend"_s, name()},
                           {u"interpreter"_s, interpreter},
                           {u"level"_s, levelOf(run->controls)},
                           {u"controls"_s, controlsJson(run->controls)}};
    return std::move(run->outcome);
}

Result<QList<ControlState>> NativeRuntime::probe()
{
    QList<ControlState> states;
    protocol::Job job;
    job.root = hostView({});
    job.argv = {"/usr/bin/true"};
    job.environment = baseEnvironment;
    job.workingDirectory = "/sandbox";
    SandboxLimits limits;
    limits.wallClock = std::chrono::seconds(10);
    setLimits(job, limits);
    IgnoreOutput nothing;
    const Result<MonitoredRun> run = d->execute(job, limits, nothing, {});
    if (!run) {
        states.append({u"sandbox"_s, ControlState::State::Missing, run.error().message, run.error().detail});
    } else if (run->outcome.kind != OutcomeKind::Exited || run->outcome.exitCode != 0) {
        states.append({u"sandbox"_s, ControlState::State::Missing, run->outcome.message, run->advice});
    } else {
        states.append({u"sandbox"_s, ControlState::State::Active,
                       u"a test run took %1 ms to set up"_s.arg(
                           double(run->outcome.setupTime.count()) / 1000, 0, 'f', 1),
                       {}});
        states.append(controlStates(run->controls));
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
