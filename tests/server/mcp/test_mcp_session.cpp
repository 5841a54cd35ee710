#include "server/mcp/mcp_session.h"
#include "tests/server/api/api_fixture.h"
#include "tests/support/skill_folder.h"

#include <QElapsedTimer>
#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

namespace {

/// A client without a transport: what it is sent lies in a list.
class TestClient
{
public:
    explicit TestClient(McpHost &host, McpSession::Options options = {.tenant = localTenant()})
        : m_session(McpSession::create(host, std::move(options), [this](const McpOutput &output) {
            const std::lock_guard lock(m_mutex);
            m_outputs.append(output);
        }))
    {
    }

    void initialize(const QString &version = u"2025-11-25"_s)
    {
        const QJsonObject answer = ask(u"initialize"_s, {{u"protocolVersion"_s, version}});
        QCOMPARE(answer["result"_L1]["protocolVersion"_L1].toString(), version);
    }
    /// Sends a request and goes on; its id.
    int send(const QString &method, const QJsonObject &params = {})
    {
        RpcMessage message{.kind = RpcMessage::Kind::Request,
                           .id = QByteArray::number(++m_lastId),
                           .method = method,
                           .params = {}};
        message.params = JsonText::parse(QJsonDocument(params).toJson()).value();
        m_session->receive(message, caller);
        return m_lastId;
    }
    void tell(const QString &method, const QJsonObject &params)
    {
        RpcMessage message{
            .kind = RpcMessage::Kind::Notification, .id = {}, .method = method, .params = {}};
        message.params = JsonText::parse(QJsonDocument(params).toJson()).value();
        m_session->receive(message, caller);
    }
    QJsonObject ask(const QString &method, const QJsonObject &params = {})
    {
        const int id = send(method, params);
        (void)QTest::qWaitFor([&] { return !answerTo(id).isEmpty(); }, 60'000);
        return answerTo(id);
    }
    QJsonObject call(const QString &tool, const QJsonObject &arguments = {},
                     const QJsonObject &meta = {})
    {
        return ask(u"tools/call"_s,
                   {{u"name"_s, tool},
                    {u"arguments"_s, arguments},
                    {u"_meta"_s, meta}})["result"_L1]
            .toObject();
    }

    QList<McpOutput> outputs() const
    {
        const std::lock_guard lock(m_mutex);
        return m_outputs;
    }
    QJsonObject answerTo(int id) const
    {
        for (const McpOutput &output : outputs()) {
            if (output.kind == McpOutput::Kind::Answer && output.request == QByteArray::number(id))
                return QJsonDocument::fromJson(output.json).object();
        }
        return {};
    }
    QList<QJsonObject> notes(const QString &method) const
    {
        QList<QJsonObject> found;
        for (const McpOutput &output : outputs()) {
            const QJsonObject json = QJsonDocument::fromJson(output.json).object();
            if (output.kind == McpOutput::Kind::Note && json["method"_L1] == method)
                found.append(json["params"_L1].toObject());
        }
        return found;
    }
    McpSession &session() { return *m_session; }
    McpCaller caller{.role = Role::Runner, .origin = {.actor = u"agent"_s}};

private:
    mutable std::mutex m_mutex;
    QList<McpOutput> m_outputs;
    int m_lastId = 0;
    std::shared_ptr<McpSession> m_session;
};

QStringList namesIn(const QJsonObject &answer, QLatin1StringView list)
{
    QStringList names;
    for (const QJsonValue &row : answer["result"_L1][list].toArray())
        names.append(row["name"_L1].toString());
    return names;
}

QString textOf(const QJsonObject &result, int at = 0)
{
    return result["content"_L1][at]["text"_L1].toString();
}

constexpr auto echo = "import json, os\n"
                      "value = json.load(open('/sandbox/input.json'))\n"
                      "json.dump(value, open(os.environ['SANDBOX_OUTPUT'], 'w'))\n";

} // namespace

class TestMcpSession : public QObject
{
    Q_OBJECT

    std::unique_ptr<ApiFixture> m_api;
    std::unique_ptr<McpHost> m_host;

