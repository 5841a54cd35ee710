#include "tests/server/api/api_fixture.h"

#include "engine/base/sha256.h"
#include "engine/registry/skill_tree.h"
#include "engine/skill/archive.h"
#include "tests/support/skill_folder.h"
#include "tests/support/verify_result.h"
#include "tests/support/zip_builder.h"

#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

class TestSkillsApi : public QObject
{
    Q_OBJECT

    std::unique_ptr<ApiFixture> m_api;

    QByteArray zipOf(const SkillFolder &skill)
    {
        const QString archive = m_api->path(u"packed.zip"_s);
        const auto packed = packDirectory(skill.write(m_api->path(u"sources"_s)), archive);
        if (!packed)
            qFatal("%s", qPrintable(packed.error().message));
        QFile file(archive);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    HttpAnswer upload(const QByteArray &zip, const QByteArray &type = "application/zip",
                      const QString &target = u"/v1/skills"_s)
    {
        return m_api->send(
            {.method = "POST", .target = target, .body = zip, .headers = {{"Content-Type", type}}});
    }
    void publish(const QString &name, const QString &version)
    {
        const HttpAnswer answer = upload(zipOf({.name = name, .version = version}));
        if (answer.status != 201)
            QTest::qFail(answer.body.constData(), __FILE__, __LINE__);
    }
    static QStringList column(const QJsonArray &rows, QLatin1StringView member)
    {
        QStringList values;
        for (const QJsonValue &row : rows)
            values.append(row[member].toString());
        return values;
    }
    /// `name@version` of every row.
    static QStringList rowsOf(const HttpAnswer &answer)
    {
        QStringList rows;
        const QJsonArray array = answer.array();
        for (const QJsonValue &row : array)
            rows.append(row["name"_L1].toString() + u'@' + row["version"_L1].toString());
        return rows;
    }
    /// The target in a Link header's rel="next"; empty: there is none.
    static QString nextOf(const HttpAnswer &answer)
    {
        const QByteArray link = answer.header("Link");
        const qsizetype end = link.indexOf(">; rel=\"next\"");
        return link.startsWith('<') && end > 0 ? QString::fromLatin1(link.mid(1, end - 1))
                                               : QString();
    }
    bool mentionsThisMachine(const QByteArray &text) const
    {
        return text.contains(m_api->path(QString()).toUtf8()) || text.contains(".tmp-")
            || text.contains("/cache/");
    }

private Q_SLOTS:
    void init() { m_api = ApiFixture::start(); }
    void cleanup() { m_api.reset(); }

    // --- Publishing

    void publishesAZip_data()
    {
        QTest::addColumn<QByteArray>("type");
        QTest::newRow("zip") << "application/zip"_ba;
        QTest::newRow("upper case") << "Application/ZIP"_ba;
        QTest::newRow("octet-stream") << "application/octet-stream"_ba;
        QTest::newRow("form") << "multipart/form-data"_ba;
    }
    void publishesAZip()
    {
        QFETCH(QByteArray, type);
        QByteArray body = zipOf({});
        if (type.startsWith("multipart"))
            std::tie(body, type) = ApiFixture::form("skill.zip", body);
        const HttpAnswer created = upload(body, type);
        QVERIFY2(created.status == 201, created.body);
        QCOMPARE(created.header("Content-Type"), "application/json; charset=utf-8"_ba);
        QCOMPARE(created.header("Location"), "/v1/skills/word-counter/1.0.0"_ba);
        QVERIFY2(created.body.startsWith("{\"name\":\"word-counter\",\"version\":\"1.0.0\","
                                         "\"description\":\""),
                 created.body);
        const QJsonObject skill = created.object();
        QCOMPARE(skill["lang"_L1].toString(), u"python"_s);
        QCOMPARE(skill["mode"_L1].toString(), u"executable"_s);
        QVERIFY(skill["digest"_L1].toString().startsWith(u"sha256:"_s));

        const HttpAnswer again = upload(body, type);
        QCOMPARE(again.status, 200);
        QCOMPARE(again.object()["digest"_L1], skill["digest"_L1]);

        const auto audit = m_api->engine().metadata().listAudit(localTenant(), {});
        VERIFY_OK(audit);
        const auto published = std::find_if(audit->begin(), audit->end(), [](const auto &record) {
            return record.action == u"skill.publish"_s;
        });
        QVERIFY(published != audit->end());
        QCOMPARE(published->address, u"127.0.0.1"_s);
        QCOMPARE(published->requestId, QString::fromLatin1(created.header("X-Request-ID")));
        QVERIFY(isUuid(published->actor));
    }

    void publishesALargeZip() // beyond what is held in memory
    {
        QByteArray noise(3 << 20, Qt::Uninitialized);
        quint32 state = 1;
        for (char &byte : noise)
            byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
        const SkillFolder skill{.files = {{u"noise.bin"_s, noise}}};
        const QByteArray zip = zipOf(skill);
        QVERIFY(zip.size() > 2 << 20);
        QCOMPARE(upload(zip).status, 201);
        const auto [body, type] = ApiFixture::form("skill.zip", zip);
        QCOMPARE(upload(body, type).status, 200);
        const HttpAnswer archive = m_api->get(u"/v1/skills/word-counter/latest/archive"_s);
        QCOMPARE(archive.status, 200);
        QVERIFY(archive.body == zip);
    }

    void refusesOtherContentForAVersion()
    {
        QCOMPARE(upload(zipOf({})).status, 201);
        const HttpAnswer other = upload(zipOf({.script = "print('other')\n"}));
        QCOMPARE(other.status, 409);
        QCOMPARE(other.error(), u"version_exists"_s);
    }

    void refusesWhatIsNoSkill_data()
    {
        QTest::addColumn<QByteArray>("zip");
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("error");
        const QByteArray manifest = "---\nname: a\ndescription: b\n---\n";
        const auto row = [](const char *name, const QByteArray &zip,
                            const QString &error = u"invalid_skill"_s,
                            int status = 400) { QTest::newRow(name) << zip << status << error; };
        row("empty", "", u"bad_request"_s);
        row("no zip", "PK but not really");
        row("cut short", buildZip({{.name = "SKILL.md", .content = manifest}}).chopped(9));
        row("no SKILL.md", buildZip({{.name = "main.py", .content = "1"}}));
        row("lower case", buildZip({{.name = "Skill.MD", .content = manifest}}));
        row("parent path",
            buildZip({{.name = "SKILL.md", .content = manifest},
                      {.name = "../../etc/x", .content = "1"}}));
        row("absolute path",
            buildZip(
                {{.name = "SKILL.md", .content = manifest}, {.name = "/etc/x", .content = "1"}}));
        row("link",
            buildZip({{.name = "SKILL.md", .content = manifest},
                      {.name = "l", .content = "/etc/passwd", .mode = S_IFLNK | 0777}}));
        row("manifest is no text", buildZip({{.name = "SKILL.md", .content = "\xff\xfe\x00"_ba}}));
        row("header not closed", buildZip({{.name = "SKILL.md", .content = "---\nname: a\n"}}));
        row("name with a slash",
            buildZip({{.name = "SKILL.md", .content = "---\nname: a/b\ndescription: b\n---\n"}}));
        row("bomb",
            buildZip({{.name = "SKILL.md", .content = manifest},
                      {.name = "zeros", .content = QByteArray(4 << 20, '\0')}}),
            u"too_large"_s, 413);
    }
    void refusesWhatIsNoSkill()
    {
        QFETCH(QByteArray, zip);
        QFETCH(int, status);
        QFETCH(QString, error);
        const HttpAnswer refused = upload(zip);
        QVERIFY2(refused.status == status, refused.body);
        QCOMPARE(refused.error(), error);
        QCOMPARE(refused.header("Content-Type"), "application/problem+json; charset=utf-8"_ba);
        QVERIFY2(!mentionsThisMachine(refused.body), refused.body);
        if (error == u"invalid_skill"_s) {
            const QJsonArray details = refused.object()["details"_L1].toArray();
            QVERIFY2(column(details, "severity"_L1).contains(u"error"_s), refused.body);
            QVERIFY2(!column(details, "id"_L1).contains(QString()), refused.body);
        }
        const HttpAnswer checked = upload(zip, "application/zip", u"/v1/skills/validate"_s);
        QCOMPARE(checked.status, error == u"invalid_skill"_s ? 422 : status);
        QCOMPARE(checked.error(), error);
        QVERIFY2(!mentionsThisMachine(checked.body), checked.body);
        QCOMPARE(m_api->get(u"/v1/skills"_s).body, "[]"_ba);
    }

    void refusesOtherBodies_data()
    {
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("status");
        QTest::newRow("form of a browser") << "application/x-www-form-urlencoded"_ba
                                           << "a=b"_ba << 415;
        QTest::newRow("json") << "application/json"_ba
                              << "{}"_ba << 415;
        QTest::newRow("tar") << "application/x-tar"_ba
                             << "x"_ba << 415;
        QTest::newRow("form without the field")
            << "multipart/form-data; boundary=b"_ba
            << "--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n--b--\r\n"_ba
            << 400;
        QTest::newRow("form without an end") << "multipart/form-data; boundary=b"_ba
                                             << "--b\r\n"_ba << 400;
        QTest::newRow("form without a boundary") << "multipart/form-data"_ba
                                                 << "x"_ba << 400;
    }
    void refusesOtherBodies()
    {
        QFETCH(QByteArray, type);
        QFETCH(QByteArray, body);
        QFETCH(int, status);
        const HttpAnswer refused = upload(body, type);
        QVERIFY2(refused.status == status, refused.body);
        QCOMPARE(refused.error(), status == 415 ? u"unsupported_media_type"_s : u"bad_request"_s);
    }

    void publishesFromFields()
    {
        const QJsonObject fields{{u"name"_s, u"greeter"_s},
                                 {u"description"_s, u"Greets. \"Quoted\" & 'more'"_s},
                                 {u"lang"_s, u"bash"_s},
                                 {u"code"_s, u"echo hello\n"_s},
                                 {u"instructions"_s, u"# Say it"_s},
                                 {u"unknown"_s, QJsonArray{1}}};
        const HttpAnswer created = m_api->post(u"/v1/skills/from-fields"_s,
                                               QJsonDocument(fields).toJson());
        QVERIFY2(created.status == 201, created.body);
        QCOMPARE(created.object()["version"_L1].toString(), u"1.0.0"_s);
        QCOMPARE(created.object()["lang"_L1].toString(), u"bash"_s);
        const HttpAnswer files = m_api->get(u"/v1/skills/greeter/1.0.0/files?path=main.sh"_s);
        const QByteArray expected =
            "[{\"path\":\"main.sh\",\"content\":\"echo hello\\n\",\"size_bytes\":11}]";
        QCOMPARE(files.body, expected);
        QCOMPARE(m_api->get(u"/v1/skills/greeter/latest"_s).object()["instructions"_L1].toString(),
                 u"# Say it"_s);
    }

    void refusesBadFields_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QString>("error");
        QTest::addColumn<QString>("mention");
        const auto row = [](const char *name, const QByteArray &json, const QString &mention,
                            const QString &error = u"bad_request"_s) {
            QTest::newRow(name) << json << error << mention;
        };
        row("no json", "nonsense", u"line 1"_s);
        row("array", "[]", u"object"_s);
        row("no name", R"({"description":"d","code":"x"})", u"name"_s);
        row("number as name", R"({"name":1,"description":"d","code":"x"})", u"name"_s);
        row("no description", R"({"name":"a","code":"x"})", u"description"_s);
        row("no code", R"({"name":"a","description":"d"})", u"code"_s);
        row("other language", R"({"name":"a","description":"d","code":"x","lang":"perl"})",
            u"lang"_s);
        row("name as path", R"({"name":"../a","description":"d","code":"x"})", u"name"_s,
            u"invalid_skill"_s);
        row("bad version", R"({"name":"a","description":"d","code":"x","version":"1"})",
            u"version"_s, u"invalid_skill"_s);
    }
    void refusesBadFields()
    {
        QFETCH(QByteArray, json);
        QFETCH(QString, error);
        QFETCH(QString, mention);
        const HttpAnswer refused = m_api->post(u"/v1/skills/from-fields"_s, json);
        QCOMPARE(refused.status, 400);
        QCOMPARE(refused.error(), error);
        QVERIFY2(refused.object()["message"_L1].toString().contains(mention), refused.body);
        QVERIFY2(!mentionsThisMachine(refused.body), refused.body);
    }

