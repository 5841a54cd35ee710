#include "engine/execution/live_run.h"

#include "engine/base/clock.h"
#include "engine/execution/environment.h"
#include "engine/execution/execution_log.h"
#include "engine/execution/input_schema.h"
#include "engine/execution/output_collector.h"
#include "engine/execution/run_policy.h"
#include "engine/execution/run_task.h"
#include "engine/workspace/session_service.h"
#include "engine/workspace/stored_content.h"

#include <QFile>
#include <QRegularExpression>

#include <condition_variable>
#include <mutex>

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

constexpr qsizetype maxInputFiles = 256;

/// `schemas/input.json`, where the skill has one. One that is no schema says so in the run's log:
/// its author's mistake must not keep others from running the skill.
Result<void> checkInput(LiveRun &run, const ResolvedSkill &skill)
{
    const QString path = u"schemas/input.json"_s;
    if (!skill.files.contains(path))
        return {};
    const auto note = [&](const QString &why) {
        run.notes += u"warning: the input is not checked against %1: %2"_s.arg(path, why);
        return Result<void>();
    };
    QFile file(skill.directory + u'/' + path);
    if (!file.open(QIODevice::ReadOnly))
        return note(u"it cannot be read"_s);
    const auto schema = InputSchema::parse(file.read(InputSchema::maxBytes + 1));
    if (!schema)
        return note(schema.error().message);
    if (!schema->ignoredKeywords().isEmpty()) {
        run.notes += u"warning: %1 of %2 is not checked"_s.arg(
            schema->ignoredKeywords().join(u", "_s), path);
    }
    return schema->check(run.record.input);
}

Result<QList<PlacedFile>> findInputFiles(const ExecutionRequest &request, MetadataStore &metadata)
{
    if (request.inputFiles.size() > maxInputFiles) {
        return fail(ErrorCode::BadRequest,
                    u"a run can be given at most %1 input files, not %2"_s.arg(maxInputFiles)
                        .arg(request.inputFiles.size()));
    }
    QList<FileRecord> files;
    for (const FileId &id : request.inputFiles) {
        const auto missing = fail(ErrorCode::NotFound,
                                  u"there is no file \"%1\""_s.arg(id.value.left(128)));
        if (!isUuid(id.value))
            return missing;
        auto found = metadata.findFile(request.tenant, id);
        if (!found)
            return fail(found.error());
        if (!*found)
            return missing;
        files.append(std::move(**found));
    }
    return nameFiles(files);
}

/// W3C Trace Context, 3.2: version, trace-id, parent-id and flags in lower-case hex.
bool isTraceparent(const QString &text)
{
    static const QRegularExpression form(
        uR"(\A[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\z)"_s);
    return form.match(text).hasMatch();
}

QMap<QString, QString> environmentOf(const LiveRun &run, const ExecutionRequest &request,
                                     const ResolvedSkill &skill)
{
    QMap<QString, QString> environment = skillEnvironment(run.record.input,
                                                          skill.manifest.instructions,
                                                          request.environment);
    if (!request.session.isEmpty())
        environment.insert(u"SANDBOX_SESSION_DIR"_s, u"/sandbox/session/"_s);
    if (isTraceparent(request.traceparent))
        environment.insert(u"TRACEPARENT"_s, request.traceparent);
    return environment;
}

