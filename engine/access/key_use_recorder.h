#pragma once

#include "engine/storage/metadata_store.h"

#include <QHash>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace skillbox {

/// Collects uses of keys and writes them down now and then, on a thread of its own: a request must
/// not wait for the store's write lock for that. What is left is written at destruction.
/// Thread-safe.
class KeyUseRecorder
{
public:
    KeyUseRecorder(MetadataStore &metadata, std::chrono::milliseconds interval)
        : m_metadata(metadata)
        , m_interval(interval)
    {
    }

    void note(const KeyId &key, const QDateTime &at);

private:
    void work(const std::stop_token &stop);

    MetadataStore &m_metadata;
    const std::chrono::milliseconds m_interval;
    std::mutex m_mutex;
    std::condition_variable_any m_stopping;
    QHash<KeyId, QDateTime> m_uses; ///< bounded by the number of keys there are
    std::jthread m_thread;          // last: it ends before what it uses
};

} // namespace skillbox
