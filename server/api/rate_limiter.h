#pragma once

#include "engine/base/ids.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace skillbox {

/// So many requests in so much time, and at most that many at once.
struct RateLimit {
    int requests = 0; ///< 0: no limit
    std::chrono::seconds window{60};
};

/// A token bucket for each tenant: it holds `requests` tokens and is filled evenly over the window.
/// Memory is bounded: a bucket that is full again is forgotten. Thread-safe.
class RateLimiter
{
public:
    using Clock = std::chrono::steady_clock;

    explicit RateLimiter(RateLimit limit) : m_limit(limit) { }

    struct Verdict {
        bool allowed = true;
        int remaining = 0;                 ///< tokens left
        std::chrono::seconds refillsIn{};  ///< until the bucket is full again
        std::chrono::seconds retryAfter{}; ///< until there is a token, where there is none; never 0
    };
    /// Takes a token. nullopt: there is no limit.
    std::optional<Verdict> take(const TenantId &tenant, Clock::time_point now = Clock::now());

    const RateLimit &limit() const { return m_limit; }
    /// How many tenants it remembers.
    size_t bucketCount()
    {
        const std::lock_guard lock(m_mutex);
        return m_buckets.size();
    }

private:
    struct Bucket {
        double tokens = 0;
        Clock::time_point filledAt;
    };
    struct TenantHash {
        size_t operator()(const TenantId &id) const { return qHash(id); }
    };
    void forgetFullBuckets(Clock::time_point now);
    double tokensAt(const Bucket &bucket, Clock::time_point now) const;

    const RateLimit m_limit;
    std::mutex m_mutex; ///< guards what follows
    std::unordered_map<TenantId, Bucket, TenantHash> m_buckets;
    size_t m_sweepAbove = 1024;
};

} // namespace skillbox
