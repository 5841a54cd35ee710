#include "tests/server/api/api_fixture.h"

#include "tests/support/verify_result.h"

#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

/// What tenants may use, and that they use no more.
class TestTenantsApi : public QObject
{
    Q_OBJECT

    std::unique_ptr<ApiFixture> m_api;

    HttpAnswer patch(const QString &tenant, const QByteArray &json, const QString &key = u"-"_s)
    {
        return m_api->send({.method = "PATCH",
                            .target = u"/v1/tenants/"_s + tenant,
                            .body = json,
                            .headers = {{"Content-Type", "application/json"}},
                            .key = key});
    }
    HttpAnswer upload(const QByteArray &content)
    {
        const auto [body, type] = ApiFixture::form("a.txt", content);
        return m_api->send({.method = "POST",
                            .target = u"/v1/files"_s,
                            .body = body,
                            .headers = {{"Content-Type", type}}});
    }

private Q_SLOTS:
    void cleanup() { m_api.reset(); }

    void setsWhatATenantMayUse()
    {
        EngineConfig config;
        config.tenantDefaults.logDays = 30;
        m_api = ApiFixture::start({}, config);
        QVERIFY(m_api);
        const QString theirs = m_api->key(Role::Admin, u"acme"_s);
        const HttpAnswer before = m_api->get(u"/v1/tenants/acme"_s);
        QVERIFY2(before.status == 200, before.body);
        QCOMPARE(before.object()["log_days"_L1].toInt(), 30);
        QCOMPARE(before.object()["storage_bytes"_L1].toInt(), 0);
        QVERIFY(before.object()["own"_L1].toArray().isEmpty());

        const HttpAnswer set = patch(u"acme"_s,
                                     R"({"storage_bytes":1000,"log_days":0,"stranger":1})");
        QVERIFY2(set.status == 200, set.body);
        QCOMPARE(set.object()["log_days"_L1].toInt(), 0);
        QCOMPARE(set.object()["own"_L1].toArray(), QJsonArray({u"storage_bytes"_s, u"log_days"_s}));
        QVERIFY(isUuid(set.object()["updated_by"_L1].toString()));
        const HttpAnswer reset = patch(u"acme"_s, R"({"log_days":null})");
        QCOMPARE(reset.object()["log_days"_L1].toInt(), 30);
        QCOMPARE(reset.object()["own"_L1].toArray(), QJsonArray({u"storage_bytes"_s}));
        // What changes nothing is not in the audit.
        QCOMPARE(patch(u"acme"_s, R"({"storage_bytes":1000})").status, 200);
        QCOMPARE(patch(u"acme"_s, "{}").status, 200);
        const HttpAnswer audit = m_api->send({.target = u"/v1/audit"_s, .key = theirs});
        QList<QJsonObject> updates;
        for (const QJsonValue &record : audit.array()) {
            if (record["action"_L1].toString() == u"tenant.update")
                updates.append(record["details"_L1].toObject());
        }
        QCOMPARE(updates.size(), 2);
        QCOMPARE(updates[0]["before"_L1]["storage_bytes"_L1].toString(), u"default"_s);
        QCOMPARE(updates[0]["after"_L1]["storage_bytes"_L1].toInt(), 1000);

        // Their admin sees its own tenant, and sets nothing.
        const HttpAnswer own = m_api->send({.target = u"/v1/tenants"_s, .key = theirs});
        QCOMPARE(own.array().size(), 1);
        QCOMPARE(own.array()[0]["tenant_id"_L1].toString(), u"acme"_s);
        QCOMPARE(m_api->send({.target = u"/v1/tenants/local"_s, .key = theirs}).status, 404);
        QCOMPARE(patch(u"acme"_s, R"({"log_days":1})", theirs).status, 403);
        QCOMPARE(patch(u"local"_s, R"({"log_days":1})", theirs).status, 404);
        QCOMPARE(m_api->get(u"/v1/tenants"_s).array().size(), 2);
        const QString reader = m_api->key(Role::Publisher);
        QCOMPARE(m_api->send({.target = u"/v1/tenants"_s, .key = reader}).status, 403);
    }

    void refusesWhatIsNoSetting_data()
    {
        QTest::addColumn<QString>("tenant");
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<int>("status");
        QTest::newRow("text") << u"local"_s << QByteArray(R"({"log_days":"7"})") << 400;
        QTest::newRow("below") << u"local"_s << QByteArray(R"({"log_days":-1})") << 400;
        QTest::newRow("above") << u"local"_s << QByteArray(R"({"log_days":36501})") << 400;
        QTest::newRow("fraction") << u"local"_s << QByteArray(R"({"log_days":1.5})") << 400;
        QTest::newRow("no object") << u"local"_s << QByteArray("[]") << 400;
        QTest::newRow("no such tenant") << u"nobody"_s << QByteArray(R"({"log_days":1})") << 404;
    }
    void refusesWhatIsNoSetting()
    {
        QFETCH(QString, tenant);
        QFETCH(QByteArray, json);
        m_api = ApiFixture::start();
        const HttpAnswer answer = patch(tenant, json);
        QTEST(answer.status, "status");
        QVERIFY(m_api->get(u"/v1/tenants/local"_s).object()["own"_L1].toArray().isEmpty());
    }

