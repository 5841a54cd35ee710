#include "tests/server/http/server_fixture.h"

#include <QFile>
#include <QProcess>
#include <QSslSocket>
#include <QTemporaryDir>
#include <QtTest>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {

namespace {

const QByteArray hello = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A socket in the file system that nobody listens on any more.
void leaveStaleSocket(const QString &path)
{
    QProcess python;
    python.start(u"python3"_s,
                 {u"-c"_s,
                  u"import socket,sys; s=socket.socket(socket.AF_UNIX); "
                  "s.bind(sys.argv[1])"_s,
                  path});
    python.waitForFinished();
}

} // namespace

/// Addresses, bounds on connections, and the end.
class TestHttpListeners : public QObject
{
    Q_OBJECT

    QTemporaryDir m_dir;
    Router m_router;
    std::mutex m_mutex;
    std::vector<HttpReply> m_held;

    HttpServerConfig at(const QStringList &addresses) const
    {
        HttpServerConfig config;
        config.listen = addresses;
        return config;
    }
    QString certificate() const { return m_dir.filePath(u"cert.pem"_s); }
    QString key() const { return m_dir.filePath(u"key.pem"_s); }

    bool makeIdentity(const QString &certificatePath, const QString &keyPath)
    {
        QProcess openssl;
        openssl.start(u"openssl"_s,
                      {u"req"_s, u"-x509"_s, u"-newkey"_s, u"ec"_s, u"-pkeyopt"_s,
                       u"ec_paramgen_curve:prime256v1"_s, u"-nodes"_s, u"-days"_s, u"1"_s,
                       u"-subj"_s, u"/CN=localhost"_s, u"-keyout"_s, keyPath, u"-out"_s,
                       certificatePath});
        return openssl.waitForFinished() && openssl.exitCode() == 0;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_router.add("GET", u"/hello"_s, {.runsOn = RunsOn::Immediate, .gate = {}},
                     [](const HttpRequest &request) {
                         return HttpResponse::text(200, request.peer.toUtf8());
                     });
        m_router.add("POST", u"/echo"_s, {.maxBodyBytes = 8 << 20, .gate = {}},
                     [](const HttpRequest &request) {
                         return HttpResponse::text(200, request.body->bytes());
                     });
        m_router.add("GET", u"/held"_s, {.gate = {}},
                     [this](const HttpRequest &, const HttpReply &reply) {
                         const std::lock_guard lock(m_mutex);
                         m_held.push_back(reply);
                     });
    }
    void cleanup() { m_held.clear(); }

    void listensOnSeveralAddresses()
    {
        const QString path = m_dir.filePath(u"several.sock"_s);
        ServerFixture server(m_router, at({u"127.0.0.1:0"_s, u"[::1]:0"_s, u"unix:"_s + path}));
        QVERIFY2(server.isRunning(), qPrintable(server.error().message));
        QCOMPARE(server.addresses().size(), 3);
        QVERIFY(server.addresses()[0].startsWith(u"http://127.0.0.1:"));
        QVERIFY(server.addresses()[1].startsWith(u"http://[::1]:"));
        QCOMPARE(server.addresses()[2], u"unix:"_s + path);
        RawClient tcp = server.connect();
        tcp.send(hello);
        QCOMPARE(tcp.read().body, "127.0.0.1");
        RawClient local = RawClient::local(path);
        local.send(hello);
        QCOMPARE(local.read().body, "unix");
    }