    bool publishText(const QString &name, const QByteArray &header = {},
                     const QMap<QString, QByteArray> &files = {})
    {
        return m_api->publish(name, {}, header, files);
    }
    Origin byTest() const { return {.actor = u"test"_s, .address = {}, .requestId = {}}; }

private Q_SLOTS:
    void init()
    {
        m_api = ApiFixture::start();
        QVERIFY(m_api);
        m_host = std::make_unique<McpHost>(m_api->engine());
    }
    void cleanup()
    {
        m_host.reset();
        m_api.reset();
    }

    // --- Lifecycle

    void beginsWithInitialize()
    {
        TestClient client(*m_host);
        QCOMPARE(client.ask(u"tools/list"_s)["error"_L1]["code"_L1].toInt(),
                 int(RpcError::InvalidRequest));
        QVERIFY(client.ask(u"ping"_s)["result"_L1].isObject());
        QCOMPARE(client.ask(u"initialize"_s)["error"_L1]["code"_L1].toInt(),
                 int(RpcError::InvalidParams)); // no version
        client.initialize();
        QCOMPARE(client
                     .ask(u"initialize"_s,
                          {{u"protocolVersion"_s, u"2025-11-25"_s}})["error"_L1]["code"_L1]
                     .toInt(),
                 int(RpcError::InvalidRequest));
        QCOMPARE(client.ask(u"no/such"_s)["error"_L1]["code"_L1].toInt(),
                 int(RpcError::MethodNotFound));
    }

    // --- Lists

    void listsToolsResourcesAndPrompts()
    {
        QVERIFY(m_api->publish(u"word-counter"_s, echo, "license: MIT\n",
                               {{u"schemas/input.json"_s,
                                 R"({"type":"object","properties":{"text":{"type":"string",)"
                                 R"("description":"what to count"},"top":{"type":"integer"}},)"
                                 R"("required":["text"]})"},
                                {u"schemas/output.json"_s, R"({"type":"object"})"}}));
        QVERIFY(publishText(u"style-guide"_s));
        TestClient client(*m_host);
        client.initialize();
        const QJsonObject tools = client.ask(u"tools/list"_s);
        QCOMPARE(namesIn(tools, "tools"_L1), QStringList{u"word-counter"_s});
        const QJsonObject tool = tools["result"_L1]["tools"_L1][0].toObject();
        QCOMPARE(tool["title"_L1].toString(), u"Word counter"_s);
        QCOMPARE(tool["inputSchema"_L1]["required"_L1][0].toString(), u"text"_s);
        QVERIFY(tool["outputSchema"_L1].isObject());
        QCOMPARE(tool["annotations"_L1]["openWorldHint"_L1], QJsonValue(false));
        const QJsonObject resources = client.ask(u"resources/list"_s);
        QCOMPARE(namesIn(resources, "resources"_L1),
                 (QStringList{u"style-guide"_s, u"word-counter"_s}));
        QCOMPARE(resources["result"_L1]["resources"_L1][0]["uri"_L1].toString(),
                 u"skill://style-guide/SKILL.md"_s);
        const QJsonObject prompts = client.ask(u"prompts/list"_s);
        QCOMPARE(namesIn(prompts, "prompts"_L1),
                 (QStringList{u"style-guide"_s, u"word-counter"_s}));
        const QJsonArray arguments = prompts["result"_L1]["prompts"_L1][1]["arguments"_L1]
                                         .toArray();
        QCOMPARE(arguments.size(), 2);
        QCOMPARE(arguments[0]["required"_L1], QJsonValue(true));
        QCOMPARE(arguments[1]["description"_L1].toString(), u"integer"_s);
    }

