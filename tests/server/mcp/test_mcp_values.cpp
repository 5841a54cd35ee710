#include "server/mcp/batch_answers.h"
#include "server/mcp/json_rpc.h"
#include "server/mcp/protocol_version.h"
#include "server/mcp/resource_uri.h"
#include "server/mcp/skill_progress.h"
#include "server/mcp/skill_selection.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace skillbox;
using namespace Qt::StringLiterals;

class TestMcpValues : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // --- JSON-RPC

    void readsMessages_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QByteArray>("id");
        QTest::addColumn<QByteArray>("params");
        using Kind = RpcMessage::Kind;
        QTest::newRow("request") << R"({"jsonrpc":"2.0","id":7,"method":"m","params":{"a":1.0}})"_ba
                                 << int(Kind::Request) << "7"_ba
                                 << R"({"a":1.0})"_ba;
        QTest::newRow("text id")
            << " {\"method\":\"m\", \"id\" : \"a\\\"b\" ,\"jsonrpc\":\"2.0\"} "_ba
            << int(Kind::Request) << "\"a\\\"b\""_ba
            << ""_ba;
        QTest::newRow("large id")
            << R"({"jsonrpc":"2.0","id":12345678901234567890,"method":"m"})"_ba
            << int(Kind::Request) << "12345678901234567890"_ba
            << ""_ba;
        QTest::newRow("notification")
            << R"({"jsonrpc":"2.0","method":"m"})"_ba << int(Kind::Notification) << ""_ba
            << ""_ba;
        QTest::newRow("null params") << R"({"jsonrpc":"2.0","method":"m","params":null})"_ba
                                     << int(Kind::Notification) << ""_ba
                                     << ""_ba;
        QTest::newRow("response") << R"({"jsonrpc":"2.0","id":1,"result":{}})"_ba
                                  << int(Kind::Response) << "1"_ba
                                  << ""_ba;
        QTest::newRow("null result")
            << R"({"jsonrpc":"2.0","id":1,"result":null})"_ba << int(Kind::Response) << "1"_ba
            << ""_ba;
    }
    void readsMessages()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, kind);
        QFETCH(QByteArray, id);
        QFETCH(QByteArray, params);
        const RpcInput input = parseRpc(text);
        QVERIFY(!input.isBatch);
        QCOMPARE(input.entries.size(), 1);
        const auto *message = std::get_if<RpcMessage>(&input.entries.first());
        QVERIFY(message);
        QCOMPARE(int(message->kind), kind);
        QCOMPARE(message->id, id);
        QCOMPARE(message->params.bytes(), params);
    }

    void refusesWhatIsNoMessage_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("id");
        const auto row = [](const char *name, const QByteArray &text, int code,
                            const QByteArray &id = "null") {
            QTest::newRow(name) << text << code << id;
        };
        row("nothing", "", RpcError::ParseError);
        row("cut off", R"({"jsonrpc":"2.0","id":1)", RpcError::ParseError);
        row("NUL", QByteArray("{\"jsonrpc\":\"2.0\"\0}", 18), RpcError::ParseError);
        row("not UTF-8", "{\"jsonrpc\":\"2.0\",\"method\":\"\xff\"}", RpcError::ParseError);
        row("too deep", QByteArray(10'000, '['), RpcError::ParseError);
        row("scalar", "7", RpcError::InvalidRequest);
        row("other version", R"({"jsonrpc":"1.0","id":1,"method":"m"})", RpcError::InvalidRequest,
            "1");
        row("no version", R"({"id":1,"method":"m"})", RpcError::InvalidRequest, "1");
        row("no method", R"({"jsonrpc":"2.0","id":1})", RpcError::InvalidRequest, "1");
        row("method is no text", R"({"jsonrpc":"2.0","id":1,"method":2})", RpcError::InvalidRequest,
            "1");
        row("null id", R"({"jsonrpc":"2.0","id":null,"method":"m"})", RpcError::InvalidRequest);
        row("object id", R"({"jsonrpc":"2.0","id":{},"method":"m"})", RpcError::InvalidRequest);
        row("true id", R"({"jsonrpc":"2.0","id":true,"method":"m"})", RpcError::InvalidRequest);
        const QByteArray longText = '"' + QByteArray(300, 'x') + '"';
        row("long id", R"({"jsonrpc":"2.0","method":"m","id":)" + longText + '}',
            RpcError::InvalidRequest);
        row("long method", R"({"jsonrpc":"2.0","id":1,"method":)" + longText + '}',
            RpcError::InvalidRequest, "1");
        row("params in a list", R"({"jsonrpc":"2.0","id":1,"method":"m","params":[]})",
            RpcError::InvalidParams, "1");
        row("method and result", R"({"jsonrpc":"2.0","id":1,"method":"m","result":1})",
            RpcError::InvalidRequest, "1");
        row("empty batch", "[]", RpcError::InvalidRequest);
        row("long batch", '[' + QByteArray("1,").repeated(200) + "1]", RpcError::InvalidRequest);
    }
    void refusesWhatIsNoMessage()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, code);
        QFETCH(QByteArray, id);
        const RpcInput input = parseRpc(text);
        QVERIFY(!input.isBatch);
        const auto *refusal = std::get_if<RpcRefusal>(&input.entries.first());
        QVERIFY(refusal);
        QCOMPARE(refusal->error.code, code);
        QCOMPARE(refusal->id, id);
        const QJsonObject json = QJsonDocument::fromJson(rpcFailure(refusal->id, refusal->error))
                                     .object();
        QCOMPARE(json["error"_L1]["code"_L1].toInt(), code);
        QVERIFY(!json["error"_L1]["message"_L1].toString().isEmpty());
    }

    void refusesMessagesOverTheLimit()
    {
        const RpcInput input = parseRpc(R"({"jsonrpc":"2.0","method":"m"})", {.bytes = 20});
        QCOMPARE(std::get<RpcRefusal>(input.entries.first()).error.code,
                 int(RpcError::InvalidRequest));
    }

    void readsBatchesEntryByEntry()
    {
        const RpcInput input = parseRpc(
            R"([{"jsonrpc":"2.0","id":1,"method":"a"},17,{"jsonrpc":"2.0","method":"b"}])");
        QVERIFY(input.isBatch);
        QCOMPARE(input.entries.size(), 3);
        QCOMPARE(std::get<RpcMessage>(input.entries[0]).method, u"a"_s);
        QVERIFY(std::holds_alternative<RpcRefusal>(input.entries[1]));
        QCOMPARE(std::get<RpcMessage>(input.entries[2]).kind, RpcMessage::Kind::Notification);
    }

    void gathersTheAnswersOfABatch()
    {
        BatchAnswers both(BatchAnswers::Form::Array, 2);
        both.add("1");
        QVERIFY(!both.whole());
        both.add("2");
        QCOMPARE(both.whole().value_or(""), "[1,2]"_ba);
        BatchAnswers withdrawn(BatchAnswers::Form::Single, 1);
        withdrawn.add({});
        QCOMPARE(withdrawn.whole().value_or("?"), ""_ba);
    }

    // --- Versions

    void negotiatesVersions_data()
    {
        QTest::addColumn<QString>("wanted");
        QTest::addColumn<QString>("agreed");
        for (const QString &version : ProtocolVersion::supported())
            QTest::newRow(qPrintable(version)) << version << version;
        QTest::newRow("newer") << u"2027-01-01"_s << u"2025-11-25"_s;
        QTest::newRow("nonsense") << u"x"_s << u"2025-11-25"_s;
    }
    void negotiatesVersions()
    {
        QFETCH(QString, wanted);
        QFETCH(QString, agreed);
        const ProtocolVersion version = ProtocolVersion::negotiate(wanted);
        QCOMPARE(version.text(), agreed);
        QCOMPARE(version.hasBatches(), agreed == u"2025-03-26");
        QCOMPARE(version.hasStructuredResults(), agreed >= u"2025-06-18");
    }

    // --- Progress

    void readsWhatSkillsSayOfProgress_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<bool>("isOne");
        QTest::addColumn<double>("value");
        QTest::addColumn<double>("total");
        QTest::addColumn<QString>("message");
        QTest::newRow("of total") << u"::progress 3/10 reading"_s << true << 3. << 10.
                                  << u"reading"_s;
        QTest::newRow("per cent") << u"::progress 40%"_s << true << 40. << 100. << QString();
        QTest::newRow("open end") << u"  ::progress 2.5  a b "_s << true << 2.5 << 0. << u"a b"_s;
        for (const auto &line : {u"progress 3/10"_s, u"::progress"_s, u"::progress x"_s,
                                 u"::progress -1"_s, u"::progress nan"_s, u"::progress 1/inf"_s,
                                 u"::progress 1e300"_s, u"::progressive 3"_s})
            QTest::newRow(qPrintable(line)) << line << false << 0. << 0. << QString();
    }
    void readsWhatSkillsSayOfProgress()
    {
        QFETCH(QString, line);
        QFETCH(bool, isOne);
        const auto progress = parseProgressLine(line);
        QCOMPARE(progress.has_value(), isOne);
        if (!progress)
            return;
        QTEST(progress->value, "value");
        QTEST(progress->total, "total");
        QTEST(progress->message, "message");
    }

    // --- Addresses

    void readsItsOwnAddresses()
    {
        const QString odd = u"a b/ü%?#.txt"_s;
        const auto skill = parseResourceUri(skillUri(u"my-skill"_s, odd));
        QVERIFY(skill);
        QCOMPARE(std::get<SkillFileUri>(*skill).skill, u"my-skill"_s);
        QCOMPARE(std::get<SkillFileUri>(*skill).path, odd);
        const ExecutionId id{newUuid()};
        for (const auto what : {RunResourceUri::What::File, RunResourceUri::What::Output,
                                RunResourceUri::What::Logs}) {
            const auto run = parseResourceUri(runUri({id, what, odd}));
            QVERIFY(run);
            QCOMPARE(std::get<RunResourceUri>(*run).execution, id);
            QCOMPARE(std::get<RunResourceUri>(*run).what, what);
            if (what == RunResourceUri::What::File)
                QCOMPARE(std::get<RunResourceUri>(*run).path, odd);
        }
    }

    void refusesForeignAddresses_data()
    {
        QTest::addColumn<QString>("uri");
        for (const auto &uri :
             {u""_s, u"file:///etc/passwd"_s, u"skill://"_s, u"skill:///SKILL.md"_s,
              u"skill://name"_s, u"skill://name/"_s, u"skill://name/%00"_s, u"skill://name/%ff"_s,
              u"skillbox://executions/x/logs"_s, u"skillbox://executions/"_s + newUuid(),
              u"skillbox://executions/"_s + newUuid() + u"/files/"_s,
              u"skillbox://executions/"_s + newUuid() + u"/secrets"_s})
            QTest::newRow(qPrintable(uri)) << uri;
        QTest::newRow("long") << u"skill://a/"_s + QString(5000, u'x');
    }
    void refusesForeignAddresses()
    {
        QFETCH(QString, uri);
        QVERIFY(!parseResourceUri(uri));
    }

    // --- Selections

    void selectsSkillsByName()
    {
        const auto all = SkillSelection::create({});
        QVERIFY(all && all->has(u"anything"_s));
        const auto some = SkillSelection::create({.include = {u"report-*"_s, u"chart?"_s},
                                                  .exclude = {u"*-old"_s},
                                                  .tags = {u"b"_s, u"a"_s, u"b"_s}});
        QVERIFY(some.has_value());
        QVERIFY(some->has(u"report-week"_s));
        QVERIFY(some->has(u"chart1"_s));
        QVERIFY(!some->has(u"chart10"_s));
        QVERIFY(!some->has(u"report-old"_s));
        QVERIFY(!some->has(u"my-report-week"_s));
        QCOMPARE(some->tags(), (QStringList{u"a"_s, u"b"_s}));
    }

    void refusesPatternsWithoutEnd()
    {
        QVERIFY(!SkillSelection::create({.include = {QString(1000, u'*')}}));
        QVERIFY(!SkillSelection::create({.include = {QString()}}));
        QVERIFY(!SkillSelection::create({.exclude = QStringList(100, u"a"_s)}));
    }
};

QTEST_GUILESS_MAIN(TestMcpValues)

#include "test_mcp_values.moc"
