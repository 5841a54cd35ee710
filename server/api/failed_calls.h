#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

#include <chrono>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace skillbox {

/// Bounds how often an address may call without a key that works: a bucket of `most` failures for
/// each, filled evenly over a minute. An address that has used up its own is refused without its
/// key being looked at, so that nobody can try keys one after the other, unless that key worked
/// from there lately: others behind the same address go on. IPv6 counts by /64, what one customer
/// has. Memory is bounded: addresses that are quiet are forgotten, the longest quiet ones first.
/// Thread-safe.
class FailedCalls
{
public:
    using Clock = std::chrono::steady_clock;

    /// 0: no bound.
    explicit FailedCalls(int most) : m_most(most) { }

    /// How long the address has to wait before this key is looked at; nothing: it need not.
    std::optional<std::chrono::seconds> waitOf(const QString &address, const QString &key,
                                               Clock::time_point now = Clock::now());
    /// The key did not work, or there was none.
    void failed(const QString &address, Clock::time_point now = Clock::now());
    /// It did.
    void worked(const QString &address, const QString &key, Clock::time_point now = Clock::now());

    size_t addressCount();
    static constexpr size_t maxAddresses = 10'000;
    static constexpr qsizetype maxKeys = 16; ///< remembered of an address
    static constexpr std::chrono::minutes lately{10};

private:
    struct Key {
        QByteArray digest;
        Clock::time_point at;
    };
    struct Address {
        double failuresLeft = 0;
        Clock::time_point filledAt;
        Clock::time_point seenAt;
        QList<Key> keys = {}; ///< the last used first
    };
    struct TextHash {
        size_t operator()(const QString &text) const { return qHash(text); }
    };
    Address &addressOf(const QString &address, Clock::time_point now);
    void makeRoom(Clock::time_point now);

    const int m_most;
    std::mutex m_mutex; ///< guards what follows
    std::unordered_map<QString, Address, TextHash> m_addresses;
};

} // namespace skillbox
