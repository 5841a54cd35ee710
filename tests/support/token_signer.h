#pragma once

#include <QByteArray>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <memory>

namespace skillbox::test {

inline QByteArray base64Url(const QByteArray &bytes)
{
    return bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

inline QByteArray compactJson(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

/// A key pair as a sign-in service has it: signs tokens and shows its public half as a JWK.
class TokenSigner
{
public:
    enum class Kind { Rsa, P256, P384, Ed25519 };

    explicit TokenSigner(Kind kind, int rsaBits = 2048) : m_kind(kind)
    {
        switch (kind) {
        case Kind::Rsa:
            m_key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<size_t>(rsaBits)));
            break;
        case Kind::P256: m_key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")); break;
        case Kind::P384: m_key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384")); break;
        case Kind::Ed25519: m_key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); break;
        }
    }

    QJsonObject jwk(const QString &id) const
    {
        QJsonObject jwk{{QStringLiteral("kid"), id},
                        {QStringLiteral("use"), QStringLiteral("sig")}};
        const auto put = [&](const char *name, const QByteArray &bytes) {
            jwk.insert(QString::fromLatin1(name), QString::fromLatin1(base64Url(bytes)));
        };
        switch (m_kind) {
        case Kind::Rsa:
            jwk.insert(QStringLiteral("kty"), QStringLiteral("RSA"));
            put("n", number(OSSL_PKEY_PARAM_RSA_N));
            put("e", number(OSSL_PKEY_PARAM_RSA_E));
            break;
        case Kind::P256:
        case Kind::P384:
            jwk.insert(QStringLiteral("kty"), QStringLiteral("EC"));
            jwk.insert(QStringLiteral("crv"),
                       m_kind == Kind::P256 ? QStringLiteral("P-256") : QStringLiteral("P-384"));
            put("x", number(OSSL_PKEY_PARAM_EC_PUB_X, coordinateBytes()));
            put("y", number(OSSL_PKEY_PARAM_EC_PUB_Y, coordinateBytes()));
            break;
        case Kind::Ed25519: {
            QByteArray point(32, '\0');
            size_t size = 32;
            EVP_PKEY_get_raw_public_key(m_key.get(),
                                        reinterpret_cast<unsigned char *>(point.data()), &size);
            jwk.insert(QStringLiteral("kty"), QStringLiteral("OKP"));
            jwk.insert(QStringLiteral("crv"), QStringLiteral("Ed25519"));
            put("x", point);
            break;
        }
        }
        return jwk;
    }

    /// With the algorithm's hash and padding; the two numbers of a curve's side by side.
    QByteArray sign(const QByteArray &text, const QByteArray &algorithm) const
    {
        const QByteArray signature = signDer(text, algorithm);
        if (m_kind != Kind::P256 && m_kind != Kind::P384)
            return signature;
        const auto *der = reinterpret_cast<const unsigned char *>(signature.constData());
        ECDSA_SIG *numbers = d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(signature.size()));
        const int size = coordinateBytes();
        QByteArray both(2 * size, '\0');
        auto *out = reinterpret_cast<unsigned char *>(both.data());
        BN_bn2binpad(ECDSA_SIG_get0_r(numbers), out, size);
        BN_bn2binpad(ECDSA_SIG_get0_s(numbers), out + size, size);
        ECDSA_SIG_free(numbers);
        return both;
    }

    /// As OpenSSL gives it.
    QByteArray signDer(const QByteArray &text, const QByteArray &algorithm) const
    {
        const EVP_MD *digest = algorithm == "EdDSA" ? nullptr
            : algorithm.endsWith("256")             ? EVP_sha256()
            : algorithm.endsWith("384")             ? EVP_sha384()
                                                    : EVP_sha512();
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        EVP_PKEY_CTX *options = nullptr;
        EVP_DigestSignInit(context, &options, digest, nullptr, m_key.get());
        if (algorithm.startsWith("PS")) {
            EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
            EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST);
        }
        const auto *bytes = reinterpret_cast<const unsigned char *>(text.constData());
        size_t size = 0;
        EVP_DigestSign(context, nullptr, &size, bytes, static_cast<size_t>(text.size()));
        QByteArray signature(static_cast<qsizetype>(size), '\0');
        EVP_DigestSign(context, reinterpret_cast<unsigned char *>(signature.data()), &size, bytes,
                       static_cast<size_t>(text.size()));
        signature.truncate(static_cast<qsizetype>(size));
        EVP_MD_CTX_free(context);
        return signature;
    }

    /// A whole token; `alg` and `kid` come first in the header, `more` may replace them.
    QByteArray token(const QByteArray &algorithm, const QString &keyId, const QJsonObject &claims,
                     const QJsonObject &more = {}) const
    {
        QJsonObject header{{QStringLiteral("alg"), QString::fromLatin1(algorithm)},
                           {QStringLiteral("kid"), keyId},
                           {QStringLiteral("typ"), QStringLiteral("at+jwt")}};
        for (auto it = more.begin(); it != more.end(); ++it)
            header.insert(it.key(), it.value());
        return token(compactJson(header), compactJson(claims), algorithm);
    }
    /// The same of any texts.
    QByteArray token(const QByteArray &header, const QByteArray &claims,
                     const QByteArray &algorithm) const
    {
        const QByteArray text = base64Url(header) + '.' + base64Url(claims);
        return text + '.' + base64Url(sign(text, algorithm));
    }

private:
    int coordinateBytes() const { return m_kind == Kind::P256 ? 32 : 48; }
    QByteArray number(const char *name, int size = 0) const
    {
        BIGNUM *value = nullptr;
        EVP_PKEY_get_bn_param(m_key.get(), name, &value);
        QByteArray bytes(size > 0 ? size : BN_num_bytes(value), '\0');
        BN_bn2binpad(value, reinterpret_cast<unsigned char *>(bytes.data()),
                     static_cast<int>(bytes.size()));
        BN_free(value);
        return bytes;
    }

    struct Release {
        void operator()(EVP_PKEY *key) const { EVP_PKEY_free(key); }
    };
    Kind m_kind;
    std::unique_ptr<EVP_PKEY, Release> m_key;
};

inline QByteArray hmacSha256(const QByteArray &key, const QByteArray &text)
{
    QByteArray code(32, '\0');
    unsigned int size = 32;
    HMAC(EVP_sha256(), key.constData(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char *>(text.constData()),
         static_cast<size_t>(text.size()), reinterpret_cast<unsigned char *>(code.data()), &size);
    return code;
}

inline QByteArray keySetJson(const QJsonArray &keys)
{
    return compactJson({{QStringLiteral("keys"), keys}});
}

} // namespace skillbox::test
