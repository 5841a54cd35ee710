#include "engine/remote/sign_in.h"

#include "engine/base/clock.h"
#include "tests/support/local_provider.h"
#include "tests/support/verify_result.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;
using namespace skillbox::test;

/// The parts of signing in, with a service that answers what a row says. The whole of it, with a
/// real service, is tests/server/test_sign_in.py.
class TestDeviceSignIn : public QObject
{
    Q_OBJECT

    LocalProvider m_service;
    QTemporaryDir m_directory;

    static QByteArray json(const QJsonObject &object)
    {
        return QJsonDocument(object).toJson(QJsonDocument::Compact);
    }
    SignInClient client() const
    {
        const QString at = m_service.issuer();
        return {.provider = {.issuer = at,
                             .keysUrl = at + u"/jwks"_s,
                             .tokenUrl = at + u"/token"_s,
                             .deviceUrl = at + u"/device"_s,
                             .revokeUrl = at + u"/revoke"_s},
                .clientId = u"cli"_s};
    }
    QJsonObject code(const QJsonObject &more = {}) const
    {
        QJsonObject code{{u"device_code"_s, u"secret"_s},
                         {u"user_code"_s, u"ABCD-EFGH"_s},
                         {u"verification_uri"_s, QString(m_service.issuer() + u"/enter"_s)},
                         {u"interval"_s, 1},
                         {u"expires_in"_s, 30}};
        for (auto it = more.begin(); it != more.end(); ++it)
            code.insert(it.key(), it.value());
        return code;
    }
    SignInRecord record(const SignInTokens &tokens) const
    {
        return {.server = u"https://skills.example.test"_s,
                .issuer = m_service.issuer(),
                .clientId = u"cli"_s,
                .tokens = tokens};
    }
    SignInStore store(const QString &folder) const
    {
        return {m_directory.filePath(folder), Keychain()};
    }

private Q_SLOTS:
    void initTestCase()
    {
        const QString at = m_service.issuer();
        m_service.setDocument("/.well-known/openid-configuration",
                              json({{u"issuer"_s, at},
                                    {u"jwks_uri"_s, QString(at + u"/jwks"_s)},
                                    {u"token_endpoint"_s, QString(at + u"/token"_s)},
                                    {u"revocation_endpoint"_s, QString(at + u"/revoke"_s)}}));
    }

    void takesOnlyAnOfferThatLeadsNobodyAstray_data()
    {
        QTest::addColumn<QString>("address");
        QTest::addColumn<QJsonObject>("more");
        QTest::addColumn<QString>("refusal");
        const QString far = u"https://skills.example.test"_s;
        QTest::newRow("as it should be") << far << QJsonObject() << QString();
        QTest::newRow("the same address otherwise written")
            << u"https://SKILLS.example.test:443/"_s << QJsonObject() << QString();
        QTest::newRow("through a tunnel")
            << u"http://127.0.0.1:8080"_s << QJsonObject() << QString();
        QTest::newRow("another server's")
            << far << QJsonObject{{u"resource"_s, u"https://other.example.test"_s}}
            << u"calls itself"_s;
        QTest::newRow("below another path")
            << far << QJsonObject{{u"resource"_s, u"https://skills.example.test/b"_s}}
            << u"calls itself"_s;
        QTest::newRow("a service on my machine")
            << far
            << QJsonObject{{u"authorization_servers"_s, QJsonArray{u"http://127.0.0.1:631"_s}}}
            << u"on your own machine"_s;
        QTest::newRow("a service in the clear")
            << far
            << QJsonObject{{u"authorization_servers"_s, QJsonArray{u"http://login.example.test"_s}}}
            << u"not the address of a sign-in service"_s;
        QTest::newRow("no service")
            << far << QJsonObject{{u"authorization_servers"_s, QJsonArray{}}}
            << u"not the address of a sign-in service"_s;
        QTest::newRow("no client")
            << far << QJsonObject{{u"skillbox_client_id"_s, QJsonValue::Null}} << u"--api-key"_s;
        QTest::newRow("a client with a line break")
            << far << QJsonObject{{u"skillbox_client_id"_s, u"a\nb"_s}} << u"--api-key"_s;
        QTest::newRow("a scope with a space")
            << far << QJsonObject{{u"scopes_supported"_s, QJsonArray{u"a b"_s}}} << u"cannot be"_s;
    }
    void takesOnlyAnOfferThatLeadsNobodyAstray()
    {
        QFETCH(QString, address);
        QFETCH(QJsonObject, more);
        QFETCH(QString, refusal);
        QJsonObject document{{u"resource"_s, u"https://skills.example.test"_s},
                             {u"authorization_servers"_s,
                              QJsonArray{u"https://login.example.test"_s}},
                             {u"scopes_supported"_s, QJsonArray{u"openid"_s}},
                             {u"skillbox_client_id"_s, u"cli"_s}};
        for (auto it = more.begin(); it != more.end(); ++it)
            document.insert(it.key(), it.value());
        const auto server = parseServerAddress(address);
        VERIFY_OK(server);
        const auto offer = readSignInOffer(json(document), *server);
        QVERIFY2(offer.has_value() == refusal.isEmpty(),
                 offer ? "" : qPrintable(offer.error().message));
        if (offer)
            QCOMPARE(offer->issuer, u"https://login.example.test"_s);
        else
            QVERIFY2(offer.error().message.contains(refusal), qPrintable(offer.error().message));
    }

