#include "engine/oidc/verification_key.h"

#include "engine/base/quoted_name.h"
#include "engine/oidc/strict_json.h"

#include <QJsonArray>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

// NIST SP 800-131A asks for 2048; more than 8192 would let whoever signs spend our time.
constexpr int leastRsaBits = 2048;
constexpr int mostRsaBits = 8192;
/// 65537 is what everybody uses; large ones cost time.
constexpr int mostExponentBits = 32;
constexpr qsizetype mostKeys = 100;

constexpr std::array algorithms{
    std::pair{"RS256"_L1, SignatureAlgorithm::RS256},
    std::pair{"RS384"_L1, SignatureAlgorithm::RS384},
    std::pair{"RS512"_L1, SignatureAlgorithm::RS512},
    std::pair{"PS256"_L1, SignatureAlgorithm::PS256},
    std::pair{"PS384"_L1, SignatureAlgorithm::PS384},
    std::pair{"PS512"_L1, SignatureAlgorithm::PS512},
    std::pair{"ES256"_L1, SignatureAlgorithm::ES256},
    std::pair{"ES384"_L1, SignatureAlgorithm::ES384},
    std::pair{"EdDSA"_L1, SignatureAlgorithm::EdDSA},
};

template<auto release>
struct Releaser {
    template<typename T>
    void operator()(T *object) const
    {
        release(object);
    }
};
using BigNumber = std::unique_ptr<BIGNUM, Releaser<&BN_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Releaser<&OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Releaser<&OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Releaser<&EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Releaser<&EVP_MD_CTX_free>>;
using CurveSignature = std::unique_ptr<ECDSA_SIG, Releaser<&ECDSA_SIG_free>>;
using SharedKey = std::shared_ptr<EVP_PKEY>;

const unsigned char *octets(QByteArrayView bytes)
{
    return reinterpret_cast<const unsigned char *>(bytes.data());
}

BigNumber numberOf(QByteArrayView bytes)
{
    return BigNumber(BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr));
}

tl::unexpected<Error> badKey(const QString &why)
{
    return fail(ErrorCode::BadRequest, why);
}

std::optional<QByteArray> member(const QJsonObject &jwk, QLatin1StringView name)
{
    const QByteArray text = jwk[name].toString().toLatin1();
    if (text.isEmpty())
        return std::nullopt;
    return fromBase64Url(text);
}

/// Null: OpenSSL does not take it, a point that is not on the curve for example.
SharedKey makeKey(const char *type, const Params &params)
{
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY *key = nullptr;
    if (!context || !params || EVP_PKEY_fromdata_init(context.get()) != 1
        || EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
        return nullptr;
    SharedKey made(key, &EVP_PKEY_free);
    const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    return check && EVP_PKEY_public_check(check.get()) == 1 ? made : nullptr;
}

const EVP_MD *digestOf(SignatureAlgorithm algorithm)
{
    switch (algorithm) {
    case SignatureAlgorithm::RS256:
    case SignatureAlgorithm::PS256:
    case SignatureAlgorithm::ES256: return EVP_sha256();
    case SignatureAlgorithm::RS384:
    case SignatureAlgorithm::PS384:
    case SignatureAlgorithm::ES384: return EVP_sha384();
    case SignatureAlgorithm::RS512:
    case SignatureAlgorithm::PS512: return EVP_sha512();
    case SignatureAlgorithm::EdDSA: break;
    }
    return nullptr; // has its own
}

bool isPss(SignatureAlgorithm algorithm)
{
    return algorithm == SignatureAlgorithm::PS256 || algorithm == SignatureAlgorithm::PS384
        || algorithm == SignatureAlgorithm::PS512;
}

/// The two numbers of a signature, each as long as the curve's (RFC 7518 section 3.4), as OpenSSL
/// wants them. Empty: they are not that long.
QByteArray curveSignature(QByteArrayView signature, qsizetype numberBytes)
{
    if (signature.size() != 2 * numberBytes)
        return {};
    const CurveSignature numbers(ECDSA_SIG_new());
    BigNumber r = numberOf(signature.first(numberBytes));
    BigNumber s = numberOf(signature.sliced(numberBytes));
    if (!numbers || !r || !s || ECDSA_SIG_set0(numbers.get(), r.get(), s.get()) != 1)
        return {};
    (void)r.release(); // the signature's now
    (void)s.release();
    const int size = i2d_ECDSA_SIG(numbers.get(), nullptr);
    if (size <= 0)
        return {};
    QByteArray der(size, Qt::Uninitialized);
    auto *end = reinterpret_cast<unsigned char *>(der.data());
    i2d_ECDSA_SIG(numbers.get(), &end);
    return der;
}

} // namespace

