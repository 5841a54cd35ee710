#include "engine/engine.h"

#include "engine/execution/run_policy.h"
#include "engine/housekeeping.h"
#include "engine/instance_lease.h"
#include "engine/instance_lock.h"
#include "engine/lost_runs.h"
#include "engine/sandbox/native/native_runtime.h"
#include "engine/sandbox/oci/oci_runtime.h"
#include "engine/sandbox/oci/runtime_choice.h"
#include "engine/storage/directory_blob_store.h"
#include "engine/storage/postgres_store.h"
#include "engine/storage/s3_blob_store.h"
#include "engine/storage/sqlite_store.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

tl::unexpected<Error> unusable(const QString &directory, const QString &why)
{
    return fail(ErrorCode::StorageUnavailable,
                u"the data directory \"%1\" cannot be used: %2"_s.arg(directory, why));
}

QString errnoText()
{
    return QString::fromLocal8Bit(std::strerror(errno));
}

/// Private to its owner when we make it; one that is there keeps its mode.
Result<void> prepareDataDirectory(const QString &directory)
{
    const QByteArray name = QFile::encodeName(directory);
    const QString parent = QFileInfo(directory).path();
    if (::mkdir(name.constData(), 0700) != 0 && errno == ENOENT) {
        if (!QDir().mkpath(parent) || ::mkdir(name.constData(), 0700) != 0)
            return unusable(directory, errnoText());
    } else if (!QFileInfo(directory).isDir()) {
        return unusable(directory,
                        QFileInfo::exists(directory) ? u"it is not a directory"_s : errnoText());
    }
    if (::access(name.constData(), R_OK | W_OK | X_OK) != 0)
        return unusable(directory, errnoText());
    return {};
}

} // namespace

std::unique_ptr<SandboxRuntime> makeSandbox(const EngineConfig &config, const ImageStore *images,
                                            const InstanceId &instance)
{
    auto native = NativeRuntime::create({.launcherPath = config.launcherPath,
                                         .images = images,
                                         .required = config.limits.requiredControls});
    if (!config.oci.isUsed())
        return native;
    const QString &data = config.dataDirectory;
    const QDir programs = QFileInfo(config.launcherPath).dir();
    auto containers = OciRuntime::create({
        .engine = config.oci,
        .initPath = programs.filePath(u"skillbox-container-init"_s),
        .scratchDirectory = data + u"/scratch"_s,
        // Without an instance there is nothing to be made, only to be looked at.
        .owner = {instance.isEmpty() ? QString() : homeIdOf(data), instance},
    });
    QMap<Language, QString> usual;
    for (const Language language : {Language::Python, Language::Node, Language::Bash})
        usual.insert(language, defaultImage(language));
    return std::make_unique<RuntimeChoice>(RuntimeChoice::Parts{.native = std::move(native),
                                                                .containers = std::move(containers),
                                                                .images = images,
                                                                .mode = config.oci.mode,
                                                                .usualImages = usual});
}

// In the order they are made; services go before the ports they use.
struct Engine::Parts {
    EngineConfig config;
    std::unique_ptr<MetadataStore> metadata;
    std::unique_ptr<BlobStore> blobs;
    std::unique_ptr<SkillCache> cache;
    std::unique_ptr<ImageStore> images;
    std::unique_ptr<SandboxRuntime> sandbox;
    std::optional<InstanceLock> instance;
    std::unique_ptr<InstanceLease> lease;
    std::unique_ptr<Registry> registry;
    std::unique_ptr<FileService> files;
    std::unique_ptr<SessionService> sessions;
    std::unique_ptr<AccessService> access;
    std::unique_ptr<TenantService> tenants;
    std::unique_ptr<ExecutionService> executions;
    std::unique_ptr<SessionShell> shell;
    std::unique_ptr<Housekeeping> housekeeping;
};

