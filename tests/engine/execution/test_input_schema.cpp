#include "engine/execution/input_schema.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

QByteArray compact(const QJsonValue &value)
{
    // A document holds no scalar.
    const QByteArray list = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
    return list.sliced(1, list.size() - 2);
}

} // namespace

class InputSchemaTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void saysWhatDoesNotMatch_data();
    void saysWhatDoesNotMatch();
    void agreesWithTheOfficialSuite_data();
    void agreesWithTheOfficialSuite();
    void keepsAllDigits();
    void reportsAtMostFifty();
    void refusesWhatIsNoSchema_data();
    void refusesWhatIsNoSchema();
    void namesWhatItDoesNotCheck();
    void hostileSchemasAndInputsEndSoon_data();
    void hostileSchemasAndInputsEndSoon();
};

void InputSchemaTest::saysWhatDoesNotMatch_data()
{
    QTest::addColumn<QByteArray>("schema");
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<QStringList>("violations"); // pointer, space, message

    const QByteArray text = R"({"type":"object","properties":{"text":{"type":"string"}},)"
                            R"("required":["text"]})";
    QTest::newRow("good") << text << R"({"text":"a","more":1})"_ba << QStringList();
    QTest::newRow("missing") << text << "{}"_ba << QStringList{u" must have a member \"text\""_s};
    QTest::newRow("type") << text << R"({"text":1})"_ba
                          << QStringList{u"/text must be of type string, not integer"_s};
    QTest::newRow("root") << text << "[]"_ba
                          << QStringList{u" must be of type object, not array"_s};
    QTest::newRow("several")
        << R"({"properties":{"a":{"minimum":5},"b":{"maxLength":1}},"required":["c"]})"_ba
        << R"({"a":1,"b":"xx"})"_ba
        << QStringList{u" must have a member \"c\""_s, u"/a must be at least 5"_s,
                       u"/b must have at most 1 characters"_s};
    QTest::newRow("item") << R"({"items":{"type":"integer"}})"_ba
                          << R"([1,2.0,2.5,"x"])"_ba
                          << QStringList{u"/2 must be of type integer, not number"_s,
                                         u"/3 must be of type integer, not string"_s};
    QTest::newRow("odd names") << R"({"additionalProperties":false})"_ba
                               << R"({"a/b~c":1})"_ba << QStringList{u"/a~1b~0c is not allowed"_s};
    QTest::newRow("pattern") << R"({"pattern":"^[a-z]+$"})"_ba
                             << R"("A")"_ba << QStringList{u" must match the pattern ^[a-z]+$"_s};
    QTest::newRow("reference")
        << R"({"$defs":{"n":{"type":"number"}},"properties":{"n":{"$ref":"#/$defs/n"}}})"_ba
        << R"({"n":"x"})"_ba << QStringList{u"/n must be of type number, not string"_s};
    QTest::newRow("itself") << R"({"properties":{"child":{"$ref":"#"}},"required":["id"]})"_ba
                            << R"({"id":1,"child":{"id":2,"child":{}}})"_ba
                            << QStringList{u"/child/child must have a member \"id\""_s};
    QTest::newRow("alternatives") << R"({"anyOf":[{"type":"string"},{"type":"integer"}]})"_ba
                                  << "1.5"_ba
                                  << QStringList{u" matches none of the alternatives"_s};
    QTest::newRow("one of two members")
        << R"({"oneOf":[{"required":["text"]},{"required":["file"]}]})"_ba
        << R"({"csv":""})"_ba
        << QStringList{u" must have one of these members: \"text\", \"file\""_s};
    QTest::newRow("no alternative at all")
        << R"({"anyOf":[false,{"required":["a"]}]})"_ba
        << R"({"b":1})"_ba << QStringList{u" matches none of the alternatives"_s};
    QTest::newRow("enum") << R"({"enum":["a",{"b":[1]}]})"_ba
                          << R"({"b":[1.0]})"_ba << QStringList();
    QTest::newRow("draft 4 bound") << R"({"minimum":0,"exclusiveMinimum":true})"_ba
                                   << "0"_ba << QStringList{u" must be more than 0"_s};
    QTest::newRow("characters") << R"({"maxLength":2})"_ba
                                << R"("😀ü")"_ba << QStringList();
}

