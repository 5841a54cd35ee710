#include "engine/oidc/token.h"

#include "engine/base/quoted_name.h"
#include "engine/oidc/strict_json.h"

#include <QJsonArray>

#include <cmath>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype mostKeyIdLength = 256;
constexpr qsizetype mostSubjectLength = 255; // OpenID Connect Core 1.0 section 2

tl::unexpected<TokenProblem> wrong(TokenFault fault, const QString &detail)
{
    return tl::unexpected<TokenProblem>({fault, detail});
}

/// RFC 8725 section 3.11: a token that is signed for something else is not taken for ours.
bool isTypeTaken(const QJsonValue &type)
{
    if (type.isUndefined())
        return true;
    QString name = type.toString().toLower();
    if (name.startsWith(u"application/"))
        name.remove(0, 12);
    return name == u"jwt" || name == u"at+jwt";
}

/// Seconds since 1970, RFC 7519 section 2; nothing: no number that a time can be.
std::optional<double> timeClaim(const QJsonValue &claim)
{
    if (!claim.isDouble())
        return std::nullopt;
    const double seconds = claim.toDouble();
    if (!std::isfinite(seconds) || seconds < 0 || seconds > 1e12)
        return std::nullopt;
    return seconds;
}

bool isFor(const QJsonValue &audience, const QString &wanted)
{
    if (audience.isArray())
        return audience.toArray().contains(QJsonValue(wanted));
    return audience.isString() && audience.toString() == wanted;
}

/// It goes into records and logs: visible ASCII (OpenID Connect Core 1.0 section 2).
bool isSubject(const QString &text)
{
    return !text.isEmpty() && text.size() <= mostSubjectLength
        && std::all_of(text.begin(), text.end(), [](QChar c) { return c > u' ' && c <= u'~'; });
}

TokenResult<void> checkClaims(const QJsonObject &claims, const TokenRules &rules,
                              const QDateTime &now)
{
    if (!claims["iss"_L1].isString() || claims["iss"_L1].toString() != rules.issuer) {
        return wrong(TokenFault::Issuer,
                     u"the issuer is %1"_s.arg(quotedName(claims["iss"_L1].toString())));
    }
    if (!isFor(claims["aud"_L1], rules.audience)) {
        QStringList audiences;
        for (const QJsonValue one : claims["aud"_L1].toArray({claims["aud"_L1]}))
            audiences.append(one.toString());
        return wrong(TokenFault::Audience,
                     u"the audience is %1"_s.arg(quotedName(audiences.join(u", "_s))));
    }
    const double time = static_cast<double>(now.toMSecsSinceEpoch()) / 1000;
    const auto skew = static_cast<double>(rules.clockSkew.count());
    const auto expires = timeClaim(claims["exp"_L1]);
    if (!expires)
        return wrong(TokenFault::Claims, u"exp is missing or no time"_s);
    if (time >= *expires + skew)
        return wrong(TokenFault::Expired, u"expired %1 s ago"_s.arg(qint64(time - *expires)));
    for (const auto name : {"nbf"_L1, "iat"_L1}) {
        const QJsonValue claim = claims[name];
        if (claim.isUndefined())
            continue;
        const auto begins = timeClaim(claim);
        if (!begins)
            return wrong(TokenFault::Claims, u"%1 is no time"_s.arg(name));
        if (time + skew < *begins) {
            return wrong(TokenFault::NotYet,
                         u"%1 is %2 s ahead"_s.arg(name).arg(qint64(*begins - time)));
        }
    }
    if (!isSubject(claims["sub"_L1].toString()))
        return wrong(TokenFault::Claims, u"sub is missing or not 1 to 255 visible characters"_s);
    // RFC 7800: whoever presents it has to prove that a key is theirs, which a bearer does not.
    if (!claims["cnf"_L1].isUndefined())
        return wrong(TokenFault::Claims, u"it is bound to a key (cnf)"_s);
    return {};
}

} // namespace

