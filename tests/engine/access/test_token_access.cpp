#include "engine/access/token_access.h"

#include "engine/base/clock.h"
#include "engine/storage/sqlite_store.h"
#include "tests/support/forwarding_store.h"
#include "tests/support/local_provider.h"
#include "tests/support/token_signer.h"
#include "tests/support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;
using namespace skillbox::test;
using namespace std::chrono_literals;

Q_DECLARE_METATYPE(OidcConfig)

namespace {

const QString audience = u"urn:skillbox"_s;
constexpr ProviderTiming patient{.refreshed = 1h, .pause = 1h, .outlive = 1h, .patience = 20s};

class LostStore : public ForwardingStore
{
public:
    using ForwardingStore::ForwardingStore;
    Result<QList<TenantId>> listTenants() override
    {
        return fail(ErrorCode::StorageUnavailable, u"gone"_s);
    }
};

} // namespace

class TestTokenAccess : public QObject
{
    Q_OBJECT

    QTemporaryDir m_directory;
    std::unique_ptr<MetadataStore> m_store;
    LocalProvider m_provider;
    const TokenSigner m_signer{TokenSigner::Kind::P256};

    OidcConfig config() const
    {
        OidcConfig config{.issuer = m_provider.issuer(), .audience = audience};
        config.tenantClaim = u"team"_s;
        config.roleClaim = u"groups"_s;
        config.roles = {{u"admins"_s, Role::Admin},
                        {u"devs"_s, Role::Publisher},
                        {u"everybody"_s, Role::Reader}};
        return config;
    }
    QByteArray token(const QJsonObject &more) const
    {
        const qint64 now = nowUtc().toSecsSinceEpoch();
        QJsonObject claims{{u"iss"_s, m_provider.issuer()}, {u"aud"_s, audience},
                           {u"sub"_s, u"mara"_s},           {u"exp"_s, now + 300},
                           {u"team"_s, u"acme"_s},          {u"groups"_s, u"devs"_s}};
        for (auto it = more.begin(); it != more.end(); ++it)
            claims.insert(it.key(), it.value());
        return m_signer.token("ES256", u"one"_s, claims);
    }

private Q_SLOTS:
    void initTestCase()
    {
        auto store = openSqliteStore(m_directory.filePath(u"store.db"_s));
        VERIFY_OK(store);
        m_store = std::move(*store);
        VERIFY_OK(m_store->addTenant({u"acme"_s}, nowUtc()));
    }
    void init() { m_provider.setKeys(keySetJson({m_signer.jwk(u"one"_s)})); }

    void claimsMakeTheCaller_data()
    {
        QTest::addColumn<QJsonObject>("claims");
        QTest::addColumn<QString>("tenant");
        QTest::addColumn<QString>("role"); ///< empty: no access
        QTest::addColumn<QString>("name");
        const auto row = [](const char *title, const QJsonObject &claims, const QString &role,
                            const QString &tenant = u"acme"_s, const QString &name = u"mara"_s) {
            QTest::newRow(title) << claims << tenant << role << name;
        };
        row("as it should be", {}, u"publisher"_s);
        row("several groups", {{u"groups"_s, QJsonArray{u"x"_s, u"everybody"_s, u"devs"_s}}},
            u"publisher"_s);
        row("the first in the mapping counts",
            {{u"groups"_s, QJsonArray{u"everybody"_s, u"admins"_s}}}, u"admin"_s);
        row("no group that counts", {{u"groups"_s, QJsonArray{u"x"_s, u"Admins"_s}}}, {});
        row("no groups", {{u"groups"_s, QJsonArray{}}}, {});
        row("groups is a number", {{u"groups"_s, 1}}, {});
        row("groups is an object", {{u"groups"_s, QJsonObject{{u"admins"_s, true}}}}, {});
        row("a role's own name is no group", {{u"groups"_s, u"admin"_s}}, {});
        row("a tenant in a list of one", {{u"team"_s, QJsonArray{u"acme"_s}}}, u"publisher"_s);
        row("two tenants", {{u"team"_s, QJsonArray{u"acme"_s, u"local"_s}}}, {});
        row("an unknown tenant", {{u"team"_s, u"other"_s}}, {});
        row("no tenant", {{u"team"_s, QJsonValue::Null}}, {});
        row("a tenant that cannot be one", {{u"team"_s, u"../acme"_s}}, {});
        row("this machine's tenant", {{u"team"_s, u"local"_s}}, u"publisher"_s, u"local"_s);
        row("a name for people", {{u"preferred_username"_s, u"Mára"_s}}, u"publisher"_s, u"acme"_s,
            u"Mára"_s);
        row("a name that cannot be shown",
            {{u"preferred_username"_s, u"a\u001b[2J"_s}, {u"email"_s, u"m@example.test"_s}},
            u"publisher"_s, u"acme"_s, u"m@example.test"_s);
    }
    void claimsMakeTheCaller()
    {
        QFETCH(QJsonObject, claims);
        QFETCH(QString, tenant);
        QFETCH(QString, role);
        QFETCH(QString, name);
        TokenAccess access(*m_store, config(), patient);
        const auto caller = access.authenticate(token(claims));
        if (role.isEmpty()) {
            QVERIFY(!caller);
            QCOMPARE(caller.error().kind, TokenDenial::Kind::NoAccess);
            return;
        }
        QVERIFY2(caller.has_value(), caller ? "" : qPrintable(caller.error().message));
        QCOMPARE(caller->tenant.value, tenant);
        QCOMPARE(QString(roleName(caller->role)), role);
        QCOMPARE(caller->key.value, u"oidc:mara"_s);
        QCOMPARE(caller->name, name);
    }