std::optional<SignatureAlgorithm> signatureAlgorithmFromName(QStringView name)
{
    for (const auto &[known, algorithm] : algorithms) {
        if (name == known)
            return algorithm;
    }
    return std::nullopt;
}

Result<VerificationKey> VerificationKey::rsaKey(const QJsonObject &jwk)
{
    const auto modulus = member(jwk, "n"_L1);
    const auto exponent = member(jwk, "e"_L1);
    if (!modulus || !exponent || modulus->size() > mostRsaBits / 8 + 1)
        return badKey(u"an RSA key without usable numbers"_s);
    const BigNumber n = numberOf(*modulus);
    const BigNumber e = numberOf(*exponent);
    if (!n || !e)
        return badKey(u"an RSA key without usable numbers"_s);
    const int bits = BN_num_bits(n.get());
    if (bits < leastRsaBits || bits > mostRsaBits) {
        return badKey(u"an RSA key of %1 bits, not of %2 to %3"_s.arg(bits)
                          .arg(leastRsaBits)
                          .arg(mostRsaBits));
    }
    if (!BN_is_odd(e.get()) || BN_is_one(e.get()) || BN_num_bits(e.get()) > mostExponentBits)
        return badKey(u"an RSA key with an unusual exponent"_s);
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1
        || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return fail(ErrorCode::Internal, u"OpenSSL has no memory for a key"_s);
    SharedKey key = makeKey("RSA", Params(OSSL_PARAM_BLD_to_param(builder.get())));
    if (!key)
        return badKey(u"an RSA key that is none"_s);
    return VerificationKey(Kind::Rsa, std::move(key));
}

Result<VerificationKey> VerificationKey::curveKey(const QJsonObject &jwk)
{
    const QString curve = jwk["crv"_L1].toString();
    const bool isSmall = curve == u"P-256";
    if (!isSmall && curve != u"P-384")
        return badKey(u"a key on the curve %1"_s.arg(quotedName(curve)));
    const auto x = member(jwk, "x"_L1);
    const auto y = member(jwk, "y"_L1);
    const qsizetype size = isSmall ? 32 : 48;
    if (!x || !y || x->size() != size || y->size() != size)
        return badKey(u"a key on the curve %1 without a usable point"_s.arg(curve));
    const QByteArray point = '\x04' + *x + *y; // SEC 1 section 2.3.3: not compressed
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    if (!builder
        || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                           isSmall ? "P-256" : "P-384", 0)
            != 1
        || OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                            point.constData(), static_cast<size_t>(point.size()))
            != 1)
        return fail(ErrorCode::Internal, u"OpenSSL has no memory for a key"_s);
    SharedKey key = makeKey("EC", Params(OSSL_PARAM_BLD_to_param(builder.get())));
    if (!key)
        return badKey(u"a key whose point is not on the curve %1"_s.arg(curve));
    return VerificationKey(isSmall ? Kind::P256 : Kind::P384, std::move(key));
}

Result<VerificationKey> VerificationKey::edwardsKey(const QJsonObject &jwk)
{
    const QString curve = jwk["crv"_L1].toString();
    if (curve != u"Ed25519")
        return badKey(u"a key on the curve %1"_s.arg(quotedName(curve)));
    const auto x = member(jwk, "x"_L1);
    if (!x || x->size() != 32)
        return badKey(u"a key on the curve Ed25519 without a usable point"_s);
    SharedKey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(*x),
                                              static_cast<size_t>(x->size())),
                  &EVP_PKEY_free);
    if (!key)
        return badKey(u"a key on the curve Ed25519 that is none"_s);
    return VerificationKey(Kind::Ed25519, std::move(key));
}