    void validatesWithoutStoring()
    {
        const HttpAnswer valid = upload(zipOf({}), "application/zip", u"/v1/skills/validate"_s);
        QVERIFY2(valid.status == 200, valid.body);
        QVERIFY2(valid.body.startsWith("{\"valid\":true,\"name\":\"word-counter\","), valid.body);
        const HttpAnswer fields = m_api->post(u"/v1/skills/validate"_s,
                                              R"({"name":"a","description":"d","code":"x = 1"})");
        QVERIFY2(fields.status == 200, fields.body);
        QCOMPARE(m_api->get(u"/v1/skills"_s).body, "[]"_ba);
    }

    // --- Reading

    void listsARowPerVersion()
    {
        publish(u"beta"_s, u"1.0.0"_s);
        publish(u"alpha"_s, u"1.0.0"_s);
        publish(u"alpha"_s, u"1.1.0"_s);
        const HttpAnswer all = m_api->get(u"/v1/skills"_s);
        QCOMPARE(all.status, 200);
        QCOMPARE(rowsOf(all), QStringList({u"alpha@1.1.0"_s, u"alpha@1.0.0"_s, u"beta@1.0.0"_s}));
        QVERIFY2(all.body.startsWith("[{\"name\":\"alpha\",\"version\":\"1.1.0\","
                                     "\"description\":\"Counts"),
                 all.body);
        QVERIFY(all.body.contains("\"lang\":\"python\",\"mode\":\"executable\","
                                  "\"status\":\"available\""));
        QCOMPARE(rowsOf(m_api->get(u"/v1/skills?name=beta"_s)), QStringList({u"beta@1.0.0"_s}));
        QCOMPARE(rowsOf(m_api->get(u"/v1/skills?q=alph"_s)),
                 QStringList({u"alpha@1.1.0"_s, u"alpha@1.0.0"_s}));
        QCOMPARE(rowsOf(m_api->get(u"/v1/skills?latest=1"_s)),
                 QStringList({u"alpha@1.1.0"_s, u"beta@1.0.0"_s}));
        QCOMPARE(m_api->get(u"/v1/skills?q=%22%29%20OR%20*"_s).status, 200);
    }

