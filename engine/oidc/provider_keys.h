#pragma once

#include "engine/oidc/provider_timing.h"
#include "engine/oidc/verification_key.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace skillbox {

/// The keys of one provider, fetched on a thread of its own. Thread-safe.
class ProviderKeys
{
public:
    /// Begins to fetch at once. `caFile`: PEM instead of the system's authorities; may be empty.
    ProviderKeys(QString issuer, QString caFile, ProviderTiming timing = {});
    ~ProviderKeys();
    ProviderKeys(const ProviderKeys &) = delete;
    ProviderKeys &operator=(const ProviderKeys &) = delete;

    struct Found {
        std::shared_ptr<const KeySet> keys; ///< null: none could be fetched
        bool areComing = false;             ///< newer ones are being fetched right now
    };
    /// The keys, fetched anew if the one with this id is not among them and that is not too soon.
    /// An empty id is among them. Blocks for the timing's patience at most, which one caller has
    /// for each fetch; others are told that keys are coming.
    Found find(const QString &keyId);

    /// Why the last attempt failed; empty: it did not.
    QString failure() const;

private:
    using Clock = std::chrono::steady_clock;

    void work(const std::stop_token &stop);
    Result<KeySet> fetch(const std::stop_token &stop);
    void take(Result<KeySet> fetched);
    std::shared_ptr<const KeySet> usable() const;

    const QString m_issuer;
    const QString m_caFile;
    const ProviderTiming m_timing;

    mutable std::mutex m_mutex; ///< guards what follows
    std::condition_variable_any m_wanted;
    std::condition_variable_any m_fetched;
    std::shared_ptr<const KeySet> m_keys;
    Clock::time_point m_takenAt{};     ///< of m_keys
    Clock::time_point m_attemptedAt{}; ///< the end of the last attempt
    QString m_failure;
    bool m_isWanted = true;
    bool m_isFetching = true;
    bool m_hasWaiter = false; ///< somebody waited for the fetch that is under way
    std::jthread m_thread;    // last: it ends before what it uses
};

} // namespace skillbox