    void showsTheNewestVersionThatIsNotYanked()
    {
        for (const auto &version : {u"1.0.0"_s, u"1.10.0"_s, u"1.9.0"_s, u"2.0.0"_s}) {
            const SkillFolder skill{.name = u"growing"_s, .version = version};
            QVERIFY(m_api->engine().registry().publishDirectory(
                localTenant(), skill.write(m_api->path(u"s"_s)), byTest()));
        }
        QVERIFY(m_api->engine().registry().yank({localTenant(), u"growing"_s, u"2.0.0"_s}, {},
                                                byTest()));
        TestClient client(*m_host);
        client.initialize();
        const QJsonObject tools = client.ask(u"tools/list"_s);
        QCOMPARE(tools["result"_L1]["tools"_L1].toArray().size(), 1);
        QCOMPARE(tools["result"_L1]["tools"_L1][0]["_meta"_L1]["skillbox/version"_L1].toString(),
                 u"1.10.0"_s);
    }

    void givesListsPageByPage()
    {
        for (int i = 0; i < 5; ++i)
            QVERIFY(publishText(u"skill-%1"_s.arg(i)));
        TestClient client(*m_host, {.tenant = localTenant(), .pageSize = 2});
        client.initialize();
        QStringList seen;
        QString cursor;
        int pages = 0;
        do {
            const QJsonObject page = client.ask(u"resources/list"_s,
                                                cursor.isEmpty()
                                                    ? QJsonObject()
                                                    : QJsonObject{{u"cursor"_s, cursor}});
            seen += namesIn(page, "resources"_L1);
            cursor = page["result"_L1]["nextCursor"_L1].toString();
            if (++pages == 1) // what goes meanwhile moves nothing
                QVERIFY(m_api->engine().registry().remove({localTenant(), u"skill-0"_s, u"1.0.0"_s},
                                                          byTest()));
        } while (!cursor.isEmpty() && pages < 10);
        QCOMPARE(pages, 3);
        QCOMPARE(seen.join(u' '), u"skill-0 skill-1 skill-2 skill-3 skill-4"_s);
        for (const auto &wrong : {u"x"_s, u"YWZ0ZXI6"_s + u"!"_s}) {
            QCOMPARE(
                client.ask(u"tools/list"_s, {{u"cursor"_s, wrong}})["error"_L1]["code"_L1].toInt(),
                int(RpcError::InvalidParams));
        }
    }

    void hidesWhatTheSelectionLeavesOut()
    {
        QVERIFY(m_api->publish(u"report-week"_s, "print('week')\n"));
        QVERIFY(m_api->publish(u"secret"_s, "print('secret')\n"));
        TestClient client(*m_host,
                          {.tenant = localTenant(),
                           .selection = *SkillSelection::create({.include = {u"report-*"_s}})});
        client.initialize();
        QCOMPARE(namesIn(client.ask(u"tools/list"_s), "tools"_L1), QStringList{u"report-week"_s});
        for (const auto &[method, params] :
             {std::pair{u"tools/call"_s, QJsonObject{{u"name"_s, u"secret"_s}}},
              std::pair{u"prompts/get"_s, QJsonObject{{u"name"_s, u"secret"_s}}},
              std::pair{u"resources/read"_s,
                        QJsonObject{{u"uri"_s, u"skill://secret/SKILL.md"_s}}}})
            QVERIFY2(client.ask(method, params).contains("error"_L1), qPrintable(method));
    }

    void showsTheVersionsThatATagIsOn()
    {
        Registry &registry = m_api->engine().registry();
        for (const auto &version : {u"1.0.0"_s, u"2.0.0"_s}) {
            const SkillFolder skill{.name = u"tagged"_s, .version = version};
            QVERIFY(registry.publishDirectory(localTenant(), skill.write(m_api->path(u"s"_s)),
                                              byTest()));
        }
        QVERIFY(m_api->publish(u"other"_s, "print(1)\n"));
        QVERIFY(
            m_api->publish(u"says-so"_s, "print(1)\n", "metadata:\n  tags: \"team, stable\"\n"));
        QVERIFY(registry.setTag({localTenant(), u"tagged"_s, u"1.0.0"_s}, u"stable"_s, byTest()));
        TestClient client(*m_host,
                          {.tenant = localTenant(),
                           .selection = *SkillSelection::create({.tags = {u"stable"_s}})});
        client.initialize();
        const QJsonObject tools = client.ask(u"tools/list"_s);
        QCOMPARE(namesIn(tools, "tools"_L1), (QStringList{u"says-so"_s, u"tagged"_s}));
        QCOMPARE(tools["result"_L1]["tools"_L1][1]["_meta"_L1]["skillbox/version"_L1].toString(),
                 u"1.0.0"_s);
    }