    void showsOnlyACodeThatPeopleCanUse_data()
    {
        QTest::addColumn<QJsonObject>("more");
        QTest::addColumn<bool>("usable");
        QTest::newRow("as it should be") << QJsonObject() << true;
        QTest::newRow("no code") << QJsonObject{{u"user_code"_s, QString()}} << false;
        QTest::newRow("a code that moves the cursor")
            << QJsonObject{{u"user_code"_s, u"A\u001b[2J"_s}} << false;
        QTest::newRow("a very long code")
            << QJsonObject{{u"user_code"_s, QString(500, u'A')}} << false;
        QTest::newRow("no secret") << QJsonObject{{u"device_code"_s, 1}} << false;
        QTest::newRow("an address in the clear")
            << QJsonObject{{u"verification_uri"_s, u"http://login.example.test"_s}} << false;
        QTest::newRow("an address that is a script")
            << QJsonObject{{u"verification_uri"_s, u"javascript:alert(1)"_s}} << false;
    }
    void showsOnlyACodeThatPeopleCanUse()
    {
        QFETCH(QJsonObject, more);
        QFETCH(bool, usable);
        m_service.setDocument("/device", json(code(more)));
        const auto login = DeviceLogin::begin(client(), {u"openid"_s}, {});
        QVERIFY2(login.has_value() == usable, login ? "" : qPrintable(login.error().message));
    }

    void endsAsTheServiceSays_data()
    {
        QTest::addColumn<QJsonObject>("answer");
        QTest::addColumn<int>("status");
        QTest::addColumn<int>("error"); ///< -1: none
        const auto refusal = [](const QString &word) { return QJsonObject{{u"error"_s, word}}; };
        const QJsonObject good{{u"access_token"_s, u"abc"_s}, {u"token_type"_s, u"Bearer"_s}};
        QJsonObject proof = good;
        proof.insert(u"token_type"_s, u"DPoP"_s);
        QJsonObject odd = good;
        odd.insert(u"access_token"_s, u"a b\r\nX: y"_s);
        QTest::newRow("tokens") << good << 200 << -1;
        QTest::newRow("refused") << refusal(u"access_denied"_s) << 400 << int(ErrorCode::Forbidden);
        QTest::newRow("expired") << refusal(u"expired_token"_s) << 400
                                 << int(ErrorCode::Unauthorized);
        QTest::newRow("something else")
            << refusal(u"invalid_client"_s) << 401 << int(ErrorCode::Io);
        QTest::newRow("not asked for in time")
            << refusal(u"authorization_pending"_s) << 400 << int(ErrorCode::Unauthorized);
        // No use, and asked for again until the code expires.
        QTest::newRow("tokens of another kind") << proof << 200 << int(ErrorCode::Unauthorized);
        QTest::newRow("a token that is none") << odd << 200 << int(ErrorCode::Unauthorized);
    }
    void endsAsTheServiceSays()
    {
        QFETCH(QJsonObject, answer);
        QFETCH(int, status);
        QFETCH(int, error);
        m_service.setDocument("/device", json(code({{u"expires_in"_s, 1}})));
        m_service.setDocument("/token", json(answer), status);
        auto login = DeviceLogin::begin(client(), {}, {});
        VERIFY_OK(login);
        const auto tokens = login->wait({});
        if (error < 0) {
            VERIFY_OK(tokens);
            QCOMPARE(tokens->access, u"abc"_s);
            return;
        }
        QVERIFY(!tokens);
        QVERIFY2(int(tokens.error().code) == error, qPrintable(tokens.error().message));
    }

    void canBeGivenUp()
    {
        m_service.setDocument("/device", json(code({{u"interval"_s, 60}, {u"expires_in"_s, 600}})));
        auto login = DeviceLogin::begin(client(), {}, {});
        VERIFY_OK(login);
        std::stop_source stop;
        stop.request_stop();
        QCOMPARE(login->wait(stop.get_token()).error().code, ErrorCode::Cancelled);
    }

