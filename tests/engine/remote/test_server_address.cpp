#include "engine/remote/server_address.h"

#include <QtTest>

using namespace Qt::StringLiterals;

namespace skillbox {

class TestServerAddress : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesAddresses_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QByteArray>("base");
        QTest::addColumn<QString>("socket");
        QTest::addColumn<bool>("loopback");
        QTest::newRow("loopback") << u"http://127.0.0.1:8080"_s
                                  << QByteArray("http://127.0.0.1:8080") << QString() << true;
        QTest::newRow("slash at the end")
            << u"http://localhost:8080/"_s << QByteArray("http://localhost:8080") << QString()
            << true;
        QTest::newRow("IPv6") << u"http://[::1]:80"_s << QByteArray("http://[::1]:80") << QString()
                              << true;
        QTest::newRow("prefix") << u"https://example.com/skillbox/"_s
                                << QByteArray("https://example.com/skillbox") << QString() << false;
        QTest::newRow("a name that only begins like the loopback's")
            << u"http://127.example.com"_s << QByteArray("http://127.example.com") << QString()
            << false;
        QTest::newRow("socket") << u"unix:/run/s.sock"_s << QByteArray("http://localhost")
                                << u"/run/s.sock"_s << true;
        QTest::newRow("socket as a URL")
            << u"unix:///run/s.sock"_s << QByteArray("http://localhost") << u"/run/s.sock"_s
            << true;
    }
    void takesAddresses()
    {
        QFETCH(QString, text);
        const Result<ServerAddress> address = parseServerAddress(text);
        QVERIFY2(address, address ? "" : qPrintable(address.error().message));
        QTEST(address->baseUrl, "base");
        QTEST(address->unixSocket, "socket");
        QTEST(address->isLoopback, "loopback");
    }

    void refusesWhatIsNone_data()
    {
        QTest::addColumn<QString>("text");
        for (const char *text :
             {"127.0.0.1:8080", "localhost", "ftp://example.com", "http://", "http://a b",
              "http://example.com:99999", "unix:relative", "unix:", "http://example.com/?a=b",
              "http://example.com/#x", "file:///etc/passwd"})
            QTest::newRow(text) << QString::fromLatin1(text);
        QTest::newRow("long socket path") << u"unix:/"_s + QString(120, u'a');
    }
    void refusesWhatIsNone()
    {
        QFETCH(QString, text);
        const Result<ServerAddress> address = parseServerAddress(text);
        QVERIFY(!address);
        QVERIFY2(address.error().message.contains(u"http://127.0.0.1:8080"),
                 qPrintable(address.error().message));
    }

    void keepsAPasswordOutOfMessages()
    {
        const Result<ServerAddress> address = parseServerAddress(u"http://me:secret@host"_s);
        QVERIFY(!address);
        QVERIFY(!address.error().message.contains(u"secret"));
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestServerAddress)
#include "test_server_address.moc"
