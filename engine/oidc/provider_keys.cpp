#include "engine/oidc/provider_keys.h"

#include "engine/net/web_request.h"
#include "engine/oidc/provider.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Q_LOGGING_CATEGORY(signInLog, "skillbox.signin")

constexpr qsizetype mostKeySetBytes = 512 << 10;

} // namespace

ProviderKeys::ProviderKeys(QString issuer, QString caFile, ProviderTiming timing)
    : m_issuer(std::move(issuer))
    , m_caFile(std::move(caFile))
    , m_timing(timing)
    , m_thread([this](const std::stop_token &stop) { work(stop); })
{
}

ProviderKeys::~ProviderKeys()
{
    m_thread.request_stop();
    m_thread.join();
}

std::shared_ptr<const KeySet> ProviderKeys::usable() const
{
    return m_keys && Clock::now() - m_takenAt < m_timing.outlive ? m_keys : nullptr;
}

ProviderKeys::Found ProviderKeys::find(const QString &keyId)
{
    std::unique_lock lock(m_mutex);
    const auto isThere = [&] {
        const auto keys = usable();
        return keys && (keyId.isEmpty() || keys->hasKey(keyId));
    };
    if (isThere())
        return {m_keys};
    if (!m_isFetching && Clock::now() - m_attemptedAt >= m_timing.pause) {
        m_isWanted = true;
        m_isFetching = true;
        m_hasWaiter = false;
        m_wanted.notify_one();
    }
    if (m_isFetching && !m_hasWaiter) {
        m_hasWaiter = true;
        m_fetched.wait_for(lock, m_timing.patience, [this] { return !m_isFetching; });
    }
    return {usable(), m_isFetching && !isThere()};
}

QString ProviderKeys::failure() const
{
    const std::lock_guard lock(m_mutex);
    return m_failure;
}

Result<KeySet> ProviderKeys::fetch(const std::stop_token &stop)
{
    // The document each time: a provider may move its keys.
    const Result<Provider> provider = discoverProvider(m_issuer, m_caFile, stop);
    if (!provider)
        return fail(provider.error());
    const Result<WebAnswer> answer = askWeb(
        {.url = provider->keysUrl,
         .headers = {"Accept: application/jwk-set+json, application/json"},
         .caFile = m_caFile,
         .mostBytes = mostKeySetBytes,
         .stop = stop});
    if (!answer)
        return fail(answer.error());
    if (answer->status != 200) {
        return fail(ErrorCode::Io,
                    u"%1 answers with the status %2"_s.arg(provider->keysUrl).arg(answer->status));
    }
    Result<KeySet> keys = parseKeySet(answer->body);
    if (!keys) {
        return fail(ErrorCode::BadRequest,
                    u"the keys at %1 cannot be read: %2"_s.arg(provider->keysUrl,
                                                               keys.error().message));
    }
    if (keys->keys.empty()) {
        return fail(ErrorCode::BadRequest, u"there is no usable key at %1"_s.arg(provider->keysUrl),
                    keys->leftOut.join(u", "_s));
    }
    return keys;
}

void ProviderKeys::take(Result<KeySet> fetched)
{
    const std::lock_guard lock(m_mutex);
    m_attemptedAt = Clock::now();
    const QString before = m_failure;
    if (fetched) {
        m_keys = std::make_shared<const KeySet>(std::move(*fetched));
        m_takenAt = m_attemptedAt;
        m_failure.clear();
        if (!before.isEmpty())
            qCInfo(signInLog, "the keys of %s are there again", qUtf8Printable(m_issuer));
    } else {
        m_failure = fetched.error().message;
        if (m_failure != before && fetched.error().code != ErrorCode::Cancelled) {
            qCWarning(signInLog, "no new keys of the sign-in service: %s%s%s",
                      qUtf8Printable(m_failure), fetched.error().detail.isEmpty() ? "" : ": ",
                      qUtf8Printable(fetched.error().detail));
        }
    }
    m_isFetching = false;
    m_fetched.notify_all();
}

void ProviderKeys::work(const std::stop_token &stop)
{
    std::unique_lock lock(m_mutex);
    while (!stop.stop_requested()) {
        m_isWanted = false;
        lock.unlock();
        take(fetch(stop));
        lock.lock();
        const auto next = m_failure.isEmpty() ? m_timing.refreshed : m_timing.pause;
        m_wanted.wait_for(lock, stop, next, [this] { return m_isWanted; });
        if (!m_isFetching) {
            m_isFetching = true; // its time has come without anybody asking
            m_hasWaiter = false;
        }
    }
}

} // namespace skillbox