    void holdsATenantToItsRuns()
    {
        m_api = ApiFixture::start({.publicUrl = {}, .rateLimit = {.requests = 1000}});
        QVERIFY(m_api->publish(u"hello"_s, "print('hello')"));
        QCOMPARE(patch(u"local"_s, R"({"runs_per_minute":1})").status, 200);
        QCOMPARE(m_api->post(u"/v1/executions"_s, R"({"skill":"hello"})").status, 200);
        const HttpAnswer refused = m_api->post(u"/v1/executions"_s, R"({"skill":"hello"})");
        QCOMPARE(refused.status, 429);
        QCOMPARE(refused.error(), u"rate_limited"_s);
        const int wait = refused.header("Retry-After").toInt();
        QVERIFY2(wait > 0 && wait <= 60, refused.header("Retry-After"));
        // Beside what is left of the tenant's requests.
        QVERIFY2(refused.header("RateLimit-Policy").endsWith(R"(, "runs";q=1;w=60)"),
                 refused.header("RateLimit-Policy"));
        QVERIFY2(refused.header("RateLimit").startsWith(R"("tenant";r=)"),
                 refused.header("RateLimit"));
        const QJsonValue quota = refused.object()["details"_L1][0];
        QCOMPARE(quota["quota"_L1].toString(), u"runs_per_minute"_s);
        QCOMPARE(quota["limit"_L1].toInt(), 1);
        QCOMPARE(m_api->get(u"/v1/executions"_s).array().size(), 1);
        // What is refused for another reason costs nothing.
        QCOMPARE(m_api->post(u"/v1/executions"_s, R"({"skill":"nothing"})").status, 404);
    }

    void holdsATenantToItsStorage()
    {
        m_api = ApiFixture::start();
        QVERIFY(m_api->publish(u"writer"_s,
                               "import os\n"
                               "for name, size in (('a', 100), ('b', 5000)):\n"
                               "    open(os.environ['SANDBOX_FILES_DIR'] + name, 'w').write("
                               "'x' * size)\n"));
        const qint64 used =
            m_api->get(u"/v1/tenants/local"_s).object()["stored_bytes"_L1].toInteger();
        QVERIFY(used > 0);
        const QByteArray limit = QByteArray::number(used + 1000);
        QCOMPARE(patch(u"local"_s, "{\"storage_bytes\":" + limit + '}').status, 200);
        QCOMPARE(upload(QByteArray(500, 'x')).status, 201);
        const HttpAnswer refused = upload(QByteArray(501, 'x'));
        QCOMPARE(refused.status, 413);
        QCOMPARE(refused.error(), u"too_large"_s);
        QVERIFY2(refused.body.contains("may keep " + limit), refused.body);
        QCOMPARE(refused.object()["details"_L1][0]["quota"_L1].toString(), u"storage_bytes"_s);

        // A run keeps what fits, and says what does not.
        const HttpAnswer run = m_api->post(u"/v1/executions"_s, R"({"skill":"writer"})");
        QVERIFY2(run.status == 200, run.body);
        QCOMPARE(run.object()["status"_L1].toString(), u"failed"_s);
        QCOMPARE(run.object()["reason"_L1].toString(), u"storage_quota"_s);
        QVERIFY2(run.object()["error"_L1].toString().contains(u"may keep"_s), run.body);
        QCOMPARE(run.object()["files_list"_L1].toArray(), QJsonArray({u"a"_s}));
        QCOMPARE(m_api->get(u"/v1/tenants/local"_s).object()["stored_bytes"_L1].toInteger(),
                 used + 600);
    }

    void exportsWhatCameAfter()
    {
        m_api = ApiFixture::start();
        for (int i = 0; i < 3; ++i)
            m_api->key(Role::Reader);
        const QList<QByteArray> all = m_api->get(u"/v1/audit/export"_s).body.trimmed().split('\n');
        QCOMPARE(all.size(), 4); // and the fixture's own key
        const QString second = QString::number(
            QJsonDocument::fromJson(all[1]).object()["seq"_L1].toInteger());
        const QList<QByteArray> rest =
            m_api->get(u"/v1/audit/export?after="_s + second).body.trimmed().split('\n');
        QCOMPARE(rest, all.sliced(2));
        QCOMPARE(m_api->get(u"/v1/audit?after="_s + second).array().size(), 2);
        QVERIFY(m_api->get(u"/v1/audit/export?until=2020-01-01T00:00:00Z"_s).body.isEmpty());
        QCOMPARE(m_api->get(u"/v1/audit?until=2020-01-01T00:00:00Z"_s).array().size(), 0);
        QCOMPARE(m_api->get(u"/v1/audit/export?after=x"_s).status, 400);
        QCOMPARE(m_api->get(u"/v1/audit/export?until=x"_s).status, 400);
    }

    void boundsGuessesFromAnAddress()
    {
        m_api = ApiFixture::start({.publicUrl = {}, .authFailures = 3});
        QCOMPARE(m_api->get(u"/v1/executions"_s).status, 200); // this key is known here
        const QString fresh = m_api->key(Role::Reader);
        const auto with = [&](const QString &key) {
            return m_api->send({.target = u"/v1/executions"_s, .key = key});
        };
        QCOMPARE(with(u"guess-1"_s).status, 401);
        QCOMPARE(with({}).status, 401);
        QCOMPARE(with(u"guess-2"_s).status, 401);
        const HttpAnswer refused = with(u"guess-3"_s);
        QCOMPARE(refused.status, 429);
        QCOMPARE(refused.error(), u"rate_limited"_s);
        const int wait = refused.header("Retry-After").toInt();
        QVERIFY2(wait > 0 && wait <= 20, refused.header("Retry-After"));
        // The answer says nothing of a key that was not looked at; who was known goes on.
        QCOMPARE(with(fresh).status, 429);
        QCOMPARE(m_api->get(u"/v1/executions"_s).status, 200);
        QCOMPARE(m_api->send({.target = u"/health"_s, .key = {}}).status, 200);
    }
};

QTEST_GUILESS_MAIN(TestTenantsApi)
#include "test_tenants_api.moc"