Result<std::unique_ptr<Engine>> Engine::create(const EngineConfig &config)
{
    const QString &data = config.dataDirectory;
    if (const Result<void> prepared = prepareDataDirectory(data); !prepared)
        return fail(prepared.error());

    auto parts = std::make_unique<Parts>();
    parts->config = config;
    const auto sharing = config.databaseDsn.isEmpty() ? Sharing::Machine : Sharing::Network;
    auto metadata = sharing == Sharing::Machine ? openSqliteStore(data + u"/skillbox.db"_s)
                                                : openPostgresStore(config.databaseDsn);
    if (!metadata)
        return fail(metadata.error());
    parts->metadata = std::move(*metadata);
    parts->metadata->setTenantDefaults(config.tenantDefaults);
    Result<std::unique_ptr<BlobStore>> blobs = nullptr;
    if (config.s3.endpoint.isEmpty())
        blobs = DirectoryBlobStore::open(data + u"/blobs"_s);
    else
        blobs = openS3BlobStore(config.s3, data + u"/spool"_s);
    if (!blobs)
        return fail(blobs.error());
    parts->blobs = std::move(*blobs);
    auto cache = SkillCache::open(data + u"/cache"_s);
    if (!cache)
        return fail(cache.error());
    parts->cache = std::move(*cache);
    auto images = ImageStore::open(data + u"/images"_s);
    if (!images)
        return fail(images.error());
    parts->images = std::move(*images);

    const QString instances = data + u"/instances"_s;
    auto instance = InstanceLock::acquire(instances);
    if (!instance)
        return fail(instance.error());
    parts->instance.emplace(std::move(*instance));
    if (sharing == Sharing::Network) {
        auto lease = InstanceLease::take(*parts->metadata, parts->instance->id());
        if (!lease)
            return fail(lease.error());
        parts->lease = std::move(*lease);
    }
    const std::function<void()> reclaim = [store = parts->metadata.get(), instances, sharing,
                                           most = config.limits.maxLogBytes] {
        reclaimLostRuns(*store, instances, most, sharing);
    };
    reclaim();
    const QString scratch = data + u"/scratch"_s;
    if (auto made = ensureFolder(scratch); !made)
        return fail(made.error());
    Scratch::sweep(scratch);

    parts->sandbox = makeSandbox(config, parts->images.get(), parts->instance->id());
    const auto sweepContainers = [instances, sandbox = parts->sandbox.get()] {
        sandbox->removeLeftovers(
            [instances](const InstanceId &id) { return InstanceLock::isHeld(instances, id); });
    };
    sweepContainers();
    parts->registry = std::make_unique<Registry>(*parts->metadata, *parts->blobs, *parts->cache,
                                                 config.archiveLimits);
    parts->files = std::make_unique<FileService>(*parts->metadata, *parts->blobs,
                                                 config.limits.maxFilesBytes);
    parts->sessions = std::make_unique<SessionService>(*parts->metadata, *parts->blobs, scratch,
                                                       SessionLimits());
    parts->access = std::make_unique<AccessService>(*parts->metadata);
    parts->tenants = std::make_unique<TenantService>(*parts->metadata, config.tenantDefaults);
    parts->executions = std::make_unique<ExecutionService>(ExecutionService::Parts{
        .metadata = *parts->metadata,
        .blobs = *parts->blobs,
        .registry = *parts->registry,
        .sandbox = *parts->sandbox,
        .instance = parts->instance->id(),
        .runDirectory = parts->instance->directory(),
        .limits = config.limits,
        .reclaimLost = reclaim,
        .images = parts->images.get(),
        .sessions = parts->sessions.get(),
        .scratchDirectory = scratch,
        .liveLogs = sharing == Sharing::Network ? LiveLogs::InStore : LiveLogs::InFiles,
    });
    parts->shell = std::make_unique<SessionShell>(SessionShell::Parts{
        .metadata = *parts->metadata,
        .sessions = *parts->sessions,
        .sandbox = *parts->sandbox,
        .scratchDirectory = scratch,
        .limits = config.limits,
    });
    parts->housekeeping = std::make_unique<Housekeeping>(
        Housekeeping::Parts{.metadata = *parts->metadata,
                            .blobs = *parts->blobs,
                            .reclaimLost =
                                [reclaim, sweepContainers] {
                                    reclaim();
                                    sweepContainers();
                                },
                            .instance = parts->instance->id(),
                            .tenantDefaults = config.tenantDefaults,
                            .blobsAreShared = !config.s3.endpoint.isEmpty()},
        Housekeeping::Schedule());
    return std::unique_ptr<Engine>(new Engine(std::move(parts)));
}

Engine::Engine(std::unique_ptr<Parts> parts) : m_parts(std::move(parts)) { }

Engine::~Engine() = default;

Registry &Engine::registry()
{
    return *m_parts->registry;
}

ExecutionService &Engine::executions()
{
    return *m_parts->executions;
}

FileService &Engine::files()
{
    return *m_parts->files;
}

SessionService &Engine::sessions()
{
    return *m_parts->sessions;
}

SessionShell &Engine::shell()
{
    return *m_parts->shell;
}

AccessService &Engine::access()
{
    return *m_parts->access;
}

TenantService &Engine::tenants()
{
    return *m_parts->tenants;
}

const RetentionTotals &Engine::retention() const
{
    return m_parts->housekeeping->retention();
}

BlobStore &Engine::blobs()
{
    return *m_parts->blobs;
}

InstanceId Engine::instance() const
{
    return m_parts->instance->id();
}

ImageStore &Engine::images()
{
    return *m_parts->images;
}

SandboxRuntime &Engine::sandbox()
{
    return *m_parts->sandbox;
}

MetadataStore &Engine::metadata()
{
    return *m_parts->metadata;
}

const EngineConfig &Engine::config() const
{
    return m_parts->config;
}

} // namespace skillbox