    void findsClaimsInsideOfOthers_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("value");
        QTest::newRow("plain") << u"a"_s << u"1"_s;
        QTest::newRow("inside") << u"realm.roles"_s << u"2"_s;
        QTest::newRow("a dot in the name itself") << u"https://example.test/roles"_s << u"3"_s;
        QTest::newRow("the name itself wins") << u"b.c"_s << u"4"_s;
        QTest::newRow("missing") << u"realm.none.more"_s << QString();
    }
    void findsClaimsInsideOfOthers()
    {
        QFETCH(QString, name);
        QFETCH(QString, value);
        const QJsonObject claims{{u"a"_s, u"1"_s},
                                 {u"realm"_s, QJsonObject{{u"roles"_s, u"2"_s}}},
                                 {u"https://example.test/roles"_s, u"3"_s},
                                 {u"b.c"_s, u"4"_s},
                                 {u"b"_s, QJsonObject{{u"c"_s, u"5"_s}}}};
        QCOMPARE(claimNamed(claims, name).toString(), value);
    }

    void everybodyMayBeOfOneTenant()
    {
        OidcConfig one = config();
        one.tenantClaim.clear();
        one.tenant = u"acme"_s;
        TokenAccess access(*m_store, one, patient);
        const auto caller = access.authenticate(token({{u"team"_s, u"local"_s}}));
        QVERIFY(caller);
        QCOMPARE(caller->tenant.value, u"acme"_s);
    }

    void makesTenantsOnlyWhereThatIsTheRule()
    {
        OidcConfig making = config();
        making.createTenants = true;
        TokenAccess access(*m_store, making, patient);
        for (int i = 0; i < 2; ++i) {
            const auto caller = access.authenticate(token({{u"team"_s, u"fresh"_s}}));
            QVERIFY(caller);
            QCOMPARE(caller->tenant.value, u"fresh"_s);
        }
        const auto audit = m_store->listAudit({u"fresh"_s}, {});
        VERIFY_OK(audit);
        QCOMPARE(audit->size(), 1);
        QCOMPARE(audit->constFirst().action, u"tenant.create"_s);
        QCOMPARE(audit->constFirst().actor, u"oidc:mara"_s);
        // Who has no role makes none.
        QVERIFY(!access.authenticate(token({{u"team"_s, u"never"_s}, {u"groups"_s, u"x"_s}})));
        QVERIFY(!m_store->listTenants()->contains(TenantId{u"never"_s}));
    }

    void noticesATenantThatIsMadeLater()
    {
        TokenAccess access(*m_store, config(), patient);
        QVERIFY(access.authenticate(token({})));
        QVERIFY(!access.authenticate(token({{u"team"_s, u"later"_s}})));
        VERIFY_OK(m_store->addTenant({u"later"_s}, nowUtc()));
        QTRY_VERIFY_WITH_TIMEOUT(access.authenticate(token({{u"team"_s, u"later"_s}})), 20'000);
    }

    void aBadTokenIsInvalid()
    {
        TokenAccess access(*m_store, config(), patient);
        for (const QByteArray &bad :
             {QByteArray("x"), token({{u"exp"_s, 1}}), token({{u"aud"_s, u"other"_s}}),
              TokenSigner(TokenSigner::Kind::P256).token("ES256", u"one"_s, {})}) {
            const auto caller = access.authenticate(bad);
            QVERIFY(!caller);
            QCOMPARE(caller.error().kind, TokenDenial::Kind::Invalid);
        }
        // A key that nobody knows is no key, once the provider was asked.
        const auto stranger = access.authenticate(m_signer.token("ES256", u"gone"_s, {}));
        QCOMPARE(stranger.error().kind, TokenDenial::Kind::Invalid);
    }

    void whatCannotBeJudgedNowIsNotInvalid()
    {
        LostStore lost(*m_store);
        TokenAccess withoutStore(lost, config(), patient);
        auto caller = withoutStore.authenticate(token({}));
        QVERIFY(!caller);
        QCOMPARE(caller.error().kind, TokenDenial::Kind::NotNow);

        m_provider.setDocument("/jwks", "{}", 503);
        TokenAccess withoutKeys(*m_store, config(), patient);
        caller = withoutKeys.authenticate(token({}));
        QVERIFY(!caller);
        QCOMPARE(caller.error().kind, TokenDenial::Kind::NotNow);
        QVERIFY(withoutKeys.failure().contains(u"status 503"_s));
    }
};

QTEST_GUILESS_MAIN(TestTokenAccess)
#include "test_token_access.moc"
