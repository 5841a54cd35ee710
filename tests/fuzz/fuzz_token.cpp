// Tokens, sets of keys and what a provider says of itself: whatever they hold, they are read or
// refused, and nothing that is read is believed without a signature.
//
// The first byte says what the rest is: T a token, K a set of keys, P a provider's document.

#include "tests/fuzz/require.h"

#include "engine/oidc/provider.h"
#include "engine/oidc/strict_json.h"
#include "engine/oidc/token.h"

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

const TokenRules rules{u"https://login.example.test"_s, u"urn:skillbox"_s};

/// A key that signed none of these.
const KeySet &strangersKeys()
{
    static const KeySet keys =
        parseKeySet("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"one\",\"x\":"
                    "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}")
            .value();
    return keys;
}

void checkToken(QByteArrayView text)
{
    const auto token = parseToken(text);
    if (!token)
        return;
    FUZZ_REQUIRE(text.size() <= Token::mostBytes);
    FUZZ_REQUIRE(text.startsWith(token->signedText));
    const auto now = QDateTime::fromSecsSinceEpoch(1'800'000'000, Qt::UTC);
    FUZZ_REQUIRE(!verifyToken(*token, strangersKeys(), rules, now));
    FUZZ_REQUIRE(!verifyToken(*token, KeySet(), rules, now));
}

void checkKeys(QByteArrayView text)
{
    const auto keys = parseKeySet(text);
    if (!keys)
        return;
    for (const VerificationKey &key : keys->keys) {
        for (int i = 0; i <= int(SignatureAlgorithm::EdDSA); ++i) {
            const auto algorithm = SignatureAlgorithm(i);
            FUZZ_REQUIRE(!key.verify(algorithm, "text", QByteArray(64, '\x01')));
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView input(data, static_cast<qsizetype>(size));
    if (input.isEmpty())
        return 0;
    const QByteArrayView rest = input.sliced(1);
    switch (input.front()) {
    case 'T': checkToken(rest); break;
    case 'K': checkKeys(rest); break;
    case 'P':
        if (const auto provider = parseProvider(rest, rules.issuer))
            FUZZ_REQUIRE(provider->issuer == rules.issuer && !provider->keysUrl.isEmpty());
        break;
    default:
        if (const auto bytes = fromBase64Url(input))
            FUZZ_REQUIRE(bytes->size() <= input.size());
    }
    return 0;
}
