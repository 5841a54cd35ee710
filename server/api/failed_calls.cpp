#include "server/api/failed_calls.h"

#include <QCryptographicHash>

#include <arpa/inet.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr double window = 60; ///< seconds

QString placeOf(const QString &peer)
{
    in6_addr address = {};
    const QByteArray text = peer.section(u'%', 0, 0).toLatin1(); // without a link's scope
    if (::inet_pton(AF_INET6, text.constData(), &address) != 1)
        return peer;
    const QByteArray bytes(reinterpret_cast<const char *>(&address), sizeof address);
    if (IN6_IS_ADDR_V4MAPPED(&address)) { // ::ffff:192.0.2.1 is 192.0.2.1
        const auto *part = address.s6_addr + 12;
        return u"%1.%2.%3.%4"_s.arg(part[0]).arg(part[1]).arg(part[2]).arg(part[3]);
    }
    return QString::fromLatin1(bytes.first(8).toHex());
}

QByteArray digestOf(const QString &key)
{
    return QCryptographicHash::hash(key.toUtf8(), QCryptographicHash::Sha256);
}

} // namespace

FailedCalls::Address &FailedCalls::addressOf(const QString &address, Clock::time_point now)
{
    const QString place = placeOf(address);
    if (m_addresses.size() >= maxAddresses && !m_addresses.contains(place))
        makeRoom(now);
    const auto [it, isNew] = m_addresses.try_emplace(place);
    Address &entry = it->second;
    if (isNew) {
        entry.failuresLeft = m_most;
    } else {
        const std::chrono::duration<double> passed = now - entry.filledAt;
        entry.failuresLeft = std::min<double>(
            m_most, entry.failuresLeft + passed.count() * m_most / window);
    }
    entry.filledAt = now;
    entry.seenAt = now;
    return entry;
}

void FailedCalls::makeRoom(Clock::time_point now)
{
    std::erase_if(m_addresses,
                  [&](const auto &entry) { return now - entry.second.seenAt > lately; });
    if (m_addresses.size() < maxAddresses)
        return;
    // An eighth at once, so that this is not done for every new address of a flood.
    std::vector<Clock::time_point> seen;
    seen.reserve(m_addresses.size());
    for (const auto &entry : m_addresses)
        seen.push_back(entry.second.seenAt);
    const auto oldest = seen.begin() + static_cast<std::ptrdiff_t>(seen.size() / 8);
    std::nth_element(seen.begin(), oldest, seen.end());
    const Clock::time_point until = *oldest;
    std::erase_if(m_addresses, [&](const auto &entry) { return entry.second.seenAt <= until; });
}

std::optional<std::chrono::seconds> FailedCalls::waitOf(const QString &address, const QString &key,
                                                        Clock::time_point now)
{
    if (m_most <= 0 || address.isEmpty())
        return std::nullopt;
    const std::lock_guard lock(m_mutex);
    if (m_addresses.empty())
        return std::nullopt;
    const auto found = m_addresses.find(placeOf(address));
    if (found == m_addresses.end())
        return std::nullopt;
    const Address &entry = addressOf(address, now);
    if (entry.failuresLeft >= 1)
        return std::nullopt;
    const QByteArray digest = key.isEmpty() ? QByteArray() : digestOf(key);
    for (const Key &known : entry.keys) {
        if (known.digest == digest && now - known.at <= lately)
            return std::nullopt;
    }
    const double seconds = (1 - entry.failuresLeft) * window / m_most;
    return std::chrono::seconds(std::max<qint64>(1, static_cast<qint64>(std::ceil(seconds))));
}

void FailedCalls::failed(const QString &address, Clock::time_point now)
{
    if (m_most <= 0 || address.isEmpty())
        return;
    const std::lock_guard lock(m_mutex);
    Address &entry = addressOf(address, now);
    entry.failuresLeft = std::max<double>(0, entry.failuresLeft - 1);
}

void FailedCalls::worked(const QString &address, const QString &key, Clock::time_point now)
{
    if (m_most <= 0 || address.isEmpty())
        return;
    const QByteArray digest = digestOf(key);
    const std::lock_guard lock(m_mutex);
    QList<Key> &keys = addressOf(address, now).keys;
    const auto found = std::find_if(keys.begin(), keys.end(),
                                    [&](const Key &known) { return known.digest == digest; });
    if (found != keys.end())
        keys.erase(found);
    else if (keys.size() >= maxKeys)
        keys.removeLast();
    keys.prepend({digest, now});
}

size_t FailedCalls::addressCount()
{
    const std::lock_guard lock(m_mutex);
    return m_addresses.size();
}

} // namespace skillbox
