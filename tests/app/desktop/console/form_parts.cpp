#include "app/desktop/console/form_field.h"
#include "app/desktop/console/json_tree_model.h"
#include "tests/app/desktop/console/console_parts.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

FormContext contextOf(const QByteArray &schema)
{
    FormContext context;
    context.schema = std::make_shared<FormSchema>(schema);
    return context;
}

std::unique_ptr<FormField> formOf(const FormContext &context)
{
    return std::make_unique<FormField>(context, QString(), &context.schema->root(),
                                       FormField::Presence::Always, -1);
}

} // namespace

void ConsolePartsTest::keepsJsonAsItWasWritten_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::newRow("order of members") << R"({"z":1,"a":2,"m":{"y":[],"b":{}}})"_ba;
    QTest::newRow("digits") << R"([1.0,1e5,12345678901234567890,0.10,-0])"_ba;
    QTest::newRow("words") << R"([null,true,false,"null"])"_ba;
    QTest::newRow("escapes") << R"({"a\"\\\n\tb":"\u0000\u001f日本😀"})"_ba;
    QTest::newRow("a plain value") << R"("text")"_ba;
}

void ConsolePartsTest::keepsJsonAsItWasWritten()
{
    QFETCH(QByteArray, json);
    const auto node = JsonNode::parse(json);
    QVERIFY(node.has_value());
    QCOMPARE(node->compact(), json);
    const auto again = JsonNode::parse(node->pretty().toUtf8());
    QVERIFY(again.has_value());
    QCOMPARE(again->compact(), json);
}

void ConsolePartsTest::treesShowJson()
{
    JsonTreeModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRoot(JsonNode::parse(R"({"a/b":[1,{"~c":"text"}],"n":null})").value());
    QCOMPARE(model.rowCount(), 2);
    const QModelIndex list = model.index(0, 0);
    QCOMPARE(model.rowCount(list), 2);
    const QModelIndex leaf = model.index(0, 1, model.index(1, 0, list));
    QCOMPARE(leaf.data().toString(), u"\"text\""_s);
    QCOMPARE(leaf.data(JsonTreeModel::PointerRole).toString(), u"/a~1b/1/~0c"_s);
    QCOMPARE(leaf.parent().parent(), list);
    QCOMPARE(model.index(1, 1).data().toString(), u"null"_s);
    model.setRoot(JsonNode::array());
    QCOMPARE(model.rowCount(), 0);
}

