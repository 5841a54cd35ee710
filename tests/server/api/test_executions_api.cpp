#include "tests/server/api/api_fixture.h"

#include <QNetworkReply>
#include <QProcess>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;
using namespace skillbox::test;

namespace {

/// Gives its input back, says something on both streams and leaves a file.
const QByteArray echoScript = R"(import json, os, sys
print("to stdout")
data = json.load(open("/sandbox/input.json"))
json.dump({"got": data, "float": 1.0}, open(os.environ["SANDBOX_OUTPUT"], "w"))
os.makedirs(os.environ["SANDBOX_FILES_DIR"] + "a b", exist_ok=True)
open(os.environ["SANDBOX_FILES_DIR"] + "a b/ü.txt", "w").write("artifact")
open(os.environ["SANDBOX_FILES_DIR"] + "page.html", "w").write("<script>1</script>")
)";

const QByteArray waitScript = "import time\nprint('waiting', flush=True)\ntime.sleep(60)\n";

QByteArray member(const HttpAnswer &answer, QLatin1StringView name)
{
    return answer.object().value(name).toString().toUtf8();
}

} // namespace

class ExecutionsApiTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase() { m_api.reset(); }

    void answersWhenTheRunHasEnded();
    void inputComesBackByteForByte();
    void recordsWhatFails();
    void refusesBadRequests_data();
    void refusesBadRequests();
    void hidesWhatIsNotTheTenants();
    void respondsAsyncWhenPreferred();
    void aClientThatLeavesDoesNotCancel();
    void cancelEndsTheRunAndIsIdempotent();
    void sameIdempotencyKeyReplays();
    void asyncIdempotencyKeyReplays();
    void idempotencyKeyOfARunningRequestConflicts();
    void idempotencyKeyOfARefusedRequestIsFree();
    void listsNewestFirstInPages();
    void listFiltersBy_data();
    void listFiltersBy();
    void oneArtifactWithRange();
    void artifactNamesDoNotBreakHeaders();
    void filesUrlNeedsNoHeaders();
    void filesUrlIsOnThePublicBase();
    void refusesForgedLinks_data();
    void refusesForgedLinks();
    void rateLimitsATenant();

private:
    HttpAnswer run(const QByteArray &body,
                   const QList<std::pair<QByteArray, QByteArray>> &headers = {})
    {
        return m_api->post(u"/v1/executions"_s, body, headers);
    }
    bool waitUntil(const QString &id, const QByteArray &status)
    {
        return QTest::qWaitFor(
            [&] { return member(m_api->get(u"/v1/executions/"_s + id), "status"_L1) == status; },
            20'000);
    }
    std::unique_ptr<ApiFixture> m_api;
};

void ExecutionsApiTest::initTestCase()
{
    m_api = ApiFixture::start();
    QVERIFY(m_api);
    QVERIFY(m_api->publish(u"echo"_s, echoScript));
    QVERIFY(m_api->publish(u"quick"_s, "print('done')\n"));
    QVERIFY(
        m_api->publish(u"failing"_s, "import sys\nprint('why', file=sys.stderr)\nsys.exit(3)\n"));
    QVERIFY(m_api->publish(u"waiting"_s, waitScript));
}

void ExecutionsApiTest::answersWhenTheRunHasEnded()
{
    const HttpAnswer answer = run(R"({"skill":"echo","input":{"a":1},"unknown":[1]})");
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.header("Content-Type"), "application/json; charset=utf-8");
    const QByteArray id = member(answer, "execution_id"_L1);
    QVERIFY(isUuid(QString::fromUtf8(id)));
    const QByteArray start = "{\"execution_id\":\"" + id
        + "\",\"status\":\"success\",\"output\":{\"got\":{\"a\":1},\"float\":1.0},\"files_url\":\""
          "http://127.0.0.1:";
    QVERIFY2(answer.body.startsWith(start), answer.body.constData());
    const QByteArray middle = "\"files_list\":[\"a b/ü.txt\",\"page.html\"],"
                              "\"logs\":\"to stdout\\n\",\"duration_ms\":";
    QVERIFY2(answer.body.contains(middle), answer.body.constData());
    QVERIFY2(answer.body.contains("\"error\":null"), answer.body.constData());
    QVERIFY(answer.object().contains("sandbox"_L1));

    const HttpAnswer read = m_api->get(u"/v1/executions/"_s + QString::fromUtf8(id));
    QCOMPARE(read.status, 200);
    QVERIFY2(read.body.startsWith(start), read.body.constData());
    QVERIFY2(read.body.contains("\"skill_name\":\"echo\",\"skill_version\":\"1.0.0\","
                                "\"tenant_id\":\"local\",\"input\":{\"a\":1},\"created_at\":\"20"),
             read.body.constData());
    const HttpAnswer logs = m_api->get(u"/v1/executions/%1/logs"_s.arg(QString::fromUtf8(id)));
    QCOMPARE(logs.status, 200);
    QCOMPARE(logs.header("Content-Type"), "text/plain; charset=utf-8");
    QCOMPARE(logs.body, "to stdout\n");
}

