#include "engine/access/access_service.h"

#include "engine/access/key_cache.h"
#include "engine/access/key_use_recorder.h"
#include "engine/access/tenant_name.h"
#include "engine/base/clock.h"
#include "engine/base/quoted_name.h"
#include "engine/base/sha256.h"

#include <QRandomGenerator>

#include <array>
#include <mutex>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype largestSecret = 1024;
constexpr qsizetype largestName = 100;

Result<void> checkKeyName(const QString &name)
{
    if (name.trimmed().isEmpty())
        return fail(ErrorCode::BadRequest, u"a key needs a name"_s);
    if (name.size() > largestName) {
        return fail(ErrorCode::BadRequest,
                    u"the name of a key has at most %1 characters"_s.arg(largestName));
    }
    const bool printable = std::all_of(name.begin(), name.end(),
                                       [](QChar c) { return c.isPrint() || c.isSurrogate(); });
    if (!printable || !name.isValidUtf16()) {
        return fail(ErrorCode::BadRequest,
                    u"the name of a key has printable characters only, unlike %1"_s.arg(
                        quotedName(name)));
    }
    return {};
}

/// RFC 9110 section 11.2: credentials travel as one visible ASCII word.
Result<void> checkSecret(const QString &secret)
{
    const bool visible = std::all_of(secret.begin(), secret.end(),
                                     [](QChar c) { return c > u' ' && c <= u'~'; });
    if (visible && !secret.isEmpty() && secret.size() <= largestSecret)
        return {};
    return fail(ErrorCode::BadRequest,
                u"the text of a key has 1 to %1 visible ASCII characters and no space, so that it"
                u" can be sent in a header"_s.arg(largestSecret));
}

QString freshSecret()
{
    // 192 bits from the system's generator: cannot be guessed, so a plain hash of it is enough.
    std::array<quint32, 6> words{};
    QRandomGenerator::system()->fillRange(words.data(), words.size());
    const QByteArrayView bytes(reinterpret_cast<const char *>(words.data()),
                               static_cast<qsizetype>(sizeof words));
    return u"sk-"_s + QString::fromLatin1(bytes.toByteArray().toHex());
}

QString hashOf(const QString &secret)
{
    return Sha256::of(secret.toUtf8());
}

bool isExpired(const KeyRecord &key, const QDateTime &now)
{
    return key.expiresAt.isValid() && key.expiresAt <= now;
}

tl::unexpected<Error> unauthorized()
{
    return fail(ErrorCode::Unauthorized, u"a valid API key is needed"_s);
}

} // namespace

class AccessService::Private
{
public:
    Private(MetadataStore &store, AccessTiming timing)
        : metadata(store)
        , cache(timing.keysAreKept)
        , uses(store, timing.usesAreWritten)
    {
    }

    /// From memory or from the store; nothing: there is no such key.
    Result<std::optional<KeyRecord>> find(const QString &hash)
    {
        quint64 generation = 0;
        {
            const std::lock_guard lock(mutex);
            auto answer = cache.find(hash, KeyCache::Clock::now());
            if (answer.fresh)
                return std::move(answer.key);
            generation = cache.generation();
        }
        auto found = metadata.findKeyByHash(hash);
        if (found) {
            const std::lock_guard lock(mutex);
            cache.keep(hash, *found, generation, KeyCache::Clock::now());
        }
        return found;
    }

    MetadataStore &metadata;
    std::mutex mutex; ///< of the cache
    KeyCache cache;
    KeyUseRecorder uses;
    QHash<QString, Caller> ofThisProcess; ///< by hash; under the mutex, too
};

AccessService::AccessService(MetadataStore &metadata, AccessTiming timing)
    : d(std::make_unique<Private>(metadata, timing))
{
}

AccessService::~AccessService() = default;