void ConsolePartsTest::formsLoseNothing_data()
{
    QTest::addColumn<QByteArray>("schema");
    QTest::addColumn<QByteArray>("input");
    const QByteArray schema = R"({
      "type": "object", "required": ["text"],
      "properties": {
        "text": {"type": "string"}, "short": {"type": "string", "maxLength": 10},
        "count": {"type": "integer", "default": 3}, "ratio": {"type": "number"},
        "on": {"type": "boolean"}, "kind": {"enum": ["a", "b", true, 5, null]},
        "day": {"type": "string", "format": "date"},
        "list": {"type": "array", "items": {"type": "string"}},
        "pair": {"prefixItems": [{"type": "string"}, {"type": "integer"}], "type": "array"},
        "nested": {"$ref": "#/$defs/node"},
        "either": {"oneOf": [{"type": "string"}, {"type": "object", "required": ["url"],
                   "properties": {"url": {"type": "string", "format": "uri"}}}]},
        "maybe": {"type": ["string", "null"]}, "free": {}
      },
      "$defs": {"node": {"type": "object", "properties": {
        "name": {"type": "string"}, "below": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}}
    })";
    const auto row = [&](const char *name, const QByteArray &input) {
        QTest::newRow(name) << schema << input;
    };
    row("nothing", "{}");
    row("every kind",
        R"({"text":"a\nb","short":"s","count":7,"ratio":1.50,"on":false,"kind":true,)"
        R"("day":"2026-01-02","list":["x",""],"pair":["p",2],)"
        R"("nested":{"name":"n","below":[{"name":"m"}]},"either":{"url":"u"},)"
        R"("maybe":null,"free":[1,{"a":2}]})");
    row("empty and absent differ", R"({"text":"","list":[],"nested":{}})");
    row("members the schema does not know", R"({"b":1,"text":"t","a":{"deep":[1.0]}})");
    row("order", R"({"on":true,"text":"t","count":1})");
    row("large numbers", R"({"text":"t","count":12345678901234567890,"ratio":1e3})");
    row("wrong types",
        R"({"text":5,"count":"many","on":"yes","list":"one","kind":"zz","pair":[]})");
    row("wrong items", R"({"text":"t","list":[1,null,["x"]]})");
    row("a string where it may be an object", R"({"text":"t","either":"plain"})");
    row("carriage returns", R"({"text":"a\r\nb","short":"x\ny"})");
    row("a number as text", R"({"text":"t","count":"5"})");
    row("no-break space", R"({"text":"a b"})");
    row("not an object", R"([1,2])");
    QTest::newRow("variants of an object")
        << QByteArray(R"({"type":"object","properties":{"id":{"type":"string"}},"oneOf":[
             {"properties":{"kind":{"const":"a"},"x":{"type":"integer"}},"required":["kind","x"]},
             {"properties":{"kind":{"const":"b"},"y":{"type":"string"}},"required":["kind","y"]}]})")
        << QByteArray(R"({"kind":"b","id":"1","y":"why"})");
    QTest::newRow("a schema in a circle") << QByteArray(
        R"({"type":"object","properties":{"self":{"$ref":"#"},"n":{"type":"integer"}}})")
                                          << QByteArray(R"({"self":{"self":{"self":{"n":1}}}})");
}

void ConsolePartsTest::formsLoseNothing()
{
    QFETCH(QByteArray, schema);
    QFETCH(QByteArray, input);
    const FormContext context = contextOf(schema);
    const auto form = formOf(context);
    form->setValue(JsonNode::parse(input).value());
    QCOMPARE(form->complaint(), QString());
    const auto value = form->value();
    QVERIFY(value.has_value());
    QCOMPARE(value->compact(), JsonText::parse(input)->bytes());
}

void ConsolePartsTest::formsTakeWhatIsTyped()
{
    const FormContext context = contextOf(R"({"type":"object","properties":{
        "name":{"type":"string","maxLength":20},"count":{"type":"integer"},
        "mode":{"enum":["fast","slow"],"default":"slow"},"any":{}}})");
    const auto form = formOf(context);
    form->setValue(JsonNode::object());
    form->show();
    QSignalSpy edited(form.get(), &FormField::edited);
    auto *name = form->findChild<QLineEdit *>(u"form.value.name"_s);
    QVERIFY(name);
    QTest::keyClicks(name, u"Ann"_s);
    QVERIFY(edited.size() >= 3);
    auto *count = form->findChild<QLineEdit *>(u"form.value.count"_s);
    QTest::keyClicks(count, u"41"_s);
    QTest::keyClick(count, Qt::Key_Up);
    auto *mode = form->findChild<QComboBox *>(u"form.value.mode"_s);
    QCOMPARE(mode->accessibleName(), u"mode"_s);
    QVERIFY(mode->currentText().contains(u"slow"_s)); // what it is when left out
    QTest::keyClick(mode, Qt::Key_Down);
    QCOMPARE(form->value()->compact(), R"({"name":"Ann","count":42,"mode":"fast"})"_ba);
    // What is no number is kept for the check to speak of.
    QTest::keyClicks(count, u"x"_s);
    QCOMPARE(form->value()->member(u"count")->compact(), "\"42x\""_ba);
    // JSON that is none holds the form back.
    auto *add = form->findChild<QToolButton *>(u"form.add.any"_s);
    QVERIFY(add);
    add->click();
    auto *any = form->findChild<QPlainTextEdit *>(u"form.value.any"_s);
    QVERIFY(any);
    any->setPlainText({});
    QTest::keyClicks(any, u"{\"a\":"_s);
    QVERIFY(form->complaint().contains(u"any"_s));
    QTest::keyClicks(any, u"1}"_s);
    QCOMPARE(form->complaint(), QString());
    QCOMPARE(form->value()->member(u"any")->compact(), "{\"a\":1}"_ba);
}

