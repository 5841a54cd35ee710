#include "engine/access/key_cache.h"

namespace skillbox {
namespace {

/// Makes room for one more; `until` gives an entry's end.
template<typename Map, typename Until>
void makeRoom(Map &map, KeyCache::Clock::time_point now, Until until)
{
    if (map.size() < KeyCache::room)
        return;
    map.removeIf([&](const typename Map::iterator &entry) { return until(entry) <= now; });
    if (map.size() >= KeyCache::room)
        map.clear(); // all of them are seconds old at most: asking again is all it costs
}

} // namespace

KeyCache::Answer KeyCache::find(const QString &hash, Clock::time_point now) const
{
    if (const auto known = m_known.constFind(hash); known != m_known.cend() && known->until > now)
        return {true, known->key};
    if (const auto unknown = m_unknown.constFind(hash); unknown != m_unknown.cend())
        return {*unknown > now, std::nullopt};
    return {};
}

void KeyCache::keep(const QString &hash, const std::optional<KeyRecord> &key, quint64 askedAt,
                    Clock::time_point now)
{
    if (askedAt != m_generation)
        return;
    const Clock::time_point until = now + m_keptFor;
    if (key) {
        makeRoom(m_known, now, [](const auto &entry) { return entry->until; });
        m_unknown.remove(hash);
        m_known.insert(hash, {*key, until});
    } else {
        makeRoom(m_unknown, now, [](const auto &entry) { return *entry; });
        m_known.remove(hash);
        m_unknown.insert(hash, until);
    }
}

void KeyCache::forgetKey(const KeyId &id)
{
    ++m_generation;
    m_known.removeIf([&](const auto &entry) { return entry->key.id == id; });
}

} // namespace skillbox
