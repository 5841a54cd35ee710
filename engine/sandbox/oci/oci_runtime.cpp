#include "engine/sandbox/oci/oci_runtime.h"

#include "engine/sandbox/input_names.h"
#include "engine/sandbox/oci/container_spec.h"
#include "engine/sandbox/oci/engine_images.h"
#include "engine/sandbox/oci/oci_job.h"
#include "engine/sandbox/oci/oci_probe.h"
#include "engine/sandbox/oci/oci_run.h"
#include "engine/sandbox/oci/upload_archive.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLoggingCategory>
#include <QUrl>

#include <algorithm>
#include <thread>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Q_LOGGING_CATEGORY(leftoverLog, "skillbox.oci.leftovers")

/// Below `/sandbox/`, where the archive is unpacked.
QByteArray inVolume(const char *path)
{
    return QByteArray(path).sliced(qstrlen("/sandbox/"));
}

/// As the native runtime calls a value that could not be had.
bool isDegraded(const protocol::AppliedControl &control)
{
    return control.value == "absent" || control.value.ends_with(", not confirmed");
}

QJsonObject reportOf(const ContainerRunResult &run, const EngineVersion &engine,
                     const OciRuntimeConfig &config, const QString &imageName,
                     const QString &imageId)
{
    QJsonObject controls;
    for (const protocol::AppliedControl &control : run.controls)
        controls.insert(QString::fromStdString(control.name).left(64),
                        QString::fromStdString(control.value).left(1024));
    const bool degraded = std::any_of(run.controls.begin(), run.controls.end(), isDegraded);
    QJsonObject report{
        {u"backend"_s, engine.kindName()},
        {u"engine_version"_s, engine.version},
        {u"image"_s, QJsonObject{{u"name"_s, imageName}, {u"digest"_s, imageId}}},
    };
    if (!config.engine.runtime.isEmpty())
        report.insert(u"runtime"_s, config.engine.runtime);
    if (run.controls.empty())
        return report; // it did not come so far
    report.insert(u"interpreter"_s, run.interpreter);
    report.insert(u"level"_s, degraded ? u"degraded"_s : u"full"_s);
    report.insert(u"controls"_s, controls);
    QJsonObject others;
    for (auto it = run.otherInterpreters.cbegin(); it != run.otherInterpreters.cend(); ++it)
        others.insert(it.key(), it.value());
    if (!others.isEmpty())
        report.insert(u"other_interpreters"_s, others);
    return report;
}

Outcome failedSetup(const Error &error)
{
    Outcome outcome;
    outcome.kind = OutcomeKind::SetupFailed;
    outcome.message = u"The sandbox could not be made: %1."_s.arg(error.message);
    return outcome;
}

} // namespace

class OciRuntime::Private
{
public:
    explicit Private(OciRuntimeConfig settings)
        : config(std::move(settings))
        , engine(config.engine.host)
    {
    }
    ~Private()
    {
        abort = true;
        if (sweeper.joinable())
            sweeper.join();
    }

    Result<std::unique_ptr<UploadArchive>> pack(const SandboxJob &job) const;
    Result<std::unique_ptr<UploadArchive>> packOwner() const;
    void sweep(const std::function<bool(const InstanceId &)> &isAlive);

    const OciRuntimeConfig config;
    EngineClient engine;
    std::atomic<bool> abort = false;
    std::mutex mutex; ///< guards sweeper
    std::thread sweeper;
};

Result<std::unique_ptr<UploadArchive>> OciRuntime::Private::pack(const SandboxJob &job) const
{
    const Result<QByteArrayList> inputs = inputFileNames(job.inputFiles);
    if (!inputs)
        return fail(inputs.error());
    if (auto made = ensureFolder(config.scratchDirectory); !made)
        return fail(made.error());
    auto archive = UploadArchive::create(config.scratchDirectory);
    if (!archive)
        return archive;
    UploadArchive &tar = **archive;
    const std::string told = encode(containerJob(job));
    using Links = UploadArchive::SymbolicLinks;
    Result<void> added = tar.addFolder(inVolume(protocol::containerFolder));
    const auto then = [&added](auto step) {
        if (added)
            added = step();
    };
    if (added) {
        const auto init = tar.addHostFile(inVolume(protocol::containerInitPath),
                                          QFile::encodeName(config.initPath));
        if (!init && init.error().code == ErrorCode::Io) {
            return fail(ErrorCode::SandboxUnavailable,
                        u"the first process of containers, skillbox-container-init, is missing: "_s
                            + init.error().message);
        }
        added = init;
    }
    then([&] {
        return tar.addFile(inVolume(protocol::containerJobPath),
                           QByteArrayView(told.data(), static_cast<qsizetype>(told.size())), 0444);
    });
    then([&] {
        return tar.addHostTree("scripts", QFile::encodeName(job.skillDirectory), Links::Keep);
    });
    then([&] { return tar.addFile("input.json", job.inputJson, 0444); });
    then([&] { return tar.addFolder("input"); });
    for (qsizetype i = 0; i < inputs->size(); ++i) {
        then([&] {
            return tar.addHostFile("input/" + inputs->at(i),
                                   QFile::encodeName(job.inputFiles.at(i).hostPath));
        });
    }
    if (!job.sessionDirectory.isEmpty()) {
        then([&] {
            return tar.addHostTree(inVolume(protocol::containerSessionPath),
                                   QFile::encodeName(job.sessionDirectory), Links::LeaveOut);
        });
    }
    if (!added)
        return fail(added.error());
    return archive;
}