    void takesTheClientFromTrustedProxiesOnly_data()
    {
        QTest::addColumn<QStringList>("trusted");
        QTest::addColumn<QByteArray>("fields");
        QTest::addColumn<QByteArray>("client");
        const QStringList us{u"127.0.0.0/8"_s};
        const QStringList chain{u"127.0.0.1"_s, u"10.0.0.0/8"_s, u"2001:db8::/32"_s};
        const QByteArray peer = "127.0.0.1";
        const auto of = [](const QByteArray &value) {
            return "X-Forwarded-For: " + value + "\r\n";
        };
        QTest::newRow("nobody is trusted") << QStringList() << of("192.0.2.1") << peer;
        QTest::newRow("another is trusted")
            << QStringList{u"10.0.0.1"_s} << of("192.0.2.1") << peer;
        QTest::newRow("sockets are trusted") << QStringList{u"unix"_s} << of("192.0.2.1") << peer;
        QTest::newRow("a proxy") << us << of("192.0.2.1") << QByteArray("192.0.2.1");
        QTest::newRow("no field") << us << QByteArray() << peer;
        QTest::newRow("an empty field") << us << of("") << peer;
        QTest::newRow("IPv6") << us << of("2001:db8::a:1") << QByteArray("2001:db8::a:1");
        QTest::newRow("IPv4 in IPv6") << us << of("::ffff:192.0.2.1") << QByteArray("192.0.2.1");
        QTest::newRow("a port") << us << of("192.0.2.1:4711") << QByteArray("192.0.2.1");
        QTest::newRow("IPv6 with a port")
            << us << of("[2001:db8::1]:4711") << QByteArray("2001:db8::1");
        QTest::newRow("a chain") << chain << of("192.0.2.1, 10.1.2.3,2001:db8::7")
                                 << QByteArray("192.0.2.1");
        QTest::newRow("a chain in several fields")
            << chain << of("192.0.2.1") + of("10.1.2.3") + of("10.1.2.4")
            << QByteArray("192.0.2.1");
        QTest::newRow("only proxies")
            << chain << of("10.9.9.9, 10.1.2.3") << QByteArray("10.9.9.9");
        // What a client writes stands to the left of what the proxy adds.
        QTest::newRow("a made-up address before")
            << us << of("198.51.100.9, 192.0.2.1") << QByteArray("192.0.2.1");
        QTest::newRow("a made-up field before")
            << us << of("198.51.100.9") + of("192.0.2.1") << QByteArray("192.0.2.1");
        QTest::newRow("a made-up proxy before")
            << chain << of("10.1.1.1, 192.0.2.1, 10.1.2.3") << QByteArray("192.0.2.1");
        QTest::newRow("a thousand made up")
            << chain << of(QByteArray("127.0.0.1,").repeated(1000) + "192.0.2.1")
            << QByteArray("192.0.2.1");
        // Nothing but an address is one, least of all what we call local users.
        for (const char *text :
             {"unix", "unknown", "_hidden", "\"192.0.2.1\"", "192.0.2", "0x7f.1", "192.0.2.1/32",
              "192.0.2.1:", "192.0.2.1:x", "192.0.2.1:123456", "[2001:db8::1", "[2001:db8::1]x",
              "[]", "2001:db8::1%eth0", "192.0.2.1 10.0.0.1", ","}) {
            QTest::newRow(text) << us << of(text) << peer;
            QTest::addRow("proxy before %s", text)
                << chain << of(text + QByteArray(", 10.1.2.3")) << QByteArray("10.1.2.3");
        }
        QTest::newRow("not UTF-8") << us << of("\xff\xfe") << peer;
        QTest::newRow("too long for an address") << us << of(QByteArray(5000, '1')) << peer;
    }
    void takesTheClientFromTrustedProxiesOnly()
    {
        QFETCH(QStringList, trusted);
        QFETCH(QByteArray, fields);
        HttpServerConfig config = at({u"127.0.0.1:0"_s});
        const auto proxies = TrustedProxies::parse(trusted);
        QVERIFY2(proxies, proxies ? "" : qPrintable(proxies.error().message));
        config.trustedProxies = *proxies;
        ServerFixture server(m_router, config);
        RawClient client = server.connect();
        client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n");
        QTEST(client.read().body, "client");
    }

    void takesTheClientFromAProxyOnASocket()
    {
        const QString path = m_dir.filePath(u"proxied.sock"_s);
        HttpServerConfig config = at({u"unix:"_s + path});
        config.trustedProxies = TrustedProxies::parse({u"unix"_s}).value();
        ServerFixture server(m_router, config);
        RawClient client = RawClient::local(path);
        client.send("GET /hello HTTP/1.1\r\nHost: box\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n");
        QCOMPARE(client.read().body, "192.0.2.1");
        client.send("GET /hello HTTP/1.1\r\nHost: box\r\n\r\n");
        QCOMPARE(client.read().body, "unix");
        QVERIFY(server.waitForSummaries(2));
        QCOMPARE(server.summaries()[0].peer, u"192.0.2.1"_s);
    }

