#include "engine/instance_lease.h"

#include <QLoggingCategory>

#include <condition_variable>
#include <mutex>

namespace skillbox {
namespace {

Q_LOGGING_CATEGORY(leaseLog, "skillbox.lease")

/// Three renewals may fail before the lease is over.
constexpr auto pause = InstanceLease::lasting / 4;

} // namespace

Result<std::unique_ptr<InstanceLease>> InstanceLease::take(MetadataStore &metadata,
                                                           const InstanceId &instance)
{
    if (auto taken = metadata.renewLease(instance, lasting); !taken)
        return fail(taken.error());
    return std::unique_ptr<InstanceLease>(new InstanceLease(metadata, instance));
}

InstanceLease::InstanceLease(MetadataStore &metadata, InstanceId instance)
    : m_metadata(metadata)
    , m_instance(std::move(instance))
    , m_thread([this](const std::stop_token &closing) { renew(closing); })
{
}

InstanceLease::~InstanceLease()
{
    m_thread.request_stop();
    m_thread.join();
    // Where this fails the others find it over a little later.
    (void)m_metadata.endLease(m_instance);
}

void InstanceLease::renew(const std::stop_token &closing)
{
    std::mutex mutex;
    std::condition_variable_any never;
    for (;;) {
        std::unique_lock lock(mutex);
        never.wait_for(lock, closing, pause, [] { return false; });
        if (closing.stop_requested())
            return;
        if (const auto renewed = m_metadata.renewLease(m_instance, lasting); !renewed) {
            qCWarning(leaseLog, "the lease of this instance is not renewed: %s %s",
                      qUtf8Printable(renewed.error().message),
                      qUtf8Printable(renewed.error().detail));
        }
    }
}

} // namespace skillbox