    void tellsOfChangesByWhomever()
    {
        QVERIFY(publishText(u"watched"_s));
        TestClient client(*m_host);
        client.initialize();
        QCOMPARE(namesIn(client.ask(u"resources/list"_s), "resources"_L1).size(), 1);
        QVERIFY(client
                    .ask(u"resources/subscribe"_s,
                         {{u"uri"_s, u"skill://watched/SKILL.md"_s}})["result"_L1]
                    .isObject());
        // Another engine on the same data, as another process has it.
        EngineConfig config = m_api->engine().config();
        auto other = Engine::create(config);
        QVERIFY(other);
        const SkillFolder skill{.name = u"watched"_s, .version = u"1.1.0"_s};
        QVERIFY((*other)->registry().publishDirectory(localTenant(),
                                                      skill.write(m_api->path(u"s"_s)), byTest()));
        QTRY_COMPARE_WITH_TIMEOUT(client.notes(u"notifications/tools/list_changed"_s).size(), 1,
                                  20'000);
        QTRY_COMPARE_WITH_TIMEOUT(client.notes(u"notifications/prompts/list_changed"_s).size(), 1,
                                  20'000);
        const auto updated = client.notes(u"notifications/resources/updated"_s);
        QCOMPARE(updated.size(), 1);
        QCOMPARE(updated.first()["uri"_L1].toString(), u"skill://watched/SKILL.md"_s);
        QCOMPARE(namesIn(client.ask(u"tools/list"_s), "tools"_L1), QStringList{u"watched"_s});
        // A run is no change.
        QCOMPARE(client.call(u"watched"_s)["isError"_L1], QJsonValue(false));
        QVERIFY((*other)->registry().yank({localTenant(), u"watched"_s, u"1.1.0"_s}, {}, byTest()));
        QTRY_COMPARE_WITH_TIMEOUT(client.notes(u"notifications/tools/list_changed"_s).size(), 2,
                                  20'000);
        QCOMPARE(namesIn(client.ask(u"tools/list"_s), "tools"_L1), QStringList());
    }

    // --- Calls

    void givesResultsAsDataAndAsText_data()
    {
        QTest::addColumn<QByteArray>("output");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QJsonObject>("structured");
        QTest::newRow("object") << R"({"b":1.0,"a":[]})"_ba << u"{\"b\":1.0,\"a\":[]}"_s
                                << QJsonObject{{u"b"_s, 1.0}, {u"a"_s, QJsonArray()}};
        QTest::newRow("text") << R"("two\nlines")"_ba << u"two\nlines"_s
                              << QJsonObject{{u"result"_s, u"two\nlines"_s}};
        QTest::newRow("list") << "[1,2]"_ba << u"[1,2]"_s
                              << QJsonObject{{u"result"_s, QJsonArray{1, 2}}};
        QTest::newRow("none") << ""_ba << u"said on the way"_s << QJsonObject();
    }
    void givesResultsAsDataAndAsText()
    {
        QFETCH(QByteArray, output);
        QFETCH(QString, text);
        QFETCH(QJsonObject, structured);
        QVERIFY(
            m_api->publish(u"answering"_s,
                           "import os\nprint('said on the way')\n"
                           "text = r'''"
                               + output
                               + "'''\n"
                                 "if text: open(os.environ['SANDBOX_OUTPUT'], 'w').write(text)\n"));
        TestClient client(*m_host);
        client.initialize();
        const QJsonObject result = client.call(u"answering"_s);
        QCOMPARE(result["isError"_L1], QJsonValue(false));
        QCOMPARE(textOf(result), text);
        QCOMPARE(result["structuredContent"_L1].toObject(), structured);
        QCOMPARE(result["_meta"_L1]["skillbox/status"_L1].toString(), u"success"_s);
        QVERIFY(isUuid(result["_meta"_L1]["skillbox/execution_id"_L1].toString()));

        TestClient old(*m_host);
        old.initialize(u"2024-11-05"_s);
        QVERIFY(!old.call(u"answering"_s).contains("structuredContent"_L1));
    }

    void saysWhyACallFailed()
    {
        QVERIFY(m_api->publish(u"failing"_s, "print('about to fail')\nraise SystemExit(3)\n"));
        QVERIFY(m_api->publish(u"strict"_s, echo, {},
                               {{u"schemas/input.json"_s,
                                 R"({"type":"object","required":["text"],)"
                                 R"("properties":{"text":{"type":"string"}}})"}}));
        QVERIFY(m_api->publish(u"promising"_s, echo, {},
                               {{u"schemas/output.json"_s,
                                 R"({"type":"object","required":["sum"]})"}}));
        TestClient client(*m_host);
        client.initialize();
        const QJsonObject failed = client.call(u"failing"_s);
        QCOMPARE(failed["isError"_L1], QJsonValue(true));
        QVERIFY2(textOf(failed).contains(u"exited with code 3"_s), qPrintable(textOf(failed)));
        QVERIFY(textOf(failed).contains(u"about to fail"_s));
        QCOMPARE(failed["_meta"_L1]["skillbox/exit_code"_L1].toInt(), 3);

        const QJsonObject invalid = client.call(u"strict"_s, {{u"text"_s, 7}});
        QCOMPARE(invalid["isError"_L1], QJsonValue(true));
        QVERIFY2(textOf(invalid).contains(u"/text"_s), qPrintable(textOf(invalid)));

        const QJsonObject broken = client.call(u"promising"_s, {{u"a"_s, 1}});
        QCOMPARE(broken["isError"_L1], QJsonValue(true));
        QVERIFY2(textOf(broken).contains(u"schema"_s), qPrintable(textOf(broken)));
        QCOMPARE(client.call(u"promising"_s, {{u"sum"_s, 1}})["isError"_L1], QJsonValue(false));

        const QJsonObject unknown = client.ask(u"tools/call"_s, {{u"name"_s, u"nothing"_s}});
        QCOMPARE(unknown["error"_L1]["code"_L1].toInt(), int(RpcError::InvalidParams));
    }

    void wrapsInputsThatAreNoObjects()
    {
        QVERIFY(m_api->publish(u"adding"_s, echo, {},
                               {{u"schemas/input.json"_s,
                                 R"({"type":"array","items":{"$ref":"#/$defs/n"},)"
                                 R"("$defs":{"n":{"type":"number"}}})"}}));
        TestClient client(*m_host);
        client.initialize();
        const QJsonObject schema =
            client.ask(u"tools/list"_s)["result"_L1]["tools"_L1][0]["inputSchema"_L1].toObject();
        QCOMPARE(schema["properties"_L1]["input"_L1]["items"_L1]["$ref"_L1].toString(),
                 u"#/properties/input/$defs/n"_s);
        QCOMPARE(textOf(client.call(u"adding"_s, {{u"input"_s, QJsonArray{1, 2.5}}})),
                 u"[1,2.5]"_s);
        QCOMPARE(client.call(u"adding"_s, {{u"input"_s, u"no"_s}})["isError"_L1], QJsonValue(true));
    }

    void givesFilesAsContentAndLinks()
    {
        QVERIFY(
            m_api->publish(u"writing"_s,
                           "import base64, os\nfiles = os.environ['SANDBOX_FILES_DIR']\n"
                           "os.makedirs(files + 'charts')\n"
                           "open(files + 'charts/a b.png', 'wb').write(b'\\x89PNG\\r\\n\\x1a\\n')\n"
                           "open(files + 'report.csv', 'w').write('a,b\\n1,2\\n')\n"
                           "open(files + 'large.txt', 'w').write('x' * 100000)\n"
                           "open(files + 'raw.bin', 'wb').write(b'\\0\\1')\n"));
        TestClient client(*m_host);
        client.initialize();
        const QJsonObject result = client.call(u"writing"_s);
        QMap<QString, int> kinds;
        QStringList links;
        for (const QJsonValue &item : result["content"_L1].toArray()) {
            ++kinds[item["type"_L1].toString()];
            if (item["type"_L1] == u"resource_link"_s)
                links.append(item["uri"_L1].toString());
        }
        QCOMPARE(kinds.value(u"image"_s), 1);
        QCOMPARE(kinds.value(u"resource"_s), 1); // the small text
        QCOMPARE(links.size(), 4);
        for (const QString &uri : std::as_const(links)) {
            const QJsonObject read = client.ask(u"resources/read"_s, {{u"uri"_s, uri}});
            const QJsonObject content = read["result"_L1]["contents"_L1][0].toObject();
            QCOMPARE(content["uri"_L1].toString(), uri);
            const bool isText = uri.endsWith(u".csv"_s) || uri.endsWith(u".txt"_s);
            QCOMPARE(content.contains("text"_L1), isText);
            QCOMPARE(content.contains("blob"_L1), !isText);
        }
        const QString id = result["_meta"_L1]["skillbox/execution_id"_L1].toString();
        for (const auto &uri :
             {u"skillbox://executions/%1/files/../x"_s.arg(id),
              u"skillbox://executions/%1/output"_s.arg(id),
              u"skillbox://executions/%1/logs"_s.arg(newUuid()), u"skill://writing/../x"_s,
              u"skill://nothing/SKILL.md"_s, u"http://example.org/"_s}) {
            QCOMPARE(
                client.ask(u"resources/read"_s, {{u"uri"_s, uri}})["error"_L1]["code"_L1].toInt(),
                int(RpcError::ResourceNotFound));
        }
        TestClient old(*m_host);
        old.initialize(u"2025-03-26"_s);
        for (const QJsonValue &item : old.call(u"writing"_s)["content"_L1].toArray())
            QVERIFY(item["type"_L1] != u"resource_link"_s);
    }

    void reportsProgressAndLog()
    {
        QVERIFY(m_api->publish(u"slow"_s,
                               "import time\n"
                               "for i in (1, 2, 2, 4):\n"
                               "    print(f'::progress {i}/4 step {i}', flush=True)\n"
                               "    time.sleep(0.02)\n"));
        TestClient client(*m_host);
        client.initialize();
        QVERIFY(client.ask(u"logging/setLevel"_s, {{u"level"_s, u"loud"_s}}).contains("error"_L1));
        client.call(u"slow"_s); // nobody asked for either
        QVERIFY(client.notes(u"notifications/progress"_s).isEmpty());
        QVERIFY(client.notes(u"notifications/message"_s).isEmpty());

        client.ask(u"logging/setLevel"_s, {{u"level"_s, u"info"_s}});
        client.call(u"slow"_s, {}, {{u"progressToken"_s, u"p"_s}});
        const auto progress = client.notes(u"notifications/progress"_s);
        QList<double> values;
        for (const QJsonObject &note : progress) {
            QCOMPARE(note["progressToken"_L1].toString(), u"p"_s);
            values.append(note["progress"_L1].toDouble());
        }
        QCOMPARE(values, (QList<double>{0, 1, 2, 4})); // each is more than the one before
        QCOMPARE(progress.last()["total"_L1].toDouble(), 4.);
        QCOMPARE(progress.last()["message"_L1].toString(), u"step 4"_s);
        QString log;
        for (const QJsonObject &note : client.notes(u"notifications/message"_s)) {
            QCOMPARE(note["logger"_L1].toString(), u"slow"_s);
            log += note["data"_L1]["text"_L1].toString();
        }
        QVERIFY2(log.contains(u"step 4"_s), qPrintable(log));
    }

    void stopsWhatIsCancelled_data()
    {
        QTest::addColumn<bool>("bySession");
        QTest::newRow("the request is withdrawn") << false;
        QTest::newRow("the session ends") << true;
    }
    void stopsWhatIsCancelled()
    {
        QFETCH(bool, bySession);
        QVERIFY(m_api->publish(u"endless"_s,
                               "import time\nprint('on', flush=True)\ntime.sleep(600)\n"));
        TestClient client(*m_host);
        client.initialize();
        const int id = client.send(u"tools/call"_s,
                                   {{u"name"_s, u"endless"_s},
                                    {u"_meta"_s, QJsonObject{{u"progressToken"_s, 1}}}});
        ExecutionService &executions = m_api->engine().executions();
        // Really at work: it has printed.
        QTRY_VERIFY_WITH_TIMEOUT(client.notes(u"notifications/progress"_s).size() >= 2, 60'000);
        if (bySession)
            client.session().close();
        else
            client.tell(u"notifications/cancelled"_s, {{u"requestId"_s, id}});
        QTRY_COMPARE_WITH_TIMEOUT(executions.load().running, 0, 60'000);
        const auto runs = executions.list(localTenant(), {});
        QCOMPARE(runs->first().status, ExecutionStatus::Cancelled);
        QCOMPARE(client.session().callsUnderWay(), 0);
        QVERIFY(client.answerTo(id).isEmpty());
        // Again, or for what never was, does nothing.
        client.tell(u"notifications/cancelled"_s, {{u"requestId"_s, id}});
        client.tell(u"notifications/cancelled"_s, {{u"requestId"_s, u"x"_s}});
    }

    void letsReadersLookOnly()
    {
        QVERIFY(m_api->publish(u"running"_s, "print(1)\n"));
        TestClient client(*m_host);
        client.caller.role = Role::Reader;
        client.initialize();
        QCOMPARE(namesIn(client.ask(u"tools/list"_s), "tools"_L1), QStringList{u"running"_s});
        QCOMPARE(
            client.ask(u"tools/call"_s, {{u"name"_s, u"running"_s}})["error"_L1]["code"_L1].toInt(),
            int(RpcError::Forbidden));
        QVERIFY(m_api->engine().executions().list(localTenant(), {})->isEmpty());
    }

    void boundsTheCallsOfASession()
    {
        QVERIFY(m_api->publish(u"endless"_s, "import time\ntime.sleep(600)\n"));
        TestClient client(*m_host, {.tenant = localTenant(), .maxCalls = 1});
        client.initialize();
        client.send(u"tools/call"_s, {{u"name"_s, u"endless"_s}});
        QCOMPARE(
            client.ask(u"tools/call"_s, {{u"name"_s, u"endless"_s}})["error"_L1]["code"_L1].toInt(),
            int(RpcError::Busy));
        client.session().close();
    }

    // --- Prompts

    void makesPromptsOfInstructions()
    {
        QVERIFY(publishText(u"guide"_s, {},
                            {{u"references/rules.md"_s, "# Rules\n"},
                             {u"references/other.md"_s, "# Not named\n"},
                             {u"schemas/input.json"_s,
                              R"({"type":"object","required":["tone"],"properties":{"tone":)"
                              R"({"enum":["dry","warm","wry"]},"short":{"type":"boolean"}}})"}}));
        // SkillFolder writes its own instructions; this one names a file.
        const SkillFolder skill{.name = u"guide"_s,
                                .version = u"2.0.0"_s,
                                .script = {},
                                .files = {{u"references/rules.md"_s, "# Rules\n"},
                                          {u"SKILL.md"_s,
                                           "---\nname: guide\nversion: 2.0.0\n"
                                           "description: Writes. Use when writing.\n---\n"
                                           "Read [the rules](references/rules.md).\n"},
                                          {u"references/other.md"_s, "# Not named\n"}}};
        TestClient client(*m_host);
        client.initialize();
        QVERIFY(client.ask(u"prompts/get"_s, {{u"name"_s, u"guide"_s}}).contains("error"_L1));
        const QJsonObject given = client.ask(
            u"prompts/get"_s,
            {{u"name"_s, u"guide"_s}, {u"arguments"_s, QJsonObject{{u"tone"_s, u"dry"_s}}}});
        const QString text = given["result"_L1]["messages"_L1][0]["content"_L1]["text"_L1]
                                 .toString();
        QVERIFY2(text.contains(u"Give it a text."_s) && text.contains(u"tone: dry"_s),
                 qPrintable(text));

        const auto complete = [&](const QString &argument, const QString &typed) {
            const QJsonObject answer = client.ask(
                u"completion/complete"_s,
                {{u"ref"_s, QJsonObject{{u"type"_s, u"ref/prompt"_s}, {u"name"_s, u"guide"_s}}},
                 {u"argument"_s, QJsonObject{{u"name"_s, argument}, {u"value"_s, typed}}}});
            QStringList values;
            for (const QJsonValue &value :
                 answer["result"_L1]["completion"_L1]["values"_L1].toArray())
                values.append(value.toString());
            return values;
        };
        QCOMPARE(complete(u"tone"_s, u"w"_s), (QStringList{u"warm"_s, u"wry"_s}));
        QCOMPARE(complete(u"tone"_s, u"r"_s), (QStringList{u"dry"_s, u"warm"_s, u"wry"_s}));
        QCOMPARE(complete(u"short"_s, {}), (QStringList{u"true"_s, u"false"_s}));
        QCOMPARE(complete(u"nothing"_s, {}), QStringList());

        QVERIFY(m_api->engine().registry().publishDirectory(
            localTenant(), skill.write(m_api->path(u"s"_s)), byTest()));
        QTRY_VERIFY_WITH_TIMEOUT(!client.notes(u"notifications/prompts/list_changed"_s).isEmpty(),
                                 20'000);
        const QJsonArray messages = client
                                        .ask(u"prompts/get"_s,
                                             {{u"name"_s, u"guide"_s}})["result"_L1]["messages"_L1]
                                        .toArray();
        QCOMPARE(messages.size(), 2);
        QCOMPARE(messages[1]["content"_L1]["resource"_L1]["uri"_L1].toString(),
                 u"skill://guide/references/rules.md"_s);
        QCOMPARE(messages[1]["content"_L1]["resource"_L1]["text"_L1].toString(), u"# Rules\n"_s);
    }

    void completesTheAddressesOfFiles()
    {
        QVERIFY(publishText(u"guide"_s, {}, {{u"references/rules.md"_s, "# Rules\n"}}));
        TestClient client(*m_host);
        client.initialize();
        const QString uri = client
                                .ask(u"resources/templates/list"_s)["result"_L1]
                                                                   ["resourceTemplates"_L1][0]
                                                                   ["uriTemplate"_L1]
                                .toString();
        const QJsonObject reference{{u"type"_s, u"ref/resource"_s}, {u"uri"_s, uri}};
        const QJsonObject names = client.ask(
            u"completion/complete"_s,
            {{u"ref"_s, reference},
             {u"argument"_s, QJsonObject{{u"name"_s, u"name"_s}, {u"value"_s, u"gu"_s}}}});
        QCOMPARE(names["result"_L1]["completion"_L1]["values"_L1][0].toString(), u"guide"_s);
        const QJsonObject files = client.ask(
            u"completion/complete"_s,
            {{u"ref"_s, reference},
             {u"argument"_s, QJsonObject{{u"name"_s, u"path"_s}, {u"value"_s, u"ref"_s}}},
             {u"context"_s, QJsonObject{{u"arguments"_s, QJsonObject{{u"name"_s, u"guide"_s}}}}}});
        QCOMPARE(files["result"_L1]["completion"_L1]["values"_L1][0].toString(),
                 u"references/rules.md"_s);
    }

    void keepsTenantsApart()
    {
        QVERIFY(m_api->publish(u"mine"_s, "print(1)\n"));
        TestClient client(*m_host, {.tenant = {u"another"_s}});
        client.initialize();
        QCOMPARE(namesIn(client.ask(u"tools/list"_s), "tools"_L1), QStringList());
        QVERIFY(client.ask(u"resources/read"_s, {{u"uri"_s, u"skill://mine/SKILL.md"_s}})
                    .contains("error"_L1));
    }
};

QTEST_GUILESS_MAIN(TestMcpSession)

#include "test_mcp_session.moc"
