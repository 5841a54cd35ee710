#include "engine/sandbox/run_usage.h"

#include <utility>

namespace skillbox {

std::optional<RunUsage> UsageMeter::read(std::chrono::milliseconds patience)
{
    const Clock::time_point until = Clock::now() + patience;
    std::unique_lock lock(m_mutex);
    if (!m_ask)
        return std::nullopt;
    if (m_usage && Clock::now() - m_usageAt < freshFor)
        return m_usage;
    const Clock::time_point before = m_usageAt;
    if (!std::exchange(m_asked, true)) {
        m_waited = true;
        m_ask();
    }
    const bool answered = m_answered.wait_until(lock, until,
                                                [&] { return !m_ask || m_usageAt != before; });
    return answered && m_ask ? m_usage : std::nullopt;
}

UsageMeter::Attachment::Attachment(UsageMeter *meter, std::function<void()> ask) : m_meter(meter)
{
    if (!m_meter)
        return;
    const std::lock_guard lock(m_meter->m_mutex);
    m_meter->m_ask = std::move(ask);
}

UsageMeter::Attachment::~Attachment()
{
    if (!m_meter)
        return;
    {
        const std::lock_guard lock(m_meter->m_mutex);
        m_meter->m_ask = nullptr;
        m_meter->m_usage.reset();
        m_meter->m_asked = m_meter->m_waited = false;
    }
    m_meter->m_answered.notify_all();
}

bool UsageMeter::takeQuestion()
{
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_waited, false);
}

void UsageMeter::answer(const RunUsage &usage)
{
    {
        const std::lock_guard lock(m_mutex);
        m_usage = usage;
        m_usageAt = Clock::now();
        m_asked = false;
    }
    m_answered.notify_all();
}

} // namespace skillbox
