#include "engine/access/access_service.h"

#include "engine/access/key_cache.h"
#include "engine/base/clock.h"
#include "engine/base/sha256.h"
#include "engine/storage/sqlite_store.h"
#include "tests/support/forwarding_store.h"
#include "tests/support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <thread>

using namespace skillbox;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// The message of an error of this code that mentions `mention`; else what is wrong.
#define VERIFY_REFUSED(expression, expectedCode, mention)                                          \
    do {                                                                                           \
        const auto &refused = (expression);                                                        \
        QVERIFY2(!refused.has_value(), "succeeded where it should fail");                          \
        QVERIFY2(refused.error().code == (expectedCode), qPrintable(refused.error().message));     \
        QVERIFY2(refused.error().message.contains(mention), qPrintable(refused.error().message));  \
    } while (false)

namespace {

/// Counts questions about keys; can hold one up between the store's answer and its return.
class WatchedStore : public ForwardingStore
{
public:
    using ForwardingStore::ForwardingStore;
    std::atomic<int> questions = 0;
    std::function<void()> afterFound = {};

    Result<std::optional<KeyRecord>> findKeyByHash(const QString &hash) override
    {
        ++questions;
        auto found = ForwardingStore::findKeyByHash(hash);
        if (afterFound)
            std::exchange(afterFound, {})();
        return found;
    }
};

} // namespace

class TestAccessService : public QObject
{
    Q_OBJECT

    QTemporaryDir m_directory;
    int m_stores = 0;
    std::unique_ptr<MetadataStore> m_store;
    std::unique_ptr<WatchedStore> m_watched;
    std::unique_ptr<AccessService> m_access;
    const Origin m_by{u"tester"_s, u"127.0.0.1"_s, u"request-1"_s};

    void restart(AccessTiming timing = {.keysAreKept = 1h, .usesAreWritten = 1h})
    {
        m_access.reset();
        m_access = std::make_unique<AccessService>(*m_watched, timing);
    }
    Result<NewKey> create(const QString &name, Role role = Role::Runner)
    {
        return m_access->createKey({.tenant = localTenant(), .name = name, .role = role}, m_by);
    }

private Q_SLOTS:
    void init()
    {
        QTest::failOnWarning(QRegularExpression(u".*"_s));
        m_access.reset();
        m_store = openSqliteStore(m_directory.filePath(u"%1.db"_s.arg(++m_stores))).value();
        m_watched = std::make_unique<WatchedStore>(*m_store);
        restart();
    }

    void aFreshKeyOpensItsTenant()
    {
        QVERIFY(!m_access->hasUsableKeys().value());
        const auto key = m_access->createKey(
            {.tenant = {u"acme"_s}, .name = u"ci"_s, .role = Role::Publisher}, m_by);
        VERIFY_OK(key);
        static const QRegularExpression form(u"^sk-[0-9a-f]{48}$"_s);
        QVERIFY2(form.match(key->secret).hasMatch(), qPrintable(key->secret));
        const auto caller = m_access->authenticate(key->secret);
        VERIFY_OK(caller);
        QCOMPARE(caller->tenant.value, u"acme"_s);
        QCOMPARE(caller->key.value, key->record.id.value);
        QCOMPARE(caller->name, u"ci"_s);
        QVERIFY(caller->role == Role::Publisher);
        QVERIFY(m_access->hasUsableKeys().value());
        QVERIFY(create(u"other"_s)->secret != create(u"other"_s)->secret);
    }

    void aKeyOfThisProcessWorksUntilItIsWithdrawn()
    {
        const QString secret = u"local-0123"_s;
        QCOMPARE(m_access->authenticate(secret).error().code, ErrorCode::Unauthorized);
        m_access->acceptForThisProcess(
            secret, {localTenant(), {u"local"_s}, u"local server"_s, Role::Admin});
        const auto caller = m_access->authenticate(secret);
        VERIFY_OK(caller);
        QCOMPARE(caller->tenant.value, localTenant().value);
        QVERIFY(caller->role == Role::Admin);
        QVERIFY(!m_access->hasUsableKeys().value());
        m_access->withdrawForThisProcess(secret);
        QCOMPARE(m_access->authenticate(secret).error().code, ErrorCode::Unauthorized);
    }