    void putsTheHighestVersionFirst()
    {
        for (const QString &version : {u"1.10.0"_s, u"1.9.0"_s, u"2.0.0-rc.1"_s})
            publish(u"tool"_s, version);
        const QStringList expected{u"tool@2.0.0-rc.1"_s, u"tool@1.10.0"_s, u"tool@1.9.0"_s};
        QCOMPARE(rowsOf(m_api->get(u"/v1/skills"_s)), expected);
        QCOMPARE(rowsOf(m_api->get(u"/v1/skills/tool/versions"_s)), expected);
        QCOMPARE(rowsOf(m_api->get(u"/v1/skills?name=tool&latest=1"_s)),
                 QStringList({u"tool@1.10.0"_s}));
        QCOMPARE(m_api->get(u"/v1/skills?name=%00"_s).body, "[]"_ba);
    }

    void pagesThroughTheList_data()
    {
        QTest::addColumn<QString>("query");
        QTest::addColumn<QStringList>("expected");
        QTest::newRow("all") << QString()
                             << QStringList({u"a@2.0.0"_s, u"a@1.1.0"_s, u"a@1.0.0"_s, u"b@1.0.0"_s,
                                             u"c@1.0.0-rc.1"_s, u"d@1.0.0"_s});
        QTest::newRow("latest") << u"latest=1&"_s
                                << QStringList({u"a@1.1.0"_s, u"b@1.0.0"_s, u"c@1.0.0-rc.1"_s});
        QTest::newRow("search") << u"q=counts&"_s
                                << QStringList({u"a@2.0.0"_s, u"a@1.1.0"_s, u"a@1.0.0"_s,
                                                u"b@1.0.0"_s, u"c@1.0.0-rc.1"_s, u"d@1.0.0"_s});
    }
    void pagesThroughTheList()
    {
        QFETCH(QString, query);
        QFETCH(QStringList, expected);
        for (const auto &[name, version] : {std::pair(u"a"_s, u"1.0.0"_s),
                                            {u"a"_s, u"1.1.0"_s},
                                            {u"a"_s, u"2.0.0"_s},
                                            {u"b"_s, u"1.0.0"_s},
                                            {u"c"_s, u"1.0.0-rc.1"_s},
                                            {u"d"_s, u"1.0.0"_s}})
            publish(name, version);
        QCOMPARE(m_api->post(u"/v1/skills/a/2.0.0/yank"_s, "{}").status, 200);
        QCOMPARE(m_api->post(u"/v1/skills/d/1.0.0/yank"_s, "{}").status, 200);
        for (const int limit : {1, 2, 4, 6}) {
            QStringList seen;
            QString target = u"/v1/skills?%1limit=%2"_s.arg(query).arg(limit);
            for (int pages = 0; !target.isEmpty() && pages < 10; ++pages) {
                const HttpAnswer page = m_api->get(target);
                QVERIFY2(page.status == 200, page.body);
                QVERIFY(page.array().size() <= limit);
                seen += rowsOf(page);
                target = nextOf(page);
            }
            QCOMPARE(seen, expected);
        }
    }

