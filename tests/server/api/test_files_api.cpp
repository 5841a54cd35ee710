#include "tests/server/api/api_fixture.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;
using namespace skillbox::test;

class FilesApiTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        ServerSettings settings;
        settings.maxFileBytes = 2 << 20;
        m_api = ApiFixture::start(settings);
        QVERIFY(m_api);
    }
    void cleanupTestCase() { m_api.reset(); }

    void uploadsAndDownloads();
    void largeFilesComeBackWhole();
    void theFieldNameWins();
    void versionsMakeAChain();
    void listsNewestFirst();
    void artifactsAreFiles();
    void inputFilesReachTheRun();
    void deletesOneVersion();
    void refusesBadUploads_data();
    void refusesBadUploads();
    void refusesWhatIsTooLarge();
    void hidesWhatIsNotTheTenants();

private:
    HttpAnswer upload(const QByteArray &name, const QByteArray &content,
                      const QMap<QByteArray, QByteArray> &fields = {},
                      const QString &target = u"/v1/files"_s, const QByteArray &method = "POST")
    {
        const auto [body, type] = ApiFixture::form(name, content, fields);
        return m_api->send({.method = method,
                            .target = target,
                            .body = body,
                            .headers = {{"Content-Type", type}}});
    }
    static QString idOf(const HttpAnswer &answer)
    {
        return answer.object().value("id"_L1).toString();
    }
    HttpAnswer download(const QString &id)
    {
        return m_api->get(u"/v1/files/%1/download"_s.arg(id));
    }
    std::unique_ptr<ApiFixture> m_api;
};

void FilesApiTest::uploadsAndDownloads()
{
    const HttpAnswer created = upload("data.csv", "a,b\n1,2\n");
    QVERIFY2(created.status == 201, created.body.constData());
    const QString id = idOf(created);
    QVERIFY(isUuid(id));
    QCOMPARE(created.header("Location"), "/v1/files/" + id.toLatin1());
    const QByteArray shape = "{\"id\":\"" + id.toLatin1()
        + "\",\"tenant_id\":\"local\",\"name\":\"data.csv\","
          "\"content_type\":\"text/csv; "
          "charset=utf-8\",\"size_bytes\":8,\"version\":1,\"created_at\":\"20";
    QVERIFY2(created.body.startsWith(shape), created.body.constData());
    QCOMPARE(m_api->get(u"/v1/files/"_s + id).body, created.body);

    const HttpAnswer content = download(id);
    QCOMPARE(content.status, 200);
    QCOMPARE(content.body, "a,b\n1,2\n");
    QCOMPARE(content.header("Content-Disposition"), "attachment; filename=\"data.csv\"");
    QVERIFY(content.header("Content-Security-Policy").contains("sandbox"));
}

void FilesApiTest::largeFilesComeBackWhole()
{
    QByteArray content;
    for (int i = 0; content.size() < (1 << 20) + 7; ++i)
        content += QByteArray::number(i) + "\r\n--boundary-like\r\n";
    const HttpAnswer created = upload("large.bin", content);
    QCOMPARE(created.status, 201);
    QCOMPARE(download(idOf(created)).body, content);
}

void FilesApiTest::theFieldNameWins()
{
    const HttpAnswer created = upload("tmp1234.bin", "x",
                                      {{"name", "report.txt"}, {"session_id", "mine"}});
    QCOMPARE(created.object().value("name"_L1).toString(), u"report.txt"_s);
    QCOMPARE(created.object().value("session_id"_L1).toString(), u"mine"_s);
}

void FilesApiTest::versionsMakeAChain()
{
    const QString first = idOf(upload("v.txt", "one"));
    const HttpAnswer put = upload("v.txt", "two", {}, u"/v1/files/"_s + first, "PUT");
    QVERIFY2(put.status == 200, put.body.constData());
    const QString second = idOf(put);
    QVERIFY(second != first);
    const HttpAnswer again = upload("v.txt", "three", {}, u"/v1/files/"_s + second, "PUT");
    QCOMPARE(again.object().value("parent_id"_L1).toString(), first);
    QCOMPARE(again.object().value("version"_L1).toInt(), 3);
    for (const QString &member : {first, second, idOf(again)}) {
        QList<int> versions;
        const HttpAnswer answer = m_api->get(u"/v1/files/%1/versions"_s.arg(member));
        for (const QJsonValue &file : answer.array())
            versions.append(file.toObject().value("version"_L1).toInt());
        QCOMPARE(versions, (QList<int>{3, 2, 1}));
    }
    QCOMPARE(download(first).body, "one");
    QCOMPARE(download(idOf(again)).body, "three");
}

void FilesApiTest::listsNewestFirst()
{
    QStringList ids;
    for (int i = 0; i < 3; ++i)
        ids.prepend(idOf(upload("l.txt", QByteArray::number(i), {{"session_id", "listing"}})));
    const auto listed = [&](const QString &query) {
        QStringList found;
        for (const QJsonValue &file : m_api->get(u"/v1/files?session_id=listing"_s + query).array())
            found.append(file.toObject().value("id"_L1).toString());
        return found;
    };
    QCOMPARE(listed({}), ids);
    QCOMPARE(listed(u"&limit=1&offset=1"_s), QStringList{ids[1]});
    QCOMPARE(m_api->get(u"/v1/files?limit=201"_s).status, 400);
    QCOMPARE(m_api->get(u"/v1/files?offset=-1"_s).status, 400);
    QCOMPARE(m_api->get(u"/v1/files?execution_id=nonsense"_s).body, "[]");
}