void InputSchemaTest::saysWhatDoesNotMatch()
{
    QFETCH(QByteArray, schema);
    QFETCH(QByteArray, input);
    QFETCH(QStringList, violations);
    const auto parsed = InputSchema::parse(schema);
    QVERIFY2(parsed, parsed ? "" : qPrintable(parsed.error().message));
    const auto checked = parsed->check(*JsonText::parse(input));
    QCOMPARE(checked.has_value(), violations.isEmpty());
    if (checked)
        return;
    QCOMPARE(checked.error().code, ErrorCode::InvalidInput);
    QStringList seen;
    const QJsonArray items = checked.error().items;
    for (const QJsonValue &item : items)
        seen.append(item[u"pointer"_s].toString() + u' ' + item[u"message"_s].toString());
    seen.sort();
    violations.sort();
    QCOMPARE(seen, violations);
}

/// https://github.com/json-schema-org/JSON-Schema-Test-Suite as Debian packages it: one row a
/// file, without what needs other documents than the schema itself or is not checked here.
void InputSchemaTest::agreesWithTheOfficialSuite_data()
{
    QTest::addColumn<QString>("path");
    const QDir suite(QStringLiteral(SKILLBOX_SCHEMA_SUITE));
    if (!suite.exists())
        QSKIP("json-schema-test-suite is not installed");
    const QStringList left{u"anchor.json"_s,
                           u"dynamicRef.json"_s,
                           u"id.json"_s,
                           u"refRemote.json"_s,
                           u"unevaluatedItems.json"_s,
                           u"unevaluatedProperties.json"_s,
                           u"unknownKeyword.json"_s,
                           u"vocabulary.json"_s,
                           u"definitions.json"_s,
                           u"defs.json"_s};
    for (const QString &draft :
         {u"draft2020-12"_s, u"draft2019-09"_s, u"draft7"_s, u"draft6"_s, u"draft4"_s}) {
        const QDir folder(suite.filePath(draft));
        for (const QString &name : folder.entryList({u"*.json"_s}, QDir::Files)) {
            if (!left.contains(name))
                QTest::addRow("%s/%s", qPrintable(draft), qPrintable(name))
                    << folder.filePath(name);
        }
    }
}

void InputSchemaTest::agreesWithTheOfficialSuite()
{
    QFETCH(QString, path);
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QJsonArray groups = QJsonDocument::fromJson(file.readAll()).array();
    QVERIFY(!groups.isEmpty());
    int checks = 0;
    for (const QJsonValue &group : groups) {
        // Until draft 7 what stands beside a $ref did not count.
        if (group[u"description"_s] == "ref overrides any sibling keywords"_L1)
            continue;
        const auto schema = InputSchema::parse(compact(group[u"schema"_s]));
        // Other documents, and patterns that look ahead or back, are refused: never wrong.
        if (!schema) {
            const QString why = schema.error().message;
            QVERIFY2(why.contains(u"is not a place in this schema"_s)
                         || why.contains(u"the pattern cannot be used"_s),
                     qPrintable(group[u"description"_s].toString() + u": "_s + why));
            continue;
        }
        if (!schema->ignoredKeywords().isEmpty())
            continue;
        const QJsonArray tests = group[u"tests"_s].toArray();
        for (const QJsonValue &test : tests) {
            const auto checked = schema->check(*JsonText::parse(compact(test[u"data"_s])));
            QVERIFY2(checked.has_value() == test[u"valid"_s].toBool(),
                     qPrintable(group[u"description"_s].toString() + u" / "_s
                                + test[u"description"_s].toString()));
            ++checks;
        }
    }
    QVERIFY(checks > 0);
}