Result<NewKey> AccessService::createKey(const KeyRequest &request, const Origin &by)
{
    if (auto tenant = checkTenantName(request.tenant.value); !tenant)
        return fail(tenant.error());
    if (auto name = checkKeyName(request.name); !name)
        return fail(name.error());
    NewKey made;
    made.secret = request.secret.isEmpty() ? freshSecret() : request.secret;
    if (auto secret = checkSecret(made.secret); !secret)
        return fail(secret.error());
    const QDateTime now = nowUtc();
    if (request.expiresAt.isValid() && request.expiresAt <= now) {
        return fail(ErrorCode::BadRequest,
                    u"the key would be expired from the start: %1 is not in the future"_s.arg(
                        toRfc3339(request.expiresAt)));
    }
    made.record = {.id = {newUuid()},
                   .tenant = request.tenant,
                   .name = request.name.trimmed(),
                   .role = QString(roleName(request.role)),
                   .createdAt = now,
                   .createdBy = by.actor,
                   .expiresAt = request.expiresAt.toUTC()};
    QJsonObject details{{u"name"_s, made.record.name}, {u"role"_s, made.record.role}};
    if (made.record.expiresAt.isValid())
        details.insert(u"expires_at"_s, toRfc3339(made.record.expiresAt));
    const AuditRecord audit{.tenant = request.tenant,
                            .at = now,
                            .actor = by.actor,
                            .action = u"key.create"_s,
                            .target = made.record.id.value,
                            .details = details,
                            .address = by.address,
                            .requestId = by.requestId};
    const QString hash = hashOf(made.secret);
    const auto inserted = d->metadata.insertKey(made.record, hash, &audit);
    if (!inserted)
        return fail(inserted.error());
    if (!*inserted)
        return fail(ErrorCode::BadRequest, u"this key text is taken already; choose another"_s);
    const std::lock_guard lock(d->mutex);
    d->cache.forgetUnknown(hash);
    return made;
}

Result<QList<KeyRecord>> AccessService::listKeys(const TenantId &tenant)
{
    return d->metadata.listKeys(tenant);
}

Result<KeyRecord> AccessService::revokeKey(const TenantId &tenant, const KeyId &id,
                                           const Origin &by)
{
    const QDateTime now = nowUtc();
    const AuditRecord audit{.tenant = tenant,
                            .at = now,
                            .actor = by.actor,
                            .action = u"key.revoke"_s,
                            .target = id.value,
                            .details = {},
                            .address = by.address,
                            .requestId = by.requestId};
    auto revoked = isUuid(id.value) ? d->metadata.revokeKey(tenant, id, now, &audit)
                                    : Result<std::optional<KeyRecord>>(std::nullopt);
    if (!revoked)
        return fail(revoked.error());
    if (!*revoked)
        return fail(ErrorCode::NotFound, u"there is no key %1"_s.arg(quotedName(id.value)));
    const std::lock_guard lock(d->mutex);
    d->cache.forgetKey(id);
    return std::move(**revoked);
}

Result<Caller> AccessService::authenticate(const QString &secret)
{
    // Whether a key is right is only ever asked by its hash, so how long the answer takes tells
    // nothing of how much of a key was right.
    if (secret.isEmpty() || secret.size() > largestSecret)
        return unauthorized();
    const QString hash = hashOf(secret);
    {
        const std::lock_guard lock(d->mutex);
        if (const auto own = d->ofThisProcess.constFind(hash); own != d->ofThisProcess.constEnd())
            return *own;
    }
    auto key = d->find(hash);
    if (!key)
        return fail(key.error());
    const QDateTime now = nowUtc();
    if (!*key || (*key)->revokedAt.isValid() || isExpired(**key, now))
        return unauthorized();
    const auto role = roleFromName((*key)->role);
    if (!role) {
        return fail(ErrorCode::StorageCorrupt,
                    u"the key %1 has a role that is not known here: %2"_s.arg(
                        (*key)->id.value, quotedName((*key)->role)));
    }
    d->uses.note((*key)->id, now);
    return Caller{(*key)->tenant, (*key)->id, (*key)->name, *role};
}

void AccessService::acceptForThisProcess(const QString &secret, const Caller &caller)
{
    const std::lock_guard lock(d->mutex);
    d->ofThisProcess.insert(hashOf(secret), caller);
}

void AccessService::withdrawForThisProcess(const QString &secret)
{
    const std::lock_guard lock(d->mutex);
    d->ofThisProcess.remove(hashOf(secret));
}

Result<bool> AccessService::hasUsableKeys()
{
    return d->metadata.hasUsableKeys(nowUtc());
}

} // namespace skillbox
