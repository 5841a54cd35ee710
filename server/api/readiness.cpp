#include "server/api/readiness.h"

#include <QLoggingCategory>

#include <algorithm>
#include <future>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

Q_LOGGING_CATEGORY(readyLog, "skillbox.ready")

constexpr auto keptFor = 1s;
/// Of the stores, which may be silent. Whoever probes takes a server for dead that is, for longer.
constexpr auto longestWait = 5s;
/// The sandbox is on this machine: it answers, however slow that is.
constexpr auto untilTheSandboxAnswers = 1h;

/// Anyone may ask: what exactly is wrong goes to the log.
QString verdict(const std::optional<Error> &error, const char *what, const QString &text)
{
    if (!error)
        return u"ok"_s;
    qCWarning(readyLog, "%s: %s %s", what, qUtf8Printable(error->message),
              qUtf8Printable(error->detail));
    return text;
}

template<typename T>
std::optional<Error> errorOf(const Result<T> &result)
{
    return result ? std::nullopt : std::optional(result.error());
}

} // namespace

bool Readiness::Checks::allOk() const
{
    return database == "ok"_L1 && blobs == "ok"_L1 && sandbox == "ok"_L1;
}

Readiness::Readiness(Engine &engine)
    : m_engine(engine)
    , m_examiner([this](const std::stop_token &closing) { examine(closing); })
    , m_answerer([this](const std::stop_token &closing) { answer(closing); })
{
}

Readiness::~Readiness()
{
    m_answerer.request_stop();
    m_examiner.request_stop();
}

void Readiness::ask(Receiver receiver)
{
    std::unique_lock lock(m_mutex);
    const auto now = std::chrono::steady_clock::now();
    if (m_examinedAt != std::chrono::steady_clock::time_point() && now - m_examinedAt <= keptFor) {
        const Checks checks = m_last;
        lock.unlock();
        return receiver(checks);
    }
    m_waiting.push_back(
        {std::move(receiver),
         m_storesAreAsked ? m_begunAt + longestWait : now + untilTheSandboxAnswers});
    m_isWanted = true;
    lock.unlock();
    m_changed.notify_all();
}

Readiness::Checks Readiness::checks()
{
    const auto answer = std::make_shared<std::promise<Checks>>();
    ask([answer](const Checks &checks) { answer->set_value(checks); });
    return answer->get_future().get();
}

bool Readiness::hasEarlier(std::chrono::steady_clock::time_point than) const
{
    return std::any_of(m_waiting.begin(), m_waiting.end(),
                       [than](const Waiting &one) { return one.until < than; });
}

void Readiness::answer(const std::stop_token &closing)
{
    std::unique_lock lock(m_mutex);
    while (m_changed.wait(lock, closing, [this] { return !m_waiting.empty(); })) {
        auto first = m_waiting.front().until;
        for (const Waiting &one : m_waiting)
            first = std::min(first, one.until);
        m_changed.wait_until(lock, closing, first,
                             [this, first] { return !m_isWanted || hasEarlier(first); });
        if (closing.stop_requested())
            return;
        const bool isOver = !m_isWanted;
        const Checks checks = isOver ? m_last : m_current;
        const auto now = std::chrono::steady_clock::now();
        const auto due = std::partition(m_waiting.begin(), m_waiting.end(),
                                        [&](const Waiting &one) {
                                            return !isOver && one.until > now;
                                        });
        std::vector<Waiting> answered(std::make_move_iterator(due),
                                      std::make_move_iterator(m_waiting.end()));
        m_waiting.erase(due, m_waiting.end());
        lock.unlock();
        for (const Waiting &one : answered)
            one.receiver(checks);
        lock.lock();
    }
}

void Readiness::examine(const std::stop_token &closing)
{
    std::unique_lock lock(m_mutex);
    while (m_changed.wait(lock, closing, [this] { return m_isWanted; })) {
        if (closing.stop_requested())
            return;
        m_current = {.database = u"the database does not answer"_s,
                     .blobs = u"the blob store does not answer"_s,
                     .sandbox = u"the sandbox does not answer"_s,
                     .sandboxLevel = u"unavailable"_s};
        lock.unlock();
        examineSandbox();
        lock.lock();
        m_begunAt = std::chrono::steady_clock::now();
        m_storesAreAsked = true;
        for (Waiting &one : m_waiting)
            one.until = m_begunAt + longestWait;
        lock.unlock();
        m_changed.notify_all();
        {
            // Beside each other: one that is away says nothing about the other.
            const std::jthread blobs([this] { examineBlobs(); });
            examineDatabase();
        }
        lock.lock();
        m_last = m_current;
        m_examinedAt = std::chrono::steady_clock::now();
        m_isWanted = m_storesAreAsked = false;
        m_changed.notify_all();
    }
}

void Readiness::note(QString Checks::*check, const QString &text)
{
    const std::lock_guard lock(m_mutex);
    m_current.*check = text;
}

void Readiness::examineDatabase()
{
    note(&Checks::database,
         verdict(errorOf(m_engine.metadata().instancesWithUnfinished()), "database",
                 u"the database cannot be read"_s));
}

void Readiness::examineBlobs()
{
    // Of no bytes at all; whether it is there does not matter, that the store can say it does.
    const BlobId empty{u"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"_s};
    note(&Checks::blobs,
         verdict(errorOf(m_engine.blobs().contains(empty)), "blobs",
                 u"the blob store cannot be read"_s));
}

void Readiness::examineSandbox()
{
    const auto controls = m_engine.sandbox().probe();
    const QString text = verdict(errorOf(controls), "sandbox",
                                 u"no sandbox can be made on this machine"_s);
    if (!controls)
        return note(&Checks::sandbox, text);
    using State = ControlState::State;
    const auto has = [&](State state) {
        return std::any_of(controls->begin(), controls->end(),
                           [state](const ControlState &control) { return control.state == state; });
    };
    if (has(State::Missing)) {
        return note(&Checks::sandbox,
                    u"a required control of the sandbox is missing: run skillbox doctor"_s);
    }
    note(&Checks::sandboxLevel, has(State::Degraded) ? u"degraded"_s : u"strong"_s);
    note(&Checks::sandbox, text);
}

} // namespace skillbox
