#include "server/api/rate_limiter.h"

#include <algorithm>
#include <cmath>

namespace skillbox {
namespace {

std::chrono::seconds roundedUp(double seconds)
{
    return std::chrono::seconds(std::max<qint64>(0, static_cast<qint64>(std::ceil(seconds))));
}

} // namespace

double RateLimiter::tokensAt(const Bucket &bucket, Clock::time_point now) const
{
    const std::chrono::duration<double> passed = now - bucket.filledAt;
    const double perSecond = m_limit.requests / static_cast<double>(m_limit.window.count());
    return std::min<double>(m_limit.requests, bucket.tokens + passed.count() * perSecond);
}

std::optional<RateLimiter::Verdict> RateLimiter::take(const TenantId &tenant, Clock::time_point now)
{
    if (m_limit.requests <= 0 || m_limit.window.count() <= 0)
        return std::nullopt;

    const std::lock_guard lock(m_mutex);
    if (m_buckets.size() > m_sweepAbove)
        forgetFullBuckets(now);
    const auto [it, isNew] = m_buckets.try_emplace(tenant);
    Bucket &bucket = it->second;
    bucket.tokens = isNew ? m_limit.requests : tokensAt(bucket, now);
    bucket.filledAt = now;

    Verdict verdict;
    verdict.allowed = bucket.tokens >= 1;
    if (verdict.allowed)
        bucket.tokens -= 1;
    const double perSecond = m_limit.requests / static_cast<double>(m_limit.window.count());
    verdict.remaining = static_cast<int>(bucket.tokens);
    verdict.refillsIn = roundedUp((m_limit.requests - bucket.tokens) / perSecond);
    if (!verdict.allowed) {
        verdict.retryAfter = std::max(std::chrono::seconds(1),
                                      roundedUp((1 - bucket.tokens) / perSecond));
    }
    return verdict;
}

void RateLimiter::forgetFullBuckets(Clock::time_point now)
{
    std::erase_if(m_buckets, [&](const auto &entry) {
        return tokensAt(entry.second, now) >= m_limit.requests;
    });
    // Tenants that are really busy stay: then the next sweep waits until there are twice as many.
    m_sweepAbove = std::max<size_t>(1024, m_buckets.size() * 2);
}

} // namespace skillbox
