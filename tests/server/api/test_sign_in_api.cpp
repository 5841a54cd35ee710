#include "engine/base/clock.h"
#include "server/api/sign_in.h"
#include "tests/server/api/api_fixture.h"
#include "tests/support/local_provider.h"
#include "tests/support/token_signer.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;
using namespace skillbox::test;
using namespace std::chrono_literals;

class TestSignInApi : public QObject
{
    Q_OBJECT

    LocalProvider m_provider;
    const TokenSigner m_signer{TokenSigner::Kind::P256};
    const TokenSigner m_next{TokenSigner::Kind::P256};
    std::unique_ptr<ApiFixture> m_api;

    QByteArray token(const QJsonObject &more = {}, const TokenSigner *signer = nullptr,
                     const QString &key = u"one"_s) const
    {
        const qint64 now = nowUtc().toSecsSinceEpoch();
        QJsonObject claims{{u"iss"_s, m_provider.issuer()},
                           {u"aud"_s, u"the-audience"_s},
                           {u"sub"_s, u"mara"_s},
                           {u"exp"_s, now + 300},
                           {u"groups"_s, QJsonArray{u"devs"_s}}};
        for (auto it = more.begin(); it != more.end(); ++it)
            claims.insert(it.key(), it.value());
        return (signer ? signer : &m_signer)->token("ES256", key, claims);
    }
    HttpAnswer get(const QString &target, const QByteArray &bearer)
    {
        HttpCall call{.target = target, .key = {}};
        if (!bearer.isEmpty())
            call.headers = {{"Authorization", "Bearer " + bearer}};
        return m_api->send(call);
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_provider.setKeys(keySetJson({m_signer.jwk(u"one"_s)}));
        ServerSettings settings;
        settings.oidc.issuer = m_provider.issuer();
        settings.oidc.audience = u"the-audience"_s;
        settings.oidc.tenant = u"local"_s;
        settings.oidc.roleClaim = u"groups"_s;
        settings.oidc.roles = {{u"ops"_s, Role::Admin}, {u"devs"_s, Role::Runner}};
        settings.oidc.clientId = u"skillbox-cli"_s;
        settings.providerTiming.pause = 100ms;
        m_api = ApiFixture::start(settings);
        QVERIFY(m_api);
        // The server has fetched the keys.
        QTRY_COMPARE_WITH_TIMEOUT(get(u"/v1/executions"_s, token()).status, 200, 30'000);
    }
    void cleanupTestCase() { m_api.reset(); }

    void tokensAndKeysBothWork()
    {
        QCOMPARE(get(u"/v1/executions"_s, token()).status, 200);
        QCOMPARE(m_api->get(u"/v1/executions"_s).status, 200);
        const QString key = m_api->key(Role::Reader);
        QCOMPARE(m_api->send({.target = u"/v1/executions"_s, .key = key}).status, 200);
    }

    void theRoleDecides()
    {
        const HttpAnswer refused = get(u"/v1/keys"_s, token());
        QCOMPARE(refused.status, 403);
        QCOMPARE(refused.error(), u"forbidden"_s);
        QCOMPARE(get(u"/v1/keys"_s, token({{u"groups"_s, u"ops"_s}})).status, 200);
        HttpCall other{.target = u"/v1/executions"_s,
                       .headers = {{"Authorization", "Bearer " + token()}, {"X-Tenant-ID", "acme"}},
                       .key = {}};
        QCOMPARE(m_api->send(other).status, 403);
    }

    void theSubjectIsInTheAudit()
    {
        const QByteArray admin = token({{u"groups"_s, u"ops"_s}});
        const HttpAnswer made = m_api->send({.method = "POST",
                                             .target = u"/v1/keys"_s,
                                             .body = "{\"name\":\"by-token\"}",
                                             .headers = {{"Authorization", "Bearer " + admin},
                                                         {"Content-Type", "application/json"}},
                                             .key = {}});
        QCOMPARE(made.status, 201);
        const auto audit = m_api->engine().metadata().listAudit(localTenant(), {});
        QVERIFY(audit);
        QCOMPARE(audit->constLast().action, u"key.create"_s);
        QCOMPARE(audit->constLast().actor, u"oidc:mara"_s);
    }

    void refusalsSayWhyAndWhereToSignIn_data()
    {
        QTest::addColumn<QByteArray>("bearer");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("challenge");
        QTest::newRow("nothing") << QByteArray() << 401 << QByteArray("Bearer resource_metadata=");
        QTest::newRow("expired") << token({{u"exp"_s, 1}}) << 401
                                 << QByteArray("Bearer error=\"invalid_token\", error_description="
                                               "\"the token is expired\", resource_metadata=");
        QTest::newRow("for others")
            << token({{u"aud"_s, u"x"_s}}) << 401
            << QByteArray("Bearer error=\"invalid_token\", error_description="
                          "\"the token is for another audience\", resource_metadata=");
        QTest::newRow("malformed") << QByteArray("ey.a.b") << 401
                                   << QByteArray("Bearer error=\"invalid_token\", "
                                                 "error_description=\"the token is malformed\"");
        QTest::newRow("an unknown key")
            << QByteArray("sk-unknown") << 401 << QByteArray("Bearer error=\"invalid_token\"");
        QTest::newRow("no role") << token({{u"groups"_s, u"x"_s}}) << 403
                                 << QByteArray("Bearer error=\"insufficient_scope\", "
                                               "error_description=\"the token gives no role");
    }
    void refusalsSayWhyAndWhereToSignIn()
    {
        QFETCH(QByteArray, bearer);
        QFETCH(int, status);
        QFETCH(QByteArray, challenge);
        const HttpAnswer answer = get(u"/v1/executions"_s, bearer);
        QCOMPARE(answer.status, status);
        const QByteArray seen = answer.header("WWW-Authenticate");
        QVERIFY2(seen.startsWith(challenge), seen.constData());
        QVERIFY2(seen.endsWith("resource_metadata=\"" + m_api->url().toLatin1()
                               + "/.well-known/oauth-protected-resource\""),
                 seen.constData());
        // What the server expects is not for those it does not know.
        for (const QByteArray &secret :
             {QByteArray("the-audience"), QByteArray("mara"), m_provider.issuer().toLatin1()})
            QVERIFY2(!answer.body.contains(secret) && !seen.contains(secret), secret.constData());
    }

    void saysWhereToSignIn()
    {
        const HttpAnswer answer = get(signInDocument, {});
        QCOMPARE(answer.status, 200);
        const QJsonObject document = answer.object();
        QCOMPARE(document["resource"_L1].toString(), m_api->url());
        QCOMPARE(document["authorization_servers"_L1].toArray(), QJsonArray{m_provider.issuer()});
        QCOMPARE(document["skillbox_client_id"_L1].toString(), u"skillbox-cli"_s);
        QCOMPARE(document["scopes_supported"_L1].toArray(),
                 (QJsonArray{u"openid"_s, u"offline_access"_s}));
    }

    void withoutASignInServiceThereIsNoneToName()
    {
        const auto plain = ApiFixture::start();
        QVERIFY(plain);
        QCOMPARE(plain->send({.target = signInDocument, .key = {}}).status, 404);
        // And what looks like a token is one of the keys, of which any text may be one.
        const HttpAnswer answer = plain->send(
            {.target = u"/v1/executions"_s, .key = QString::fromLatin1(token())});
        QCOMPARE(answer.status, 401);
        QCOMPARE(answer.header("WWW-Authenticate"), "Bearer");
    }

    void keysThatAreNewAreFetched()
    {
        // Last: from here on the first key is unknown.
        m_provider.setKeys(keySetJson({m_next.jwk(u"two"_s)}));
        const QByteArray rotated = token({}, &m_next, u"two"_s);
        QTRY_COMPARE_WITH_TIMEOUT(get(u"/v1/executions"_s, rotated).status, 200, 60'000);
        QCOMPARE(get(u"/v1/executions"_s, token()).status, 401);
    }
};

QTEST_GUILESS_MAIN(TestSignInApi)
#include "test_sign_in_api.moc"
