#include "tests/server/api/api_fixture.h"

#include <QElapsedTimer>
#include <QNetworkReply>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;
using namespace skillbox::test;

/// Sessions and the interactive sandbox: the same files seen from both.
class SandboxApiTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_api = ApiFixture::start();
        QVERIFY(m_api);
    }
    void cleanupTestCase() { m_api.reset(); }

    void needsASessionName_data();
    void needsASessionName();
    void commandsKeepTheirFiles();
    void commandsSayHowTheyEnded();
    void writesReadsAndAppends();
    void bytesGoAsBase64();
    void pathsStayBelowTheSession_data();
    void pathsStayBelowTheSession();
    void listsByDepth();
    void movesFilesInAndOut();
    void takesASkillsFiles();
    void refusesBadBodies_data();
    void refusesBadBodies();
    void sessionFilesAreRead();
    void runsShareTheSession();
    void sessionsEnd();
    void tenantsDoNotMeet();
    void aServerThatGoesEndsItsCommands();

private:
    HttpAnswer call(const QString &what, const QByteArray &json, const QByteArray &session = "s1")
    {
        return m_api->post(u"/v1/sandbox/"_s + what, json, {{"X-Session-ID", session}});
    }
    HttpAnswer command(const QByteArray &text, const QByteArray &session = "s1")
    {
        return call(u"execute"_s,
                    QJsonDocument(QJsonObject{{"command"_L1, QString::fromUtf8(text)}}).toJson(),
                    session);
    }
    std::unique_ptr<ApiFixture> m_api;
};

void SandboxApiTest::needsASessionName_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::newRow("none") << QByteArray();
    QTest::newRow("dots") << QByteArray("..");
    QTest::newRow("slash") << QByteArray("a/b");
    QTest::newRow("long") << QByteArray(129, 'x');
    QTest::newRow("space") << QByteArray("a b");
}

void SandboxApiTest::needsASessionName()
{
    QFETCH(QByteArray, header);
    for (const QString &what :
         {u"execute"_s, u"read-file"_s, u"write-file"_s, u"list-dir"_s, u"upload-file"_s,
          u"download-file"_s, u"upload-skill"_s, u"sync"_s}) {
        QList<std::pair<QByteArray, QByteArray>> headers;
        if (!header.isEmpty())
            headers = {{"X-Session-ID", header}};
        const HttpAnswer answer = m_api->post(u"/v1/sandbox/"_s + what, "{}", headers);
        QVERIFY2(answer.status == 400, qPrintable(what));
        QVERIFY2(answer.body.contains("X-Session-ID"), answer.body.constData());
    }
}

void SandboxApiTest::commandsKeepTheirFiles()
{
    const HttpAnswer first = command("mkdir -p sub && echo hello > sub/file && pwd");
    QVERIFY2(first.status == 200, first.body.constData());
    QCOMPARE(first.object().value("stdout"_L1).toString(), u"/sandbox/session\n"_s);
    QCOMPARE(first.object().value("stderr"_L1).toString(), QString());
    QCOMPARE(first.object().value("exit_code"_L1).toInt(-1), 0);
    const HttpAnswer second = call(u"execute"_s, R"({"command":"cat file","workdir":"sub"})");
    QCOMPARE(second.object().value("stdout"_L1).toString(), u"hello\n"_s);
    QCOMPARE(command("cat sub/file", "another").object().value("exit_code"_L1).toInt(), 1);
}

void SandboxApiTest::commandsSayHowTheyEnded()
{
    const QJsonObject failing = command("echo out; echo err >&2; exit 7").object();
    QCOMPARE(failing.value("stdout"_L1).toString(), u"out\n"_s);
    QCOMPARE(failing.value("stderr"_L1).toString(), u"err\n"_s);
    QCOMPARE(failing.value("exit_code"_L1).toInt(), 7);
    const QJsonObject slow = call(u"execute"_s, R"({"command":"sleep 30","timeout_ms":300})")
                                 .object();
    QCOMPARE(slow.value("timed_out"_L1).toBool(), true);
    QVERIFY(slow.value("exit_code"_L1).toInt() != 0);
}

