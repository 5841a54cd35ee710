#pragma once

#include "engine/execution/execution_service.h"
#include "engine/instance_lock.h"
#include "engine/storage/directory_blob_store.h"
#include "engine/storage/sqlite_store.h"
#include "tests/engine/execution/held_runtime.h"
#include "tests/support/skill_folder.h"

#include <QTemporaryDir>
#include <QTest>

namespace skillbox {

/// An execution service over a real store, registry and cache, and a runtime in the test's hand.
struct ServiceFixture {
    QTemporaryDir directory;
    std::unique_ptr<MetadataStore> metadata;
    std::unique_ptr<DirectoryBlobStore> blobs;
    std::unique_ptr<SkillCache> cache;
    std::unique_ptr<Registry> registry;
    std::optional<InstanceLock> instance;
    HeldRuntime runtime;
    std::unique_ptr<ExecutionService> service; ///< made by start()

    ServiceFixture()
    {
        metadata = must(openSqliteStore(directory.filePath(QStringLiteral("skillbox.db"))));
        blobs = must(DirectoryBlobStore::open(directory.filePath(QStringLiteral("blobs"))));
        cache = must(SkillCache::open(directory.filePath(QStringLiteral("cache"))));
        registry = std::make_unique<Registry>(*metadata, *blobs, *cache, ArchiveLimits());
        instance.emplace(must(InstanceLock::acquire(instances())));
        publish(QStringLiteral("held"));
    }

    QString instances() const { return directory.filePath(QStringLiteral("instances")); }

    /// Publishes a Python skill whose script the held runtime never looks at.
    void publish(const QString &name, const QByteArray &header = {},
                 const QString &script = QStringLiteral("main.py"))
    {
        test::SkillFolder skill{.name = name, .version = QStringLiteral("1.0.0"), .header = header};
        skill.script.clear();
        skill.files.insert(script, "print()\n");
        const QString folder = skill.write(directory.filePath(QStringLiteral("skills")));
        must(registry->publishDirectory(localTenant(), folder, Origin{QStringLiteral("tester")}));
    }

    ExecutionService &start(const RunLimits &limits = {}, MetadataStore *otherMetadata = nullptr,
                            BlobStore *otherBlobs = nullptr)
    {
        service = makeService(runtime, *instance, limits, otherMetadata, otherBlobs);
        return *service;
    }
    std::unique_ptr<ExecutionService> makeService(SandboxRuntime &sandbox, const InstanceLock &lock,
                                                  const RunLimits &limits = {},
                                                  MetadataStore *otherMetadata = nullptr,
                                                  BlobStore *otherBlobs = nullptr)
    {
        return std::make_unique<ExecutionService>(ExecutionService::Parts{
            .metadata = otherMetadata ? *otherMetadata : *metadata,
            .blobs = otherBlobs ? *otherBlobs : *blobs,
            .registry = *registry,
            .sandbox = sandbox,
            .instance = lock.id(),
            .runDirectory = lock.directory(),
            .limits = limits,
        });
    }

    static ExecutionRequest request(const QString &skill = QStringLiteral("held"))
    {
        ExecutionRequest made;
        made.tenant = localTenant();
        made.origin.actor = QStringLiteral("tester");
        made.skill = skill;
        return made;
    }
    static ExecutionRequest numbered(int number)
    {
        ExecutionRequest made = request();
        made.input = *JsonText::parse(QByteArray::number(number));
        return made;
    }

    ExecutionId submit(const ExecutionRequest &what, ExecutionObserver observer = {})
    {
        return must(service->submit(what, std::move(observer)));
    }
    ExecutionRecord wait(const ExecutionId &id) { return must(service->wait(localTenant(), id)); }
    ExecutionRecord runOne(const ExecutionRequest &what)
    {
        runtime.release();
        return wait(submit(what));
    }
    ExecutionRecord stored(const ExecutionId &id)
    {
        return must(metadata->findExecution(localTenant(), id)).value_or(ExecutionRecord());
    }
    qsizetype recorded() { return must(metadata->listExecutions(localTenant(), {})).size(); }

    template<typename T>
    static T must(Result<T> result)
    {
        if (!result)
            qFatal("%s %s", qPrintable(result.error().message), qPrintable(result.error().detail));
        return std::move(*result);
    }
};

} // namespace skillbox