    void keepsNoSecretInTheStore()
    {
        const auto key = create(u"ci"_s);
        VERIFY_OK(key);
        m_access.reset();
        for (const QString &file : QDir(m_directory.path()).entryList(QDir::Files)) {
            QFile bytes(m_directory.filePath(file));
            QVERIFY(bytes.open(QIODevice::ReadOnly));
            QVERIFY(!bytes.readAll().contains(key->secret.mid(3).toLatin1()));
        }
    }

    void refusesWrongKeysAllInTheSameWords_data()
    {
        QTest::addColumn<QString>("secret");
        QTest::newRow("empty") << QString();
        QTest::newRow("unknown") << u"sk-"_s + QString(48, u'0');
        QTest::newRow("not ASCII") << u"schlüssel"_s;
        QTest::newRow("NUL") << QString(u"a\0b"_s);
        QTest::newRow("long") << QString(100'000, u'x');
        QTest::newRow("the hash itself") << Sha256::of("taken");
    }
    void refusesWrongKeysAllInTheSameWords()
    {
        QFETCH(QString, secret);
        VERIFY_OK(m_access->createKey(
            {.tenant = localTenant(), .name = u"n"_s, .secret = u"taken"_s}, m_by));
        VERIFY_REFUSED(m_access->authenticate(secret), ErrorCode::Unauthorized,
                       u"a valid API key is needed"_s);
    }

    void takesAKeyThatExistsElsewhere()
    {
        const KeyRequest request{.tenant = localTenant(), .name = u"n"_s, .secret = u"s3cret!~"_s};
        VERIFY_OK(m_access->createKey(request, m_by));
        VERIFY_OK(m_access->authenticate(u"s3cret!~"_s));
        KeyRequest foreign = request;
        foreign.tenant = {u"acme"_s};
        VERIFY_REFUSED(m_access->createKey(foreign, m_by), ErrorCode::BadRequest, u"taken"_s);
    }

    void refusesBadRequests_data()
    {
        QTest::addColumn<QString>("tenant");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("secret");
        QTest::addColumn<QString>("mention");
        const QString t = u"local"_s;
        const QString n = u"n"_s;
        QTest::newRow("no tenant") << QString() << n << QString() << u"a tenant is named"_s;
        QTest::newRow("tenant: path") << u"../x"_s << n << QString() << u"../x"_s;
        QTest::newRow("tenant: long") << QString(65, u'a') << n << QString() << u"at most 64"_s;
        QTest::newRow("tenant: space") << u"a b"_s << n << QString() << u"a tenant is named"_s;
        QTest::newRow("no name") << t << u"  "_s << QString() << u"needs a name"_s;
        QTest::newRow("name: escape") << t << u"a\x1b[31m"_s << QString() << u"printable"_s;
        QTest::newRow("name: long") << t << QString(101, u'n') << QString() << u"at most 100"_s;
        QTest::newRow("secret: space") << t << n << u"a b"_s << u"header"_s;
        QTest::newRow("secret: line") << t << n << u"a\nb"_s << u"header"_s;
        QTest::newRow("secret: not ASCII") << t << n << u"ä"_s << u"header"_s;
        QTest::newRow("secret: long") << t << n << QString(1025, u's') << u"1 to 1024"_s;
    }
    void refusesBadRequests()
    {
        QFETCH(QString, tenant);
        QFETCH(QString, name);
        QFETCH(QString, secret);
        QFETCH(QString, mention);
        VERIFY_REFUSED(m_access->createKey({.tenant = {tenant}, .name = name, .secret = secret},
                                           m_by),
                       ErrorCode::BadRequest, mention);
        QVERIFY(!m_access->hasUsableKeys().value());
    }

    void aKeyEndsWhenItExpires()
    {
        KeyRequest request{.tenant = localTenant(), .name = u"brief"_s};
        request.expiresAt = nowUtc().addMSecs(-1);
        VERIFY_REFUSED(m_access->createKey(request, m_by), ErrorCode::BadRequest, u"expired"_s);
        request.expiresAt = nowUtc().addMSecs(1500);
        const auto key = m_access->createKey(request, m_by);
        VERIFY_OK(key);
        VERIFY_OK(m_access->authenticate(key->secret));
        // Kept in memory for an hour, it ends all the same.
        QTRY_VERIFY(!m_access->authenticate(key->secret));
        QVERIFY(nowUtc() >= request.expiresAt);
        QVERIFY(!m_access->hasUsableKeys().value());
    }

    void asksTheStoreOnceForAKeyInUse()
    {
        const auto key = create(u"ci"_s);
        for (int i = 0; i < 100; ++i)
            VERIFY_OK(m_access->authenticate(key->secret));
        QCOMPARE(m_watched->questions.load(), 1);
        for (int i = 0; i < 100; ++i)
            QVERIFY(!m_access->authenticate(u"wrong"_s));
        QCOMPARE(m_watched->questions.load(), 2);
    }

    void aFloodOfBadKeysDrivesNoGoodKeyOut()
    {
        const auto key = create(u"ci"_s);
        VERIFY_OK(m_access->authenticate(key->secret));
        for (int i = 0; i < KeyCache::room + 10; ++i)
            QVERIFY(!m_access->authenticate(u"bad-%1"_s.arg(i)));
        const int before = m_watched->questions;
        VERIFY_OK(m_access->authenticate(key->secret));
        QCOMPARE(m_watched->questions.load(), before);
    }

    void aKeyThatWasUnknownWorksOnceItIsMade()
    {
        QVERIFY(!m_access->authenticate(u"soon"_s));
        VERIFY_OK(m_access->createKey(
            {.tenant = localTenant(), .name = u"n"_s, .secret = u"soon"_s}, m_by));
        VERIFY_OK(m_access->authenticate(u"soon"_s));
    }

    void revocationIsImmediate()
    {
        const auto key = create(u"ci"_s);
        VERIFY_OK(m_access->authenticate(key->secret));
        const auto revoked = m_access->revokeKey(localTenant(), key->record.id, m_by);
        VERIFY_OK(revoked);
        QVERIFY(revoked->revokedAt.isValid());
        VERIFY_REFUSED(m_access->authenticate(key->secret), ErrorCode::Unauthorized,
                       u"a valid API key is needed"_s);
        const auto again = m_access->revokeKey(localTenant(), key->record.id, m_by);
        VERIFY_OK(again);
        QCOMPARE(again->revokedAt, revoked->revokedAt);
    }

    void anAnswerFromBeforeTheRevocationIsNotKept()
    {
        const auto key = create(u"ci"_s);
        m_watched->afterFound = [&] {
            VERIFY_OK(m_access->revokeKey(localTenant(), key->record.id, m_by));
        };
        (void)m_access->authenticate(key->secret); // was under way when it was revoked
        QVERIFY(!m_access->authenticate(key->secret));
    }

    void seesTheRevocationOfAnotherProcessSoon()
    {
        restart({.keysAreKept = 50ms, .usesAreWritten = 1h});
        const auto key = create(u"ci"_s);
        VERIFY_OK(m_access->authenticate(key->secret));
        VERIFY_OK(m_store->revokeKey(localTenant(), key->record.id, nowUtc()));
        QTRY_VERIFY(!m_access->authenticate(key->secret));
    }

    void revokesOnlyWhatIsThere()
    {
        const auto key = create(u"ci"_s);
        VERIFY_REFUSED(m_access->revokeKey({u"acme"_s}, key->record.id, m_by), ErrorCode::NotFound,
                       key->record.id.value);
        VERIFY_REFUSED(m_access->revokeKey(localTenant(), {newUuid()}, m_by), ErrorCode::NotFound,
                       u"there is no key"_s);
        VERIFY_REFUSED(m_access->revokeKey(localTenant(), {u"no-uuid"_s}, m_by),
                       ErrorCode::NotFound, u"no-uuid"_s);
        VERIFY_OK(m_access->authenticate(key->secret));
    }

    void writesDownWhenAKeyWasUsed()
    {
        const auto key = create(u"ci"_s);
        const auto unused = create(u"unused"_s);
        const QDateTime before = nowUtc();
        VERIFY_OK(m_access->authenticate(key->secret));
        QVERIFY(!m_store->listKeys(localTenant())->constFirst().lastUsedAt.isValid());
        m_access.reset(); // at the latest
        const auto keys = m_store->listKeys(localTenant()).value();
        for (const KeyRecord &record : keys) {
            QCOMPARE(record.lastUsedAt.isValid(), record.name == u"ci"_s);
            QVERIFY(record.name != u"ci"_s || record.lastUsedAt >= before);
        }
        restart({.keysAreKept = 1h, .usesAreWritten = 10ms}); // and now and then
        VERIFY_OK(m_access->authenticate(unused->secret));
        QTRY_VERIFY(m_store->findKeyByHash(Sha256::of(unused->secret.toUtf8()))
                        .value()
                        ->lastUsedAt.isValid());
    }

    void auditsKeysWithoutTheirSecrets()
    {
        KeyRequest request{.tenant = localTenant(), .name = u"ci"_s, .role = Role::Admin};
        request.expiresAt = nowUtc().addDays(1);
        const auto key = m_access->createKey(request, m_by);
        VERIFY_OK(m_access->revokeKey(localTenant(), key->record.id, m_by));
        VERIFY_OK(m_access->revokeKey(localTenant(), key->record.id, m_by)); // changes nothing
        const auto records = m_store->listAudit(localTenant(), {}).value();
        QCOMPARE(records.size(), 2);
        QCOMPARE(records[0].action, u"key.create"_s);
        QCOMPARE(records[1].action, u"key.revoke"_s);
        for (const AuditRecord &record : records) {
            QCOMPARE(record.target, key->record.id.value);
            QCOMPARE(record.actor, u"tester"_s);
            QCOMPARE(record.address, u"127.0.0.1"_s);
            QCOMPARE(record.requestId, u"request-1"_s);
        }
        QCOMPARE(records[0].details,
                 QJsonObject({{u"name"_s, u"ci"_s},
                              {u"role"_s, u"admin"_s},
                              {u"expires_at"_s, toRfc3339(request.expiresAt)}}));
    }

    void saysThatTheStoreFailed()
    {
        class BrokenStore : public ForwardingStore
        {
        public:
            using ForwardingStore::ForwardingStore;
            Result<std::optional<KeyRecord>> findKeyByHash(const QString &) override
            {
                return fail(ErrorCode::StorageUnavailable, u"the store is gone"_s);
            }
        } broken(*m_store);
        AccessService access(broken);
        // Not Unauthorized: the key may be right.
        VERIFY_REFUSED(access.authenticate(u"any"_s), ErrorCode::StorageUnavailable, u"gone"_s);
    }

    void manyThreadsAtOnce()
    {
        restart({.keysAreKept = 1ms, .usesAreWritten = 1ms});
        const auto lasting = create(u"lasting"_s);
        std::atomic<int> failures = 0;
        std::vector<std::jthread> workers;
        for (int t = 0; t < 4; ++t) {
            workers.emplace_back([&, t] {
                for (int i = 0; i < 25; ++i) {
                    const auto own = create(u"own %1"_s.arg(t));
                    bool ok = own && m_access->authenticate(own->secret)
                        && m_access->authenticate(lasting->secret)
                        && !m_access->authenticate(u"wrong"_s);
                    ok = ok && m_access->revokeKey(localTenant(), own->record.id, m_by)
                        && !m_access->authenticate(own->secret);
                    failures += ok ? 0 : 1;
                }
            });
        }
        workers.clear();
        QCOMPARE(failures.load(), 0);
    }
};

QTEST_GUILESS_MAIN(TestAccessService)
#include "test_access_service.moc"
