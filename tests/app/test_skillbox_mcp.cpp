#include "tests/app/program.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonObject>
#include <QtTest>

using namespace skillbox::test;
using namespace Qt::StringLiterals;

/// `skillbox mcp`, `mcp config` and `skill export`, as a shell and a client's file see them.
class TestSkillboxMcp : public QObject
{
    Q_OBJECT

    std::unique_ptr<Sandbox> m_sandbox;

    void publish(const QString &name)
    {
        m_sandbox->writeSkill(name, u"main.py"_s, "print('said by the skill')\n");
        QCOMPARE(m_sandbox->run({u"skill"_s, u"push"_s, m_sandbox->path(name)}).code, 0);
    }
    /// Sends lines and gives back what comes before the program ends.
    QStringList speak(const QByteArrayList &lines, const QStringList &options = {})
    {
        const Finished done = m_sandbox->run(QStringList{u"mcp"_s} + options,
                                             lines.join('\n') + '\n');
        if (done.code != 0)
            qWarning("%s", qPrintable(done.err));
        return done.out.split(u'\n', Qt::SkipEmptyParts);
    }
    static QByteArray initialize(const QByteArray &version = "2025-11-25")
    {
        return "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":"
               "{\"protocolVersion\":\""
            + version + "\"}}";
    }
    static QByteArray ask(int id, const QByteArray &method)
    {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + QByteArray::number(id) + ",\"method\":\"" + method
            + "\"}";
    }

private Q_SLOTS:
    void init() { m_sandbox = std::make_unique<Sandbox>(); }
    void cleanup() { m_sandbox.reset(); }

    // --- Standard input and output

    void answersLineByLine()
    {
        publish(u"saying"_s);
        const QStringList answers = speak({initialize(),
                                           {},
                                           ask(2, "tools/list"),
                                           "nonsense",
                                           "[" + ask(3, "ping") + "]",
                                           ask(4, "ping")});
        QCOMPARE(answers.size(), 5);
        QVERIFY(answers[0].contains(u"\"protocolVersion\":\"2025-11-25\""_s));
        QVERIFY2(answers[1].contains(u"\"name\":\"saying\""_s), qPrintable(answers[1]));
        QVERIFY(answers[2].contains(u"-32700"_s));
        QVERIFY(answers[3].contains(u"-32600"_s)); // batches are of another version
        QCOMPARE(answers[4], u"{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":{}}"_s);
    }

    void answersBatchesAsOne()
    {
        const QStringList answers = speak(
            {initialize("2025-03-26"), "[" + ask(2, "ping") + ",7," + ask(3, "ping") + "]"});
        QCOMPARE(answers.size(), 2);
        QCOMPARE(QJsonDocument::fromJson(answers[1].toUtf8()).array().size(), 3);
    }

    void showsTheSkillsThatWereAskedFor()
    {
        publish(u"report-week"_s);
        publish(u"other"_s);
        const QStringList answers = speak({initialize(), ask(2, "tools/list")},
                                          {u"--include"_s, u"report-*"_s});
        QVERIFY(answers.value(1).contains(u"report-week"_s));
        QVERIFY(!answers.value(1).contains(u"other"_s));
    }

    void refusesOptionsThatMakeNoSense()
    {
        const Finished done = m_sandbox->run({u"mcp"_s, u"--session"_s, u"a b"_s});
        QCOMPARE(done.code, 1);
        QCOMPARE(done.out, QString());
        QVERIFY2(done.err.contains(u"--session"_s), qPrintable(done.err));
    }

    // --- Configuration of clients

    void writesNothingUnlessAsked()
    {
        m_sandbox->setVariable(u"HOME"_s, m_sandbox->path({}));
        for (const auto &client :
             {u"claude-desktop"_s, u"claude-code"_s, u"cursor"_s, u"vscode"_s, u"windsurf"_s,
              u"zed"_s, u"gemini-cli"_s, u"codex"_s, u"continue"_s}) {
            const Finished done = m_sandbox->run({u"mcp"_s, u"config"_s, client});
            QCOMPARE(done.code, 0);
            QVERIFY2(done.out.contains(u"/skillbox\""_s) && done.out.contains(u"\"mcp\""_s),
                     qPrintable(done.out));
            QVERIFY2(done.err.contains(u"this belongs into /"_s), qPrintable(done.err));
        }
        QCOMPARE(QDir(m_sandbox->path({}))
                     .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
                 QStringList());
    }