/// Podman gives a new volume to the container's user when it makes the container up; this gives it
/// back to the root, so that nothing in it can be moved away or added.
Result<std::unique_ptr<UploadArchive>> OciRuntime::Private::packOwner() const
{
    auto archive = UploadArchive::create(config.scratchDirectory);
    if (!archive)
        return archive;
    if (auto added = (*archive)->addFolder("./"); !added)
        return fail(added.error());
    return archive;
}

void OciRuntime::Private::sweep(const std::function<bool(const InstanceId &)> &isAlive)
{
    if (config.owner.home.isEmpty())
        return;
    const QString label = QLatin1StringView(homeLabel) + u'=' + config.owner.home;
    const QJsonObject filters{{u"label"_s, QJsonArray{label}}};
    const QByteArray encoded = QUrl::toPercentEncoding(
        QString::fromUtf8(QJsonDocument(filters).toJson(QJsonDocument::Compact)));
    const auto answer = engine.send(
        {.target = "/containers/json?all=1&filters=" + encoded, .abort = &abort});
    if (!answer || !answer->isSuccess()) {
        qCInfo(leftoverLog, "containers that dead processes may have left are not looked for: %s",
               qUtf8Printable(answer ? EngineClient::complaintIn(*answer)
                                     : answer.error().message));
        return;
    }
    const QJsonArray containers = QJsonDocument::fromJson(answer->body).array();
    for (const QJsonValue &value : containers) {
        const QJsonObject container = value.toObject();
        const QJsonObject labels = container.value("Labels"_L1).toObject();
        const InstanceId instance{labels.value(QLatin1StringView(instanceLabel)).toString()};
        // What the filter is worth is the engine's affair; this is ours.
        const bool isOurs = labels.value(QLatin1StringView(homeLabel)).toString()
            == config.owner.home;
        if (abort || !isOurs || !isUuid(instance.value) || instance == config.owner.instance
            || isAlive(instance))
            continue;
        const QString id = container.value("Id"_L1).toString();
        if (const auto removed = removeContainer(engine, id); !removed) {
            qCWarning(leftoverLog, "container %s of a dead process is still there: %s",
                      qUtf8Printable(id), qUtf8Printable(removed.error().message));
        }
    }
}

OciRuntime::OciRuntime(std::unique_ptr<Private> parts) : d(std::move(parts)) { }
OciRuntime::~OciRuntime() = default;

std::unique_ptr<SandboxRuntime> OciRuntime::create(OciRuntimeConfig config)
{
    return std::unique_ptr<SandboxRuntime>(
        new OciRuntime(std::make_unique<Private>(std::move(config))));
}

QString OciRuntime::name() const
{
    return u"oci"_s;
}

Result<Outcome> OciRuntime::run(const SandboxJob &job, OutputSink &sink,
                                std::stop_token cancellation)
{
    if (job.image.isEmpty()) {
        return fail(ErrorCode::SandboxUnavailable,
                    u"a run in a container needs the name of an image"_s);
    }
    const Result<EngineVersion> engine = d->engine.version();
    if (!engine)
        return fail(engine.error());
    const auto image = findEngineImage(d->engine, job.image, d->config.engine.pull, cancellation);
    if (!image)
        return fail(image.error());
    auto archive = d->pack(job);
    if (!archive && archive.error().code == ErrorCode::Io)
        return failedSetup(archive.error()); // what the job names is not there
    if (!archive)
        return fail(archive.error());
    const Result<QFile *> upload = (*archive)->finish();
    if (!upload)
        return fail(upload.error());
    Result<std::unique_ptr<UploadArchive>> owned = nullptr;
    if (engine->kind == EngineKind::Podman)
        owned = d->packOwner();
    if (!owned)
        return fail(owned.error());
    QFile *late = nullptr;
    if (*owned) {
        const Result<QFile *> finished = (*owned)->finish();
        if (!finished)
            return fail(finished.error());
        late = *finished;
    }
    const QJsonObject spec = containerSpec({
        .image = image->id,
        .execution = job.id,
        .owner = d->config.owner,
        .limits = job.policy.limits,
        .hasSession = !job.sessionDirectory.isEmpty(),
        .runtime = d->config.engine.runtime,
        .engine = engine->kind,
    });
    auto run = runContainer(d->engine,
                            {.createBody = QJsonDocument(spec).toJson(QJsonDocument::Compact),
                             .upload = *upload,
                             .lateUpload = late,
                             .limits = job.policy.limits,
                             .scratchDirectory = d->config.scratchDirectory},
                            sink, cancellation);
    if (!run)
        return fail(run.error());
    run->outcome.report = reportOf(*run, *engine, d->config, job.image, image->id);
    return std::move(run->outcome);
}

Result<QList<ControlState>> OciRuntime::probe()
{
    return probeEngine(d->engine, d->config.engine, d->config.initPath);
}

void OciRuntime::removeLeftovers(std::function<bool(const InstanceId &)> isAlive)
{
    const std::lock_guard lock(d->mutex);
    if (d->sweeper.joinable())
        d->sweeper.join(); // the one before; it takes moments
    d->sweeper = std::thread([this, isAlive = std::move(isAlive)] { d->sweep(isAlive); });
}

} // namespace skillbox