QLatin1StringView faultText(TokenFault fault)
{
    switch (fault) {
    case TokenFault::Malformed: return "the token is malformed"_L1;
    case TokenFault::Algorithm:
        return "the token is signed with an algorithm that is not accepted"_L1;
    case TokenFault::UnknownKey: return "the token is signed with a key that is not known"_L1;
    case TokenFault::Signature: return "the signature of the token is not valid"_L1;
    case TokenFault::Issuer: return "the token is from another issuer"_L1;
    case TokenFault::Audience: return "the token is for another audience"_L1;
    case TokenFault::Expired: return "the token is expired"_L1;
    case TokenFault::NotYet: return "the token is not valid yet"_L1;
    case TokenFault::Claims: break;
    }
    return "the token has no usable claims"_L1;
}

bool looksLikeToken(QByteArrayView text)
{
    // `{"`, or `{` and white space, in base64url.
    return (text.startsWith("ey") || text.startsWith("ew")) && text.toByteArray().count('.') == 2;
}

TokenResult<Token> parseToken(QByteArrayView text)
{
    if (text.size() > Token::mostBytes)
        return wrong(TokenFault::Malformed, u"%1 bytes"_s.arg(text.size()));
    const QByteArrayList parts = text.toByteArray().split('.');
    if (parts.size() != 3)
        return wrong(TokenFault::Malformed, u"%1 parts"_s.arg(parts.size()));
    const auto header = fromBase64Url(parts[0]);
    const auto payload = fromBase64Url(parts[1]);
    auto signature = fromBase64Url(parts[2]);
    if (!header || !payload || !signature)
        return wrong(TokenFault::Malformed, u"a part is not base64url"_s);
    const Result<QJsonObject> fields = parseStrictObject(*header);
    if (!fields)
        return wrong(TokenFault::Malformed, u"header: "_s + fields.error().message);
    if (fields->contains("crit"_L1))
        return wrong(TokenFault::Malformed, u"the header has critical extensions"_s);
    if (!isTypeTaken((*fields)["typ"_L1])) {
        return wrong(TokenFault::Malformed,
                     u"the type is %1"_s.arg(quotedName((*fields)["typ"_L1].toString())));
    }
    const auto algorithm = signatureAlgorithmFromName((*fields)["alg"_L1].toString());
    if (!algorithm) {
        return wrong(TokenFault::Algorithm,
                     u"the algorithm is %1"_s.arg(quotedName((*fields)["alg"_L1].toString())));
    }
    const QJsonValue keyId = (*fields)["kid"_L1];
    if (!keyId.isUndefined()
        && (keyId.toString().isEmpty() || keyId.toString().size() > mostKeyIdLength))
        return wrong(TokenFault::Malformed, u"the kid is no usable text"_s);
    Result<QJsonObject> claims = parseStrictObject(*payload);
    if (!claims)
        return wrong(TokenFault::Malformed, u"claims: "_s + claims.error().message);
    return Token{.algorithm = *algorithm,
                 .keyId = keyId.toString(),
                 .claims = std::move(*claims),
                 .signedText = parts[0] + '.' + parts[1],
                 .signature = std::move(*signature)};
}

TokenResult<void> verifyToken(const Token &token, const KeySet &keys, const TokenRules &rules,
                              const QDateTime &now)
{
    std::vector<const VerificationKey *> candidates;
    for (const VerificationKey &key : keys.keys) {
        if (key.fits(token.algorithm) && (token.keyId.isEmpty() || key.id() == token.keyId))
            candidates.push_back(&key);
    }
    // Which of several signed it would have to be tried out, at our expense.
    if (candidates.empty() || (token.keyId.isEmpty() && candidates.size() > 1)) {
        // A key of that name is there, but it is for other algorithms: newer keys change nothing.
        const bool isMisused = !token.keyId.isEmpty() && keys.hasKey(token.keyId);
        return wrong(isMisused ? TokenFault::Algorithm : TokenFault::UnknownKey,
                     u"%1 keys fit, the kid is %2"_s.arg(QString::number(candidates.size()),
                                                         quotedName(token.keyId)));
    }
    const bool isSigned = std::any_of(
        candidates.begin(), candidates.end(), [&](const VerificationKey *key) {
            return key->verify(token.algorithm, token.signedText, token.signature);
        });
    if (!isSigned) {
        return wrong(TokenFault::Signature, u"the kid is %1"_s.arg(quotedName(token.keyId)));
    }
    return checkClaims(token.claims, rules, now);
}

} // namespace skillbox