    void keepsWhatIsInAFile()
    {
        m_sandbox->setVariable(u"HOME"_s, m_sandbox->path({}));
        m_sandbox->write(
            u".cursor/mcp.json"_s,
            "{\"zoom\":1.0,\"big\":12345678901234567890,\"mcpServers\":{\"b\":{\"url\":"
            "\"http://x\"},\"a\":{\"args\":[]}},\"after\":\"\\u00e9\"}");
        const QStringList write{u"mcp"_s, u"config"_s, u"cursor"_s, u"--write"_s};
        QCOMPARE(m_sandbox->run(write).code, 0);
        const QByteArray once = m_sandbox->read(u".cursor/mcp.json"_s);
        for (const char *kept : {"\"zoom\": 1.0", "\"big\": 12345678901234567890",
                                 "\"url\": \"http://x\"", "\"args\": []", "\"skillbox\": {"})
            QVERIFY2(once.contains(kept), once);
        QVERIFY(once.indexOf("\"zoom\"") < once.indexOf("\"big\"")); // in their order
        QVERIFY(once.indexOf("\"b\"") < once.indexOf("\"a\""));
        const QJsonObject json = QJsonDocument::fromJson(once).object();
        QCOMPARE(json["after"_L1].toString(), u"é"_s);
        QCOMPARE(json["mcpServers"_L1].toObject().size(), 3);
        // Once more changes nothing.
        QVERIFY(m_sandbox->run(write).err.contains(u"already"_s));
        QCOMPARE(m_sandbox->read(u".cursor/mcp.json"_s), once);
    }