void ConsolePartsTest::formsShowProblemsAtTheirFields()
{
    const FormContext context = contextOf(R"({"type":"object","required":["text"],"properties":{
        "text":{"type":"string"},"list":{"type":"array","items":{"type":"integer"}}}})");
    const auto form = formOf(context);
    form->setValue(JsonNode::parse(R"({"list":[1,2]})").value());
    FieldProblems problems{{QString(), {u"must have a member \"text\""_s, u"is odd"_s}},
                           {u"/list/1"_s, {u"must be at most 1"_s}},
                           {u"/elsewhere"_s, {u"is not allowed"_s}}};
    form->showProblems({}, problems);
    const auto textOf = [&](const QString &name) {
        return form->findChild<QLabel *>(u"form.problem."_s + name)->text();
    };
    QCOMPARE(textOf(u"text"_s), u"is required"_s);
    QCOMPARE(textOf(u"2"_s), u"must be at most 1"_s);
    // The form has no place for these.
    QCOMPARE(problems.keys(), QStringList({QString(), u"/elsewhere"_s}));
    QCOMPARE(problems.value(QString()), QStringList{u"is odd"_s});
    FieldProblems none;
    form->showProblems({}, none);
    QCOMPARE(textOf(u"text"_s), QString());
}

void ConsolePartsTest::listsCanBeEdited()
{
    const FormContext context = contextOf(R"({"type":"object","properties":{
        "list":{"type":"array","maxItems":3,"items":{"type":"string","maxLength":9}}}})");
    const auto form = formOf(context);
    form->setValue(JsonNode::parse(R"({"list":["a","b"]})").value());
    form->show();
    const auto click = [&](const QString &name, qsizetype at) {
        form->findChildren<QToolButton *>(name).at(at)->click();
    };
    click(u"form.addItem"_s, 0);
    QCOMPARE(form->value()->compact(), R"({"list":["a","b",""]})"_ba);
    QVERIFY(!form->findChild<QToolButton *>(u"form.addItem"_s)->isEnabled()); // three at most
    QSignalSpy edited(form.get(), &FormField::edited);
    click(u"form.removeItem"_s, 0);
    QTRY_COMPARE_WITH_TIMEOUT(edited.size(), 1, 20'000);
    QCOMPARE(form->value()->compact(), R"({"list":["b",""]})"_ba);
    for (QToolButton *button : form->findChildren<QToolButton *>()) {
        if (button->accessibleName() == "Move down"_L1) {
            button->click();
            break;
        }
    }
    QTRY_COMPARE_WITH_TIMEOUT(form->value()->compact(), R"({"list":["","b"]})"_ba, 20'000);
}

void ConsolePartsTest::variantsReplaceEachOther()
{
    const FormContext context = contextOf(R"({"type":"object","properties":{"source":{"oneOf":[
        {"title":"Text","type":"string"},
        {"title":"Place","type":"object","required":["url"],"properties":{
            "url":{"type":"string","format":"uri"}}}]}}})");
    const auto form = formOf(context);
    form->setValue(JsonNode::parse(R"({"source":"here"})").value());
    form->show();
    QComboBox *kind = nullptr;
    for (QComboBox *box : form->findChildren<QComboBox *>()) {
        if (box->accessibleName() == "Kind of value"_L1)
            kind = box;
    }
    QVERIFY(kind);
    QCOMPARE(kind->currentText(), u"Text"_s);
    QTest::keyClick(kind, Qt::Key_Down);
    QCOMPARE(form->value()->compact(), R"({"source":{"url":""}})"_ba);
}