    void keepsItsUnixSocketPrivate()
    {
        const QString path = m_dir.filePath(u"private.sock"_s);
        {
            ServerFixture server(m_router, at({u"unix:"_s + path}));
            QVERIFY2(server.isRunning(), qPrintable(server.error().message));
            struct stat info {
            };
            QCOMPARE(::stat(QFile::encodeName(path).constData(), &info), 0);
            QCOMPARE(info.st_mode & 07777, mode_t(0600));
            RawClient client = RawClient::local(path);
            const QByteArray body(3 << 20, 'x');
            std::jthread sender([&] {
                client.send("POST /echo HTTP/1.1\r\nHost: box\r\nContent-Length: 3145728\r\n\r\n"
                            + body);
            });
            QVERIFY(client.read().body == body);
        }
        QVERIFY(!QFile::exists(path));
    }

    void replacesOnlyStaleUnixSockets()
    {
        const QString path = m_dir.filePath(u"stale.sock"_s);
        leaveStaleSocket(path);
        QVERIFY(QFile::exists(path));
        ServerFixture first(m_router, at({u"unix:"_s + path}));
        QVERIFY2(first.isRunning(), qPrintable(first.error().message));
        ServerFixture second(m_router, at({u"unix:"_s + path}));
        QVERIFY(!second.isRunning());
        QVERIFY(second.error().message.contains(u"another process listens there"));
        RawClient client = RawClient::local(path);
        client.send(hello);
        QCOMPARE(client.read().status, 200);
    }

