#include "engine/access/key_use_recorder.h"

namespace skillbox {

void KeyUseRecorder::note(const KeyId &key, const QDateTime &at)
{
    const std::lock_guard lock(m_mutex);
    m_uses.insert(key, at);
    // Programs that only make or list keys need no thread.
    if (!m_thread.joinable())
        m_thread = std::jthread([this](const std::stop_token &stop) { work(stop); });
}

void KeyUseRecorder::work(const std::stop_token &stop)
{
    std::unique_lock lock(m_mutex);
    for (bool last = false; !last;) {
        m_stopping.wait_for(lock, stop, m_interval, [] { return false; });
        last = stop.stop_requested(); // what is noted by now is the last
        const auto uses = std::exchange(m_uses, {});
        lock.unlock();
        QList<KeyUse> list;
        for (auto use = uses.cbegin(); use != uses.cend(); ++use)
            list.append({use.key(), use.value()});
        // What cannot be written now is lost; the next use says as much.
        (void)m_metadata.noteKeyUse(list);
        lock.lock();
    }
}

} // namespace skillbox