    void refusesBadPages_data()
    {
        QTest::addColumn<QString>("query");
        QTest::newRow("no number") << u"limit=x"_s;
        QTest::newRow("zero") << u"limit=0"_s;
        QTest::newRow("too many") << u"limit=1001"_s;
        QTest::newRow("cursor of another") << u"cursor=nonsense!"_s;
        QTest::newRow("cursor cut short") << u"cursor=YSAx"_s;
    }
    void refusesBadPages()
    {
        QFETCH(QString, query);
        const HttpAnswer refused = m_api->get(u"/v1/skills?"_s + query);
        QVERIFY2(refused.status == 400, refused.body);
        QCOMPARE(refused.error(), u"bad_request"_s);
    }

    void showsAVersion()
    {
        const QByteArray zip = zipOf(
            {.header = "license: MIT\nresources:\n  cpu: 2\nmetadata:\n  author: somebody\n",
             .files = {{u"schemas/input.json"_s, R"({"type":"object"})"}}});
        QCOMPARE(upload(zip).status, 201);
        const HttpAnswer shown = m_api->get(u"/v1/skills/word-counter/latest"_s);
        QCOMPARE(shown.status, 200);
        const QJsonObject skill = shown.object();
        QCOMPARE(skill["version"_L1].toString(), u"1.0.0"_s);
        QCOMPARE(skill["resources"_L1].toObject(), QJsonObject({{u"cpu"_s, u"2"_s}}));
        QCOMPARE(skill["license"_L1].toString(), u"MIT"_s);
        QCOMPARE(skill["metadata"_L1]["author"_L1].toString(), u"somebody"_s);
        QCOMPARE(skill["schemas"_L1]["input"_L1]["type"_L1].toString(), u"object"_s);
        QCOMPARE(skill["instructions"_L1].toString(), u"# Counting\nGive it a text."_s);
        QCOMPARE(skill["yanked"_L1].toBool(true), false);
        QCOMPARE(skill["archive_bytes"_L1].toInteger(), zip.size());
        QVERIFY(skill["published_at"_L1].toString().endsWith(u'Z'));
        QVERIFY(shown.body.contains("\"resources\":{\"cpu\":\"2\"}"));

        publish(u"bare"_s, u"1.0.0"_s);
        QVERIFY(m_api->get(u"/v1/skills/bare/1.0.0"_s).body.contains("\"resources\":{}"));
    }

