#include "server/api/readiness.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

Q_LOGGING_CATEGORY(readyLog, "skillbox.ready")

constexpr auto keptFor = 1s;

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

Readiness::Checks Readiness::checks()
{
    const std::lock_guard lock(m_mutex);
    const auto now = std::chrono::steady_clock::now();
    if (m_examinedAt == std::chrono::steady_clock::time_point() || now - m_examinedAt > keptFor) {
        m_last = examine();
        m_examinedAt = std::chrono::steady_clock::now();
    }
    return m_last;
}

Readiness::Checks Readiness::examine()
{
    Checks checks;
    checks.database = verdict(errorOf(m_engine.metadata().instancesWithUnfinished()), "database",
                              u"the database cannot be read"_s);
    // Of no bytes at all; whether it is there does not matter, that the store can say it does.
    const BlobId empty{u"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"_s};
    checks.blobs = verdict(errorOf(m_engine.blobs().contains(empty)), "blobs",
                           u"the blob store cannot be read"_s);

    const auto controls = m_engine.sandbox().probe();
    checks.sandbox = verdict(errorOf(controls), "sandbox",
                             u"no sandbox can be made on this machine"_s);
    checks.sandboxLevel = u"unavailable"_s;
    if (!controls)
        return checks;
    using State = ControlState::State;
    const auto has = [&](State state) {
        return std::any_of(controls->begin(), controls->end(),
                           [state](const ControlState &control) { return control.state == state; });
    };
    if (has(State::Missing)) {
        checks.sandbox = u"a required control of the sandbox is missing: run skillbox doctor"_s;
        return checks;
    }
    checks.sandboxLevel = has(State::Degraded) ? u"degraded"_s : u"strong"_s;
    return checks;
}

} // namespace skillbox
