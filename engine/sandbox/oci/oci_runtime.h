#pragma once

#include "engine/sandbox/oci/oci_config.h"
#include "engine/sandbox/sandbox_runtime.h"

#include <memory>

namespace skillbox {

struct OciRuntimeConfig {
    OciConfig engine;
    QString initPath;         ///< skillbox-container-init
    QString scratchDirectory; ///< what runs are given and leave passes through it; made if missing
    ContainerOwner owner = {};
};

/// Runs jobs in containers of Docker or Podman, by the Docker Engine API. Every job names an image.
/// Besides the errors of SandboxRuntime: NotFound when the engine does not have the image.
class OciRuntime final : public SandboxRuntime
{
public:
    /// Does not connect: an engine that does not answer says so to the run that needs it.
    static std::unique_ptr<SandboxRuntime> create(OciRuntimeConfig config);
    ~OciRuntime() override;

    Result<Outcome> run(const SandboxJob &job, OutputSink &sink,
                        std::stop_token cancellation) override;
    Result<QList<ControlState>> probe() override;
    /// Of this data directory and of instances that are dead, by their labels; in the background.
    void removeLeftovers(std::function<bool(const InstanceId &)> isAlive) override;
    QString name() const override;
    ImageSupport imageSupport() const override { return ImageSupport::Every; }

private:
    class Private;
    explicit OciRuntime(std::unique_ptr<Private> parts);
    std::unique_ptr<Private> d;
};

} // namespace skillbox
