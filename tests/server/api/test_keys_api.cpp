#include "tests/server/api/api_fixture.h"

#include "tests/support/verify_result.h"

#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

/// Keys, and the audit that says what was done with them.
class TestKeysApi : public QObject
{
    Q_OBJECT

    std::unique_ptr<ApiFixture> m_api;

    int statusWith(const QString &key, const QString &target = u"/v1/skills"_s)
    {
        return m_api->send({.target = target, .key = key}).status;
    }

private Q_SLOTS:
    void init() { m_api = ApiFixture::start(); }
    void cleanup() { m_api.reset(); }

    // --- Keys

    void makesAKeyThatWorks()
    {
        const HttpAnswer made = m_api->post(
            u"/v1/keys"_s,
            R"({"name":"build server","role":"publisher","expires_at":"2099-01-02T03:04:05Z"})");
        QVERIFY2(made.status == 201, made.body);
        QCOMPARE(made.header("Cache-Control"), "no-store"_ba);
        const QJsonObject key = made.object();
        const QString secret = key["key"_L1].toString();
        QVERIFY2(secret.startsWith(u"sk-"_s) && secret.size() == 51, qPrintable(secret));
        QCOMPARE(key["role"_L1].toString(), u"publisher"_s);
        QCOMPARE(key["tenant_id"_L1].toString(), u"local"_s);
        QCOMPARE(key["expires_at"_L1].toString(), u"2099-01-02T03:04:05.000Z"_s);
        QVERIFY(isUuid(key["id"_L1].toString()));
        QVERIFY(isUuid(key["created_by"_L1].toString()));
        QCOMPARE(statusWith(secret), 200);
        QCOMPARE(statusWith(secret, u"/v1/keys"_s), 403);

        // Its text is in that one answer and nowhere else.
        const HttpAnswer list = m_api->get(u"/v1/keys"_s);
        QCOMPARE(list.status, 200);
        QVERIFY(!list.body.contains(secret.toUtf8()));
        QVERIFY(!list.body.contains("\"key\":"));
        const QJsonArray keys = list.array();
        QCOMPARE(keys.size(), 2); // this one and the fixture's
        QCOMPARE(keys[0]["name"_L1].toString(), u"build server"_s);
        QFile store(m_api->path(u"data/skillbox.db"_s));
        if (store.open(QIODevice::ReadOnly))
            QVERIFY(!store.readAll().contains(secret.toUtf8()));
    }

    void givesTheRunnerRoleByDefault()
    {
        const HttpAnswer made = m_api->post(u"/v1/keys"_s, R"({"name":"a","expires_at":null})");
        QVERIFY2(made.status == 201, made.body);
        QCOMPARE(made.object()["role"_L1].toString(), u"runner"_s);
        QVERIFY(!made.object().contains("expires_at"_L1));
    }

    void takesAKeyThatClientsHaveAlready()
    {
        const QString secret = u"an-old-key-of-another-server"_s;
        const QByteArray json =
            R"({"name":"old","role":"reader","secret":"an-old-key-of-another-server"})";
        const HttpAnswer made = m_api->post(u"/v1/keys"_s, json);
        QVERIFY2(made.status == 201, made.body);
        QCOMPARE(made.object()["key"_L1].toString(), secret);
        QCOMPARE(statusWith(secret), 200);
        QCOMPARE(statusWith(secret, u"/v1/keys"_s), 403);
        QCOMPARE(m_api->post(u"/v1/keys"_s, json).status, 400); // taken
        QVERIFY(!m_api->get(u"/v1/audit"_s).body.contains(secret.toUtf8()));
    }

