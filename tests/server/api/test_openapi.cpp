#include "tests/server/api/api_fixture.h"

#include "engine/skill/archive.h"
#include "server/api/openapi.h"
#include "tests/server/api/described_api.h"
#include "tests/support/skill_folder.h"

#include <QSet>
#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

/// The document and the server say the same: every route is described, every operation answers as
/// described, with the members that are described and no others.
class TestOpenApi : public QObject
{
    Q_OBJECT

    using Values = QMap<QString, QString>;

    std::unique_ptr<ApiFixture> m_api;
    std::unique_ptr<DescribedApi> m_described;

    /// What `{…}` and other values of a call stand for in this store.
    struct Things {
        QString execution;
        QString file;
        QString key;
        QString filesUrl;
        QByteArray mcpSession;
    } m_things;

    QByteArray zip()
    {
        const QString archive = m_api->path(u"packed.zip"_s);
        const SkillFolder skill{.name = u"packed"_s, .files = {{u"data.bin"_s, "\x01\x02"}}};
        if (!packDirectory(skill.write(m_api->path(u"sources"_s)), archive))
            return {};
        QFile file(archive);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    /// Makes one of everything, so that there is something to show.
    void fill()
    {
        QVERIFY(m_api->publish(u"word-counter"_s,
                               "import json, os\n"
                               "open('/sandbox/out/files/report.csv', 'w').write('a,b\\n')\n"
                               "print('counting')\n"
                               "json.dump({'words': 3}, open(os.environ['SANDBOX_OUTPUT'], 'w'))\n",
                               "license: MIT\ntimeout: 20s\nresources:\n  cpu: 1\nmetadata:\n"
                               "  author: somebody\nallowed-tools: Read\nx-team: core\n",
                               {{u"schemas/input.json"_s, "{\"type\":\"object\"}"}}));
        const HttpAnswer run = m_api->post(u"/v1/executions"_s,
                                           R"({"skill":"word-counter","session_id":"notebook-7"})");
        QVERIFY2(run.object()["status"_L1] == u"success"_s, run.body);
        m_things.execution = run.object()["execution_id"_L1].toString();
        m_things.filesUrl = run.object()["files_url"_L1].toString();
        const auto [body, type] = ApiFixture::form("data.csv", "a,b\n",
                                                   {{"session_id", "notebook-7"}});
        const HttpAnswer file = m_api->send({.method = "POST",
                                             .target = u"/v1/files"_s,
                                             .body = body,
                                             .headers = {{"Content-Type", type}}});
        QVERIFY2(file.status == 201, file.body);
        m_things.file = file.object()["id"_L1].toString();
        m_things
            .key = m_api->post(u"/v1/keys"_s, R"({"name":"other"})").object()["id"_L1].toString();
        m_things.mcpSession = m_api
                                  ->post(u"/mcp"_s,
                                         R"({"jsonrpc":"2.0","id":1,"method":"initialize",)"
                                         R"("params":{"protocolVersion":"2025-11-25"}})")
                                  .header("Mcp-Session-Id");
        QVERIFY(!m_things.mcpSession.isEmpty());
        const HttpAnswer note = m_api->send(
            {.method = "POST",
             .target = u"/v1/sandbox/write-file"_s,
             .body = R"({"path":"notes/today.md","content":"# Today\n"})",
             .headers = {{"X-Session-ID", "notebook-7"}}});
        QVERIFY2(note.status == 200, note.body);
    }

    /// The values of this store for parameters whose examples are made up.
    Values valuesFor(const QString &operation) const
    {
        Values values{{u"version"_s, u"1.0.0"_s}, {u"from"_s, u"1.0.0"_s}, {u"to"_s, u"1.0.0"_s}};
        if (operation.contains(u"Execution"_s))
            values[u"id"_s] = m_things.execution;
        else if (operation.contains(u"Key"_s))
            values[u"id"_s] = m_things.key;
        else
            values[u"id"_s] = m_things.file;
        return values;
    }

    HttpCall callOf(const DescribedOperation &operation)
    {
        HttpCall call{.method = operation.method,
                      .target = operation.target(valuesFor(operation.id)),
                      .headers = operation.headers()};
        if (operation.id == u"getExecutionArchive"_s)
            call.target = m_things.filesUrl;
        if (operation.isOpen())
            call.key.clear();
        if (operation.id == u"endMcpSession"_s)
            call.headers = {{"Mcp-Session-Id", m_things.mcpSession}};
        const QStringList types = operation.bodyTypes();
        if (types.contains(u"application/zip"_s)) {
            call.body = zip();
            call.headers.emplaceBack("Content-Type", "application/zip");
        } else if (types.contains(u"multipart/form-data"_s)) {
            QByteArray type;
            std::tie(call.body, type) = ApiFixture::form("data.csv", "a,b\n1,2\n");
            call.headers.emplaceBack("Content-Type", type);
        } else if (types.contains(u"application/json"_s)) {
            call.body = operation.jsonExample();
            if (operation.id == u"setSkillTag"_s)
                call.body = R"({"version":"1.0.0"})";
        }
        return call;
    }

private Q_SLOTS:
    void init()
    {
        ServerSettings settings;
        settings.oidc.issuer = u"http://127.0.0.1:9"_s; // nobody signs in here
        settings.oidc.audience = u"urn:skillbox"_s;
        settings.oidc.clientId = u"skillbox-cli"_s;
        m_api = ApiFixture::start(settings);
        QVERIFY(m_api);
        m_described = std::make_unique<DescribedApi>(openApiDocument());
    }
    void cleanup()
    {
        m_described.reset();
        m_api.reset();
    }

    void describesEveryRoute()
    {
        QSet<QString> routes;
        const auto known = m_api->api().router().routes();
        for (const auto &[method, pattern] : known)
            routes.insert(QString::fromLatin1(method) + u' ' + QString(pattern).remove(u"..."_s));
        QSet<QString> described;
        for (const DescribedOperation &operation : m_described->operations())
            described.insert(QString::fromLatin1(operation.method) + u' ' + operation.path);
        const QStringList undescribed = QSet(routes).subtract(described).values();
        QVERIFY2(undescribed.isEmpty(), qPrintable(undescribed.join(u'\n')));
        const QStringList notThere = QSet(described).subtract(routes).values();
        QVERIFY2(notThere.isEmpty(), qPrintable(notThere.join(u'\n')));
        QVERIFY(routes.size() > 50);
    }

    void isWellFormed()
    {
        const QStringList mistakes = m_described->mistakes();
        QVERIFY2(mistakes.isEmpty(), qPrintable(mistakes.join(u'\n')));
    }

    /// Every example of a body and of an answer is valid by its own schema.
    void examplesAreValid()
    {
        const QStringList mistakes = m_described->badExamples();
        QVERIFY2(mistakes.isEmpty(), qPrintable(mistakes.join(u'\n')));
    }

    void everyOperationAnswersAsDescribed()
    {
        fill();
        if (QTest::currentTestFailed())
            return;
        // Those that take something away come last.
        QList<DescribedOperation> operations = m_described->operations();
        const QStringList last{u"setSkillTag"_s,       u"removeSkillTag"_s, u"yankSkill"_s,
                               u"unyankSkill"_s,       u"deleteSkill"_s,    u"deleteFile"_s,
                               u"deleteSessionFile"_s, u"deleteSession"_s,  u"revokeKey"_s};
        std::stable_sort(operations.begin(), operations.end(),
                         [&](const DescribedOperation &a, const DescribedOperation &b) {
                             return last.indexOf(a.id) < last.indexOf(b.id);
                         });
        QStringList mistakes;
        for (const DescribedOperation &operation : operations) {
            // Goes on for as long as the session; test_mcp_http follows it.
            if (operation.id == u"openMcpStream"_s)
                continue;
            // Ending the sandbox is ending the session, which was done.
            if (operation.id == u"deleteSandbox"_s) {
                m_api->send({.method = "POST",
                             .target = u"/v1/sandbox/write-file"_s,
                             .body = R"({"path":"a","content":"a"})",
                             .headers = {{"X-Session-ID", "notebook-7"}}});
            }
            const HttpAnswer answer = m_api->send(callOf(operation));
            mistakes += m_described->check(operation, answer);
            if (answer.status < 200 || answer.status > 299) {
                mistakes += operation.id + u" was refused: "_s + QString::number(answer.status)
                    + u' ' + QString::fromUtf8(answer.body);
            }
        }
        QVERIFY2(mistakes.isEmpty(), qPrintable(mistakes.join(u'\n')));
    }

    void everyOperationRefusesAsDescribed_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<Values>("values");
        QTest::addColumn<QByteArray>("body");
        const Values none;
        const Values unknown{{u"id"_s, u"11111111-2222-4333-8444-555555555555"_s},
                             {u"name"_s, u"nothing"_s},
                             {u"session"_s, u"nothing"_s}};
        const Values odd{{u"id"_s, u"%00"_s},      {u"name"_s, u"a%20b%FF"_s},
                         {u"version"_s, u"%22"_s}, {u"tag"_s, u"A%2F"_s},
                         {u"path"_s, u"..%2Fx"_s}, {u"session"_s, u"%25"_s}};
        QTest::newRow("without a key") << QString() << none << "{}"_ba;
        QTest::newRow("with another key") << u"sk-unknown"_s << none << "{}"_ba;
        QTest::newRow("unknown things") << u"-"_s << unknown << "{}"_ba;
        QTest::newRow("odd things") << u"-"_s << odd << "{}"_ba;
        QTest::newRow("no JSON") << u"-"_s << none << "{\"a\":"_ba;
        QTest::newRow("wrong types")
            << u"-"_s << none
            << R"({"skill":1,"name":2,"version":[],"path":{},"command":7,"file_id":8,"reason":9})"_ba;
        QTest::newRow("deep JSON") << u"-"_s << none << QByteArray(100'000, '[');
        QTest::newRow("not UTF-8") << u"-"_s << none << "{\"skill\":\"\xff\"}"_ba;
    }
    void everyOperationRefusesAsDescribed()
    {
        QFETCH(QString, key);
        QFETCH(Values, values);
        QFETCH(QByteArray, body);
        QStringList mistakes;
        for (const DescribedOperation &operation : m_described->operations()) {
            HttpCall call{.method = operation.method,
                          .target = operation.target(values),
                          .headers = operation.headers(),
                          .key = key};
            if (!operation.bodyTypes().isEmpty()) {
                call.body = body;
                call.headers.emplaceBack("Content-Type",
                                         operation.bodyTypes().contains(u"application/json"_s)
                                             ? "application/json"
                                             : "application/octet-stream");
            }
            const HttpAnswer answer = m_api->send(call);
            if (key != u"-"_s && !operation.isOpen() && answer.status != 401)
                mistakes += operation.id + u" lets everybody in"_s;
            // What is no proper path is refused before any operation is found.
            if (!values.isEmpty() && answer.status == 400 && !operation.describes(400)
                && answer.error() == u"bad_request"_s)
                continue;
            mistakes += m_described->check(operation, answer);
        }
        QVERIFY2(mistakes.isEmpty(), qPrintable(mistakes.join(u'\n')));
    }

    // --- How it is served

    void isServedWithAnETag_data()
    {
        QTest::addColumn<QString>("target");
        QTest::addColumn<QByteArray>("type");
        QTest::newRow("document") << u"/openapi.json"_s << "application/json; charset=utf-8"_ba;
        QTest::newRow("page") << u"/docs"_s << "text/html; charset=utf-8"_ba;
        QTest::newRow("style") << u"/docs/docs.css"_s << "text/css; charset=utf-8"_ba;
        QTest::newRow("script") << u"/docs/docs.js"_s << "text/javascript; charset=utf-8"_ba;
    }
    void isServedWithAnETag()
    {
        QFETCH(QString, target);
        QFETCH(QByteArray, type);
        const HttpAnswer whole = m_api->send({.target = target, .key = {}});
        QCOMPARE(whole.status, 200);
        QCOMPARE(whole.header("Content-Type"), type);
        QVERIFY(whole.body.size() > 500);
        QVERIFY2(whole.header("Content-Security-Policy").startsWith("default-src 'none'"),
                 whole.header("Content-Security-Policy"));
        QByteArray etag = whole.header("ETag");
        if (etag.startsWith("W/")) // it came packed
            etag.remove(0, 2);
        QVERIFY2(etag.size() > 10 && etag.startsWith('"'), etag);
        for (const QByteArray &field : {etag, "W/" + etag, "\"x\", " + etag, "*"_ba}) {
            const HttpAnswer known = m_api->send(
                {.target = target, .headers = {{"If-None-Match", field}}, .key = {}});
            QCOMPARE(known.status, 304);
            QVERIFY(known.body.isEmpty());
        }
        QCOMPARE(m_api->send({.target = target, .headers = {{"If-None-Match", "\"x\""}}, .key = {}})
                     .status,
                 200);
    }

    /// The page needs nothing from elsewhere: every address in it is the server's own.
    void thePageStandsAlone()
    {
        for (const QString &target : {u"/docs"_s, u"/docs/docs.css"_s, u"/docs/docs.js"_s}) {
            const QByteArray text = m_api->send({.target = target, .key = {}}).body;
            QVERIFY2(!text.contains("http://") || target == u"/docs/docs.js"_s, qPrintable(target));
            QVERIFY2(!text.contains("https://"), qPrintable(target));
            QVERIFY2(!text.contains("@import") && !text.contains("innerHTML"), qPrintable(target));
        }
        const QByteArray page = m_api->send({.target = u"/docs"_s, .key = {}}).body;
        QVERIFY(!page.contains("<style") && !page.contains(" style="));
        QVERIFY(!page.contains("<script>"));
    }
};

QTEST_GUILESS_MAIN(TestOpenApi)

#include "test_openapi.moc"