    void leavesFilesAloneThatItWouldHarm_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("comments") << "{\n  // mine\n  \"a\": 1\n}\n"_ba;
        QTest::newRow("no object") << "[]"_ba;
        QTest::newRow("something else in its place") << "{\"mcpServers\":[]}"_ba;
        QTest::newRow("cut off") << "{\"mcpServers\":{"_ba;
    }
    void leavesFilesAloneThatItWouldHarm()
    {
        QFETCH(QByteArray, text);
        m_sandbox->setVariable(u"HOME"_s, m_sandbox->path({}));
        m_sandbox->write(u".gemini/settings.json"_s, text);
        const Finished done = m_sandbox->run(
            {u"mcp"_s, u"config"_s, u"gemini-cli"_s, u"--write"_s});
        QCOMPARE(done.code, 1);
        QVERIFY2(done.err.contains(u"left as it is"_s), qPrintable(done.err));
        QCOMPARE(m_sandbox->read(u".gemini/settings.json"_s), text);
    }

    void makesNewFilesForTheirOwnerAlone()
    {
        m_sandbox->setVariable(u"HOME"_s, m_sandbox->path({}));
        QCOMPARE(m_sandbox->run({u"mcp"_s, u"config"_s, u"windsurf"_s, u"--write"_s}).code, 0);
        const QString file = m_sandbox->path(u".codeium/windsurf/mcp_config.json"_s);
        QCOMPARE(QFile::permissions(file) & (QFile::ReadOther | QFile::ReadGroup),
                 QFile::Permissions());
    }

    void addsATableToToml()
    {
        m_sandbox->setVariable(u"HOME"_s, m_sandbox->path({}));
        const QByteArray old = "# mine\nmodel = \"x\"";
        m_sandbox->write(u".codex/config.toml"_s, old);
        const QStringList write{u"mcp"_s, u"config"_s, u"codex"_s, u"--write"_s};
        QCOMPARE(m_sandbox->run(write).code, 0);
        const QByteArray once = m_sandbox->read(u".codex/config.toml"_s);
        QVERIFY(once.startsWith(old + "\n\n[mcp_servers.skillbox]\ncommand = \""));
        QCOMPARE(m_sandbox->run(write).code, 0);
        QCOMPARE(m_sandbox->read(u".codex/config.toml"_s), once);
        // Another entry of the same name is not ours to change.
        const Finished other = m_sandbox->run(write + QStringList{u"--include"_s, u"a*"_s});
        QCOMPARE(other.code, 1);
        QCOMPARE(m_sandbox->read(u".codex/config.toml"_s), once);
    }

    void namesTheServerAndItsKey()
    {
        const QStringList server{u"--server"_s, u"https://skills.example.org"_s, u"--api-key"_s,
                                 u"sk-1"_s};
        const Finished program = m_sandbox->run(QStringList{u"mcp"_s, u"config"_s, u"zed"_s}
                                                + server);
        QVERIFY2(program.out.contains(u"\"SKILLBOX_SERVER_URL\": \"https://skills.example.org\""_s)
                     && program.out.contains(u"\"SKILLBOX_API_KEY\": \"sk-1\""_s),
                 qPrintable(program.out));
        QVERIFY(program.err.contains(u"your API key"_s));
        const Finished http = m_sandbox->run(
            QStringList{u"mcp"_s, u"config"_s, u"vscode"_s, u"--http"_s, u"--include"_s, u"a*"_s}
            + server);
        const QJsonValue entry = http.json()["servers"_L1]["skillbox"_L1];
        QCOMPARE(entry["type"_L1].toString(), u"http"_s);
        QCOMPARE(entry["url"_L1].toString(), u"https://skills.example.org/mcp?include=a%2A"_s);
        QCOMPARE(entry["headers"_L1]["Authorization"_L1].toString(), u"Bearer sk-1"_s);
        QCOMPARE(m_sandbox->run({u"mcp"_s, u"config"_s, u"vscode"_s, u"--http"_s}).code, 1);
        QCOMPARE(m_sandbox
                     ->run(QStringList{u"mcp"_s, u"config"_s, u"claude-desktop"_s, u"--http"_s}
                           + server)
                     .code,
                 1);
    }

    // --- Export

    void exportsTools_data()
    {
        QTest::addColumn<QString>("format");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("schema");
        QTest::newRow("openai") << u"openai"_s << u"/0/function/name"_s
                                << u"/0/function/parameters"_s;
        QTest::newRow("anthropic") << u"anthropic"_s << u"/0/name"_s << u"/0/input_schema"_s;
        QTest::newRow("mcp") << u"mcp"_s << u"/tools/0/name"_s << u"/tools/0/inputSchema"_s;
        QTest::newRow("langchain") << u"langchain"_s << u"/0/name"_s << u"/0/args_schema"_s;
    }
    void exportsTools()
    {
        QFETCH(QString, format);
        publish(u"my.skill"_s);
        m_sandbox->write(u"guide/SKILL.md"_s,
                         "---\nname: guide\ndescription: Only words.\n---\nWords.\n");
        QCOMPARE(m_sandbox->run({u"skill"_s, u"push"_s, m_sandbox->path(u"guide"_s)}).code, 0);
        const QJsonValue json = m_sandbox->run({u"skill"_s, u"export"_s, u"--format"_s, format})
                                    .json();
        const auto at = [&](const QString &pointer) {
            QJsonValue value = json;
            for (const QString &part : pointer.split(u'/', Qt::SkipEmptyParts))
                value = value.isArray() ? value[part.toInt()] : value[part];
            return value;
        };
        QFETCH(QString, name);
        QFETCH(QString, schema);
        QCOMPARE(at(name).toString(), u"my_skill"_s);
        QCOMPARE(at(schema)["type"_L1].toString(), u"object"_s);
        QVERIFY(at(QString(name).replace(u'0', u'1')).isUndefined()); // instructions are no tool
        QCOMPARE(m_sandbox->run({u"skill"_s, u"export"_s, u"--format"_s, format, u"guide"_s}).code,
                 1);
    }
};

QTEST_GUILESS_MAIN(TestSkillboxMcp)

#include "test_skillbox_mcp.moc"
