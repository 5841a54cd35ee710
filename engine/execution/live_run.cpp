#include "engine/execution/live_run.h"

#include "engine/base/clock.h"
#include "engine/execution/environment.h"
#include "engine/execution/execution_log.h"
#include "engine/execution/output_collector.h"
#include "engine/execution/run_policy.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Result<Entrypoint> chooseEntrypoint(const ResolvedSkill &skill, const QString &named)
{
    if (!named.isEmpty())
        return namedEntrypoint(skill.manifest, skill.files, named);
    if (!skill.entrypoint
        || effectiveMode(skill.manifest, skill.entrypoint) == SkillMode::Cognitive) {
        return fail(ErrorCode::NotExecutable,
                    u"skill \"%1\" %2 is instructions only: name one of its scripts to run it"_s
                        .arg(skill.name, skill.version));
    }
    return *skill.entrypoint;
}

Result<void> prepareJob(LiveRun &run, const ExecutionRequest &request, const ResolvedSkill &skill,
                        const RunLimits &limits, const ImageStore *images)
{
    run.record.skillName = skill.name;
    run.record.skillVersion = skill.version;
    run.record.skillDigest = skill.digest;
    const Result<Entrypoint> entrypoint = chooseEntrypoint(skill, request.entrypoint);
    if (!entrypoint)
        return fail(entrypoint.error());
    run.record.entrypoint = entrypoint->path;

    if (const auto refusal = environmentRefusal(request.environment))
        run.refusal = Verdict{ExecutionStatus::Failed, u"env_not_allowed"_s, *refusal};
    RunImage image;
    if (!run.refusal) {
        image = chooseImage(skill.manifest, entrypoint->language, limits.imageAllowlist, images);
        run.refusal = image.refusal;
    }
    if (run.refusal)
        return {};

    RunPolicy policy = makePolicy(skill.manifest, limits, request.timeout);
    run.notes = std::move(policy.notes);
    run.job = SandboxJob{
        .id = run.record.id,
        .language = entrypoint->language,
        .image = image.name,
        .skillDirectory = skill.directory,
        .entrypoint = entrypoint->path,
        .inputJson = run.record.input.bytes(),
        .environment = skillEnvironment(run.record.input, skill.manifest.instructions,
                                        request.environment),
        .policy = policy.policy,
    };
    return {};
}

/// A version the caller named and that does not exist is a run that failed, not a bad request.
bool isRecordedWhenMissing(const ExecutionRequest &request)
{
    return request.directory.isEmpty() && !request.version.isEmpty()
        && request.version != "latest"_L1;
}

QJsonObject sandboxReport(const Outcome &outcome)
{
    QJsonObject report = outcome.report;
    report.insert(u"usage"_s,
                  QJsonObject{{u"setup_us"_s, static_cast<qint64>(outcome.setupTime.count())},
                              {u"cpu_us"_s, static_cast<qint64>(outcome.cpuTime.count())},
                              {u"peak_memory_bytes"_s, outcome.peakMemoryBytes}});
    return report;
}

} // namespace

void LiveRun::tell(ExecutionEvent event)
{
    event.seq = ++lastSeq;
    if (!observer)
        return;
    try {
        observer(event);
    } catch (...) {
        observer = {};
        qCWarning(executionLog, "execution %s: its observer threw and is not told any more",
                  qUtf8Printable(record.id.value));
    }
}

Result<std::unique_ptr<LiveRun>> prepareRun(const ExecutionRequest &request, Registry &registry,
                                            const RunLimits &limits, const ImageStore *images,
                                            const InstanceId &instance, const QString &runDirectory)
{
    if (request.timeout && request.timeout->count() <= 0)
        return fail(ErrorCode::BadRequest, u"timeout must be longer than zero"_s);

    auto run = std::make_unique<LiveRun>();
    ExecutionRecord &record = run->record;
    record.id = ExecutionId{newUuid()};
    record.tenant = request.tenant;
    record.caller = request.origin.actor;
    record.instance = instance;
    record.input = request.input.isEmpty() || request.input.isNull() ? *JsonText::parse("{}")
                                                                     : request.input;
    record.createdAt = nowUtc();

    const Result<ResolvedSkill> skill = request.directory.isEmpty()
        ? registry.resolve({request.tenant, request.skill, request.version})
        : registry.resolveDirectory(request.directory);
    if (skill) {
        if (const Result<void> prepared = prepareJob(*run, request, *skill, limits, images);
            !prepared)
            return fail(prepared.error());
    } else if (skill.error().code == ErrorCode::NotFound && isRecordedWhenMissing(request)) {
        record.skillName = request.skill;
        record.skillVersion = request.version;
        run->refusal = Verdict{ExecutionStatus::Failed, u"version_not_found"_s,
                               skill.error().message};
    } else {
        return fail(skill.error());
    }

    const auto listener = [run = run.get()](LogStreamKind stream, const QString &text) {
        run->tell({.kind = ExecutionEvent::Kind::Log,
                   .status = ExecutionStatus::Running,
                   .stream = stream,
                   .text = text});
    };
    run->log = std::make_unique<LogStream>(limits.maxLogBytes, liveLogPath(runDirectory, record.id),
                                           listener);
    return run;
}

QString liveLogPath(const QString &runDirectory, const ExecutionId &id)
{
    return runDirectory + u'/' + id.value + u".log"_s;
}

Verdict performRun(LiveRun &run, SandboxRuntime &sandbox, BlobStore &blobs, const RunLimits &limits)
{
    for (const QString &note : std::as_const(run.notes))
        run.log->note(note);

    const Result<Outcome> outcome = sandbox.run(run.job, *run.log, run.stop.get_token());
    run.log->finish();
    if (!outcome) {
        qCWarning(executionLog, "execution %s: %s %s", qUtf8Printable(run.record.id.value),
                  qUtf8Printable(outcome.error().message), qUtf8Printable(outcome.error().detail));
        return verdictOn(outcome.error());
    }

    Verdict verdict = verdictOn(*outcome, run.job.policy.limits);
    run.record.sandbox = sandboxReport(*outcome);
    if (!outcome->outDirectory)
        return verdict;

    CollectedOutput collected = collectOutputs(
        outcome->outDirectory.get(), blobs,
        {.filesBytes = limits.maxFilesBytes, .artifacts = limits.maxArtifacts, .tree = {}});
    for (const QString &warning : std::as_const(collected.warnings))
        run.log->note(u"warning: "_s + warning);
    run.record.output = std::move(collected.output);
    run.record.artifacts = std::move(collected.artifacts);
    if (collected.failure) {
        const QString text = u"the output files could not be stored: %1"_s.arg(
            collected.failure->message);
        qCWarning(executionLog, "execution %s: %s %s", qUtf8Printable(run.record.id.value),
                  qUtf8Printable(text), qUtf8Printable(collected.failure->detail));
        run.log->note(text);
        if (verdict.status == ExecutionStatus::Success) {
            verdict = {ExecutionStatus::Failed, u"internal"_s, text, verdict.exitCode};
        }
    }
    return verdict;
}

} // namespace skillbox