void ExecutionsApiTest::inputComesBackByteForByte()
{
    const QByteArray input = R"({"z":1.0,"a":12345678901234567890,"e":1e2,"u":"é\u0001"})";
    const HttpAnswer answer = run("{\"skill\": \"quick\", \"input\": " + input + " }");
    const HttpAnswer read = m_api->get(u"/v1/executions/"_s
                                       + QString::fromUtf8(member(answer, "execution_id"_L1)));
    QVERIFY2(read.body.contains("\"input\":" + input), read.body.constData());
}

void ExecutionsApiTest::recordsWhatFails()
{
    const HttpAnswer failing = run(R"({"skill":"failing"})");
    QCOMPARE(failing.status, 200);
    QCOMPARE(member(failing, "status"_L1), "failed");
    QCOMPARE(member(failing, "error"_L1), "command exited with code 3");
    QCOMPARE(member(failing, "logs"_L1), "why\n");
    QCOMPARE(failing.object().value("exit_code"_L1).toInt(), 3);

    const HttpAnswer version = run(R"({"skill":"quick","version":"9.9.9"})");
    QCOMPARE(version.status, 200);
    QCOMPARE(member(version, "status"_L1), "failed");
    QVERIFY(!version.object().value("error"_L1).toString().isEmpty());

    const HttpAnswer timeout = run(R"({"skill":"waiting","timeout":"300ms"})");
    QCOMPARE(timeout.status, 200);
    QCOMPARE(member(timeout, "status"_L1), "timeout");
    QCOMPARE(member(timeout, "logs"_L1), "waiting\n");

    const HttpAnswer variable = run(R"({"skill":"quick","env":{"LD_PRELOAD":"x"}})");
    QCOMPARE(variable.status, 200);
    QCOMPARE(member(variable, "error"_L1), "env var \"LD_PRELOAD\" is not allowed");
}