    void saysWhyItCannotListen_data()
    {
        QTest::addColumn<QString>("address");
        QTest::addColumn<QString>("message");
        QFile file(m_dir.filePath(u"file"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QTest::newRow("a file in the way")
            << u"unix:"_s + file.fileName() << u"it is there and no socket"_s;
        QTest::newRow("no such folder") << u"unix:/nowhere/at/all"_s << u"No such file"_s;
        QTest::newRow("long path") << u"unix:/"_s + QString(200, u'a') << u"1 to 107 bytes"_s;
        QTest::newRow("no port") << u"127.0.0.1"_s << u"is no address to listen on"_s;
        QTest::newRow("large port") << u"127.0.0.1:70000"_s << u"is no address to listen on"_s;
        QTest::newRow("name") << u"box.example:80"_s << u"is no address to listen on"_s;
        QTest::newRow("IPv6 without brackets") << u"::1:80"_s << u"is no address to listen on"_s;
        QTest::newRow("not of this machine") << u"192.0.2.1:0"_s << u"cannot listen on 192.0.2.1"_s;
    }
    void saysWhyItCannotListen()
    {
        QFETCH(QString, address);
        QFETCH(QString, message);
        // The first address is free: it must be given back when the second is not.
        ServerFixture server(m_router, at({u"127.0.0.1:0"_s, address}));
        QVERIFY(!server.isRunning());
        QVERIFY2(server.error().message.contains(message), qPrintable(server.error().message));
    }

    void saysThatAPortIsTaken()
    {
        ServerFixture first(m_router);
        ServerFixture second(m_router, at({u"127.0.0.1:%1"_s.arg(first.port())}));
        QVERIFY(!second.isRunning());
        QVERIFY2(second.error().message.contains(u"in use"), qPrintable(second.error().message));
    }

    void servesOverTls()
    {
        QVERIFY(makeIdentity(certificate(), key()));
        HttpServerConfig config = at({u"127.0.0.1:0"_s});
        config.tlsCertificate = certificate();
        config.tlsKey = key();
        config.limits.headTimeout = 500ms;
        ServerFixture server(m_router, config);
        QVERIFY2(server.isRunning(), qPrintable(server.error().message));
        QVERIFY(server.addresses().first().startsWith(u"https://"));

        QSslSocket client;
        client.setPeerVerifyMode(QSslSocket::VerifyNone);
        client.connectToHostEncrypted(u"127.0.0.1"_s, server.port());
        QVERIFY2(client.waitForEncrypted(), qPrintable(client.errorString()));
        const QByteArray body(2 << 20, 'x');
        client.write("POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                     "Content-Length: 2097152\r\n\r\n"
                     + body);
        QByteArray answer;
        while (client.waitForReadyRead(5000) || client.bytesAvailable() > 0)
            answer += client.readAll();
        QVERIFY(answer.startsWith("HTTP/1.1 200 OK\r\n"));
        QVERIFY(answer.endsWith("\r\n\r\n" + body));

        RawClient plain = server.connect(); // no handshake
        plain.send(hello);
        QVERIFY(plain.isEnded());
        RawClient silent = server.connect();
        QVERIFY(silent.isEnded(5s));
        QTRY_COMPARE(server.connectionCount(), 0);
    }

    void looksAtDeadlinesDuringHandshakes()
    {
        QVERIFY(makeIdentity(certificate(), key()));
        HttpServerConfig config = at({u"127.0.0.1:0"_s});
        config.tlsCertificate = certificate();
        config.tlsKey = key();
        config.limits.lingerTimeout = 80ms; // so that it looks every 20 ms
        ServerFixture server(m_router, config);
        QVERIFY2(server.isRunning(), qPrintable(server.error().message));
        for (int i = 0; i < 200; ++i) {
            QSslSocket client;
            client.setPeerVerifyMode(QSslSocket::VerifyNone);
            client.connectToHostEncrypted(u"127.0.0.1"_s, server.port());
            QVERIFY2(client.waitForEncrypted(),
                     qPrintable(u"%1: %2"_s.arg(i).arg(client.errorString())));
        }
    }

    void refusesABadTlsIdentity_data()
    {
        QTest::addColumn<QString>("certificate");
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("message");
        QVERIFY(makeIdentity(certificate(), key()));
        const QString other = m_dir.filePath(u"other.pem"_s);
        QVERIFY(makeIdentity(m_dir.filePath(u"unused.pem"_s), other));
        QTest::newRow("no certificate")
            << u"/nowhere/cert.pem"_s << key() << u"cannot read the TLS certificate"_s;
        QTest::newRow("no key") << certificate() << u"/nowhere/key.pem"_s
                                << u"cannot read the TLS key"_s;
        QTest::newRow("no key at all")
            << certificate() << QString() << u"cannot read the TLS key"_s;
        QTest::newRow("key as certificate") << key() << key() << u"no PEM certificate"_s;
        QTest::newRow("certificate as key")
            << certificate() << certificate() << u"no unencrypted RSA or EC key"_s;
        QTest::newRow("key of another certificate")
            << certificate() << other << u"does not belong"_s;
    }
    void refusesABadTlsIdentity()
    {
        QFETCH(QString, certificate);
        QFETCH(QString, key);
        QFETCH(QString, message);
        HttpServerConfig config = at({u"127.0.0.1:0"_s});
        config.tlsCertificate = certificate;
        config.tlsKey = key;
        ServerFixture server(m_router, config);
        QVERIFY(!server.isRunning());
        QVERIFY2(server.error().message.contains(message), qPrintable(server.error().message));
    }

    void boundsItsConnections()
    {
        HttpServerConfig config = at({u"127.0.0.1:0"_s});
        config.limits.maxConnections = 10;
        config.limits.lingerTimeout = 200ms;
        ServerFixture server(m_router, config);
        std::vector<RawClient> clients;
        for (int i = 0; i < 10; ++i) {
            clients.push_back(server.connect());
            clients.back().send(hello);
            QCOMPARE(clients.back().read().status, 200);
        }
        for (int i = 0; i < 100; ++i) {
            RawClient refused = server.connect();
            refused.send(hello);
            const RawAnswer answer = refused.read();
            QCOMPARE(answer.status, 503);
            QVERIFY(answer.isWhole);
            QCOMPARE(answer.field("Retry-After"), "1");
            QVERIFY(QJsonDocument::fromJson(answer.body).object().value("error"_L1) == "busy"_L1);
            QVERIFY(refused.isEnded());
        }
        clients.pop_back();
        QTRY_VERIFY(server.connectionCount() < 10);
        RawClient next = server.connect();
        next.send(hello);
        QCOMPARE(next.read().status, 200);
    }

    void servesBesideHundredsOfIdleConnections()
    {
        ServerFixture server(m_router);
        std::vector<RawClient> idle;
        for (int i = 0; i < 400; ++i) {
            idle.push_back(server.connect());
            QVERIFY(idle.back().isConnected());
            if (i % 2 == 0)
                idle.back().send("GET /he");
        }
        RawClient client = server.connect();
        for (int i = 0; i < 20; ++i) {
            client.send(hello);
            QCOMPARE(client.read().status, 200);
        }
        QTRY_COMPARE(server.connectionCount(), 401);
    }

    void recoversWhenDescriptorsRunOut()
    {
        ServerFixture server(m_router);
        RawClient first = server.connect();
        first.send(hello);
        QCOMPARE(first.read().status, 200);
        // The clients' descriptors are made before the limit, the server's have no room then.
        std::vector<UniqueFd> waiting;
        for (int i = 0; i < 8; ++i)
            waiting.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        rlimit before{};
        QCOMPARE(::getrlimit(RLIMIT_NOFILE, &before), 0);
        const UniqueFd probe(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        const rlimit none{rlim_t(probe.get()), before.rlim_max};
        QCOMPARE(::setrlimit(RLIMIT_NOFILE, &none), 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server.port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (const UniqueFd &fd : waiting)
            ::connect(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address);
        first.send(hello); // is served all the same
        QCOMPARE(first.read().status, 200);
        const int countBefore = server.connectionCount();
        QCOMPARE(::setrlimit(RLIMIT_NOFILE, &before), 0);
        QCOMPARE(countBefore, 1);
        QTRY_COMPARE(server.connectionCount(), 9);
        RawClient next = server.connect();
        next.send(hello);
        QCOMPARE(next.read().status, 200);
    }

    void drains()
    {
        ServerFixture server(m_router);
        RawClient idle = server.connect();
        idle.send(hello);
        QCOMPARE(idle.read().status, 200);
        RawClient busy = server.connect();
        busy.send("GET /held HTTP/1.1\r\nHost: localhost\r\n\r\n" + hello);
        QTRY_COMPARE(m_held.size(), size_t(1));
        RawClient slow = server.connect();
        slow.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\na");
        QTRY_COMPARE(server.connectionCount(), 3);

        std::atomic<int> done = 0;
        server.drain(30s, [&done] { ++done; });
        QVERIFY(idle.isEnded());
        QVERIFY(!server.connect().isConnected());
        QCOMPARE(done, 0);
        slow.send("b");
        RawAnswer answer = slow.read();
        QCOMPARE(answer.body, "ab");
        QCOMPARE(answer.field("Connection"), "close");
        QCOMPARE(done, 0);
        m_held.front().send(HttpResponse::text(200, "done"));
        answer = busy.read();
        QCOMPARE(answer.body, "done");
        QCOMPARE(answer.field("Connection"), "close");
        QVERIFY(busy.isEnded());
        QVERIFY(busy.pending().isEmpty()); // the request behind it was not begun
        QTRY_COMPARE(done, 1);
        QCOMPARE(server.connectionCount(), 0);
    }

    void drainsInTime()
    {
        ServerFixture server(m_router);
        RawClient busy = server.connect();
        busy.send("GET /held HTTP/1.1\r\nHost: localhost\r\n\r\n");
        QTRY_COMPARE(m_held.size(), size_t(1));
        std::atomic<int> done = 0;
        server.drain(100ms, [&done] { ++done; });
        QVERIFY(busy.isEnded());
        QTRY_COMPARE(done, 1);
        QVERIFY(!m_held.front().clientIsThere());
    }

    void drainsAtOnceWhenNobodyIsThere()
    {
        ServerFixture server(m_router);
        std::atomic<int> done = 0;
        server.drain(30s, [&done] { ++done; });
        QTRY_COMPARE(done, 1);
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestHttpListeners)
#include "test_http_listeners.moc"
