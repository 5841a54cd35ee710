#include "engine/registry/tool_description.h"

#include <QJsonDocument>
#include <QTest>

using namespace skillbox;
using namespace Qt::StringLiterals;

namespace {

QJsonObject object(const QByteArray &json)
{
    return QJsonDocument::fromJson(json).object();
}

/// Null: it has no such schema.
SkillVersionRecord skillWith(const QByteArray &input, const QByteArray &output = {})
{
    SkillVersionRecord record;
    record.name = u"word-counter"_s;
    record.version = u"1.2.0"_s;
    record.description = u" Counts words. "_s;
    record.mode = u"executable"_s;
    QJsonObject schemas;
    if (!input.isNull())
        schemas.insert(u"input"_s, object(input));
    if (!output.isNull())
        schemas.insert(u"output"_s, object(output));
    record.manifest.insert(u"schemas"_s, schemas);
    return record;
}

} // namespace

class TestToolDescription : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void namesAreTakenByEveryVendor()
    {
        const QString dotted = u"data.table"_s;
        const QString own = u"data_table"_s;
        const QString other = u"data.other"_s;
        const QString endless = QString(100, u'x');
        const QString longer = QString(101, u'x');
        const QStringList skills{dotted, own, other, endless, longer, u"plain-1"_s};
        const QHash<QString, QString> names = toolNames(skills);
        QCOMPARE(names.value(u"plain-1"_s), u"plain-1"_s);
        QCOMPARE(names.value(own), own); // whoever is really called so keeps it
        QVERIFY(names.value(dotted).startsWith(u"data_table_"_s));
        QCOMPARE(names.value(other), u"data_other"_s);
        static const QRegularExpression valid(u"^[A-Za-z0-9_-]{1,64}$"_s);
        QSet<QString> all;
        for (const QString &skill : skills) {
            QVERIFY2(valid.match(names.value(skill)).hasMatch(), qPrintable(names.value(skill)));
            all.insert(names.value(skill));
        }
        QCOMPARE(all.size(), skills.size());
        // The order in which skills are named does not matter.
        QStringList reversed = skills;
        std::reverse(reversed.begin(), reversed.end());
        QCOMPARE(toolNames(reversed), names);
    }

    void inputsAreAlwaysObjects_data()
    {
        QTest::addColumn<QByteArray>("input");
        QTest::addColumn<QJsonObject>("expected");
        QTest::addColumn<QString>("argument");
        const auto row = [](const char *name, const QByteArray &input, const QByteArray &expected,
                            const char *argument = "") {
            QTest::newRow(name) << input << object(expected) << QString::fromLatin1(argument);
        };
        row("none", {}, R"({"type":"object","additionalProperties":true})");
        row("object", R"({"type":"object","properties":{"a":{"type":"string"}}})",
            R"({"type":"object","properties":{"a":{"type":"string"}}})");
        row("no type", R"({"required":["a"]})", R"({"type":"object","required":["a"]})");
        row("empty", "{}", R"({"type":"object"})");
        row("object or null", R"({"type":["object","null"]})", R"({"type":"object"})");
        row("text", R"({"$schema":"s","type":"string"})",
            R"({"$schema":"s","type":"object","required":["input"],"additionalProperties":false,)"
            R"("properties":{"input":{"type":"string"}}})",
            "input");
        row("one of some words", R"({"enum":["a","b"]})",
            R"({"type":"object","required":["input"],"additionalProperties":false,)"
            R"("properties":{"input":{"enum":["a","b"]}}})",
            "input");
        row("references",
            R"({"type":"array","items":{"$ref":"#/$defs/n"},"$defs":{"n":{"$ref":"#"}}})",
            R"({"type":"object","required":["input"],"additionalProperties":false,"properties":)"
            R"({"input":{"type":"array","items":{"$ref":"#/properties/input/$defs/n"},)"
            R"("$defs":{"n":{"$ref":"#/properties/input"}}}}})",
            "input");
        row("values that look like references",
            R"({"type":"string","default":{"$ref":"#/a"},"enum":[{"$ref":"#/b"}]})",
            R"({"type":"object","required":["input"],"additionalProperties":false,"properties":)"
            R"({"input":{"type":"string","default":{"$ref":"#/a"},"enum":[{"$ref":"#/b"}]}}})",
            "input");
        row("combinations at the root",
            R"({"properties":{"a":{"type":"string"}},"oneOf":[{"required":["a"]},)"
            R"({"required":["b"],"properties":{"a":{},"b":{"type":"number"}}}],)"
            R"("allOf":[{"required":["c"]}]})",
            R"({"type":"object","required":["c"],)"
            R"("properties":{"a":{"type":"string"},"b":{"type":"number"}}})");
    }
    void inputsAreAlwaysObjects()
    {
        QFETCH(QByteArray, input);
        const ToolDescription tool = describeTool(skillWith(input), u"word-counter"_s);
        QTEST(tool.inputSchema, "expected");
        QTEST(tool.inputArgument, "argument");
    }

    void onlyObjectsArePromised()
    {
        QVERIFY(describeTool(skillWith("{}", R"({"type":"object"})"), u"a"_s).outputSchema);
        QVERIFY(!describeTool(skillWith("{}", R"({"type":"array"})"), u"a"_s).outputSchema);
        QVERIFY(!describeTool(skillWith("{}", "{}"), u"a"_s).outputSchema);
        QVERIFY(!describeTool(skillWith("{}"), u"a"_s).outputSchema);
    }

    void saysWhatItIs()
    {
        SkillVersionRecord record = skillWith("{}");
        const ToolDescription tool = describeTool(record, u"word-counter"_s);
        QCOMPARE(tool.title, u"Word counter"_s);
        QCOMPARE(tool.description, u"Counts words."_s);
        QVERIFY(isTool(record));
        record.mode = u"cognitive"_s;
        QVERIFY(!isTool(record));
        record.description.clear();
        QVERIFY(!describeTool(record, u"a"_s).description.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestToolDescription)

#include "test_tool_description.moc"