    void saysWhatIsNotThere_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QString>("target");
        QTest::addColumn<int>("status");
        const auto row = [](const char *method, const QString &target, int status = 404) {
            QTest::newRow(qPrintable(QString::fromLatin1(method) + u' ' + target))
                << QByteArray(method) << target << status;
        };
        row("GET", u"/v1/skills/nothing/latest"_s);
        row("GET", u"/v1/skills/nothing/1.0.0"_s);
        row("GET", u"/v1/skills/there/9.9.9"_s);
        row("GET", u"/v1/skills/there/nosuchtag"_s);
        row("GET", u"/v1/skills/nothing/versions"_s);
        row("GET", u"/v1/skills/nothing/tags"_s);
        row("GET", u"/v1/skills/there/1.0.0/files?path=nothing.txt"_s);
        row("GET", u"/v1/skills/there/1.0.0/files?path=../../../skillbox.db"_s);
        row("GET", u"/v1/skills/there/9.9.9/files"_s);
        row("GET", u"/v1/skills/there/9.9.9/archive"_s);
        row("GET", u"/v1/skills/there/diff?from=1.0.0&to=9.9.9"_s);
        row("GET", u"/v1/skills/there/diff?from=1.0.0"_s, 400);
        row("GET", u"/v1/skills/there/1.x"_s, 400);
        row("GET", u"/v1/skills/-there/1.0.0"_s, 400);
        row("DELETE", u"/v1/skills/there/9.9.9"_s);
        row("DELETE", u"/v1/skills/there/latest"_s, 400);
        row("DELETE", u"/v1/skills/there/tags/nothing"_s);
        row("POST", u"/v1/skills/there/9.9.9/yank"_s);
        row("POST", u"/v1/skills/there/latest/yank"_s, 400);
        row("POST", u"/v1/skills/there/1.0.0"_s, 405);
        row("PATCH", u"/v1/skills"_s, 405);
    }
    void saysWhatIsNotThere()
    {
        QFETCH(QByteArray, method);
        QFETCH(QString, target);
        QFETCH(int, status);
        publish(u"there"_s, u"1.0.0"_s);
        const HttpAnswer refused = m_api->send({.method = method, .target = target});
        QVERIFY2(refused.status == status, refused.body);
        QVERIFY2(!mentionsThisMachine(refused.body), refused.body);
        QVERIFY(!refused.object()["message"_L1].toString().isEmpty());
    }

    void readsFiles()
    {
        QCOMPARE(upload(zipOf({.files = {{u"data/b.bin"_s, QByteArray("\x00\x01", 2)},
                                         {u"data/ü \"x\".txt"_s, "ü\n"}}}))
                     .status,
                 201);
        const HttpAnswer files = m_api->get(u"/v1/skills/word-counter/latest/files"_s);
        QCOMPARE(files.status, 200);
        QCOMPARE(column(files.array(), "path"_L1),
                 QStringList(
                     {u"SKILL.md"_s, u"data/b.bin"_s, u"data/ü \"x\".txt"_s, u"main.py"_s}));
        const QByteArray binary =
            R"({"path":"data/b.bin","content":"AAE=","size_bytes":2,"encoding":"base64"})";
        QVERIFY(files.body.contains(binary));
        const QByteArray text = "{\"path\":\"data/ü \\\"x\\\".txt\",\"content\":\"ü\\n\","
                                "\"size_bytes\":3}";
        QVERIFY(files.body.contains(text));
        const HttpAnswer one = m_api->get(
            u"/v1/skills/word-counter/1.0.0/files?path=data/%C3%BC%20%22x%22.txt"_s);
        QCOMPARE(one.array().size(), 1);
    }

    void sendsTheArchiveAsItWas()
    {
        const QByteArray zip = zipOf({});
        QCOMPARE(upload(zip).status, 201);
        const QString target = u"/v1/skills/word-counter/1.0.0/archive"_s;
        const HttpAnswer archive = m_api->get(target);
        QCOMPARE(archive.status, 200);
        QVERIFY(archive.body == zip);
        QCOMPARE(archive.header("Content-Type"), "application/zip"_ba);
        QVERIFY(archive.header("Content-Disposition").contains("word-counter-1.0.0.zip"));
        const QByteArray digest = QByteArray::fromHex(Sha256::of(zip).toLatin1()).toBase64();
        QCOMPARE(archive.header("Repr-Digest"), "sha-256=:" + digest + ':');
        QCOMPARE(QString::fromLatin1(archive.header("X-Skill-Digest")),
                 m_api->get(u"/v1/skills/word-counter/1.0.0"_s).object()["digest"_L1].toString());
        const QByteArray etag = archive.header("ETag");
        const HttpAnswer known = m_api->send(
            {.target = target, .headers = {{"If-None-Match", etag}}});
        QCOMPARE(known.status, 304);
        QVERIFY(known.body.isEmpty());
        const HttpAnswer part = m_api->send(
            {.target = target, .headers = {{"Range", "bytes=2-5"}, {"If-Range", etag}}});
        QCOMPARE(part.status, 206);
        QCOMPARE(part.body, zip.mid(2, 4));
    }

    void comparesVersions()
    {
        QCOMPARE(upload(zipOf({.files = {{u"gone.txt"_s, "bye\n"}}})).status, 201);
        QCOMPARE(upload(zipOf({.version = u"1.1.0"_s, .script = "print('changed')\n"})).status,
                 201);
        const HttpAnswer diff = m_api->get(u"/v1/skills/word-counter/diff?from=1.0.0&to=latest"_s);
        QVERIFY2(diff.status == 200, diff.body);
        QCOMPARE(diff.object()["to"_L1].toString(), u"1.1.0"_s);
        const QJsonArray files = diff.object()["files"_L1].toArray();
        QCOMPARE(column(files, "path"_L1),
                 QStringList({u"SKILL.md"_s, u"gone.txt"_s, u"main.py"_s}));
        QCOMPARE(column(files, "status"_L1),
                 QStringList({u"modified"_s, u"removed"_s, u"modified"_s}));
        QVERIFY(files[2]["diff"_L1].toString().endsWith(
            u"@@ -1,1 +1,1 @@\n-print('counted')\n+print('changed')\n"_s));
    }

    // --- Changing

    void yanksAndUnyanks()
    {
        publish(u"tool"_s, u"1.0.0"_s);
        publish(u"tool"_s, u"1.1.0"_s);
        const HttpAnswer yanked = m_api->post(u"/v1/skills/tool/1.1.0/yank"_s,
                                              R"({"reason":"counts twice"})");
        QVERIFY2(yanked.status == 200, yanked.body);
        QCOMPARE(yanked.object()["yanked"_L1].toBool(), true);
        QCOMPARE(yanked.object()["yank_reason"_L1].toString(), u"counts twice"_s);
        QCOMPARE(m_api->get(u"/v1/skills/tool/latest"_s).object()["version"_L1].toString(),
                 u"1.0.0"_s);
        const HttpAnswer versions = m_api->get(u"/v1/skills/tool/versions"_s);
        QCOMPARE(rowsOf(versions), QStringList({u"tool@1.1.0"_s, u"tool@1.0.0"_s}));
        QCOMPARE(column(versions.array(), "status"_L1), QStringList({u"yanked"_s, u"available"_s}));
        QCOMPARE(versions.array()[1]["latest"_L1].toBool(), true);
        // It can still be looked at and fetched.
        QCOMPARE(m_api->get(u"/v1/skills/tool/1.1.0/archive"_s).status, 200);

        // A body is not needed.
        const HttpAnswer back = m_api->send(
            {.method = "POST", .target = u"/v1/skills/tool/1.1.0/unyank"_s});
        QVERIFY2(back.status == 200, back.body);
        QCOMPARE(back.object()["yanked"_L1].toBool(true), false);
        QCOMPARE(m_api->send({.method = "POST", .target = u"/v1/skills/tool/1.0.0/yank"_s}).status,
                 200);
        QCOMPARE(m_api->post(u"/v1/skills/tool/1.0.0/yank"_s, R"({"reason":7})").status, 400);
        const QByteArray longReason = "{\"reason\":\"" + QByteArray(1001, 'x') + "\"}";
        QCOMPARE(m_api->post(u"/v1/skills/tool/1.0.0/yank"_s, longReason).status, 400);
    }

    void tagsVersions()
    {
        publish(u"tool"_s, u"1.0.0"_s);
        publish(u"tool"_s, u"1.1.0"_s);
        const auto put = [&](const QString &tag, const QByteArray &json) {
            return m_api->send(
                {.method = "PUT", .target = u"/v1/skills/tool/tags/"_s + tag, .body = json});
        };
        const HttpAnswer set = put(u"stable"_s, R"({"version":"1.0.0"})");
        QVERIFY2(set.status == 200, set.body);
        QCOMPARE(set.object()["version"_L1].toString(), u"1.0.0"_s);
        QCOMPARE(m_api->get(u"/v1/skills/tool/stable"_s).object()["version"_L1].toString(),
                 u"1.0.0"_s);
        QCOMPARE(put(u"stable"_s, R"({"version":"latest"})").object()["version"_L1].toString(),
                 u"1.1.0"_s);
        QCOMPARE(put(u"beta"_s, R"({"version":"stable"})").object()["version"_L1].toString(),
                 u"1.1.0"_s);
        QCOMPARE(column(m_api->get(u"/v1/skills/tool/tags"_s).array(), "tag"_L1),
                 QStringList({u"beta"_s, u"stable"_s}));
        QCOMPARE(m_api->get(u"/v1/skills/tool/1.1.0"_s).object()["tags"_L1].toArray(),
                 QJsonArray({u"beta"_s, u"stable"_s}));
        QCOMPARE(put(u"beta"_s, R"({"version":"9.9.9"})").status, 404);
        QCOMPARE(put(u"beta"_s, "{}").status, 400);
        QCOMPARE(put(u"latest"_s, R"({"version":"1.0.0"})").status, 400);
        QCOMPARE(put(u"1.2.3"_s, R"({"version":"1.0.0"})").status, 400);
        const HttpCall remove{.method = "DELETE", .target = u"/v1/skills/tool/tags/beta"_s};
        QCOMPARE(m_api->send(remove).status, 204);
        QCOMPARE(m_api->send(remove).status, 404);
    }

    void deletesAVersion()
    {
        publish(u"tool"_s, u"1.0.0"_s);
        const HttpCall remove{.method = "DELETE", .target = u"/v1/skills/tool/1.0.0"_s};
        const HttpAnswer removed = m_api->send(remove);
        QCOMPARE(removed.status, 204);
        QVERIFY(removed.body.isEmpty());
        QCOMPARE(m_api->send(remove).status, 404);
        QCOMPARE(m_api->get(u"/v1/skills"_s).body, "[]"_ba);
    }

    // --- Who may

    void asksForTheRole_data()
    {
        QTest::addColumn<int>("role");
        QTest::addColumn<bool>("reads");
        QTest::addColumn<bool>("publishes");
        QTest::newRow("reader") << int(Role::Reader) << true << false;
        QTest::newRow("runner") << int(Role::Runner) << true << false;
        QTest::newRow("publisher") << int(Role::Publisher) << true << true;
        QTest::newRow("admin") << int(Role::Admin) << true << true;
        QTest::newRow("auditor") << int(Role::Auditor) << true << false;
    }
    void asksForTheRole()
    {
        QFETCH(int, role);
        QFETCH(bool, reads);
        QFETCH(bool, publishes);
        publish(u"tool"_s, u"1.0.0"_s);
        const QString key = m_api->key(static_cast<Role>(role));
        const auto statusOf = [&](const QByteArray &method, const QString &target,
                                  const QByteArray &body = {}) {
            return m_api->send({.method = method, .target = target, .body = body, .key = key})
                .status;
        };
        QCOMPARE(statusOf("GET", u"/v1/skills"_s), reads ? 200 : 403);
        QCOMPARE(statusOf("GET", u"/v1/skills/tool/1.0.0/archive"_s), reads ? 200 : 403);
        QCOMPARE(statusOf("POST", u"/v1/skills/from-fields"_s,
                          R"({"name":"a","description":"d","code":"x"})"),
                 publishes ? 201 : 403);
        QCOMPARE(statusOf("POST", u"/v1/skills/tool/1.0.0/yank"_s), publishes ? 200 : 403);
        QCOMPARE(statusOf("PUT", u"/v1/skills/tool/tags/x"_s, R"({"version":"1.0.0"})"),
                 publishes ? 200 : 403);
        QCOMPARE(statusOf("DELETE", u"/v1/skills/tool/1.0.0"_s), publishes ? 204 : 403);
    }

    void hidesOtherTenants()
    {
        publish(u"tool"_s, u"1.0.0"_s);
        const QString stranger = m_api->key(Role::Admin, u"other"_s);
        const auto statusOf = [&](const QByteArray &method, const QString &target) {
            return m_api->send({.method = method, .target = target, .key = stranger}).status;
        };
        QCOMPARE(m_api->send({.target = u"/v1/skills"_s, .key = stranger}).body, "[]"_ba);
        for (const QString &target :
             {u"/v1/skills/tool/latest"_s, u"/v1/skills/tool/1.0.0"_s,
              u"/v1/skills/tool/versions"_s, u"/v1/skills/tool/1.0.0/files"_s,
              u"/v1/skills/tool/1.0.0/archive"_s, u"/v1/skills/tool/diff?from=1.0.0&to=1.0.0"_s})
            QCOMPARE(statusOf("GET", target), 404);
        QCOMPARE(statusOf("DELETE", u"/v1/skills/tool/1.0.0"_s), 404);
        QCOMPARE(statusOf("POST", u"/v1/skills/tool/1.0.0/yank"_s), 404);
        QCOMPARE(m_api->get(u"/v1/skills/tool/1.0.0"_s).object()["yanked"_L1].toBool(true), false);
    }
};

QTEST_GUILESS_MAIN(TestSkillsApi)

#include "test_skills_api.moc"
