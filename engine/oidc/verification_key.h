#pragma once

#include "engine/base/result.h"

#include <QJsonObject>

#include <memory>
#include <optional>
#include <vector>

struct evp_pkey_st;

namespace skillbox {

/// How a token may be signed: with a public key on our side, always (RFC 7518 section 3.1, RFC
/// 8037). `none` and the HMAC family are not among them on purpose.
enum class SignatureAlgorithm { RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA };

std::optional<SignatureAlgorithm> signatureAlgorithmFromName(QStringView name);

/// A public key of a provider, which cannot be used for another algorithm than its kind is for.
/// Immutable; copies share the key.
class VerificationKey
{
public:
    /// From a JWK (RFC 7517). RSA of 2048 to 8192 bits, P-256, P-384, Ed25519; for signatures, if
    /// it says what it is for. BadRequest says why another is not taken.
    static Result<VerificationKey> fromJwk(const QJsonObject &jwk);

    const QString &id() const { return m_id; } ///< `kid`; empty: it has none
    bool fits(SignatureAlgorithm algorithm) const;
    /// Only for an algorithm that fits.
    bool verify(SignatureAlgorithm algorithm, QByteArrayView text, QByteArrayView signature) const;

private:
    enum class Kind { Rsa, P256, P384, Ed25519 };
    VerificationKey(Kind kind, std::shared_ptr<evp_pkey_st> key)
        : m_kind(kind)
        , m_key(std::move(key))
    {
    }
    static Result<VerificationKey> rsaKey(const QJsonObject &jwk);
    static Result<VerificationKey> curveKey(const QJsonObject &jwk);
    static Result<VerificationKey> edwardsKey(const QJsonObject &jwk);

    Kind m_kind;
    std::shared_ptr<evp_pkey_st> m_key;
    QString m_id;
    std::optional<SignatureAlgorithm> m_only; ///< `alg`
};

/// What a provider publishes at its `jwks_uri`.
struct KeySet {
    std::vector<VerificationKey> keys;
    QStringList leftOut; ///< why a key is not among them, a sentence each

    bool hasKey(const QString &id) const;
};

/// A JWK set. Keys that cannot be used are left out: providers publish those of other purposes
/// there. BadRequest for what is no set, or has more than 100 keys.
Result<KeySet> parseKeySet(QByteArrayView json);

} // namespace skillbox
