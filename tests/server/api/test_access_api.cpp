#include "tests/server/api/api_fixture.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;
using namespace skillbox::test;

class AccessApiTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_api = ApiFixture::start();
        QVERIFY(m_api);
    }
    void cleanupTestCase() { m_api.reset(); }

    void refusesWhatIsNoKey_data();
    void refusesWhatIsNoKey();
    void theSchemeComparesWithoutCase();
    void anyTextWorksAsAKey();
    void refusesRevokedAndExpiredKeysAlike();
    void tenantHeaderMustAgree();
    void rolesMayDoWhatTheyMay_data();
    void rolesMayDoWhatTheyMay();
    void refusesBeforeTheBodyIsRead();

private:
    std::unique_ptr<ApiFixture> m_api;
};

void AccessApiTest::refusesWhatIsNoKey_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("empty key") << QByteArray("Bearer ");
    QTest::newRow("scheme alone") << QByteArray("Bearer");
    QTest::newRow("other scheme") << QByteArray("Basic dTpw");
    QTest::newRow("no scheme") << QByteArray("sk-000000000000000000000000000000000000000000000000");
    QTest::newRow("unknown key") << QByteArray("Bearer sk-unknown");
    QTest::newRow("not ASCII") << QByteArray("Bearer \xc3\xbc");
    QTest::newRow("very long") << "Bearer " + QByteArray(8000, 'k');
}

void AccessApiTest::refusesWhatIsNoKey()
{
    QFETCH(QByteArray, header);
    HttpCall call{.target = u"/v1/executions"_s, .key = {}};
    if (!header.isEmpty())
        call.headers = {{"Authorization", header}};
    const HttpAnswer answer = m_api->send(call);
    QCOMPARE(answer.status, 401);
    QCOMPARE(answer.error(), u"unauthorized"_s);
    QCOMPARE(answer.header("WWW-Authenticate"), "Bearer");
}

void AccessApiTest::theSchemeComparesWithoutCase()
{
    const QByteArray key = m_api->key(Role::Reader).toUtf8();
    for (const char *scheme : {"Bearer ", "bearer ", "BEARER ", "bEaReR  "}) {
        const HttpAnswer answer = m_api->send({.target = u"/v1/executions"_s,
                                               .headers = {{"Authorization", scheme + key}},
                                               .key = {}});
        QVERIFY2(answer.status == 200, scheme);
    }
}

void AccessApiTest::anyTextWorksAsAKey()
{
    const QString secret = u"what-somebody:chose/1+1="_s;
    const auto created = m_api->engine().access().createKey(
        {.tenant = localTenant(), .name = u"own"_s, .role = Role::Reader, .secret = secret}, {});
    QVERIFY(created);
    QCOMPARE(m_api->send({.target = u"/v1/executions"_s, .key = secret}).status, 200);
}

void AccessApiTest::refusesRevokedAndExpiredKeysAlike()
{
    auto &access = m_api->engine().access();
    const auto made = access.createKey({.tenant = localTenant(), .name = u"gone"_s}, {});
    QVERIFY(made);
    const HttpCall call{.target = u"/v1/executions"_s, .key = made->secret};
    QCOMPARE(m_api->send(call).status, 200);
    QVERIFY(access.revokeKey(localTenant(), made->record.id, {}));
    const HttpAnswer revoked = m_api->send(call);
    QCOMPARE(revoked.status, 401);
    const HttpAnswer unknown = m_api->send({.target = u"/v1/executions"_s, .key = u"sk-unknown"_s});
    QCOMPARE(revoked.object().value("message"_L1), unknown.object().value("message"_L1));
}

void AccessApiTest::tenantHeaderMustAgree()
{
    const HttpCall call{.target = u"/v1/executions"_s};
    HttpCall equal = call;
    equal.headers = {{"X-Tenant-ID", "local"}};
    QCOMPARE(m_api->send(equal).status, 200);
    HttpCall other = call;
    other.headers = {{"X-Tenant-ID", "other"}};
    const HttpAnswer answer = m_api->send(other);
    QCOMPARE(answer.status, 403);
    QCOMPARE(answer.error(), u"forbidden"_s);
}

void AccessApiTest::rolesMayDoWhatTheyMay_data()
{
    QTest::addColumn<int>("role");
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QString>("target");
    QTest::addColumn<bool>("allowed");
    const auto row = [](const char *name, Role role, const char *method, const QString &target,
                        bool allowed) {
        QTest::newRow(name) << int(role) << QByteArray(method) << target << allowed;
    };
    const QString runs = u"/v1/executions"_s;
    const QString skill = u"/v1/skills/none/1.0.0"_s;
    row("reader reads", Role::Reader, "GET", runs, true);
    row("reader runs", Role::Reader, "POST", runs, false);
    row("reader uploads", Role::Reader, "POST", u"/v1/files"_s, false);
    row("reader deletes a session", Role::Reader, "DELETE", u"/v1/sessions/x"_s, false);
    row("reader executes", Role::Reader, "POST", u"/v1/sandbox/execute"_s, false);
    row("runner runs", Role::Runner, "POST", runs, true);
    row("runner deletes a skill", Role::Runner, "DELETE", skill, false);
    row("publisher deletes a skill", Role::Publisher, "DELETE", skill, true);
    row("publisher lists keys", Role::Publisher, "GET", u"/v1/keys"_s, false);
    row("publisher reads the audit", Role::Publisher, "GET", u"/v1/audit"_s, false);
    row("admin lists keys", Role::Admin, "GET", u"/v1/keys"_s, true);
    row("auditor reads the audit", Role::Auditor, "GET", u"/v1/audit"_s, true);
    row("auditor reads", Role::Auditor, "GET", runs, true);
    row("auditor runs", Role::Auditor, "POST", runs, false);
}

void AccessApiTest::rolesMayDoWhatTheyMay()
{
    QFETCH(int, role);
    QFETCH(QByteArray, method);
    QFETCH(QString, target);
    QFETCH(bool, allowed);
    const HttpAnswer answer = m_api->send(
        {.method = method, .target = target, .key = m_api->key(static_cast<Role>(role))});
    QVERIFY2((answer.status != 403) == allowed, answer.body.constData());
    if (!allowed) {
        QCOMPARE(answer.error(), u"forbidden"_s);
        const QString message = answer.object().value("message"_L1).toString();
        QVERIFY2(message.contains("role "_L1), qPrintable(message));
        QVERIFY2(message.contains(roleName(static_cast<Role>(role))), qPrintable(message));
    }
}

void AccessApiTest::refusesBeforeTheBodyIsRead()
{
    // The body is announced and never comes: an answer shows that nobody waited for it.
    QTcpSocket socket;
    socket.connectToHost(u"127.0.0.1"_s, m_api->port());
    QTRY_COMPARE(socket.state(), QAbstractSocket::ConnectedState);
    socket.write("POST /v1/files HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n"
                 "Content-Type: multipart/form-data; boundary=x\r\n\r\n");
    QByteArray answer;
    QTRY_VERIFY((answer += socket.readAll()).contains("\r\n\r\n"));
    QVERIFY2(answer.startsWith("HTTP/1.1 401 "), answer.constData());
}

QTEST_GUILESS_MAIN(AccessApiTest)
#include "test_access_api.moc"