void InputSchemaTest::keepsAllDigits()
{
    const auto schema = InputSchema::parse(R"({"maximum":9007199254740993})");
    QVERIFY(schema);
    QVERIFY(schema->check(*JsonText::parse("9007199254740993")));
    QVERIFY(!schema->check(*JsonText::parse("9007199254740994")));
    const auto unique = InputSchema::parse(R"({"uniqueItems":true})");
    QVERIFY(unique->check(*JsonText::parse("[9007199254740993,9007199254740992]")));
    QVERIFY(!unique->check(*JsonText::parse("[1,1.0]")));
    QVERIFY(!unique->check(*JsonText::parse(R"([{"a":1,"b":2},{"b":2,"a":1}])")));
}

void InputSchemaTest::reportsAtMostFifty()
{
    const auto schema = InputSchema::parse(R"({"items":{"type":"string"}})");
    QVERIFY(schema);
    const auto checked = schema->check(*JsonText::parse('[' + "1,"_ba.repeated(999) + "1]"));
    QVERIFY(!checked);
    QCOMPARE(checked.error().items.size(), 50);
    QVERIFY2(checked.error().message.contains(u"/0 must be of type string"_s),
             qPrintable(checked.error().message));
}

void InputSchemaTest::refusesWhatIsNoSchema_data()
{
    QTest::addColumn<QByteArray>("schema");
    QTest::addColumn<QString>("mention");
    QTest::newRow("empty") << ""_ba << u""_s;
    QTest::newRow("not JSON") << "{"_ba << u""_s;
    QTest::newRow("a list") << "[]"_ba << u"must be an object"_s;
    QTest::newRow("type") << R"({"type":"text"})"_ba << u"/type"_s;
    QTest::newRow("nested") << R"({"properties":{"a":{"minimum":"1"}}})"_ba
                            << u"/properties/a/minimum"_s;
    QTest::newRow("remote") << R"({"$ref":"https://example.com/s.json"})"_ba
                            << u"not a place in this schema"_s;
    QTest::newRow("file") << R"({"$ref":"file:///etc/passwd"})"_ba
                          << u"not a place in this schema"_s;
    QTest::newRow("nowhere") << R"({"$ref":"#/$defs/none"})"_ba << u"not a place in this schema"_s;
    QTest::newRow("to itself") << R"({"$ref":"#"})"_ba << u"in a circle"_s;
    QTest::newRow("circle")
        << R"({"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"not":{"$ref":"#/$defs/b"}},)"
           R"("b":{"if":{"$ref":"#/$defs/a"}}}})"_ba
        << u"in a circle"_s;
    QTest::newRow("pattern") << R"({"pattern":"("})"_ba << u"pattern"_s;
    QTest::newRow("look ahead") << R"x({"pattern":"^(?!a)"})x"_ba << u"pattern"_s;
    QTest::newRow("huge pattern") << R"x({"pattern":"((((a{1,100}){1,100}){1,100}){1,100})"})x"_ba
                                  << u"pattern"_s;
    QTest::newRow("deep") << R"({"not":)"_ba.repeated(100) + "true" + "}"_ba.repeated(100) << u""_s;
    QTest::newRow("large") << '"' + QByteArray(InputSchema::maxBytes, 'a') + '"'
                           << u"larger than"_s;
    QTest::newRow("list of tests") << R"({"allOf":{}})"_ba << u"/allOf"_s;
    QTest::newRow("zero") << R"({"multipleOf":0})"_ba << u"/multipleOf"_s;
}

void InputSchemaTest::refusesWhatIsNoSchema()
{
    QFETCH(QByteArray, schema);
    QFETCH(QString, mention);
    const auto parsed = InputSchema::parse(schema);
    QVERIFY(!parsed);
    QCOMPARE(parsed.error().code, ErrorCode::InvalidSkill);
    QVERIFY2(parsed.error().message.contains(mention), qPrintable(parsed.error().message));
}

