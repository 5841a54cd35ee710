#pragma once

#include "engine/sandbox/oci/oci_config.h"
#include "engine/sandbox/sandbox_runtime.h"

#include <memory>

namespace skillbox {

class ImageStore;

/// Two runtimes as one: a run whose image was imported, or that names none, goes to `native`, the
/// others to `containers`.
class RuntimeChoice final : public SandboxRuntime
{
public:
    struct Parts {
        std::unique_ptr<SandboxRuntime> native;
        std::unique_ptr<SandboxRuntime> containers;
        const ImageStore *images = nullptr; ///< outlives the runtime; null: none was imported
        RuntimeMode mode = RuntimeMode::Auto;
        /// With RuntimeMode::Oci: the image of a run that names none.
        QMap<Language, QString> usualImages = {};
    };
    explicit RuntimeChoice(Parts parts) : m_parts(std::move(parts)) { }

    Result<Outcome> run(const SandboxJob &job, OutputSink &sink,
                        std::stop_token cancellation) override;
    void prepare() override { m_parts.native->prepare(); }
    Result<QList<ControlState>> probe() override;
    void removeLeftovers(std::function<bool(const InstanceId &)> isAlive) override;
    QString name() const override;
    ImageSupport imageSupport() const override;

private:
    const Parts m_parts;
};

} // namespace skillbox
