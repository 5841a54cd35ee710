#pragma once

#include "engine/base/ids.h"
#include "engine/base/result.h"

#include <QByteArray>
#include <QDateTime>

namespace skillbox {

/// Signs links that anyone who holds them may fetch without a key, for a while: HMAC-SHA-256 over
/// what the link is for, the tenant, the id and the expiry. Constant, so thread-safe.
class UrlSigner
{
public:
    /// Takes the key from the file, or makes the file (0600) with a fresh random one. Several
    /// processes on one data directory agree on it.
    static Result<UrlSigner> open(const QString &keyFile);
    /// For servers on several machines, which know the same secret: each takes the others' links.
    /// The key tells nothing of the secret.
    static UrlSigner sharedBy(const QByteArray &secret);
    explicit UrlSigner(QByteArray key) : m_key(std::move(key)) { }

    /// Lower-case hex, 64 digits. `expires` is seconds since 1970, UTC.
    QByteArray sign(QByteArrayView purpose, const TenantId &tenant, const QString &id,
                    qint64 expires) const;
    /// In a time that does not tell how much of it was right.
    bool verify(QByteArrayView purpose, const TenantId &tenant, const QString &id, qint64 expires,
                QByteArrayView signature) const;

private:
    QByteArray m_key;
};

} // namespace skillbox
