#include "engine/base/json_text.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

class JsonTextTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsValuesAndDropsWhiteSpace_data();
    void keepsValuesAndDropsWhiteSpace();
    void saysWhatIsWrongAndWhere_data();
    void saysWhatIsWrongAndWhere();
    void boundsDepthWithoutRecursion();
    void aParsedTextParsesToItself();
    void knowsNothingFromNull();
    void readsLargeTexts();
};

void JsonTextTest::keepsValuesAndDropsWhiteSpace_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("object") << " { \"a\" : [ 1 , 2 ] ,\n\"b\":{}}\n"_ba
                            << R"({"a":[1,2],"b":{}})"_ba;
    QTest::newRow("order of members") << R"({"z":1,"a":2})"_ba
                                      << R"({"z":1,"a":2})"_ba;
    QTest::newRow("twice the same key") << R"({"a":1,"a":2})"_ba
                                        << R"({"a":1,"a":2})"_ba;
    QTest::newRow("scalar") << "42"_ba
                            << "42"_ba;
    QTest::newRow("null") << "null"_ba
                          << "null"_ba;
    QTest::newRow("numbers as written") << "[1.0,1e5,-0,1E+300,12345678901234567890123]"_ba
                                        << "[1.0,1e5,-0,1E+300,12345678901234567890123]"_ba;
    QTest::newRow("unicode") << R"("äöü € 😀")"_ba
                             << R"("äöü € 😀")"_ba;
    QTest::newRow("escapes become characters") << R"("\u00e4\/\ud83d\ude00")"_ba
                                               << R"("ä/😀")"_ba;
    QTest::newRow("control characters stay escaped") << R"("\u0000\n\u001f\"\\")"_ba
                                                     << R"("\u0000\n\u001f\"\\")"_ba;
    QTest::newRow("byte order mark") << "\xEF\xBB\xBF{}"_ba
                                     << "{}"_ba;
    QTest::newRow("empty containers") << "[[],{},\"\"]"_ba
                                      << "[[],{},\"\"]"_ba;
}

void JsonTextTest::keepsValuesAndDropsWhiteSpace()
{
    QFETCH(QByteArray, text);
    const auto parsed = JsonText::parse(text);
    QVERIFY2(parsed, parsed ? "" : qPrintable(parsed.error().message));
    QTEST(parsed->bytes(), "expected");
}

void JsonTextTest::saysWhatIsWrongAndWhere_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("place");
    QTest::newRow("empty") << QByteArray() << u"empty"_s;
    QTest::newRow("white space") << " \n\t"_ba << u"empty"_s;
    QTest::newRow("word") << "hello"_ba << u"line 1, column 1"_s;
    QTest::newRow("trailing text") << "{} x"_ba << u"line 1, column 4"_s;
    QTest::newRow("two values") << "1 2"_ba << u"line 1, column 3"_s;
    QTest::newRow("trailing comma") << "{\"a\":1,\n }"_ba << u"line 2"_s;
    QTest::newRow("single quotes") << "{'a':1}"_ba << u"line 1, column 2"_s;
    QTest::newRow("NaN") << "[NaN]"_ba << u"line 1, column 2"_s;
    QTest::newRow("infinity") << "[-Infinity]"_ba << u"line 1"_s;
    QTest::newRow("leading zero") << "[01]"_ba << u"line 1, column 3"_s;
    QTest::newRow("comment") << "// no\n1"_ba << u"line 1, column 1"_s;
    QTest::newRow("unterminated") << "[\"abc"_ba << u"line 1"_s;
    QTest::newRow("raw control character") << "\"a\nb\""_ba << u"line 1"_s;
    QTest::newRow("invalid UTF-8") << "\"\xff\""_ba << u"line 1"_s;
    QTest::newRow("overlong UTF-8") << "\"\xC0\xAF\""_ba << u"line 1"_s;
    QTest::newRow("lone surrogate") << R"("\ud800")"_ba << u"line 1"_s;
    QTest::newRow("lone low surrogate") << R"(["\ude00"])"_ba << u"line 1, column"_s;
    QTest::newRow("lone low surrogate in a key") << R"({"\udc00x":1})"_ba << u"surrogate"_s;
    QTest::newRow("beyond a double") << "[1,1e400]"_ba << u"line 1, column 4"_s;
    QTest::newRow("NUL") << QByteArray("{}\0", 3) << u"line 1, column 3"_s;
    QTest::newRow("text behind a NUL") << QByteArray("{}\0 x", 5) << u"line 1, column 3"_s;
}

void JsonTextTest::saysWhatIsWrongAndWhere()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, place);
    const auto parsed = JsonText::parse(text);
    QVERIFY(!parsed);
    QCOMPARE(parsed.error().code, ErrorCode::BadRequest);
    QVERIFY2(parsed.error().message.contains(place), qPrintable(parsed.error().message));
}

void JsonTextTest::boundsDepthWithoutRecursion()
{
    QVERIFY(JsonText::parse(QByteArray(512, '[') + QByteArray(512, ']')));
    const auto deeper = JsonText::parse(QByteArray(513, '[') + QByteArray(513, ']'));
    QVERIFY(!deeper);
    QVERIFY2(deeper.error().message.contains(u"512 levels"_s), qPrintable(deeper.error().message));
    QVERIFY(!JsonText::parse(QByteArray(10'000'000, '[')));
    // With the bound far away the parser's own stack must not be the machine's.
    QVERIFY(JsonText::parse(QByteArray(1'000'000, '[') + QByteArray(1'000'000, ']'), 1'000'000));
}

void JsonTextTest::aParsedTextParsesToItself()
{
    const auto once = JsonText::parse(R"( {"a" : "\u0007\t é", "b":[ -1.50e-3 , true, null ]} )");
    QVERIFY(once);
    const auto twice = JsonText::parse(once->bytes());
    QVERIFY(twice);
    QVERIFY(*once == *twice);
}

void JsonTextTest::knowsNothingFromNull()
{
    QVERIFY(JsonText().isEmpty());
    QVERIFY(!JsonText().isNull());
    const auto null = JsonText::parse(" null ");
    QVERIFY(null && null->isNull() && !null->isEmpty() && !null->isObject());
    QVERIFY(JsonText::parse("{}")->isObject());
}

void JsonTextTest::readsLargeTexts()
{
    QByteArray text("[0");
    for (int i = 1; i < 200'000; ++i)
        text += ", " + QByteArray::number(i);
    text += ']';
    const auto parsed = JsonText::parse(text);
    QVERIFY(parsed);
    QCOMPARE(parsed->bytes(), text.replace(", ", ","));
}

QTEST_GUILESS_MAIN(JsonTextTest)
#include "test_json_text.moc"