Result<void> prepareJob(LiveRun &run, const ExecutionRequest &request, const ResolvedSkill &skill,
                        const ExecutionService::Parts &parts)
{
    run.record.skillName = skill.name;
    run.record.skillVersion = skill.version;
    run.record.skillDigest = skill.digest;
    const Result<Entrypoint> entrypoint = chooseEntrypoint(skill, request.entrypoint);
    if (!entrypoint)
        return fail(entrypoint.error());
    run.record.entrypoint = entrypoint->path;
    if (auto valid = checkInput(run, skill); !valid)
        return fail(valid.error());

    if (const auto refusal = environmentRefusal(request.environment))
        run.refusal = Verdict{ExecutionStatus::Failed, u"env_not_allowed"_s, *refusal};
    RunImage image;
    if (!run.refusal) {
        image = chooseImage(skill.manifest, entrypoint->language, parts.limits.imageAllowlist,
                            parts.images, parts.sandbox.imageSupport());
        run.refusal = image.refusal;
    }
    if (run.refusal)
        return {};

    RunPolicy policy = makePolicy(skill.manifest, parts.limits, request.timeout);
    run.notes += policy.notes;
    SandboxJob &job = run.job; // its usage may be asked for meanwhile
    job.id = run.record.id;
    job.language = entrypoint->language;
    job.image = image.name;
    job.skillDirectory = skill.directory;
    job.entrypoint = entrypoint->path;
    job.inputJson = run.record.input.bytes();
    job.environment = environmentOf(run, request, skill);
    job.policy = policy.policy;
    job.observation = request.observation;
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
    event.seq = events->append(event);
    if (wakeFollowers)
        wakeFollowers();
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

namespace {

std::unique_ptr<LiveRun> makeRun(const ExecutionId &id, const ExecutionRequest &request,
                                 const ExecutionService::Parts &parts)
{
    auto run = std::make_unique<LiveRun>();
    run->record.id = id;
    run->events = std::make_shared<RunEvents>(request.tenant);
    run->origin = request.origin;
    run->timings.requestId = request.origin.requestId;
    run->timings.traceparent = request.traceparent;
    const auto listener = [run = run.get()](LogStreamKind stream, const QString &text) {
        run->tell({.kind = ExecutionEvent::Kind::Log,
                   .status = ExecutionStatus::Running,
                   .stream = stream,
                   .text = text});
    };
    run->log = std::make_unique<LogStream>(parts.limits.maxLogBytes,
                                           liveLogPath(parts.runDirectory, id), listener);
    run->job.usage = std::make_shared<UsageMeter>();
    return run;
}

} // namespace

Result<std::unique_ptr<LiveRun>> prepareRun(const ExecutionRequest &request,
                                            const ExecutionService::Parts &parts)
{
    if (request.timeout && request.timeout->count() <= 0)
        return fail(ErrorCode::BadRequest, u"timeout must be longer than zero"_s);
    if (!request.session.isEmpty()
        && (!parts.sessions || !SessionService::isSessionName(request.session))) {
        return fail(ErrorCode::BadRequest,
                    u"\"%1\" is not a session name: it must have 1 to 128 letters, digits, dots,"
                    u" underscores and hyphens"_s.arg(request.session.left(128)));
    }
    auto inputFiles = findInputFiles(request, parts.metadata);
    if (!inputFiles)
        return fail(inputFiles.error());

    auto run = makeRun({newUuid()}, request, parts);
    run->inputFiles = std::move(*inputFiles);
    ExecutionRecord &record = run->record;
    record.tenant = request.tenant;
    record.session = request.session;
    record.caller = request.origin.actor;
    record.instance = parts.instance;
    record.input = request.input.isEmpty() || request.input.isNull() ? *JsonText::parse("{}")
                                                                     : request.input;
    record.createdAt = nowUtc();

    const Result<ResolvedSkill> skill = request.directory.isEmpty()
        ? parts.registry.resolve({request.tenant, request.skill, request.version})
        : parts.registry.resolveDirectory(request.directory);
    if (skill) {
        if (const Result<void> prepared = prepareJob(*run, request, *skill, parts); !prepared)
            return fail(prepared.error());
    } else if (skill.error().code == ErrorCode::NotFound && isRecordedWhenMissing(request)) {
        record.skillName = request.skill;
        record.skillVersion = request.version;
        run->refusal = Verdict{ExecutionStatus::Failed, u"version_not_found"_s,
                               skill.error().message};
    } else {
        return fail(skill.error());
    }

    return run;
}

std::unique_ptr<LiveRun> receiveRun(const QueuedRun &queued, const ExecutionService::Parts &parts)
{
    auto request = requestOf(queued);
    auto run = makeRun(queued.record.id, request.value_or(ExecutionRequest()), parts);
    run->record = queued.record;
    // How long it waited counts by the clocks of two machines.
    const qint64 waited = qMax<qint64>(0, queued.record.createdAt.msecsTo(nowUtc()));
    run->submitted -= std::chrono::milliseconds(waited);
    if (queued.record.cancelRequested)
        run->stop.request_stop();
    if (request) {
        run->asked = std::move(*request);
        run->isMovable = true;
    } else {
        run->refusal = verdictOn(request.error());
    }
    return run;
}

Result<void> prepareReceived(LiveRun &run, const ExecutionService::Parts &parts)
{
    const ExecutionRequest &request = *run.asked;
    const auto refuse = [&run](const QString &reason, const QString &error) {
        run.refusal = Verdict{ExecutionStatus::Failed, reason, error};
        return Result<void>();
    };
    const auto isOurFault = [](const Error &error) {
        return error.code == ErrorCode::StorageUnavailable || error.code == ErrorCode::Internal
            || error.code == ErrorCode::StorageCorrupt;
    };
    auto files = findInputFiles(request, parts.metadata);
    if (!files) {
        return isOurFault(files.error()) ? fail(files.error())
                                         : refuse(u"input_file_gone"_s, files.error().message);
    }
    run.inputFiles = std::move(*files);
    const QString digest = run.record.skillDigest;
    const auto skill = parts.registry.resolve({request.tenant, request.skill, request.version});
    if (!skill) {
        return isOurFault(skill.error()) ? fail(skill.error())
                                         : refuse(u"skill_not_available"_s, skill.error().message);
    }
    if (skill->digest != digest) {
        return refuse(u"skill_not_available"_s,
                      u"skill \"%1\" %2 has other content than when the run was asked for"_s.arg(
                          request.skill, request.version));
    }
    if (const auto prepared = prepareJob(run, request, *skill, parts); !prepared) {
        return isOurFault(prepared.error())
            ? fail(prepared.error())
            : refuse(QString(errorSlug(prepared.error().code)), prepared.error().message);
    }
    return {};
}

QString liveLogPath(const QString &runDirectory, const ExecutionId &id)
{
    return runDirectory + u'/' + id.value + u".log"_s;
}

namespace {

/// What a run is given beside its skill, made when it begins and gone when it has ended.
struct RunWorkspace {
    std::optional<SessionService::Checkout> session;
    std::optional<Scratch> inputCopies;
};

Result<RunWorkspace> prepareWorkspace(LiveRun &run, const ExecutionService::Parts &parts)
{
    RunWorkspace workspace;
    if (auto placed = placeFiles(run.inputFiles, parts.blobs, parts.scratchDirectory,
                                 workspace.inputCopies);
        !placed)
        return fail(placed.error());
    for (const PlacedFile &file : std::as_const(run.inputFiles))
        run.job.inputFiles.append({file.name, file.hostPath});
    if (run.record.session.isEmpty())
        return workspace;
    auto session = parts.sessions->checkOut(run.record.tenant, run.record.session);
    if (!session)
        return fail(session.error());
    run.job.sessionDirectory = session->directory;
    run.job.policy.limits.sessionBytes = parts.sessions->treeBytes();
    workspace.session.emplace(std::move(*session));
    return workspace;
}

/// Where something the run left could not be stored: says so, and that it is no success.
void failToKeep(LiveRun &run, const QString &what, const Error &error, Verdict &verdict)
{
    const QString text = u"%1 could not be stored: %2"_s.arg(what, error.message);
    qCWarning(executionLog, "execution %s: %s %s", qUtf8Printable(run.record.id.value),
              qUtf8Printable(text), qUtf8Printable(error.detail));
    run.log->note(text);
    if (verdict.status == ExecutionStatus::Success)
        verdict = {ExecutionStatus::Failed, u"internal"_s, text, verdict.exitCode};
}

constexpr auto patienceToKeep = std::chrono::seconds(60);
constexpr auto timeBetweenTries = std::chrono::seconds(1);

void waitForStop(const std::stop_token &stop, std::chrono::milliseconds most)
{
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock(mutex);
    changed.wait_for(lock, stop, most, [] { return false; });
}

void collect(LiveRun &run, int outDirectory, const ExecutionService::Parts &parts, Verdict &verdict)
{
    std::optional<StorageRoom> tight; // there is room for less than any run may leave
    const auto roomFor = [&](qint64 most) {
        const auto room = parts.metadata.storageRoom(run.record.tenant);
        if (!room || room->limit <= 0 || room->limit - room->used >= most)
            return most;
        tight = *room;
        return qMax<qint64>(0, room->limit - room->used);
    };
    const CollectLimits limits{.filesBytes = parts.limits.maxFilesBytes,
                               .artifacts = parts.limits.maxArtifacts,
                               .tree = {},
                               .roomFor = roomFor};
    CollectedOutput collected = collectOutputs(outDirectory, parts.blobs, limits);
    // A store of others, somewhere else, may be away for a while; ours would only be full.
    const auto deadline = std::chrono::steady_clock::now() + patienceToKeep;
    while (parts.liveLogs == LiveLogs::InStore && collected.failure
           && collected.failure->code == ErrorCode::StorageUnavailable && !run.stop.stop_requested()
           && std::chrono::steady_clock::now() < deadline) {
        waitForStop(run.stop.get_token(), timeBetweenTries);
        collected = collectOutputs(outDirectory, parts.blobs, limits);
    }
    for (const QString &warning : std::as_const(collected.warnings))
        run.log->note(u"warning: "_s + warning);
    run.record.output = std::move(collected.output);
    run.record.artifacts = std::move(collected.artifacts);
    if (collected.failure)
        failToKeep(run, u"the output files"_s, *collected.failure, verdict);
    if (tight && collected.bytesLeftOut > 0) {
        const Error full = storageIsFull(run.record.tenant,
                                         tight->used + collected.bytesKept + collected.bytesLeftOut,
                                         tight->limit);
        run.log->note(u"output files are left out: %1"_s.arg(full.message));
        if (verdict.status == ExecutionStatus::Success) {
            verdict = {ExecutionStatus::Failed, u"storage_quota"_s, full.message, verdict.exitCode};
        }
    }
}

} // namespace

Verdict performRun(LiveRun &run, const ExecutionService::Parts &parts)
{
    for (const QString &note : std::as_const(run.notes))
        run.log->note(note);
    const auto failed = [&run](const Error &error) {
        run.log->finish();
        qCWarning(executionLog, "execution %s: %s %s", qUtf8Printable(run.record.id.value),
                  qUtf8Printable(error.message), qUtf8Printable(error.detail));
        return verdictOn(error);
    };
    const Result<RunWorkspace> workspace = prepareWorkspace(run, parts);
    if (!workspace)
        return failed(workspace.error());

    Result<Outcome> outcome = parts.sandbox.run(run.job, *run.log, run.stop.get_token());
    if (!outcome && outcome.error().code == ErrorCode::NotFound) {
        run.log->finish();
        return {ExecutionStatus::Failed, u"image_not_available"_s, outcome.error().message};
    }
    if (!outcome)
        return failed(outcome.error());
    run.log->finish();
    run.timings.setup = outcome->setupTime;
    Verdict verdict = verdictOn(*outcome, run.job.policy.limits);
    run.record.sandbox = sandboxReport(*outcome);
    if (outcome->outDirectory) {
        collect(run, outcome->outDirectory.get(), parts, verdict);
        run.outDirectory = std::move(outcome->outDirectory);
        run.outFolders = std::move(outcome->folders);
    }
    if (outcome->sessionDirectory && workspace->session) {
        const auto lines = parts.sessions->checkIn(run.record.tenant, run.record.session,
                                                   *workspace->session,
                                                   outcome->sessionDirectory.get());
        if (!lines)
            failToKeep(run, u"the session's files"_s, lines.error(), verdict);
        for (const QString &line : lines.value_or(QStringList()))
            run.log->note(u"warning: "_s + line);
    }
    return verdict;
}

Result<void> keepArtifacts(const LiveRun &run, const ExecutionService::Parts &parts)
{
    const OutputTree tree(run.outDirectory.get());
    for (const ArtifactRecord &artifact : run.record.artifacts) {
        QFile file;
        UniqueFd fd = tree.openFile("files/" + artifact.path.toUtf8(), nullptr);
        if (!fd
            || !file.open(fd.release(), QIODevice::ReadOnly | QIODevice::Unbuffered,
                          QFileDevice::AutoCloseHandle)) {
            return fail(ErrorCode::Io, u"\"%1\" cannot be read a second time"_s.arg(artifact.path));
        }
        if (auto kept = keepStored(parts.metadata, parts.blobs, {artifact.blob, artifact.sizeBytes},
                                   file, 0);
            !kept)
            return fail(kept.error());
    }
    return {};
}

} // namespace skillbox