void InputSchemaTest::namesWhatItDoesNotCheck()
{
    const auto schema = InputSchema::parse(
        R"({"unevaluatedProperties":false,"properties":{"a":{"unevaluatedProperties":false}}})");
    QVERIFY(schema);
    QCOMPARE(schema->ignoredKeywords(), QStringList{u"unevaluatedProperties"_s});
}

void InputSchemaTest::hostileSchemasAndInputsEndSoon_data()
{
    QTest::addColumn<QByteArray>("schema");
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<bool>("refused");

    QTest::newRow("backtracking") << R"({"pattern":"^(a+)+$"})"_ba
                                  << '"' + QByteArray(100'000, 'a') + "!\"" << true;
    QTest::newRow("long text") << R"({"pattern":"^(a|b)*$"})"_ba
                               << '"' + QByteArray(3'000'000, 'a') + '"' << false;
    // 2^40 evaluations of the leaf for one value.
    QByteArray doubling = R"({"$defs":{"d0":{"type":"object"})";
    for (int i = 1; i <= 40; ++i) {
        const QByteArray below = R"({"$ref":"#/$defs/d)" + QByteArray::number(i - 1) + R"("})";
        doubling += R"(,"d)" + QByteArray::number(i) + R"(":{"allOf":[)" + below + ',' + below
            + "]}";
    }
    QTest::newRow("doubling") << doubling + R"(},"$ref":"#/$defs/d40"})"
                              << "{}"_ba << true;
    // Two ways down at each level of the input.
    QTest::newRow("two ways down")
        << R"({"anyOf":[{"properties":{"a":{"$ref":"#"}},"required":["x"]},)"
           R"({"properties":{"a":{"$ref":"#"}},"required":["y"]}]})"_ba
        << R"({"a":)"_ba.repeated(300) + "1" + "}"_ba.repeated(300) << true;
    QTest::newRow("deep input") << R"({"properties":{"a":{"$ref":"#"}},"items":{"$ref":"#"}})"_ba
                                << R"({"a":)"_ba.repeated(500) + "1" + "}"_ba.repeated(500)
                                << false;
    QByteArray numbers;
    for (int i = 0; i < 200'000; ++i)
        numbers += QByteArray::number(i) + ',';
    numbers.chop(1);
    QTest::newRow("unique") << R"({"uniqueItems":true})"_ba << '[' + numbers + ']' << false;
    QTest::newRow("unique and deep") << R"({"uniqueItems":true})"_ba
                                     << "[[1],"_ba + "["_ba.repeated(500) + '"'
            + QByteArray(500'000, 'a') + '"' + "]"_ba.repeated(501)
                                     << false;
    QTest::newRow("large choice") << R"({"items":{"enum":[)"_ba + numbers.first(100'000) + "0]}}"
                                  << '[' + "-1,"_ba.repeated(100'000) + "-1]" << true;
    QByteArray members;
    for (int i = 0; i < 50'000; ++i)
        members += "\"" + QByteArray::number(i) + "\":0,";
    members.chop(1);
    QTest::newRow("many members") << R"({"properties":{)"
            + members.first(members.indexOf("\"9999\"")).replace(":0", ":true") + R"("z":true}})"
                                  << '{' + members + '}' << true;
}

void InputSchemaTest::hostileSchemasAndInputsEndSoon()
{
    QFETCH(QByteArray, schema);
    QFETCH(QByteArray, input);
    QFETCH(bool, refused);
    const auto parsed = InputSchema::parse(schema);
    QVERIFY2(parsed, parsed ? "" : qPrintable(parsed.error().message));
    const auto json = JsonText::parse(input, 1000);
    QVERIFY(json);
    QElapsedTimer timer;
    timer.start();
    const auto checked = parsed->check(*json);
    QCOMPARE(!checked, refused);
    QVERIFY2(timer.elapsed() < 10'000, qPrintable(QString::number(timer.elapsed())));
}

QTEST_APPLESS_MAIN(InputSchemaTest)
#include "test_input_schema.moc"
