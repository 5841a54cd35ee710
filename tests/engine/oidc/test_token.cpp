#include "engine/oidc/token.h"

#include "engine/oidc/provider.h"
#include "engine/oidc/strict_json.h"
#include "tests/support/token_signer.h"
#include "tests/support/verify_result.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;
using namespace skillbox::test;
using namespace std::chrono_literals;

Q_DECLARE_METATYPE(TokenFault)

namespace {

const QString issuer = u"https://login.example.test/realms/one"_s;
const QString audience = u"urn:skillbox"_s;

} // namespace

class TestToken : public QObject
{
    Q_OBJECT

    // Making RSA keys takes a second; one of each does.
    const TokenSigner m_rsa{TokenSigner::Kind::Rsa};
    const TokenSigner m_otherRsa{TokenSigner::Kind::Rsa};
    const TokenSigner m_small{TokenSigner::Kind::P256};
    const TokenSigner m_large{TokenSigner::Kind::P384};
    const TokenSigner m_edwards{TokenSigner::Kind::Ed25519};
    const QDateTime m_now = QDateTime::fromSecsSinceEpoch(1'800'000'000, Qt::UTC);
    KeySet m_keys;

    const TokenRules m_rules{issuer, audience, 60s};

    qint64 at(qint64 seconds) const { return m_now.toSecsSinceEpoch() + seconds; }
    QJsonObject claims(const QJsonObject &more = {}) const
    {
        QJsonObject claims{{u"iss"_s, issuer},
                           {u"aud"_s, audience},
                           {u"sub"_s, u"mara"_s},
                           {u"exp"_s, at(300)},
                           {u"iat"_s, at(-10)}};
        for (auto it = more.begin(); it != more.end(); ++it) {
            if (it.value().isUndefined())
                claims.remove(it.key());
            else
                claims.insert(it.key(), it.value());
        }
        return claims;
    }
    TokenResult<void> judge(const QByteArray &text) const
    {
        const auto token = parseToken(text);
        if (!token)
            return tl::unexpected(token.error());
        return verifyToken(*token, m_keys, m_rules, m_now);
    }
    /// How a token is judged: `good`, or the fault's number.
    static QString verdict(const TokenResult<void> &result)
    {
        return result ? u"good"_s
                      : QString(faultText(result.error().fault)) + u" | "_s + result.error().detail;
    }
    static QString verdict(TokenFault fault) { return faultText(fault); }

private Q_SLOTS:
    void initTestCase()
    {
        QJsonObject pss = m_rsa.jwk(u"pss-only"_s);
        pss.insert(u"alg"_s, u"PS256"_s);
        const auto keys = parseKeySet(
            keySetJson({m_rsa.jwk(u"rsa"_s), m_small.jwk(u"p256"_s), m_large.jwk(u"p384"_s),
                        m_edwards.jwk(u"ed"_s), pss}));
        VERIFY_OK(keys);
        m_keys = *keys;
        QCOMPARE(m_keys.keys.size(), size_t(5));
    }

    void acceptsEveryAlgorithmThatFitsItsKey_data()
    {
        QTest::addColumn<QByteArray>("algorithm");
        QTest::addColumn<QString>("key");
        for (const char *name : {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
            QTest::newRow(name) << QByteArray(name) << u"rsa"_s;
        QTest::newRow("ES256") << QByteArray("ES256") << u"p256"_s;
        QTest::newRow("ES384") << QByteArray("ES384") << u"p384"_s;
        QTest::newRow("EdDSA") << QByteArray("EdDSA") << u"ed"_s;
        QTest::newRow("a key of one algorithm") << QByteArray("PS256") << u"pss-only"_s;
    }
    void acceptsEveryAlgorithmThatFitsItsKey()
    {
        QFETCH(QByteArray, algorithm);
        QFETCH(QString, key);
        const TokenSigner &signer = key == u"p256" ? m_small
            : key == u"p384"                       ? m_large
            : key == u"ed"                         ? m_edwards
                                                   : m_rsa;
        const QByteArray token = signer.token(algorithm, key, claims());
        QCOMPARE(verdict(judge(token)), u"good"_s);

        // And nothing but what was signed.
        const QByteArrayList parts = token.split('.');
        QByteArray changed = parts[0] + '.' + base64Url(compactJson(claims({{u"sub"_s, u"eve"_s}})))
            + '.' + parts[2];
        QVERIFY(!judge(changed));
        QByteArray signature = *fromBase64Url(parts[2]);
        signature[signature.size() - 1] = char(signature.back() ^ 1);
        changed = parts[0] + '.' + parts[1] + '.' + base64Url(signature);
        QVERIFY(verdict(judge(changed)).startsWith(verdict(TokenFault::Signature)));
        for (const QByteArray &other : {signature.chopped(1), signature + '\0',
                                        QByteArray(signature.size(), '\0'), QByteArray()}) {
            changed = parts[0] + '.' + parts[1] + '.' + base64Url(other);
            QVERIFY(verdict(judge(changed)).startsWith(verdict(TokenFault::Signature)));
        }
    }

    void judgesTheClaims_data()
    {
        QTest::addColumn<QJsonObject>("more");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const QJsonObject &more,
                            std::optional<TokenFault> fault = {}) {
            QTest::newRow(name) << more << (fault ? verdict(*fault) : u"good"_s);
        };
        const QJsonValue none = QJsonValue::Undefined;
        const auto with = [](const QString &name, const QJsonValue &value) {
            QJsonObject object;
            object.insert(name, QJsonValue::Null); // an undefined one would not stay
            object[name] = value;
            return value.isUndefined() ? QJsonObject{{u"-"_s, name}} : object;
        };
        row("as it should be", {});
        row("one of several audiences", {{u"aud"_s, QJsonArray{u"other"_s, audience}}});
        row("expired within the skew", {{u"exp"_s, at(-59)}});
        row("expired", {{u"exp"_s, at(-60)}}, TokenFault::Expired);
        row("expired long ago", {{u"exp"_s, 1}}, TokenFault::Expired);
        row("never expires", with(u"exp"_s, none), TokenFault::Claims);
        row("expiry is text", {{u"exp"_s, QString::number(at(300))}}, TokenFault::Claims);
        row("expiry is negative", {{u"exp"_s, -1}}, TokenFault::Claims);
        row("expiry is huge", {{u"exp"_s, 1e300}}, TokenFault::Claims);
        row("not yet, within the skew", {{u"nbf"_s, at(60)}});
        row("not yet", {{u"nbf"_s, at(61)}}, TokenFault::NotYet);
        row("not before is null", {{u"nbf"_s, QJsonValue::Null}}, TokenFault::Claims);
        row("issued in the future", {{u"iat"_s, at(3600)}}, TokenFault::NotYet);
        row("no time of issue", with(u"iat"_s, none));
        row("another issuer", {{u"iss"_s, u"https://login.example.test/realms/two"_s}},
            TokenFault::Issuer);
        row("the issuer with a slash", {{u"iss"_s, QString(issuer + u'/')}}, TokenFault::Issuer);
        row("the issuer in a list", {{u"iss"_s, QJsonArray{issuer}}}, TokenFault::Issuer);
        row("no issuer", with(u"iss"_s, none), TokenFault::Issuer);
        row("another audience", {{u"aud"_s, u"urn:skillbox:other"_s}}, TokenFault::Audience);
        row("no audience", with(u"aud"_s, none), TokenFault::Audience);
        row("no audience in the list", {{u"aud"_s, QJsonArray{}}}, TokenFault::Audience);
        row("the audience in a list in a list",
            {{u"aud"_s, QJsonArray{QJsonValue(QJsonArray{audience})}}}, TokenFault::Audience);
        row("no subject", with(u"sub"_s, none), TokenFault::Claims);
        row("an empty subject", {{u"sub"_s, QString()}}, TokenFault::Claims);
        row("a subject with a line break", {{u"sub"_s, u"mara\nroot"_s}}, TokenFault::Claims);
        row("a long subject", {{u"sub"_s, QString(256, u'm')}}, TokenFault::Claims);
        row("the subject is a number", {{u"sub"_s, 7}}, TokenFault::Claims);
        row("bound to a key", {{u"cnf"_s, QJsonObject{{u"jkt"_s, u"x"_s}}}}, TokenFault::Claims);
    }
    void judgesTheClaims()
    {
        QFETCH(QJsonObject, more);
        QFETCH(QString, expected);
        QJsonObject these = claims(more);
        if (const QString left = these.take(u"-"_s).toString(); !left.isEmpty())
            these.remove(left);
        const QString seen = verdict(judge(m_small.token("ES256", u"p256"_s, these)));
        QVERIFY2(seen.startsWith(expected), qPrintable(seen));
    }

    void judgesTheHeader_data()
    {
        QTest::addColumn<QByteArray>("token");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const QByteArray &token,
                            std::optional<TokenFault> fault = {}) {
            QTest::newRow(name) << token << (fault ? verdict(*fault) : u"good"_s);
        };
        const auto rsa = [this](const QJsonObject &header) {
            return m_rsa.token("RS256", u"rsa"_s, claims(), header);
        };
        const auto text = [this](const QByteArray &header) {
            return m_rsa.token(header, compactJson(claims()), "RS256");
        };
        row("as it should be", rsa({}));
        row("the type JWT", rsa({{u"typ"_s, u"JWT"_s}}));
        row("the type in full", rsa({{u"typ"_s, u"application/AT+JWT"_s}}));
        row("the type of a logout", rsa({{u"typ"_s, u"logout+jwt"_s}}), TokenFault::Malformed);
        row("the type of a proof", rsa({{u"typ"_s, u"dpop+jwt"_s}}), TokenFault::Malformed);
        row("the type is no text", rsa({{u"typ"_s, 1}}), TokenFault::Malformed);
        row("none", rsa({{u"alg"_s, u"none"_s}}), TokenFault::Algorithm);
        row("None", rsa({{u"alg"_s, u"None"_s}}), TokenFault::Algorithm);
        row("no algorithm", text("{\"kid\":\"rsa\"}"), TokenFault::Algorithm);
        row("an algorithm in small letters", rsa({{u"alg"_s, u"rs256"_s}}), TokenFault::Algorithm);
        row("another algorithm than the key's", rsa({{u"kid"_s, u"pss-only"_s}}),
            TokenFault::Algorithm);
        row("a curve's algorithm for an RSA key", rsa({{u"alg"_s, u"ES256"_s}}),
            TokenFault::Algorithm);
        row("another padding than it was signed with", rsa({{u"alg"_s, u"PS256"_s}}),
            TokenFault::Signature);
        row("another hash than it was signed with", rsa({{u"alg"_s, u"RS512"_s}}),
            TokenFault::Signature);
        row("an unknown key", rsa({{u"kid"_s, u"gone"_s}}), TokenFault::UnknownKey);
        row("another's key", rsa({{u"kid"_s, u"p256"_s}}), TokenFault::Algorithm);
        row("an empty kid", rsa({{u"kid"_s, QString()}}), TokenFault::Malformed);
        row("a kid that is a path", rsa({{u"kid"_s, u"../../../dev/null"_s}}),
            TokenFault::UnknownKey);
        row("a kid of 1000 characters", rsa({{u"kid"_s, QString(1000, u'k')}}),
            TokenFault::Malformed);
        row("no kid, and one key fits", text("{\"alg\":\"RS256\"}"));
        row("no kid, and several keys fit",
            m_rsa.token("{\"alg\":\"PS256\"}", compactJson(claims()), "PS256"),
            TokenFault::UnknownKey);
        row("critical extensions", rsa({{u"crit"_s, QJsonArray{u"exp"_s}}}), TokenFault::Malformed);
        row("critical extensions, none", rsa({{u"crit"_s, QJsonArray{}}}), TokenFault::Malformed);

        // A key that the token brings along is nobody's.
        const TokenSigner &eve = m_otherRsa;
        row("an embedded key",
            eve.token("RS256", u"rsa"_s, claims(), {{u"jwk"_s, eve.jwk(u"rsa"_s)}}),
            TokenFault::Signature);
        row("an address of keys",
            eve.token("RS256", u"rsa"_s, claims(),
                      {{u"jku"_s, u"https://eve.example.test/keys"_s}}),
            TokenFault::Signature);
        row("an embedded key beside the right signature", rsa({{u"jwk"_s, eve.jwk(u"rsa"_s)}}));

        // The public key as the secret of an HMAC: CVE-2015-9235 and its relatives.
        const QByteArray header = "{\"alg\":\"HS256\",\"kid\":\"rsa\"}";
        const QByteArray signedText = base64Url(header) + '.' + base64Url(compactJson(claims()));
        row("an HMAC with the public key",
            signedText + '.' + base64Url(hmacSha256(compactJson(m_rsa.jwk(u"rsa"_s)), signedText)),
            TokenFault::Algorithm);

        // CVE-2022-21449: both numbers are zero; and a signature as OpenSSL writes it.
        const QByteArray small = base64Url("{\"alg\":\"ES256\",\"kid\":\"p256\"}") + '.'
            + base64Url(compactJson(claims()));
        row("zeros for a curve's signature", small + '.' + base64Url(QByteArray(64, '\0')),
            TokenFault::Signature);
        row("a curve's signature in DER", small + '.' + base64Url(m_small.signDer(small, "ES256")),
            TokenFault::Signature);
        row("numbers beyond the curve's order", small + '.' + base64Url(QByteArray(64, '\xff')),
            TokenFault::Signature);
    }
    void judgesTheHeader()
    {
        QFETCH(QByteArray, token);
        QFETCH(QString, expected);
        const QString seen = verdict(judge(token));
        QVERIFY2(seen.startsWith(expected), qPrintable(seen));
    }

    void refusesWhatIsNoToken_data()
    {
        QTest::addColumn<QByteArray>("token");
        const QByteArray good = m_small.token("ES256", u"p256"_s, claims());
        const QByteArrayList parts = good.split('.');
        const auto signedTexts = [this](const QByteArray &header, const QByteArray &payload) {
            return m_small.token(header, payload, "ES256");
        };
        const QByteArray header = "{\"alg\":\"ES256\",\"kid\":\"p256\"}";
        const QByteArray body = compactJson(claims());
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("dots") << QByteArray("..");
        QTest::newRow("two parts") << parts[0] + '.' + parts[1];
        QTest::newRow("four parts") << good + ".e30";
        QTest::newRow("five parts, as encrypted ones have") << good + ".e30.e30";
        QTest::newRow("padding") << good + '=';
        QTest::newRow("a space") << parts[0] + ". " + parts[1] + '.' + parts[2];
        QTest::newRow("a line break at the end") << good + '\n';
        QTest::newRow("standard base64") << parts[0] + '.' + parts[1] + ".ab+/";
        QTest::newRow("bits left over") << parts[0] + '.' + parts[1] + ".ab";
        QTest::newRow("NUL") << parts[0] + '.' + parts[1] + '.' + parts[2] + QByteArray(1, '\0');
        QTest::newRow("not ASCII") << parts[0] + '.' + parts[1] + ".\xc3\xbc";
        QTest::newRow("huge") << parts[0] + '.' + QByteArray(200'000, 'a') + '.' + parts[2];
        QTest::newRow("the header is an array") << signedTexts("[]", body);
        QTest::newRow("the header is cut off") << signedTexts("{\"alg\":\"ES256\"", body);
        QTest::newRow("the header is not UTF-8") << signedTexts("{\"alg\":\"\xff\"}", body);
        QTest::newRow("a member of the header twice")
            << signedTexts("{\"alg\":\"none\",\"kid\":\"p256\",\"alg\":\"ES256\"}", body);
        QTest::newRow("the same, one of them escaped")
            << signedTexts("{\"a\\u006cg\":\"none\",\"kid\":\"p256\",\"alg\":\"ES256\"}", body);
        QTest::newRow("a claim twice")
            << signedTexts(header, body.chopped(1) + ",\"sub\":\"root\"}");
        QTest::newRow("a member twice below")
            << signedTexts(header, body.chopped(1) + ",\"x\":[{\"a\":1,\"a\":2}]}");
        QTest::newRow("the claims are text") << signedTexts(header, "\"claims\"");
        QTest::newRow("text after the claims") << signedTexts(header, body + "{}");
        QTest::newRow("NaN") << signedTexts(header, body.chopped(1) + ",\"nbf\":NaN}");
        QTest::newRow("nested deeply")
            << signedTexts(header,
                           body.chopped(1) + ",\"x\":" + QByteArray(500, '[') + QByteArray(500, ']')
                               + '}');
    }
    void refusesWhatIsNoToken()
    {
        QFETCH(QByteArray, token);
        const auto parsed = parseToken(token);
        QVERIFY(!parsed);
        QCOMPARE(parsed.error().fault, TokenFault::Malformed);
    }

    void tellsTokensFromKeys()
    {
        QVERIFY(looksLikeToken(m_small.token("ES256", u"p256"_s, claims())));
        for (const char *key : {"sk-0123456789abcdef", "eyJhbGciOiJFUzI1NiJ9", "a.b.c", "ey.a", ""})
            QVERIFY2(!looksLikeToken(key), key);
    }

    void everyFaultFitsIntoAHeader()
    {
        for (int i = 0; i <= int(TokenFault::Claims); ++i) {
            const QLatin1StringView text = faultText(TokenFault(i));
            QVERIFY(!text.isEmpty());
            QVERIFY(!QByteArrayView(text).contains('"') && !QByteArrayView(text).contains('\\'));
        }
    }

    void takesOnlyGoodKeys_data()
    {
        QTest::addColumn<QJsonObject>("jwk");
        QTest::addColumn<bool>("taken");
        const auto changed = [](QJsonObject jwk, const QString &name, const QJsonValue &value) {
            jwk.insert(name, value);
            return jwk;
        };
        const QJsonObject rsa = m_rsa.jwk(u"k"_s);
        const QJsonObject small = m_small.jwk(u"k"_s);
        QTest::newRow("RSA") << rsa << true;
        QTest::newRow("P-256") << small << true;
        QTest::newRow("Ed25519") << m_edwards.jwk(u"k"_s) << true;
        QTest::newRow("for encryption") << changed(rsa, u"use"_s, u"enc"_s) << false;
        QTest::newRow("to verify") << changed(rsa, u"key_ops"_s, QJsonArray{u"verify"_s}) << true;
        QTest::newRow("to sign") << changed(rsa, u"key_ops"_s, QJsonArray{u"sign"_s}) << false;
        QTest::newRow("a secret") << QJsonObject{{u"kty"_s, u"oct"_s}, {u"k"_s, u"c2VjcmV0"_s}}
                                  << false;
        QTest::newRow("for HMAC") << changed(rsa, u"alg"_s, u"HS256"_s) << false;
        QTest::newRow("for another kind's algorithm")
            << changed(rsa, u"alg"_s, u"ES256"_s) << false;
        QTest::newRow("RSA of 1024 bits")
            << TokenSigner(TokenSigner::Kind::Rsa, 1024).jwk(u"k"_s) << false;
        QTest::newRow("RSA of 20000 bits")
            << changed(rsa, u"n"_s, QString::fromLatin1(base64Url(QByteArray(2500, '\x81'))))
            << false;
        QTest::newRow("exponent 1") << changed(rsa, u"e"_s, u"AQ"_s) << false;
        QTest::newRow("an even exponent") << changed(rsa, u"e"_s, u"Ag"_s) << false;
        QTest::newRow("a huge exponent")
            << changed(rsa, u"e"_s, QString::fromLatin1(base64Url(QByteArray(200, '\x01'))))
            << false;
        QTest::newRow("padded numbers")
            << changed(rsa, u"n"_s, QString(rsa["n"_L1].toString() + u'=')) << false;
        QTest::newRow("no modulus") << changed(rsa, u"n"_s, QJsonValue::Null) << false;
        QTest::newRow("a point that is not on the curve")
            << changed(small, u"x"_s, small["y"_L1]) << false;
        QTest::newRow("a short coordinate") << changed(small, u"x"_s, u"AQAB"_s) << false;
        QTest::newRow("another curve") << changed(small, u"crv"_s, u"secp256k1"_s) << false;
        QTest::newRow("a curve that does not fit") << changed(small, u"crv"_s, u"P-384"_s) << false;
        QTest::newRow("X25519") << changed(m_edwards.jwk(u"k"_s), u"crv"_s, u"X25519"_s) << false;
        QTest::newRow("an unknown type") << changed(rsa, u"kty"_s, u"rsa"_s) << false;
        QTest::newRow("a kid that is a number") << changed(rsa, u"kid"_s, 5) << false;
        QTest::newRow("nothing") << QJsonObject() << false;
    }
    void takesOnlyGoodKeys()
    {
        QFETCH(QJsonObject, jwk);
        QFETCH(bool, taken);
        // Beside a good one, which stays.
        const auto keys = parseKeySet(keySetJson({jwk, m_large.jwk(u"good"_s)}));
        VERIFY_OK(keys);
        QCOMPARE(keys->keys.size(), size_t(taken ? 2 : 1));
        QCOMPARE(keys->leftOut.size(), taken ? 0 : 1);
        QVERIFY(keys->hasKey(u"good"_s));
    }

    void refusesWhatIsNoKeySet_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("a page") << QByteArray("<html>");
        QTest::newRow("an array") << QByteArray("[]");
        QTest::newRow("no keys") << QByteArray("{}");
        QTest::newRow("keys that are no array") << QByteArray("{\"keys\":{}}");
        QTest::newRow("keys twice") << QByteArray("{\"keys\":[],\"keys\":[]}");
        QTest::newRow("too many") << "{\"keys\":[" + QByteArray("{},").repeated(100) + "{}]}";
    }
    void refusesWhatIsNoKeySet()
    {
        QFETCH(QByteArray, json);
        QVERIFY(!parseKeySet(json));
    }

    void readsWhatAProviderSaysOfItself_data()
    {
        QTest::addColumn<QJsonObject>("document");
        QTest::addColumn<QString>("refusal");
        const QJsonObject good{{u"issuer"_s, issuer},
                               {u"jwks_uri"_s, u"https://keys.example.test/jwks"_s},
                               {u"token_endpoint"_s, u"https://login.example.test/token"_s}};
        const auto changed = [&](const QString &name, const QJsonValue &value) {
            QJsonObject document = good;
            document.insert(name, value);
            return document;
        };
        QTest::newRow("as it should be") << good << QString();
        QTest::newRow("of another issuer")
            << changed(u"issuer"_s, u"https://login.example.test/realms/two"_s)
            << u"calls itself"_s;
        QTest::newRow("no issuer") << changed(u"issuer"_s, QJsonValue::Null) << u"calls itself"_s;
        QTest::newRow("no keys") << changed(u"jwks_uri"_s, QJsonValue::Null) << u"jwks_uri"_s;
        QTest::newRow("keys in the clear")
            << changed(u"jwks_uri"_s, u"http://keys.example.test/jwks"_s) << u"jwks_uri"_s;
        QTest::newRow("keys in a file")
            << changed(u"jwks_uri"_s, u"file:///etc/passwd"_s) << u"jwks_uri"_s;
        QTest::newRow("keys on this machine")
            << changed(u"jwks_uri"_s, u"http://127.0.0.1/jwks"_s) << u"jwks_uri"_s;
        QTest::newRow("keys with a password")
            << changed(u"jwks_uri"_s, u"https://a:b@keys.example.test/"_s) << u"jwks_uri"_s;
        QTest::newRow("tokens in the clear")
            << changed(u"token_endpoint"_s, u"http://login.example.test/"_s) << u"token_endpoint"_s;
    }
    void readsWhatAProviderSaysOfItself()
    {
        QFETCH(QJsonObject, document);
        QFETCH(QString, refusal);
        const auto provider = parseProvider(compactJson(document), issuer);
        QVERIFY2(provider.has_value() == refusal.isEmpty(),
                 provider ? "" : qPrintable(provider.error().message));
        if (provider)
            QCOMPARE(provider->keysUrl, u"https://keys.example.test/jwks"_s);
        else
            QVERIFY2(provider.error().message.contains(refusal),
                     qPrintable(provider.error().message));
    }

    void knowsAnIssuer_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("good");
        QTest::newRow("https") << u"https://login.example.test"_s << true;
        QTest::newRow("a path") << issuer << true;
        QTest::newRow("this machine") << u"http://127.0.0.1:9000"_s << true;
        QTest::newRow("this machine's name") << u"http://localhost:9000"_s << true;
        QTest::newRow("in the clear") << u"http://login.example.test"_s << false;
        QTest::newRow("a name like this machine's") << u"http://127.0.0.1.example.test"_s << false;
        QTest::newRow("a query") << u"https://login.example.test/?a=b"_s << false;
        QTest::newRow("a fragment") << u"https://login.example.test/#a"_s << false;
        QTest::newRow("a password") << u"https://a:b@login.example.test"_s << false;
        QTest::newRow("no scheme") << u"login.example.test"_s << false;
        QTest::newRow("nothing") << QString() << false;
    }
    void knowsAnIssuer()
    {
        QFETCH(QString, text);
        QFETCH(bool, good);
        QCOMPARE(checkIssuer(text).has_value(), good);
    }
};

QTEST_GUILESS_MAIN(TestToken)
#include "test_token.moc"
