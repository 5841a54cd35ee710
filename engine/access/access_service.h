#pragma once

#include "engine/access/role.h"
#include "engine/base/origin.h"
#include "engine/base/result.h"
#include "engine/storage/metadata_store.h"

#include <chrono>
#include <memory>

namespace skillbox {

/// Who calls, as a key proves it.
struct Caller {
    TenantId tenant;
    KeyId key;
    QString name; ///< of the key, for people
    Role role = Role::Reader;
};

struct NewKey {
    KeyRecord record;
    QString secret; ///< shown once; the store has its SHA-256 only
};

struct KeyRequest {
    TenantId tenant;
    QString name;
    Role role = Role::Runner;
    QDateTime expiresAt = {}; ///< invalid: never
    /// A key text that exists already in somebody's configuration; empty: a fresh `sk-` + 48 hex
    /// digits.
    QString secret = {};
};

/// How old what authenticate() says may be, and how often uses of keys are written down.
struct AccessTiming {
    std::chrono::milliseconds keysAreKept{2000};
    std::chrono::milliseconds usesAreWritten{30'000};
};

/// Tenants, keys and who a key belongs to. Thread-safe.
class AccessService
{
public:
    explicit AccessService(MetadataStore &metadata, AccessTiming timing = {});
    /// Writes down the uses that are not yet.
    ~AccessService();
    AccessService(const AccessService &) = delete;
    AccessService &operator=(const AccessService &) = delete;

    /// Makes the tenant if there is none. BadRequest: bad tenant or key name, an expiry in the
    /// past, a secret that is taken or cannot be sent in a header (1 to 1024 visible ASCII
    /// characters). Audited as `key.create`.
    Result<NewKey> createKey(const KeyRequest &request, const Origin &by);
    /// Newest first, revoked and expired ones included.
    Result<QList<KeyRecord>> listKeys(const TenantId &tenant);
    /// Idempotent. NotFound if the tenant has no such key. Audited as `key.revoke`. In force at
    /// once in this process, within seconds in others.
    Result<KeyRecord> revokeKey(const TenantId &tenant, const KeyId &id, const Origin &by);
    /// Unauthorized, with one and the same text, for a key that is unknown, revoked or expired. The
    /// answer may be seconds old (never for revocations by this object); the last use is written
    /// down now and then, not each time.
    Result<Caller> authenticate(const QString &secret);
    /// From now on `secret` proves that it is `caller` who calls. In this process and for this
    /// object's life only, until it is withdrawn: it is in no store and in no list and cannot be
    /// revoked. For the key that a server on loopback gives to the programs of its own user.
    void acceptForThisProcess(const QString &secret, const Caller &caller);
    /// Such a key proves nothing any more.
    void withdrawForThisProcess(const QString &secret);
    /// Whether any key works: false on an empty store.
    Result<bool> hasUsableKeys();

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace skillbox
