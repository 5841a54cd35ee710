#include "engine/sandbox/oci/runtime_choice.h"

#include "engine/sandbox/images/image_store.h"

using namespace Qt::StringLiterals;

namespace skillbox {

Result<Outcome> RuntimeChoice::run(const SandboxJob &job, OutputSink &sink,
                                   std::stop_token cancellation)
{
    const QString usual = m_parts.mode == RuntimeMode::Oci ? m_parts.usualImages.value(job.language)
                                                           : QString();
    const QString image = job.image.isEmpty() ? usual : job.image;
    if (image.isEmpty())
        return m_parts.native->run(job, sink, std::move(cancellation));
    if (m_parts.images) {
        const auto imported = m_parts.images->find(image);
        if (!imported)
            return fail(imported.error());
        if (*imported) {
            SandboxJob inImage = job;
            inImage.image = image;
            return m_parts.native->run(inImage, sink, std::move(cancellation));
        }
    }
    SandboxJob inContainer = job;
    inContainer.image = image;
    return m_parts.containers->run(inContainer, sink, std::move(cancellation));
}

Result<QList<ControlState>> RuntimeChoice::probe()
{
    Result<QList<ControlState>> states = m_parts.native->probe();
    if (!states)
        return states;
    auto containers = m_parts.containers->probe();
    if (!containers)
        return containers;
    return *states + *containers;
}

void RuntimeChoice::removeLeftovers(std::function<bool(const InstanceId &)> isAlive)
{
    m_parts.native->removeLeftovers(isAlive);
    m_parts.containers->removeLeftovers(std::move(isAlive));
}

QString RuntimeChoice::name() const
{
    return m_parts.mode == RuntimeMode::Oci
        ? m_parts.containers->name()
        : m_parts.native->name() + u'+' + m_parts.containers->name();
}

ImageSupport RuntimeChoice::imageSupport() const
{
    return m_parts.mode == RuntimeMode::Oci ? ImageSupport::Every : ImageSupport::NotImported;
}

} // namespace skillbox