void SandboxApiTest::writesReadsAndAppends()
{
    const HttpAnswer written = call(u"write-file"_s,
                                    R"({"path":"/sandbox/session/notes/a.txt","content":"one\n"})");
    QVERIFY2(written.status == 200, written.body.constData());
    QVERIFY2(written.body.startsWith(
                 "{\"path\":\"/sandbox/session/notes/a.txt\",\"size_bytes\":4,"),
             written.body.constData());
    QCOMPARE(
        call(u"write-file"_s, R"({"path":"notes/a.txt","content":"two\n","append":true})").status,
        200);
    QCOMPARE(call(u"read-file"_s, R"({"path":"notes/a.txt"})").body,
             "{\"path\":\"/sandbox/session/notes/a.txt\",\"content\":\"one\\ntwo\\n\","
             "\"size_bytes\":8}");
    QCOMPARE(
        call(u"write-file"_s, R"({"path":"notes/new.txt","content":"x","append":true})").status,
        200);
    QCOMPARE(call(u"read-file"_s, R"({"path":"notes/none.txt"})").status, 404);
    QCOMPARE(command("cat notes/a.txt").object().value("stdout"_L1).toString(), u"one\ntwo\n"_s);
}

void SandboxApiTest::bytesGoAsBase64()
{
    const QByteArray bytes("\0\xff\x01binary", 9);
    QCOMPARE(call(u"write-file"_s,
                  "{\"path\":\"b.bin\",\"encoding\":\"base64\",\"content\":\"" + bytes.toBase64()
                      + "\"}")
                 .status,
             200);
    const QJsonObject read = call(u"read-file"_s, R"({"path":"b.bin"})").object();
    QCOMPARE(read.value("encoding"_L1).toString(), u"base64"_s);
    QCOMPARE(QByteArray::fromBase64(read.value("content"_L1).toString().toLatin1()), bytes);
    QCOMPARE(call(u"write-file"_s, R"({"path":"b","encoding":"base64","content":"?"})").status,
             400);
    QCOMPARE(call(u"write-file"_s, R"({"path":"b","encoding":"ebcdic","content":""})").status, 400);
}

void SandboxApiTest::pathsStayBelowTheSession_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::newRow("parent") << QByteArray("../x");
    QTest::newRow("parent inside") << QByteArray("a/../../x");
    QTest::newRow("absolute") << QByteArray("/etc/passwd");
    QTest::newRow("prefix that only looks like it") << QByteArray("/sandbox/sessionx/a");
    QTest::newRow("parent after the prefix") << QByteArray("/sandbox/session/../input.json");
    QTest::newRow("the session itself") << QByteArray("/sandbox/session/");
    QTest::newRow("nothing") << QByteArray("");
    QTest::newRow("control character") << QByteArray("a\\u0001b");
    QTest::newRow("NUL") << QByteArray("a\\u0000b");
    QTest::newRow("too long") << QByteArray(5000, 'x');
}

void SandboxApiTest::pathsStayBelowTheSession()
{
    QFETCH(QByteArray, path);
    for (const QString &what : {u"read-file"_s, u"write-file"_s, u"download-file"_s}) {
        const HttpAnswer answer = call(what, "{\"path\":\"" + path + "\",\"content\":\"x\"}");
        QVERIFY2(answer.status == 400, QByteArray::number(answer.status) + answer.body);
    }
}

void SandboxApiTest::listsByDepth()
{
    for (const QByteArray path : {"a.txt", "d/b.txt", "d/e/c.txt"})
        call(u"write-file"_s, "{\"path\":\"" + path + "\",\"content\":\"xy\"}", "listing");
    const auto listed = [&](const QByteArray &json) {
        QStringList entries;
        for (const QJsonValue &entry :
             call(u"list-dir"_s, json, "listing").object().value("entries"_L1).toArray()) {
            const QJsonObject object = entry.toObject();
            entries.append(object.value("type"_L1).toString().left(1) + u':'
                           + object.value("path"_L1).toString().sliced(17));
        }
        return entries.join(u' ');
    };
    QCOMPARE(listed("{}"), u"f:a.txt d:d"_s);
    QCOMPARE(listed(R"({"max_depth":2})"), u"f:a.txt d:d f:d/b.txt d:d/e"_s);
    QCOMPARE(listed(R"({"path":"/sandbox/session","max_depth":9})"),
             u"f:a.txt d:d f:d/b.txt d:d/e f:d/e/c.txt"_s);
    QCOMPARE(listed(R"({"path":"d/e"})"), u"f:d/e/c.txt"_s);
    QCOMPARE(call(u"list-dir"_s, R"({"path":"nowhere"})", "listing").status, 404);
    QCOMPARE(call(u"list-dir"_s, R"({"max_depth":0})", "listing").status, 400);
    QCOMPARE(call(u"list-dir"_s, "{}", "never-used").object().value("entries"_L1).toArray(),
             QJsonArray());
}

