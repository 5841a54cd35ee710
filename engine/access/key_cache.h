#pragma once

#include "engine/storage/records.h"

#include <QHash>

#include <chrono>

namespace skillbox {

/// What the store said of a key lately, by the key's hash. Known and unknown keys have room of
/// their own, so that a flood of bad keys drives no good one out. Not thread-safe.
class KeyCache
{
public:
    using Clock = std::chrono::steady_clock; ///< a clock that is set back keeps nothing alive

    explicit KeyCache(std::chrono::milliseconds keptFor) : m_keptFor(keptFor) { }

    struct Answer {
        bool fresh = false;           ///< else the store has to be asked
        std::optional<KeyRecord> key; ///< nothing: the store has no such key
    };
    Answer find(const QString &hash, Clock::time_point now) const;

    /// What a question to the store takes with it; an answer to one that was asked before the last
    /// revocation is not taken.
    quint64 generation() const { return m_generation; }
    void keep(const QString &hash, const std::optional<KeyRecord> &key, quint64 askedAt,
              Clock::time_point now);

    /// A key with this hash is there now.
    void forgetUnknown(const QString &hash)
    {
        m_unknown.remove(hash);
        ++m_generation;
    }
    void forgetKey(const KeyId &id);

    static constexpr qsizetype room = 4096; ///< of known keys, and of unknown ones

private:
    struct Known {
        KeyRecord key;
        Clock::time_point until;
    };
    QHash<QString, Known> m_known;
    QHash<QString, Clock::time_point> m_unknown;
    std::chrono::milliseconds m_keptFor;
    quint64 m_generation = 0;
};

} // namespace skillbox
