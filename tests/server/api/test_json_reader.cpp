#include "server/api/json/json_reader.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

class JsonReaderTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsEachKindOfMember();
    void valuesKeepTheirText_data();
    void valuesKeepTheirText();
    void leftOutAndNullAreTheSame();
    void theLastOfTwoCounts();
    void textsAreDecoded_data();
    void textsAreDecoded();
    void namesTheFirstMistake_data();
    void namesTheFirstMistake();
    void refusesWhatIsNoObject_data();
    void refusesWhatIsNoObject();
};

void JsonReaderTest::readsEachKindOfMember()
{
    auto json = JsonReader::parse(
        R"( { "text" : "a", "yes":true, "n": -12, "list":["x","","z"], "map":{"k":"v","":"w"} } )");
    QVERIFY(json);
    QCOMPARE(json->requiredText("text"_L1), u"a"_s);
    QCOMPARE(json->flag("yes"_L1), true);
    QCOMPARE(json->flag("no"_L1, true), true);
    QCOMPARE(json->number("n"_L1, -100), std::optional<qint64>(-12));
    QCOMPARE(json->texts("list"_L1), (QStringList{u"x"_s, QString(), u"z"_s}));
    const QMap<QString, QString> map{{u"k"_s, u"v"_s}, {QString(), u"w"_s}};
    QCOMPARE(json->textMap("map"_L1), map);
    QVERIFY(!json->error());
}

void JsonReaderTest::valuesKeepTheirText_data()
{
    QTest::addColumn<QByteArray>("value");
    QTest::newRow("number") << QByteArray("1.0");
    QTest::newRow("large") << QByteArray("123456789012345678901234567890");
    QTest::newRow("text with brackets") << QByteArray(R"("a]},{[\"\\")");
    QTest::newRow("object") << QByteArray(R"({"z":[1,{"a":"}"}],"a":{}})");
    QTest::newRow("array") << QByteArray(R"([[],[[]],"]",null])");
    QTest::newRow("false") << QByteArray("false");
    QTest::newRow("empty text") << QByteArray("\"\"");
}

void JsonReaderTest::valuesKeepTheirText()
{
    QFETCH(QByteArray, value);
    auto json = JsonReader::parse("{\"before\":" + value + ",\"it\":" + value + ",\"after\":0}");
    QVERIFY(json);
    QCOMPARE(json->value("it"_L1).bytes(), value);
    QCOMPARE(json->value("before"_L1).bytes(), value);
    QCOMPARE(json->number("after"_L1), std::optional<qint64>(0));
}

void JsonReaderTest::leftOutAndNullAreTheSame()
{
    auto json = JsonReader::parse(R"({"a":null})");
    QVERIFY(json);
    QVERIFY(!json->has("a"_L1) && !json->has("b"_L1));
    QCOMPARE(json->text("a"_L1, u"standard"_s), u"standard"_s);
    QVERIFY(json->value("a"_L1).isEmpty());
    QCOMPARE(json->texts("a"_L1), QStringList());
    QVERIFY(!json->error());
    json->requiredText("a"_L1);
    QCOMPARE(json->error()->message, u"a is missing"_s);
}

void JsonReaderTest::theLastOfTwoCounts()
{
    auto json = JsonReader::parse(R"({"a":"1","\u0061":"2"})");
    QVERIFY(json);
    QCOMPARE(json->text("a"_L1), u"2"_s);
}

void JsonReaderTest::textsAreDecoded_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("text");
    QTest::newRow("escapes") << QByteArray(R"("\"\\\/\n\t")") << u"\"\\/\n\t"_s;
    QTest::newRow("control") << QByteArray(R"("\u0001")") << QString(QChar(1));
    QTest::newRow("NUL") << QByteArray(R"("a\u0000b")") << u"a"_s + QChar(0) + u'b';
    QTest::newRow("pair") << QByteArray(R"("\ud83d\ude00")") << u"😀"_s;
    QTest::newRow("UTF-8") << QByteArray("\"ü😀\"") << u"ü😀"_s;
}

void JsonReaderTest::textsAreDecoded()
{
    QFETCH(QByteArray, json);
    QFETCH(QString, text);
    auto reader = JsonReader::parse("{\"t\":" + json + "}");
    QVERIFY(reader);
    QCOMPARE(reader->text("t"_L1), text);
}

void JsonReaderTest::namesTheFirstMistake_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("message");
    QTest::newRow("text") << QByteArray(R"({"text":[]})") << u"text must be a string"_s;
    QTest::newRow("flag") << QByteArray(R"({"flag":"true"})") << u"flag must be true or false"_s;
    QTest::newRow("number") << QByteArray(R"({"number":1.5})")
                            << u"number must be a whole number from 0 to 10"_s;
    QTest::newRow("number too large")
        << QByteArray(R"({"number":11})") << u"number must be a whole number from 0 to 10"_s;
    QTest::newRow("list") << QByteArray(R"({"list":{}})") << u"list must be an array of strings"_s;
    QTest::newRow("list item") << QByteArray(R"({"list":["a",null]})")
                               << u"list[1] must be a string"_s;
    QTest::newRow("map") << QByteArray(R"({"map":"x"})") << u"map must be an object of strings"_s;
    QTest::newRow("map item") << QByteArray(R"({"map":{"%1":7}})")
                              << u"map[\"%1\"] must be a string"_s;
    QTest::newRow("two") << QByteArray(R"({"flag":0,"text":1})") << u"text must be a string"_s;
}

void JsonReaderTest::namesTheFirstMistake()
{
    QFETCH(QByteArray, json);
    QFETCH(QString, message);
    auto reader = JsonReader::parse(json);
    QVERIFY(reader);
    reader->text("text"_L1);
    reader->flag("flag"_L1);
    reader->number("number"_L1, 0, 10);
    reader->texts("list"_L1);
    reader->textMap("map"_L1);
    QVERIFY(reader->error());
    QCOMPARE(reader->error()->code, ErrorCode::BadRequest);
    QCOMPARE(reader->error()->message, message);
}

void JsonReaderTest::refusesWhatIsNoObject_data()
{
    QTest::addColumn<QByteArray>("body");
    for (const char *body :
         {"", "  ", "[]", "\"{}\"", "1", "null", "{", "{\"a\":}", "{}{}", "{'a':1}", "{\"a\":1,}",
          "\xef\xbb\xbf", "{\"\xff\":1}", "{\"a\":\"\\ud800\"}"})
        QTest::newRow(body) << QByteArray(body);
    QTest::newRow("deep") << "{\"a\":" + QByteArray(100'000, '[');
}

void JsonReaderTest::refusesWhatIsNoObject()
{
    QFETCH(QByteArray, body);
    const auto json = JsonReader::parse(body);
    QVERIFY(!json);
    QCOMPARE(json.error().code, ErrorCode::BadRequest);
    QVERIFY2(json.error().message.startsWith("the body "_L1), qPrintable(json.error().message));
}

QTEST_GUILESS_MAIN(JsonReaderTest)
#include "test_json_reader.moc"
