#pragma once

#include "engine/engine.h"

#include <chrono>
#include <mutex>

namespace skillbox {

/// Whether what the server depends on is there. An answer is kept for a second, so that probing
/// costs nothing however often it is asked. Thread-safe.
class Readiness
{
public:
    explicit Readiness(Engine &engine) : m_engine(engine) { }

    /// Each is `ok` or one sentence for people, without paths or secrets.
    struct Checks {
        QString database;
        QString blobs;
        QString sandbox;
        QString sandboxLevel; ///< strong, degraded, unavailable
        bool allOk() const;
    };
    Checks checks();

private:
    Checks examine();

    Engine &m_engine;
    std::mutex m_mutex; ///< guards what follows; held while examining: one at a time is enough
    Checks m_last;
    std::chrono::steady_clock::time_point m_examinedAt;
};

} // namespace skillbox