    void keepsWhatItIsGivenForOnePersonOnly()
    {
        const SignInStore kept = store(u"keeping"_s);
        const QDateTime now = nowUtc();
        SignInRecord one = record({.access = u"abc"_s,
                                   .refresh = u"def"_s,
                                   .obtainedAt = now,
                                   .expiresAt = now.addSecs(60)});
        QVERIFY(!kept.has(one.server));
        QVERIFY(!kept.find(one.server)->has_value());
        VERIFY_OK(kept.keep(one));
        QVERIFY(!one.isInKeychain);
        const auto found = kept.find(one.server);
        VERIFY_OK(found);
        QCOMPARE((*found)->tokens.access, u"abc"_s);
        QCOMPARE((*found)->tokens.refresh, u"def"_s);
        QCOMPARE((*found)->tokens.expiresAt.toMSecsSinceEpoch(),
                 now.addSecs(60).toMSecsSinceEpoch());
        QCOMPARE(QFile::permissions(kept.file(one.server))
                     & (QFile::ReadGroup | QFile::ReadOther | QFile::WriteGroup
                        | QFile::WriteOther),
                 QFile::Permissions());
        QCOMPARE(kept.list()->size(), 1);
        QVERIFY(QFile::setPermissions(kept.file(one.server),
                                      QFile::ReadOwner | QFile::WriteOwner | QFile::ReadGroup));
        QCOMPARE(kept.find(one.server).error().code, ErrorCode::Forbidden);
        // It is removed all the same.
        QVERIFY(kept.remove(one.server).value());
        QVERIFY(!kept.remove(one.server).value());
    }

    void renewsInTimeAndSaysWhenItIsOver()
    {
        const SignInStore kept = store(u"renewing"_s);
        const QDateTime past = nowUtc().addSecs(-1000);
        SignInRecord one = record({.access = u"old"_s,
                                   .refresh = u"again"_s,
                                   .obtainedAt = past,
                                   .expiresAt = past.addSecs(1)});
        VERIFY_OK(kept.keep(one));
        m_service.setDocument("/token",
                              json({{u"access_token"_s, u"new"_s},
                                    {u"token_type"_s, u"bearer"_s},
                                    {u"expires_in"_s, 600}}));
        SignIn session(kept, one.server);
        QCOMPARE(session.bearer().value(), "new");
        // What was renewed is kept, with the refresh token that was not replaced.
        QCOMPARE((*kept.find(one.server))->tokens.refresh, u"again"_s);

        // Not renewed when there is no need, so what the service would say now does not matter.
        m_service.setDocument("/token", json({{u"error"_s, u"invalid_grant"_s}}), 400);
        QCOMPARE(session.bearer().value(), "new");
        QCOMPARE(SignIn(kept, one.server).bearer().value(), "new");

        VERIFY_OK(kept.keep(one)); // the old one again
        const auto over = SignIn(kept, one.server).bearer();
        QVERIFY(!over);
        QCOMPARE(over.error().code, ErrorCode::Unauthorized);
        QVERIFY(over.error().message.contains(u"skillbox login"_s));

        // A service that is away does not end what still works.
        one.tokens.obtainedAt = nowUtc().addSecs(-10'000);
        one.tokens.expiresAt = nowUtc().addSecs(29);
        VERIFY_OK(kept.keep(one));
        m_service.stop();
        QCOMPARE(SignIn(kept, one.server).bearer().value(), "old");
        const auto out = signOut(one.server, kept);
        VERIFY_OK(out);
        QVERIFY(!out->notRevoked.isEmpty());
        QVERIFY(!kept.has(one.server));
        m_service.start();
    }

    void aKeyThatIsGivenWins()
    {
        const SignInStore kept = store(u"using"_s);
        SignInRecord one = record({.access = u"abc"_s});
        VERIFY_OK(kept.keep(one));
        const ConnectionSettings plain{.address = one.server + u'/'};
        QVERIFY(withSignIn(plain, kept).bearer);
        ConnectionSettings withKey = plain;
        withKey.apiKey = u"sk-1"_s;
        QVERIFY(!withSignIn(withKey, kept).bearer);
        // It goes to the server it was made for and to no other.
        QVERIFY(!withSignIn({.address = u"https://skills.example.test:8443"_s}, kept).bearer);
        QVERIFY(!withSignIn({.address = u"http://skills.example.test"_s}, kept).bearer);
    }
};

QTEST_GUILESS_MAIN(TestDeviceSignIn)
#include "test_device_sign_in.moc"