    void refusesBadKeys_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QString>("mention");
        QTest::newRow("no json") << "{"_ba << u"line 1"_s;
        QTest::newRow("nothing") << QByteArray() << QString();
        QTest::newRow("no name") << "{}"_ba << u"name"_s;
        QTest::newRow("empty name") << R"({"name":""})"_ba << u"name"_s;
        QTest::newRow("name as number") << R"({"name":1})"_ba << u"name"_s;
        QTest::newRow("other role") << R"({"name":"a","role":"root"})"_ba << u"role"_s;
        QTest::newRow("bad time") << R"({"name":"a","expires_at":"soon"})"_ba << u"expires_at"_s;
        QTest::newRow("past time")
            << R"({"name":"a","expires_at":"2001-01-01T00:00:00Z"})"_ba << QString();
        QTest::newRow("secret as number") << R"({"name":"a","secret":1})"_ba << u"secret"_s;
        QTest::newRow("secret with a space") << R"({"name":"a","secret":"a b"})"_ba << QString();
        QTest::newRow("secret with a line") << R"({"name":"a","secret":"a\n"})"_ba << QString();
        QTest::newRow("control characters") << R"({"name":"a\u0000b"})"_ba << u"name"_s;
    }
    void refusesBadKeys()
    {
        QFETCH(QByteArray, json);
        QFETCH(QString, mention);
        const HttpAnswer refused = m_api->post(u"/v1/keys"_s, json);
        QVERIFY2(refused.status == 400, refused.body);
        QCOMPARE(refused.error(), u"bad_request"_s);
        QVERIFY2(refused.object()["message"_L1].toString().contains(mention), refused.body);
        QCOMPARE(m_api->get(u"/v1/keys"_s).array().size(), 1);
    }

    void revokesAtOnce()
    {
        const QJsonObject key = m_api->post(u"/v1/keys"_s, R"({"name":"a"})").object();
        const QString secret = key["key"_L1].toString();
        QCOMPARE(statusWith(secret), 200);
        const HttpCall revoke{.method = "DELETE",
                              .target = u"/v1/keys/"_s + key["id"_L1].toString()};
        QCOMPARE(m_api->send(revoke).status, 204);
        QCOMPARE(statusWith(secret), 401);
        QCOMPARE(m_api->send(revoke).status, 204);
        const HttpAnswer unknown = m_api->send({.target = u"/v1/skills"_s, .key = u"sk-no"_s});
        const HttpAnswer revoked = m_api->send({.target = u"/v1/skills"_s, .key = secret});
        QCOMPARE(revoked.object()["message"_L1], unknown.object()["message"_L1]);
        const QJsonArray keys = m_api->get(u"/v1/keys"_s).array();
        QVERIFY(!keys[0]["revoked_at"_L1].toString().isEmpty());
    }

    void knowsNoOtherIds_data()
    {
        QTest::addColumn<QString>("id");
        QTest::newRow("no uuid") << u"1"_s;
        QTest::newRow("sql") << u"'%20OR%201=1%20--"_s;
        QTest::newRow("unknown") << u"0c9d3f6a-54b1-4f7e-8b39-d2b7a1f4c605"_s;
        QTest::newRow("long") << QString(2000, u'a');
    }
    void knowsNoOtherIds()
    {
        QFETCH(QString, id);
        const HttpAnswer refused = m_api->send({.method = "DELETE", .target = u"/v1/keys/"_s + id});
        QCOMPARE(refused.status, 404);
        QCOMPARE(refused.error(), u"not_found"_s);
    }

    void staysWithinTheTenant()
    {
        const QJsonObject mine = m_api->post(u"/v1/keys"_s, R"({"name":"mine"})").object();
        const QString stranger = m_api->key(Role::Admin, u"other"_s);
        const HttpAnswer theirs = m_api->send({.target = u"/v1/keys"_s, .key = stranger});
        QCOMPARE(theirs.array().size(), 1);
        QCOMPARE(m_api
                     ->send({.method = "DELETE",
                             .target = u"/v1/keys/"_s + mine["id"_L1].toString(),
                             .key = stranger})
                     .status,
                 404);
        QCOMPARE(statusWith(mine["key"_L1].toString()), 200);
        const HttpAnswer made = m_api->send({.method = "POST",
                                             .target = u"/v1/keys"_s,
                                             .body = R"({"name":"a","tenant_id":"local"})",
                                             .key = stranger});
        QCOMPARE(made.object()["tenant_id"_L1].toString(), u"other"_s);
    }

    void asksForTheRole_data()
    {
        QTest::addColumn<int>("role");
        QTest::addColumn<int>("keys");
        QTest::addColumn<int>("audit");
        QTest::newRow("reader") << int(Role::Reader) << 403 << 403;
        QTest::newRow("runner") << int(Role::Runner) << 403 << 403;
        QTest::newRow("publisher") << int(Role::Publisher) << 403 << 403;
        QTest::newRow("admin") << int(Role::Admin) << 200 << 200;
        QTest::newRow("auditor") << int(Role::Auditor) << 403 << 200;
    }
    void asksForTheRole()
    {
        QFETCH(int, role);
        QFETCH(int, keys);
        QFETCH(int, audit);
        const QString key = m_api->key(static_cast<Role>(role));
        QCOMPARE(statusWith(key, u"/v1/keys"_s), keys);
        for (const QString &target : {u"/v1/audit"_s, u"/v1/audit/export"_s, u"/v1/audit/verify"_s})
            QCOMPARE(statusWith(key, target), audit);
    }

    void wantsAKey_data()
    {
        QTest::addColumn<QString>("target");
        for (const QString &target :
             {u"/v1/keys"_s, u"/v1/audit"_s, u"/v1/audit/export"_s, u"/v1/audit/verify"_s})
            QTest::newRow(qPrintable(target)) << target;
    }
    void wantsAKey()
    {
        QFETCH(QString, target);
        QCOMPARE(statusWith(QString(), target), 401);
    }

    // --- Audit

    void showsWhatWasDone()
    {
        const HttpAnswer made = m_api->post(u"/v1/keys"_s, R"({"name":"a"})",
                                            {{"X-Request-ID", "request-7"}});
        const QString id = made.object()["id"_L1].toString();
        const HttpAnswer audit = m_api->get(u"/v1/audit"_s);
        QCOMPARE(audit.status, 200);
        const QJsonObject last = audit.array().last().toObject();
        QCOMPARE(last["action"_L1].toString(), u"key.create"_s);
        QCOMPARE(last["target"_L1].toString(), id);
        QCOMPARE(last["request_id"_L1].toString(), u"request-7"_s);
        QCOMPARE(last["address"_L1].toString(), u"127.0.0.1"_s);
        QCOMPARE(last["hash"_L1].toString().size(), 64);
        QVERIFY(!audit.body.contains(made.object()["key"_L1].toString().toUtf8()));
    }

    void pagesThroughTheAudit()
    {
        for (int i = 0; i < 5; ++i)
            QCOMPARE(m_api->post(u"/v1/keys"_s, R"({"name":"a"})").status, 201);
        const QJsonArray all = m_api->get(u"/v1/audit"_s).array();
        QCOMPARE(all.size(), 6);
        QJsonArray paged;
        QString target = u"/v1/audit?limit=4"_s;
        int pages = 0;
        for (; !target.isEmpty() && pages < 10; ++pages) {
            const HttpAnswer page = m_api->get(target);
            QCOMPARE(page.status, 200);
            const QJsonArray rows = page.array();
            for (const QJsonValue &row : rows)
                paged.append(row);
            const QByteArray link = page.header("Link");
            target = link.isEmpty() ? QString()
                                    : QString::fromLatin1(link.mid(1, link.indexOf('>') - 1));
        }
        QCOMPARE(pages, 2);
        QCOMPARE(paged, all);
        QCOMPARE(m_api->get(u"/v1/audit?since=2099-01-01T00:00:00Z"_s).body, "[]"_ba);
        QCOMPARE(m_api->get(u"/v1/audit?since=never"_s).status, 400);
        QCOMPARE(m_api->get(u"/v1/audit?cursor=x"_s).status, 400);
        QCOMPARE(m_api->get(u"/v1/audit?cursor=-1"_s).status, 400);
        QCOMPARE(m_api->get(u"/v1/audit?limit=-1"_s).status, 400);
    }

    void exportsLines()
    {
        QCOMPARE(m_api->post(u"/v1/keys"_s, R"({"name":"a"})").status, 201);
        const QJsonArray all = m_api->get(u"/v1/audit"_s).array();
        const HttpAnswer exported = m_api->get(u"/v1/audit/export"_s);
        QCOMPARE(exported.status, 200);
        QCOMPARE(exported.header("Content-Type"), "application/x-ndjson"_ba);
        QList<QByteArray> lines = exported.body.split('\n');
        QVERIFY(lines.takeLast().isEmpty());
        QCOMPARE(lines.size(), all.size());
        for (qsizetype i = 0; i < lines.size(); ++i)
            QCOMPARE(QJsonDocument::fromJson(lines[i]).object(), all[i].toObject());
        QCOMPARE(m_api->get(u"/v1/audit/export?since=2099-01-01T00:00:00Z"_s).body, QByteArray());
        QCOMPARE(m_api->get(u"/v1/audit/export?since=x"_s).status, 400);
        QVERIFY(QDir(m_api->path(QString())).entryList({u"audit-*"_s}).isEmpty());
    }

    void verifiesTheChain()
    {
        QCOMPARE(m_api->post(u"/v1/keys"_s, R"({"name":"a"})").status, 201);
        const HttpAnswer verdict = m_api->get(u"/v1/audit/verify"_s);
        QVERIFY2(verdict.body.startsWith("{\"intact\":true,\"checked\":2"), verdict.body);
        QCOMPARE(verdict.object()["last_hash"_L1],
                 m_api->get(u"/v1/audit"_s).array().last()["hash"_L1]);
    }

    void keepsTheAuditOfTenantsApart()
    {
        const QString stranger = m_api->key(Role::Auditor, u"other"_s);
        const HttpAnswer theirs = m_api->send({.target = u"/v1/audit"_s, .key = stranger});
        QCOMPARE(theirs.array().size(), 1);
        QCOMPARE(theirs.array()[0]["tenant"_L1].toString(), u"other"_s);
        const HttpAnswer lines = m_api->send({.target = u"/v1/audit/export"_s, .key = stranger});
        QCOMPARE(lines.body.count('\n'), 1);
    }
};

QTEST_GUILESS_MAIN(TestKeysApi)

#include "test_keys_api.moc"
