#pragma once

#include "engine/sandbox/sandbox_runtime.h"

#include <memory>

namespace skillbox {

class ImageStore;

struct NativeRuntimeConfig {
    QString launcherPath;               ///< skillbox-sandbox
    const ImageStore *images = nullptr; ///< outlives the runtime; null: no job may name an image
    RequiredControls required = {};     ///< for probe(): what is missing without them
};

/// Runs jobs on this kernel, without a daemon and without root, through skillbox-sandbox. The
/// launcher is started with the first job and again should it ever die.
class NativeRuntime final : public SandboxRuntime
{
public:
    /// Also raises the soft limit of open files of this process, see descriptor_limit.h.
    static std::unique_ptr<SandboxRuntime> create(NativeRuntimeConfig config);
    ~NativeRuntime() override;

    Result<Outcome> run(const SandboxJob &job, OutputSink &sink,
                        std::stop_token cancellation) override;
    void prepare() override;
    Result<QList<ControlState>> probe() override;
    QString name() const override;

private:
    class Private;
    explicit NativeRuntime(std::unique_ptr<Private> parts);
    std::unique_ptr<Private> d;
};

} // namespace skillbox