void SandboxApiTest::movesFilesInAndOut()
{
    const auto [body, type] = ApiFixture::form("data.bin", "from a form", {{"path", "in/"}});
    const HttpAnswer uploaded = m_api->send(
        {.method = "POST",
         .target = u"/v1/sandbox/upload-file"_s,
         .body = body,
         .headers = {{"Content-Type", type}, {"X-Session-ID", "moving"}}});
    QVERIFY2(uploaded.status == 200, uploaded.body.constData());
    QCOMPARE(uploaded.object().value("path"_L1).toString(), u"/sandbox/session/in/data.bin"_s);
    const HttpAnswer down = call(u"download-file"_s, R"({"path":"in/data.bin"})", "moving");
    QCOMPARE(down.body, "from a form");
    QCOMPARE(down.header("Content-Disposition"), "attachment; filename=\"data.bin\"");

    const auto [fileBody, fileType] = ApiFixture::form("stored.txt", "stored");
    const QString id = m_api
                           ->send({.method = "POST",
                                   .target = u"/v1/files"_s,
                                   .body = fileBody,
                                   .headers = {{"Content-Type", fileType}}})
                           .object()
                           .value("id"_L1)
                           .toString();
    const HttpAnswer taken = call(u"upload-file"_s, "{\"file_id\":\"" + id.toLatin1() + "\"}",
                                  "moving");
    QCOMPARE(taken.object().value("path"_L1).toString(), u"/sandbox/session/stored.txt"_s);
    QCOMPARE(command("cat stored.txt", "moving").object().value("stdout"_L1).toString(),
             u"stored"_s);
    QCOMPARE(call(u"upload-file"_s, R"({"file_id":"x"})", "moving").status, 404);

    const QJsonObject synced = call(u"sync"_s, "{}", "moving").object();
    QCOMPARE(synced.value("session_id"_L1).toString(), u"moving"_s);
    QCOMPARE(synced.value("files"_L1).toArray().size(), 2);
    QCOMPARE(synced.value("size_bytes"_L1).toInt(), 17);
}

void SandboxApiTest::takesASkillsFiles()
{
    QVERIFY(m_api->publish(u"tool"_s, "print('tool')\n", {}, {{u"data/table.txt"_s, "t"}}));
    const HttpAnswer answer = call(u"upload-skill"_s, R"({"skill":"tool"})", "skilled");
    QVERIFY2(answer.status == 200, answer.body.constData());
    QCOMPARE(answer.object().value("path"_L1).toString(), u"/sandbox/session/skills/tool"_s);
    QCOMPARE(answer.object().value("version"_L1).toString(), u"1.0.0"_s);
    QCOMPARE(command("python3 skills/tool/main.py && cat skills/tool/data/table.txt", "skilled")
                 .object()
                 .value("stdout"_L1)
                 .toString(),
             u"tool\nt"_s);
    QCOMPARE(call(u"upload-skill"_s, R"({"skill":"none"})", "skilled").status, 404);
}

void SandboxApiTest::refusesBadBodies_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("execute nothing") << u"execute"_s << QByteArray("{}");
    QTest::newRow("execute number") << u"execute"_s << QByteArray(R"({"command":1})");
    QTest::newRow("timeout text") << u"execute"_s
                                  << QByteArray(R"({"command":"true","timeout_ms":"1s"})");
    QTest::newRow("negative timeout")
        << u"execute"_s << QByteArray(R"({"command":"true","timeout_ms":-1})");
    QTest::newRow("workdir outside")
        << u"execute"_s << QByteArray(R"({"command":"true","workdir":"/etc"})");
    QTest::newRow("append text") << u"write-file"_s
                                 << QByteArray(R"({"path":"a","content":"","append":"yes"})");
    QTest::newRow("malformed") << u"read-file"_s << QByteArray("{");
    QTest::newRow("empty") << u"read-file"_s << QByteArray();
}

void SandboxApiTest::refusesBadBodies()
{
    QFETCH(QString, what);
    QFETCH(QByteArray, body);
    const HttpAnswer answer = call(what, body);
    QVERIFY2(answer.status == 400, QByteArray::number(answer.status) + answer.body);
    QCOMPARE(answer.error(), u"bad_request"_s);
}

void SandboxApiTest::sessionFilesAreRead()
{
    call(u"write-file"_s, R"({"path":"deep/er/ü.txt","content":"text"})", "seen");
    const HttpAnswer list = m_api->get(u"/v1/sessions/seen/files"_s);
    QCOMPARE(list.status, 200);
    QVERIFY2(list.body.startsWith("[{\"path\":\"deep/er/ü.txt\",\"size_bytes\":4,\"updated_at\":"),
             list.body.constData());
    const QString target = u"/v1/sessions/seen/files/deep/er/%C3%BC.txt"_s;
    const HttpAnswer file = m_api->get(target);
    QCOMPARE(file.body, "text");
    QVERIFY(file.header("Content-Security-Policy").contains("sandbox"));
    QCOMPARE(m_api->send({.method = "DELETE", .target = target}).status, 204);
    QCOMPARE(m_api->send({.method = "DELETE", .target = target}).status, 404);
    QCOMPARE(m_api->get(target).status, 404);
    QCOMPARE(m_api->get(u"/v1/sessions/never/files"_s).body, "[]");
}