void FilesApiTest::artifactsAreFiles()
{
    QVERIFY(m_api->publish(u"maker"_s, "open('/sandbox/out/files/made.txt', 'w').write('made')\n"));
    const HttpAnswer run = m_api->post(u"/v1/executions"_s, R"({"skill":"maker"})");
    const QString execution = run.object().value("execution_id"_L1).toString();
    const QJsonArray files = m_api->get(u"/v1/files?execution_id="_s + execution).array();
    QCOMPARE(files.size(), 1);
    const QJsonObject file = files.first().toObject();
    QCOMPARE(file.value("name"_L1).toString(), u"made.txt"_s);
    QCOMPARE(file.value("execution_id"_L1).toString(), execution);
    QCOMPARE(download(file.value("id"_L1).toString()).body, "made");
}

void FilesApiTest::inputFilesReachTheRun()
{
    QVERIFY(m_api->publish(u"reader"_s,
                           "import os\nfor name in sorted(os.listdir('/sandbox/input')):\n"
                           "  print(name, open('/sandbox/input/' + name).read())\n"));
    const QString a = idOf(upload("in.txt", "first"));
    const QString b = idOf(upload("in.txt", "second"));
    const HttpAnswer run = m_api->post(
        u"/v1/executions"_s,
        QJsonDocument(QJsonObject{{"skill"_L1, "reader"_L1}, {"input_files"_L1, QJsonArray{a, b}}})
            .toJson());
    const QString logs = run.object().value("logs"_L1).toString();
    QVERIFY2(logs.contains("first"_L1) && logs.contains("second"_L1), run.body.constData());
}

void FilesApiTest::deletesOneVersion()
{
    const QString first = idOf(upload("d.txt", "one"));
    const QString second = idOf(upload("d.txt", "two", {}, u"/v1/files/"_s + first, "PUT"));
    const HttpCall remove{.method = "DELETE", .target = u"/v1/files/"_s + second};
    QCOMPARE(m_api->send(remove).status, 204);
    QCOMPARE(m_api->send(remove).status, 404);
    QCOMPARE(m_api->get(u"/v1/files/"_s + second).status, 404);
    QCOMPARE(download(first).body, "one");
}

void FilesApiTest::refusesBadUploads_data()
{
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("status");
    const QByteArray form = "multipart/form-data; boundary=x";
    QTest::newRow("json") << QByteArray("application/json") << QByteArray("{}") << 415;
    QTest::newRow("no boundary") << QByteArray("multipart/form-data") << QByteArray("a") << 400;
    QTest::newRow("empty") << form << QByteArray("") << 400;
    QTest::newRow("no end") << form
                            << QByteArray("--x\r\nContent-Disposition: form-data; name=\"file\"; "
                                          "filename=\"a\"\r\n\r\nabc")
                            << 400;
    QTest::newRow("no file") << form
                             << QByteArray("--x\r\nContent-Disposition: form-data; "
                                           "name=\"other\"\r\n\r\nabc\r\n--x--\r\n")
                             << 400;
    QTest::newRow("no name") << form
                             << QByteArray("--x\r\nContent-Disposition: form-data; "
                                           "name=\"file\"\r\n\r\nabc\r\n--x--\r\n")
                             << 400;
    QTest::newRow("NUL in the name")
        << form
        << QByteArray("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a%00b\"\r\n"
                      "\r\nabc\r\n--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n")
            + QByteArray("a\0b", 3) + "\r\n--x--\r\n"
        << 400;
}

void FilesApiTest::refusesBadUploads()
{
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, body);
    QFETCH(int, status);
    const HttpAnswer answer = m_api->send({.method = "POST",
                                           .target = u"/v1/files"_s,
                                           .body = body,
                                           .headers = {{"Content-Type", type}}});
    QVERIFY2(answer.status == status, QByteArray::number(answer.status) + answer.body);
}

void FilesApiTest::refusesWhatIsTooLarge()
{
    const HttpAnswer answer = upload("big.bin", QByteArray((2 << 20) + (128 << 10), 'x'));
    QCOMPARE(answer.status, 413);
}

void FilesApiTest::hidesWhatIsNotTheTenants()
{
    const QString id = idOf(upload("secret.txt", "s"));
    const QString other = m_api->key(Role::Admin, u"other"_s);
    const QString target = u"/v1/files/"_s + id;
    for (const QString &path : {target, target + u"/download"_s})
        QCOMPARE(m_api->send({.target = path, .key = other}).status, 404);
    QCOMPARE(m_api->send({.method = "DELETE", .target = target, .key = other}).status, 404);
    QCOMPARE(m_api->send({.target = u"/v1/files"_s, .key = other}).body, "[]");
    const auto [body, type] = ApiFixture::form("x", "y");
    QCOMPARE(m_api
                 ->send({.method = "PUT",
                         .target = target,
                         .body = body,
                         .headers = {{"Content-Type", type}},
                         .key = other})
                 .status,
             404);
    for (const QString &none : {u"x"_s, u"00000000-0000-4000-8000-000000000000"_s})
        QCOMPARE(m_api->get(u"/v1/files/"_s + none).status, 404);
    QCOMPARE(download(id).body, "s");
}

QTEST_GUILESS_MAIN(FilesApiTest)
#include "test_files_api.moc"
