#pragma once

#include "engine/oidc/verification_key.h"

#include <QDateTime>

#include <chrono>

namespace skillbox {

/// What is wrong with a token, as far as whoever sent it may know.
enum class TokenFault {
    Malformed, ///< no signed JWT of a form that is taken
    Algorithm, ///< signed in a way that is not taken
    UnknownKey,
    Signature,
    Issuer,
    Audience,
    Expired,
    NotYet, ///< valid in the future only
    Claims, ///< it lacks what every token needs, or may not be used as a bearer token
};

/// One clause, ASCII without quotes and backslashes, so that it fits into a header (RFC 6750
/// section 3).
QLatin1StringView faultText(TokenFault fault);

struct TokenProblem {
    TokenFault fault = TokenFault::Malformed;
    QString detail = {}; ///< for the log only
};
template<typename T>
using TokenResult = tl::expected<T, TokenProblem>;

/// A JWT (RFC 7519) in the compact form of RFC 7515, taken apart. Nothing in it is to be believed
/// before verifyToken() says so.
struct Token {
    SignatureAlgorithm algorithm = SignatureAlgorithm::RS256;
    QString keyId; ///< empty: it names none
    QJsonObject claims;
    QByteArray signedText;
    QByteArray signature;

    static constexpr qsizetype mostBytes = 16 << 10;
};

/// Whether it has the form of a token and so is no API key: three parts with dots between, of which
/// the first begins as an object does.
bool looksLikeToken(QByteArrayView text);

/// The header may name an algorithm we take, a key and a type; keys, certificates and addresses in
/// it are not looked at, and what it declares critical is refused (RFC 7515 section 4.1.11).
TokenResult<Token> parseToken(QByteArrayView text);

struct TokenRules {
    QString issuer;   ///< exactly
    QString audience; ///< among the token's
    std::chrono::seconds clockSkew{60};
};

/// Signed by one of the keys, for us, and valid at `now`. UnknownKey: none of them may have signed
/// it; newer ones may.
TokenResult<void> verifyToken(const Token &token, const KeySet &keys, const TokenRules &rules,
                              const QDateTime &now);

} // namespace skillbox