void SandboxApiTest::runsShareTheSession()
{
    QVERIFY(m_api->publish(u"counter"_s,
                           "import os\np = os.environ['SANDBOX_SESSION_DIR'] + 'count'\n"
                           "n = int(open(p).read()) + 1 if os.path.exists(p) else 1\n"
                           "open(p, 'w').write(str(n))\nprint(n)\n"));
    for (const char *wanted : {"1\n", "2\n"}) {
        const HttpAnswer run = m_api->post(u"/v1/executions"_s,
                                           R"({"skill":"counter","session_id":"shared"})");
        QCOMPARE(run.object().value("logs"_L1).toString(), QString::fromLatin1(wanted));
    }
    QCOMPARE(m_api->get(u"/v1/sessions/shared/files/count"_s).body, "2");
    QCOMPARE(command("cat count", "shared").object().value("stdout"_L1).toString(), u"2"_s);
}

void SandboxApiTest::sessionsEnd()
{
    call(u"write-file"_s, R"({"path":"a","content":"x"})", "ending");
    // The sandbox's end leaves the files for whoever fetches them afterwards.
    QCOMPARE(m_api->send({.method = "DELETE", .target = u"/v1/sandbox/ending"_s}).status, 204);
    QCOMPARE(m_api->get(u"/v1/sessions/ending/files/a"_s).status, 200);
    QCOMPARE(m_api->send({.method = "DELETE", .target = u"/v1/sessions/ending"_s}).status, 204);
    QCOMPARE(m_api->get(u"/v1/sessions/ending/files/a"_s).status, 404);
    QCOMPARE(m_api->send({.method = "DELETE", .target = u"/v1/sessions/ending"_s}).status, 404);
}

void SandboxApiTest::tenantsDoNotMeet()
{
    call(u"write-file"_s, R"({"path":"mine","content":"x"})", "common-name");
    const QString other = m_api->key(Role::Admin, u"other"_s);
    QCOMPARE(m_api->send({.target = u"/v1/sessions/common-name/files"_s, .key = other}).body, "[]");
    QCOMPARE(m_api->send({.target = u"/v1/sessions/common-name/files/mine"_s, .key = other}).status,
             404);
    const HttpAnswer seen = m_api->send({.method = "POST",
                                         .target = u"/v1/sandbox/execute"_s,
                                         .body = R"({"command":"ls"})",
                                         .headers = {{"X-Session-ID", "common-name"}},
                                         .key = other});
    QCOMPARE(seen.object().value("stdout"_L1).toString(), QString());
}

/// Whether a process with this argument runs on the machine.
static bool runsSomethingWith(const QByteArray &argument)
{
    const QStringList processes = QDir(u"/proc"_s).entryList({u"[0-9]*"_s}, QDir::Dirs);
    return std::any_of(processes.begin(), processes.end(), [&](const QString &pid) {
        QFile file(u"/proc/"_s + pid + u"/cmdline"_s);
        return file.open(QIODevice::ReadOnly) && file.readAll().split('\0').contains(argument);
    });
}

void SandboxApiTest::aServerThatGoesEndsItsCommands()
{
    const auto api = ApiFixture::start();
    QVERIFY(api);
    const QByteArray seconds = "271" + QByteArray::number(QCoreApplication::applicationPid());
    const std::unique_ptr<QNetworkReply> reply(
        api->begin({.method = "POST",
                    .target = u"/v1/sandbox/execute"_s,
                    .body = R"({"timeout_ms":60000,"command":"sleep )" + seconds + "\"}",
                    .headers = {{"X-Session-ID", "s"}}}));
    QTRY_VERIFY_WITH_TIMEOUT(runsSomethingWith(seconds), 20'000);
    QElapsedTimer timer;
    timer.start();
    api->stopServer();
    QVERIFY2(timer.elapsed() < 20'000, QByteArray::number(timer.elapsed()));
    QVERIFY(!runsSomethingWith(seconds));
    // The engine is another server's next: its shell goes on.
    const auto after = api->engine().shell().execute(localTenant(), u"s"_s, u"echo on"_s, {}, {},
                                                     {});
    QVERIFY(after);
    QCOMPARE(after->standardOutput, u"on\n"_s);
}

QTEST_GUILESS_MAIN(SandboxApiTest)
#include "test_sandbox_api.moc"