Result<VerificationKey> VerificationKey::fromJwk(const QJsonObject &jwk)
{
    const QString id = jwk["kid"_L1].toString();
    if (!jwk["kid"_L1].isUndefined() && id.isEmpty())
        return badKey(u"a key whose kid is no text"_s);
    if (const QJsonValue use = jwk["use"_L1]; !use.isUndefined() && use.toString() != u"sig")
        return badKey(u"a key for something else than signatures"_s);
    if (const QJsonValue uses = jwk["key_ops"_L1];
        !uses.isUndefined() && !uses.toArray().contains(QJsonValue(u"verify"_s)))
        return badKey(u"a key for something else than to verify"_s);
    const QString type = jwk["kty"_L1].toString();
    Result<VerificationKey> key = type == u"RSA" ? rsaKey(jwk)
        : type == u"EC"                          ? curveKey(jwk)
        : type == u"OKP"
        ? edwardsKey(jwk)
        : Result<VerificationKey>(badKey(u"a key of the type %1"_s.arg(quotedName(type))));
    if (!key)
        return key;
    key->m_id = id;
    if (const QJsonValue name = jwk["alg"_L1]; !name.isUndefined()) {
        const auto only = signatureAlgorithmFromName(name.toString());
        if (!only || !key->fits(*only)) {
            return badKey(u"a key for the algorithm %1"_s.arg(quotedName(name.toString())));
        }
        key->m_only = only;
    }
    return key;
}

bool VerificationKey::fits(SignatureAlgorithm algorithm) const
{
    if (m_only && *m_only != algorithm)
        return false;
    switch (algorithm) {
    case SignatureAlgorithm::ES256: return m_kind == Kind::P256;
    case SignatureAlgorithm::ES384: return m_kind == Kind::P384;
    case SignatureAlgorithm::EdDSA: return m_kind == Kind::Ed25519;
    default: return m_kind == Kind::Rsa;
    }
}

bool VerificationKey::verify(SignatureAlgorithm algorithm, QByteArrayView text,
                             QByteArrayView signature) const
{
    if (!fits(algorithm))
        return false;
    QByteArray der;
    if (m_kind == Kind::P256 || m_kind == Kind::P384) {
        der = curveSignature(signature, m_kind == Kind::P256 ? 32 : 48);
        if (der.isEmpty())
            return false;
        signature = der;
    }
    const DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX *options = nullptr; // the context's
    if (!context
        || EVP_DigestVerifyInit(context.get(), &options, digestOf(algorithm), nullptr, m_key.get())
            != 1)
        return false;
    // RFC 7518 section 3.5: the salt is as long as the hash, the mask is made with the same one.
    if (isPss(algorithm)
        && (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1
            || EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1
            || EVP_PKEY_CTX_set_rsa_mgf1_md(options, digestOf(algorithm)) != 1))
        return false;
    return EVP_DigestVerify(context.get(), octets(signature), static_cast<size_t>(signature.size()),
                            octets(text), static_cast<size_t>(text.size()))
        == 1;
}

bool KeySet::hasKey(const QString &id) const
{
    return std::any_of(keys.begin(), keys.end(),
                       [&](const VerificationKey &key) { return key.id() == id; });
}

Result<KeySet> parseKeySet(QByteArrayView json)
{
    const Result<QJsonObject> object = parseStrictObject(json);
    if (!object)
        return fail(object.error());
    const QJsonValue list = (*object)["keys"_L1];
    if (!list.isArray())
        return fail(ErrorCode::BadRequest, u"there is no array \"keys\""_s);
    const QJsonArray entries = list.toArray();
    if (entries.size() > mostKeys)
        return fail(ErrorCode::TooLarge, u"there are more than %1 keys"_s.arg(mostKeys));
    KeySet set;
    for (const QJsonValue entry : entries) {
        Result<VerificationKey> key = VerificationKey::fromJwk(entry.toObject());
        if (key)
            set.keys.push_back(std::move(*key));
        else
            set.leftOut.append(key.error().message);
    }
    return set;
}

} // namespace skillbox