void ExecutionsApiTest::refusesBadRequests_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("slug");
    QTest::addColumn<QString>("message");
    const auto row = [](const char *name, const QByteArray &body, int status, const QString &slug,
                        const QString &message) {
        QTest::newRow(name) << body << status << slug << message;
    };
    const QString bad = u"bad_request"_s;
    row("empty", "", 400, bad, u"the body is empty"_s);
    row("cut off", "{\"skill\":\"quick\"", 400, bad, u"line 1, column 17"_s);
    row("second line", "{\n\"skill\": nope}", 400, bad, u"line 2, column"_s);
    row("array", "[]", 400, bad, u"must be a JSON object"_s);
    row("too deep", "{\"input\":" + QByteArray(100'000, '['), 400, bad, u"nested deeper"_s);
    row("invalid UTF-8", "{\"skill\":\"\xff\"}", 400, bad, u"not valid JSON"_s);
    row("no skill", "{}", 400, bad, u"skill is missing"_s);
    row("null skill", R"({"skill":null})", 400, bad, u"skill is missing"_s);
    row("number as skill", R"({"skill":7})", 400, bad, u"skill must be a string"_s);
    row("bad name", R"({"skill":"../etc"})", 400, bad, u"name"_s);
    row("bad version", R"({"skill":"quick","version":"x y"})", 400, bad, u"version"_s);
    row("env list", R"({"skill":"quick","env":[]})", 400, bad, u"env must be an object"_s);
    row("env number", R"({"skill":"quick","env":{"A":1}})", 400, bad,
        u"env[\"A\"] must be a string"_s);
    row("file number", R"({"skill":"quick","input_files":["x","y",3]})", 400, bad,
        u"input_files[2] must be a string"_s);
    row("timeout", R"({"skill":"quick","timeout":"soon"})", 400, bad, u"timeout"_s);
    row("session", R"({"skill":"quick","session_id":"../x"})", 400, bad, u"session_id"_s);
    row("file that is no id", R"({"skill":"quick","input_files":["x"]})", 404, u"not_found"_s,
        u"file"_s);
    row("file that is not there",
        R"({"skill":"quick","input_files":["00000000-0000-4000-8000-000000000000"]})", 404,
        u"not_found"_s, u"file"_s);
    row("no such skill", R"({"skill":"nothing"})", 404, u"not_found"_s, u"nothing"_s);
}

void ExecutionsApiTest::refusesBadRequests()
{
    QFETCH(QByteArray, body);
    QFETCH(int, status);
    QFETCH(QString, slug);
    QFETCH(QString, message);
    const auto before = m_api->engine().executions().list(localTenant(), {.limit = 1});
    const HttpAnswer answer = run(body);
    QVERIFY2(answer.status == status, answer.body.constData());
    QCOMPARE(answer.error(), slug);
    QCOMPARE(answer.header("Content-Type"), "application/problem+json; charset=utf-8");
    QVERIFY2(answer.object().value("message"_L1).toString().contains(message),
             answer.body.constData());
    QCOMPARE(answer.object().value("instance"_L1).toString(), u"/v1/executions"_s);
    QCOMPARE(answer.object().value("request_id"_L1).toString().toLatin1(),
             answer.header("X-Request-ID"));
    const auto after = m_api->engine().executions().list(localTenant(), {.limit = 1});
    QCOMPARE(after->value(0).id.value, before->value(0).id.value);
}

void ExecutionsApiTest::hidesWhatIsNotTheTenants()
{
    const QString id = QString::fromUtf8(member(run(R"({"skill":"echo"})"), "execution_id"_L1));
    const QString other = m_api->key(Role::Admin, u"other"_s);
    const QStringList targets{u"/v1/executions/"_s + id, u"/v1/executions/%1/logs"_s.arg(id),
                              u"/v1/executions/%1/logs?follow=1"_s.arg(id),
                              u"/v1/executions/%1/events"_s.arg(id),
                              u"/v1/executions/%1/files/page.html"_s.arg(id)};
    for (const QString &target : targets) {
        const HttpAnswer answer = m_api->send({.target = target, .key = other});
        QVERIFY2(answer.status == 404, qPrintable(target));
        QCOMPARE(answer.error(), u"not_found"_s);
    }
    QCOMPARE(m_api
                 ->send({.method = "POST",
                         .target = u"/v1/executions/%1/cancel"_s.arg(id),
                         .key = other})
                 .status,
             404);
    QCOMPARE(m_api->send({.target = u"/v1/executions"_s, .key = other}).body, "[]");
    for (const QString &none : {u"x"_s, u"00000000-0000-4000-8000-000000000000"_s, u"%00"_s}) {
        const int status = m_api->get(u"/v1/executions/"_s + none).status;
        QVERIFY2(status == 404 || (none == u"%00"_s && status == 400), qPrintable(none));
    }
}

void ExecutionsApiTest::respondsAsyncWhenPreferred()
{
    const HttpAnswer answer = run(R"({"skill":"quick"})", {{"Prefer", "respond-async, wait=5"}});
    QCOMPARE(answer.status, 202);
    const QByteArray id = member(answer, "execution_id"_L1);
    QCOMPARE(answer.body, "{\"execution_id\":\"" + id + "\",\"status\":\"queued\"}");
    QCOMPARE(answer.header("Location"), "/v1/executions/" + id);
    QCOMPARE(answer.header("Preference-Applied"), "respond-async");
    QVERIFY(waitUntil(QString::fromUtf8(id), "success"));
}

void ExecutionsApiTest::aClientThatLeavesDoesNotCancel()
{
    QVERIFY(m_api->publish(u"slow"_s, "import time\ntime.sleep(0.5)\nprint('finished')\n"));
    const std::unique_ptr<QNetworkReply> reply(m_api->begin(
        {.method = "POST", .target = u"/v1/executions"_s, .body = R"({"skill":"slow"})"}));
    QString id;
    QVERIFY(QTest::qWaitFor(
        [&] {
            const auto rows = m_api->engine().executions().list(localTenant(),
                                                                {.skill = u"slow"_s});
            if (rows && !rows->isEmpty() && rows->first().status == ExecutionStatus::Running)
                id = rows->first().id.value;
            return !id.isEmpty();
        },
        10'000));
    reply->abort();
    QVERIFY(waitUntil(id, "success"));
    QCOMPARE(m_api->get(u"/v1/executions/%1/logs"_s.arg(id)).body, "finished\n");
}

void ExecutionsApiTest::cancelEndsTheRunAndIsIdempotent()
{
    const QString id = QString::fromUtf8(
        member(run(R"({"skill":"waiting"})", {{"Prefer", "respond-async"}}), "execution_id"_L1));
    QVERIFY(waitUntil(id, "running"));
    const QString cancel = u"/v1/executions/%1/cancel"_s.arg(id);
    const HttpAnswer answer = m_api->send(
        {.method = "POST", .target = cancel, .headers = {{"X-Request-ID", "request-9"}}});
    QCOMPARE(answer.status, 202);
    QCOMPARE(member(answer, "execution_id"_L1), id.toUtf8());
    QVERIFY(waitUntil(id, "cancelled"));
    const HttpAnswer again = m_api->send({.method = "POST", .target = cancel});
    QCOMPARE(again.status, 202);
    QCOMPARE(member(again, "status"_L1), "cancelled");

    // Who asked is in the audit, once: the second had nothing to stop.
    QJsonArray asked;
    const QJsonArray audit = m_api->get(u"/v1/audit"_s).array();
    for (const QJsonValue &record : audit) {
        if (record["action"_L1] == "execution.cancel"_L1 && record["target"_L1] == id)
            asked.append(record);
    }
    QCOMPARE(asked.size(), 1);
    QCOMPARE(asked[0]["request_id"_L1].toString(), u"request-9"_s);
    QCOMPARE(asked[0]["address"_L1].toString(), u"127.0.0.1"_s);
    QVERIFY(isUuid(asked[0]["actor"_L1].toString())); // the key
}

void ExecutionsApiTest::sameIdempotencyKeyReplays()
{
    const QByteArray body = R"({"skill":"echo","input":{"n":1}})";
    const HttpAnswer first = run(body, {{"Idempotency-Key", "once"}});
    QCOMPARE(first.status, 200);
    QVERIFY(first.header("Idempotent-Replayed").isEmpty());
    const HttpAnswer second = run(body, {{"Idempotency-Key", "once"}});
    QCOMPARE(second.status, 200);
    QCOMPARE(second.header("Idempotent-Replayed"), "true");
    QCOMPARE(member(second, "execution_id"_L1), member(first, "execution_id"_L1));
    QCOMPARE(second.object().value("output"_L1), first.object().value("output"_L1));

    const HttpAnswer other = run(R"({"skill":"echo","input":{"n":2}})",
                                 {{"Idempotency-Key", "once"}});
    QCOMPARE(other.status, 422);
    QCOMPARE(other.error(), u"idempotency_key_reused"_s);
    // Another tenant's key of the same text is another key.
    const HttpAnswer stranger = m_api->send({.method = "POST",
                                             .target = u"/v1/executions"_s,
                                             .body = body,
                                             .headers = {{"Idempotency-Key", "once"}},
                                             .key = m_api->key(Role::Admin, u"other"_s)});
    QCOMPARE(stranger.status, 404); // it has no such skill: it was really tried
    QCOMPARE(run(body, {{"Idempotency-Key", QByteArray(256, 'k')}}).status, 400);
}

void ExecutionsApiTest::asyncIdempotencyKeyReplays()
{
    const QList<std::pair<QByteArray, QByteArray>> headers{{"Idempotency-Key", "later"},
                                                           {"Prefer", "respond-async"}};
    const HttpAnswer first = run(R"({"skill":"quick"})", headers);
    const HttpAnswer second = run(R"({"skill":"quick"})", headers);
    QCOMPARE(second.status, 202);
    QCOMPARE(second.body, first.body);
    QCOMPARE(second.header("Location"), first.header("Location"));
}

void ExecutionsApiTest::idempotencyKeyOfARunningRequestConflicts()
{
    const HttpCall call{.method = "POST",
                        .target = u"/v1/executions"_s,
                        .body = R"({"skill":"waiting","input":"here"})",
                        .headers = {{"Idempotency-Key", "busy"}}};
    const std::unique_ptr<QNetworkReply> reply(m_api->begin(call));
    QString id;
    QVERIFY(QTest::qWaitFor(
        [&] {
            const auto rows = m_api->engine().executions().list(
                localTenant(), {.skill = u"waiting"_s, .status = ExecutionStatus::Running});
            if (rows && !rows->isEmpty())
                id = rows->first().id.value;
            return !id.isEmpty();
        },
        10'000));
    const HttpAnswer second = m_api->send(call);
    QCOMPARE(second.status, 409);
    QCOMPARE(second.error(), u"conflict"_s);
    QVERIFY(!second.header("Retry-After").isEmpty());
    m_api->send({.method = "POST", .target = u"/v1/executions/%1/cancel"_s.arg(id)});
    QVERIFY(QTest::qWaitFor([&] { return reply->isFinished(); }, 20'000));
    const HttpAnswer third = m_api->send(call);
    QCOMPARE(third.status, 200);
    QCOMPARE(member(third, "execution_id"_L1), id.toUtf8());
}

void ExecutionsApiTest::idempotencyKeyOfARefusedRequestIsFree()
{
    const QByteArray body = R"({"skill":"not-yet"})";
    QCOMPARE(run(body, {{"Idempotency-Key", "soon"}}).status, 404);
    QVERIFY(m_api->publish(u"not-yet"_s, "print('here')\n"));
    QCOMPARE(run(body, {{"Idempotency-Key", "soon"}}).status, 200);
}

void ExecutionsApiTest::listsNewestFirstInPages()
{
    QVERIFY(m_api->publish(u"listed"_s, "pass\n"));
    QByteArrayList ids;
    for (int i = 0; i < 5; ++i)
        ids.prepend(member(run(R"({"skill":"listed","input":{"secret":1}})"), "execution_id"_L1));
    QByteArrayList seen;
    QString target = u"/v1/executions?skill=listed&limit=2"_s;
    for (int page = 0; page < 5 && !target.isEmpty(); ++page) {
        const HttpAnswer answer = m_api->get(target);
        QCOMPARE(answer.status, 200);
        QVERIFY2(!answer.body.contains("secret"), answer.body.constData());
        for (const QJsonValue &row : answer.array()) {
            seen.append(row.toObject().value("execution_id"_L1).toString().toUtf8());
            QCOMPARE(row.toObject().value("skill_name"_L1).toString(), u"listed"_s);
        }
        const QByteArray link = answer.header("Link");
        target = link.isEmpty() ? QString()
                                : QString::fromUtf8(link.sliced(1, link.indexOf('>') - 1));
        QVERIFY(link.isEmpty() || link.endsWith("; rel=\"next\""));
    }
    QCOMPARE(seen, ids);
    QCOMPARE(m_api->get(u"/v1/executions?limit=0"_s).status, 400);
    QCOMPARE(m_api->get(u"/v1/executions?limit=201"_s).status, 400);
    QCOMPARE(m_api->get(u"/v1/executions?cursor=nonsense"_s).status, 400);
}

void ExecutionsApiTest::listFiltersBy_data()
{
    QTest::addColumn<QString>("query");
    QTest::addColumn<int>("count");
    QTest::newRow("status") << u"skill=filtered&status=success"_s << 2;
    QTest::newRow("no such status") << u"skill=filtered&status=timeout"_s << 0;
    QTest::newRow("session") << u"skill=filtered&session=mine"_s << 1;
    QTest::newRow("since long ago") << u"skill=filtered&since=2020-01-01T00:00:00Z"_s << 2;
    QTest::newRow("until long ago") << u"skill=filtered&until=2020-01-01T00:00:00.5Z"_s << 0;
    QTest::newRow("unknown status") << u"status=tired"_s << -1;
    QTest::newRow("no time") << u"since=yesterday"_s << -1;
}

void ExecutionsApiTest::listFiltersBy()
{
    QFETCH(QString, query);
    QFETCH(int, count);
    if (m_api->get(u"/v1/executions?skill=filtered"_s).array().isEmpty()) {
        QVERIFY(m_api->publish(u"filtered"_s, "pass\n"));
        QCOMPARE(run(R"({"skill":"filtered"})").status, 200);
        QCOMPARE(run(R"({"skill":"filtered","session_id":"mine"})").status, 200);
    }
    const HttpAnswer answer = m_api->get(u"/v1/executions?"_s + query);
    QCOMPARE(answer.status, count < 0 ? 400 : 200);
    if (count >= 0)
        QCOMPARE(answer.array().size(), count);
}

void ExecutionsApiTest::oneArtifactWithRange()
{
    const QByteArray id = member(run(R"({"skill":"echo"})"), "execution_id"_L1);
    const QString target = u"/v1/executions/%1/files/a%20b/%C3%BC.txt"_s.arg(QString::fromUtf8(id));
    const HttpAnswer whole = m_api->get(target);
    QCOMPARE(whole.status, 200);
    QCOMPARE(whole.body, "artifact");
    QCOMPARE(whole.header("Content-Type").left(10), "text/plain");
    QCOMPARE(whole.header("Content-Disposition"),
             "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%BC.txt");
    QVERIFY(whole.header("Content-Security-Policy").contains("sandbox"));
    QCOMPARE(whole.header("X-Content-Type-Options"), "nosniff");
    const HttpAnswer part = m_api->send({.target = target, .headers = {{"Range", "bytes=3-5"}}});
    QCOMPARE(part.status, 206);
    QCOMPARE(part.body, "ifa");
    QCOMPARE(part.header("Content-Range"), "bytes 3-5/8");
    const HttpAnswer same = m_api->send(
        {.target = target, .headers = {{"If-None-Match", whole.header("ETag")}}});
    QCOMPARE(same.status, 304);
    for (const QString &path : {u"nothing"_s, u"a%20b"_s, u"..%2Fpage.html"_s, u"PAGE.html"_s}) {
        const int status =
            m_api->get(u"/v1/executions/%1/files/"_s.arg(QString::fromUtf8(id)) + path).status;
        QVERIFY2(status == 404 || status == 400, qPrintable(path));
    }
}

void ExecutionsApiTest::artifactNamesDoNotBreakHeaders()
{
    QVERIFY(m_api->publish(u"names"_s,
                           "import os\nopen('/sandbox/out/files/a\"b;c%d.txt', 'w').write('x')\n"));
    const QByteArray id = member(run(R"({"skill":"names"})"), "execution_id"_L1);
    const HttpAnswer answer = m_api->get(
        u"/v1/executions/%1/files/a%22b%3Bc%25d.txt"_s.arg(QString::fromUtf8(id)));
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.header("Content-Disposition"),
             "attachment; filename=\"a_b;c_d.txt\"; filename*=UTF-8''a%22b%3Bc%25d.txt");
}

void ExecutionsApiTest::filesUrlNeedsNoHeaders()
{
    const HttpAnswer answer = run(R"({"skill":"echo"})");
    const QString url = answer.object().value("files_url"_L1).toString();
    const HttpAnswer archive = m_api->send({.target = url, .key = {}});
    QCOMPARE(archive.status, 200);
    QCOMPARE(archive.header("Content-Type"), "application/gzip");
    QVERIFY(archive.header("Content-Length").toLongLong() == archive.body.size());

    QProcess tar;
    tar.start(u"tar"_s, {u"-xzO"_s, u"-f"_s, u"-"_s});
    QVERIFY(tar.waitForStarted());
    tar.write(archive.body);
    tar.closeWriteChannel();
    QVERIFY(tar.waitForFinished());
    QCOMPARE(tar.readAllStandardOutput(), "artifact<script>1</script>");
    QCOMPARE(m_api->send({.target = url, .key = {}}).body, archive.body); // same bytes again
    QVERIFY(!run(R"({"skill":"quick"})").object().contains("files_url"_L1));
}

void ExecutionsApiTest::filesUrlIsOnThePublicBase()
{
    ServerSettings settings;
    settings.publicUrl = u"https://skills.example.org/base/"_s;
    const auto api = ApiFixture::start(settings);
    QVERIFY(api);
    QVERIFY(api->publish(u"echo"_s, echoScript));
    const HttpAnswer answer = api->post(u"/v1/executions"_s, R"({"skill":"echo"})");
    QVERIFY2(answer.object()
                 .value("files_url"_L1)
                 .toString()
                 .startsWith("https://skills.example.org/base/v1/executions/"_L1),
             answer.body.constData());
}

void ExecutionsApiTest::refusesForgedLinks_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::newRow("later expiry") << u"expires=(\\d+)"_s << u"expires=99999999999"_s;
    QTest::newRow("no expiry") << u"&expires=\\d+"_s << QString();
    QTest::newRow("another tenant") << u"tenant=local"_s << u"tenant=other"_s;
    QTest::newRow("no signature") << u"&signature=.*"_s << QString();
    QTest::newRow("changed signature") << u"signature=.{4}"_s << u"signature=0123"_s;
    QTest::newRow("signature of letters") << u"signature=.*"_s << u"signature=%C3%BC"_s;
}

void ExecutionsApiTest::refusesForgedLinks()
{
    QFETCH(QString, from);
    QFETCH(QString, to);
    QString url = run(R"({"skill":"echo"})").object().value("files_url"_L1).toString();
    const QString genuine = url;
    url.replace(QRegularExpression(from), to);
    QVERIFY(url != genuine);
    const HttpAnswer answer = m_api->send({.target = url, .key = {}});
    QCOMPARE(answer.status, 403);
    QCOMPARE(answer.error(), u"forbidden"_s);
}

void ExecutionsApiTest::rateLimitsATenant()
{
    ServerSettings settings;
    settings.rateLimit = {.requests = 3, .window = std::chrono::seconds(3600)};
    const auto api = ApiFixture::start(settings);
    QVERIFY(api);
    const QString other = api->key(Role::Reader, u"other"_s);
    // Every answer says what is left, also an error and what has no end yet.
    const auto left = [](const HttpAnswer &answer) {
        return answer.header("RateLimit").split(';').value(1);
    };
    HttpAnswer answer = api->get(u"/v1/executions"_s);
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.header("RateLimit-Policy"), "\"tenant\";q=3;w=3600");
    QVERIFY2(answer.header("RateLimit").startsWith("\"tenant\";r=2;t=1"),
             answer.header("RateLimit"));
    answer = api->get(u"/v1/executions/none"_s);
    QCOMPARE(answer.status, 404);
    QCOMPARE(left(answer), "r=1");
    answer = api->get(u"/v1/audit/export"_s);
    QCOMPARE(answer.status, 200);
    QCOMPARE(left(answer), "r=0");
    answer = api->get(u"/v1/executions"_s);
    QCOMPARE(answer.status, 429);
    QCOMPARE(answer.error(), u"rate_limited"_s);
    QVERIFY(answer.header("Retry-After").toInt() > 1000);
    QCOMPARE(answer.header("RateLimit-Policy"), "\"tenant\";q=3;w=3600");
    QVERIFY(answer.header("RateLimit").startsWith("\"tenant\";r=0;t="));
    QCOMPARE(left(api->send({.target = u"/v1/keys"_s, .key = other})), "r=2"); // 403
    QCOMPARE(left(api->send({.target = u"/v1/skills"_s, .key = other})), "r=1");
    QCOMPARE(api->send({.target = u"/health"_s, .key = {}}).status, 200);
    QCOMPARE(api->send({.target = u"/health"_s, .key = {}}).header("RateLimit"), "");
    QCOMPARE(api->send({.target = u"/v1/skills"_s, .key = u"no"_s}).header("RateLimit"), "");
}

QTEST_GUILESS_MAIN(ExecutionsApiTest)
#include "test_executions_api.moc"
