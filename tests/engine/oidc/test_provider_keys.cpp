#include "engine/oidc/provider_keys.h"

#include "tests/support/local_provider.h"
#include "tests/support/token_signer.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;
using namespace skillbox::test;
using namespace std::chrono_literals;

namespace {

constexpr int patienceMs = 30'000;
/// Long enough that nothing happens by itself.
constexpr ProviderTiming quiet{.refreshed = 1h, .pause = 1h, .outlive = 1h, .patience = 20s};

} // namespace

class TestProviderKeys : public QObject
{
    Q_OBJECT

    const TokenSigner m_first{TokenSigner::Kind::P256};
    const TokenSigner m_second{TokenSigner::Kind::P256};
    const QByteArray m_firstSet = keySetJson({m_first.jwk(u"one"_s)});
    const QByteArray m_bothSets = keySetJson({m_first.jwk(u"one"_s), m_second.jwk(u"two"_s)});

private Q_SLOTS:
    void fetchesAtOnceAndAsksOnceOnly()
    {
        LocalProvider provider;
        provider.setKeys(m_firstSet);
        ProviderKeys keys(provider.issuer(), {}, quiet);
        const auto found = keys.find(u"one"_s);
        QVERIFY(found.keys && found.keys->hasKey(u"one"_s));
        for (int i = 0; i < 100; ++i)
            QVERIFY(keys.find(u"one"_s).keys);
        QVERIFY(keys.find(QString()).keys);
        QCOMPARE(provider.asked(), 1);
        QVERIFY(keys.failure().isEmpty());
    }

    void findsANewKeyWhenATokenNamesIt()
    {
        LocalProvider provider;
        provider.setKeys(m_firstSet);
        ProviderTiming timing = quiet;
        timing.pause = 0ms;
        ProviderKeys keys(provider.issuer(), {}, timing);
        QVERIFY(keys.find(u"one"_s).keys);
        provider.setKeys(m_bothSets);
        const auto found = keys.find(u"two"_s);
        QVERIFY(found.keys && found.keys->hasKey(u"two"_s) && !found.areComing);
        QCOMPARE(provider.asked(), 2);
    }

    void aFloodOfUnknownKeysDoesNotReachTheProvider()
    {
        LocalProvider provider;
        provider.setKeys(m_firstSet);
        ProviderKeys keys(provider.issuer(), {}, quiet);
        QVERIFY(keys.find(u"one"_s).keys);
        for (int i = 0; i < 1000; ++i) {
            const auto found = keys.find(u"unknown-%1"_s.arg(i));
            QVERIFY(found.keys && !found.areComing && !found.keys->hasKey(u"unknown-0"_s));
        }
        QCOMPARE(provider.asked(), 1);
    }

    void onlyOneCallerWaitsForAFetch()
    {
        // A port where somebody accepts and never answers.
        UniqueFd silent(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto *generic = reinterpret_cast<sockaddr *>(&address);
        QVERIFY(::bind(silent.get(), generic, size) == 0 && ::listen(silent.get(), 4) == 0
                && ::getsockname(silent.get(), generic, &size) == 0);
        ProviderTiming timing = quiet;
        timing.patience = 50ms;
        ProviderKeys keys(u"http://127.0.0.1:%1"_s.arg(ntohs(address.sin_port)), {}, timing);
        // If each of them waited, this would take longer than the test may.
        for (int i = 0; i < 10'000; ++i) {
            const auto found = keys.find(u"one"_s);
            QVERIFY(!found.keys && found.areComing);
        }
    }

    void usesOldKeysWhileTheProviderIsAway()
    {
        LocalProvider provider;
        provider.setKeys(m_firstSet);
        ProviderTiming timing = quiet;
        timing.refreshed = 10ms;
        timing.pause = 10ms;
        timing.patience = 0ms;
        ProviderKeys keys(provider.issuer(), {}, timing);
        QTRY_VERIFY_WITH_TIMEOUT(keys.find(u"one"_s).keys, patienceMs);
        provider.stop();
        QTRY_VERIFY_WITH_TIMEOUT(!keys.failure().isEmpty(), patienceMs);
        QVERIFY(keys.failure().contains(u"nothing answers there"_s));
        const auto found = keys.find(u"one"_s);
        QVERIFY(found.keys && found.keys->hasKey(u"one"_s));

        // It comes back with other keys only: those that were withdrawn go.
        provider.setKeys(keySetJson({m_second.jwk(u"two"_s)}));
        provider.start();
        QTRY_VERIFY_WITH_TIMEOUT(keys.find(u"two"_s).keys->hasKey(u"two"_s), patienceMs);
        QVERIFY(!keys.find(u"one"_s).keys->hasKey(u"one"_s));
        QTRY_VERIFY_WITH_TIMEOUT(keys.failure().isEmpty(), patienceMs);
    }

    void oldKeysEndInTime()
    {
        LocalProvider provider;
        provider.setKeys(m_firstSet);
        ProviderTiming timing = quiet;
        timing.outlive = 100ms;
        ProviderKeys keys(provider.issuer(), {}, timing);
        QTRY_VERIFY_WITH_TIMEOUT(provider.asked() == 1 && !keys.find(u"one"_s).keys, patienceMs);
    }

    void saysWhatIsWrongWithTheProvider_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("mention");
        const QByteArray discovery = "/.well-known/openid-configuration";
        QTest::newRow("no document") << discovery << QByteArray() << 404 << u"status 404"_s;
        QTest::newRow("moved") << discovery << QByteArray() << 302 << u"status 302"_s;
        QTest::newRow("a page") << discovery << QByteArray("<html>") << 200 << u"cannot be read"_s;
        QTest::newRow("another's document")
            << discovery << QByteArray("{\"issuer\":\"https://x\"}") << 200 << u"calls itself"_s;
        QTest::newRow("a huge document")
            << discovery << QByteArray(1 << 20, ' ') << 200 << u"more than"_s;
        QTest::newRow("no keys") << QByteArray("/jwks") << QByteArray("{\"keys\":[]}") << 200
                                 << u"no usable key"_s;
        QTest::newRow("keys that are none")
            << QByteArray("/jwks") << QByteArray("[]") << 200 << u"cannot be read"_s;
        QTest::newRow("keys with an error")
            << QByteArray("/jwks") << QByteArray("{}") << 500 << u"status 500"_s;
    }
    void saysWhatIsWrongWithTheProvider()
    {
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, body);
        QFETCH(int, status);
        QFETCH(QString, mention);
        LocalProvider provider;
        provider.setKeys(m_firstSet);
        provider.setDocument(path, body, status);
        ProviderKeys keys(provider.issuer(), {}, quiet);
        QVERIFY(!keys.find(u"one"_s).keys);
        QVERIFY2(keys.failure().contains(mention), qPrintable(keys.failure()));
    }
};

QTEST_GUILESS_MAIN(TestProviderKeys)
#include "test_provider_keys.moc"
