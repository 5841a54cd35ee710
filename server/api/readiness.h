#pragma once

#include "engine/engine.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace skillbox {

/// Whether what the server depends on is there. Asked of by a thread of its own, and an answer is
/// kept for a second, so that probing costs nothing however often it is done, and needs no worker:
/// those may all be waiting for the very thing that is away. Thread-safe.
class Readiness
{
public:
    /// Each is `ok` or one sentence for people, without paths or secrets.
    struct Checks {
        QString database;
        QString blobs;
        QString sandbox;
        QString sandboxLevel; ///< strong, degraded, unavailable
        bool allOk() const;
    };
    using Receiver = std::function<void(const Checks &)>;

    explicit Readiness(Engine &engine);
    ~Readiness();

    /// Calls `receiver` once, at once or on another thread. A store that has not answered within
    /// five seconds does not.
    void ask(Receiver receiver);
    /// Waits for that.
    Checks checks();

private:
    struct Waiting {
        Receiver receiver;
        std::chrono::steady_clock::time_point until;
    };
    void examine(const std::stop_token &closing);
    void answer(const std::stop_token &closing);
    bool hasEarlier(std::chrono::steady_clock::time_point than) const;
    void note(QString Checks::*check, const QString &text);
    void examineDatabase();
    void examineBlobs();
    void examineSandbox();

    Engine &m_engine;
    std::mutex m_mutex; ///< guards what follows
    std::condition_variable_any m_changed;
    Checks m_current; ///< as far as the examination under way has come
    Checks m_last;
    std::chrono::steady_clock::time_point m_begunAt;
    std::chrono::steady_clock::time_point m_examinedAt;
    bool m_isWanted = false;       ///< an examination is to begin, or under way
    bool m_storesAreAsked = false; ///< since m_begunAt
    std::vector<Waiting> m_waiting;
    std::jthread m_examiner; // last: joined before what they use goes
    std::jthread m_answerer;
};

} // namespace skillbox
