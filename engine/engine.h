#pragma once

#include "engine/access/access_service.h"
#include "engine/access/tenant_service.h"
#include "engine/engine_config.h"
#include "engine/execution/execution_service.h"
#include "engine/execution/session_shell.h"
#include "engine/registry/registry.h"
#include "engine/sandbox/images/image_store.h"
#include "engine/sandbox/sandbox_runtime.h"
#include "engine/workspace/file_service.h"
#include "engine/workspace/session_service.h"

#include <memory>

namespace skillbox {

struct RetentionTotals;

/// The runtime as one object: ports below, services above. Thread-safe as its parts are.
class Engine
{
public:
    /// Opens or creates the data directory, takes over what dead instances left, and wires the
    /// parts. The sandbox launcher is started with the first run, not here.
    static Result<std::unique_ptr<Engine>> create(const EngineConfig &config);
    ~Engine();

    Registry &registry();
    ExecutionService &executions();
    FileService &files();
    SessionService &sessions();
    SessionShell &shell();
    AccessService &access();
    TenantService &tenants();
    /// What was removed after its time since this process began.
    const RetentionTotals &retention() const;
    ImageStore &images();
    SandboxRuntime &sandbox();
    MetadataStore &metadata();
    BlobStore &blobs();
    /// This process among those that share the data directory.
    InstanceId instance() const;
    const EngineConfig &config() const;

private:
    struct Parts;
    explicit Engine(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> m_parts;
};

/// The sandbox alone, for those who want to know of it where no store can be opened. Without
/// `images` it runs this machine's interpreters and the images of a container engine only. What it
/// makes outside of this process carries the instance's id.
std::unique_ptr<SandboxRuntime> makeSandbox(const EngineConfig &config,
                                            const ImageStore *images = nullptr,
                                            const InstanceId &instance = {});

} // namespace skillbox
