#include "engine/skill/checker/sarif.h"
#include "engine/skill/rules.h"
#include "tests/support/json_schema.h"
#include "tests/support/skill_bundle.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

QString violation(const QString &schemaName, const QJsonValue &value)
{
    return test::schemaViolation(QFINDTESTDATA("../../../resources/schemas/") + schemaName, value);
}

LintReport sampleReport(const QTemporaryDir &temporary)
{
    const QString folder = temporary.filePath(u"word-counter"_s);
    test::writeFile(
        folder + u"/SKILL.md"_s,
        "\n---\nname: word-counter\ndescription: Counts when asked.\n---\n[a](b/c.md)\n");
    test::writeFile(folder + u"/a file.py"_s,
                    "eval(x)  # skillbox-ignore SBX-SEC014: ours\nos.dup2(s.fileno(), 0)\n");
    return lintSkill(folder);
}

} // namespace

class TestLintReports : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sarifMatchesItsSchema();
    void sarifOfTheCorpusMatches();
    void sarifTellsPlacesFixesAndSuppressions();
    void schemasCanFail();
};

void TestLintReports::sarifMatchesItsSchema()
{
    const QTemporaryDir temporary;
    const LintReport report = sampleReport(temporary);
    const QByteArray sarif = sarifReport(
        {{u"skills/word-counter"_s, report.findings, report.suppressed}}, u"1.2.3"_s);
    const QString wrong = violation(u"sarif-2.1.0-rtm.5.schema.json"_s,
                                    QJsonDocument::fromJson(sarif).object());
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
}

void TestLintReports::sarifOfTheCorpusMatches()
{
    QList<SarifSkill> skills;
    const QDir corpus(QFINDTESTDATA("../../corpus/malicious"));
    for (const QString &name : corpus.entryList({u"*.skill"_s})) {
        const QTemporaryDir temporary;
        test::parseBundle(test::readFile(corpus.filePath(name))).write(temporary.path());
        LintReport report = lintSkill(temporary.path());
        skills += {name, report.findings, report.suppressed};
    }
    QVERIFY(skills.size() >= 60);
    const QString wrong = violation(
        u"sarif-2.1.0-rtm.5.schema.json"_s,
        QJsonDocument::fromJson(sarifReport(skills, u"1.0.0"_s)).object());
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
}

void TestLintReports::sarifTellsPlacesFixesAndSuppressions()
{
    const QTemporaryDir temporary;
    const LintReport report = sampleReport(temporary);
    const QJsonObject log = QJsonDocument::fromJson(
                                sarifReport({{u"./skills/word-counter/"_s, report.findings,
                                              report.suppressed}},
                                            u"1.2.3"_s))
                                .object();
    const QJsonValue run = log[u"runs"][0];
    const QJsonArray rules = run[u"tool"][u"driver"][u"rules"].toArray();
    QCOMPARE(rules.size(), qsizetype(allRules().size()));
    QStringList seen;
    for (const QJsonValue &result : run[u"results"].toArray()) {
        const QString id = result[u"ruleId"].toString();
        seen += id;
        QCOMPARE(rules[result[u"ruleIndex"].toInt()][u"id"].toString(), id);
        const QJsonValue place = result[u"locations"][0][u"physicalLocation"];
        if (id == u"SBX-SEC004") {
            QCOMPARE(place[u"artifactLocation"][u"uri"].toString(),
                     u"skills/word-counter/a%20file.py"_s);
            QCOMPARE(place[u"region"][u"startLine"].toInt(), 2);
            QCOMPARE(place[u"region"][u"startColumn"].toInt(), 1);
        }
        if (id == u"SBX-SPEC008") {
            QCOMPARE(result[u"fixes"][0][u"artifactChanges"][0][u"replacements"][0]
                           [u"deletedRegion"][u"byteLength"]
                               .toInt(),
                     1);
        }
        QCOMPARE(result[u"suppressions"].isArray(), id == u"SBX-SEC014");
        QVERIFY(!result[u"partialFingerprints"][u"skillboxFinding/v1"].toString().isEmpty());
    }
    for (const char *id : {"SBX-SPEC008", "SBX-REF001", "SBX-SEC004", "SBX-SEC014"})
        QVERIFY2(seen.contains(QLatin1StringView(id)), id);
}

void TestLintReports::schemasCanFail()
{
    const QString sarif = u"sarif-2.1.0-rtm.5.schema.json"_s;
    QVERIFY(!violation(sarif, QJsonObject{{u"version"_s, u"2.0.0"_s}}).isEmpty());
    QJsonObject result{{u"message"_s, QJsonObject{{u"text"_s, u"a"_s}}}, {u"level"_s, u"error"_s}};
    const auto log = [&result] {
        const QJsonObject driver{{u"name"_s, u"skillbox"_s}};
        const QJsonObject run{{u"tool"_s, QJsonObject{{u"driver"_s, driver}}},
                              {u"results"_s, QJsonArray{result}}};
        return QJsonObject{{u"version"_s, u"2.1.0"_s}, {u"runs"_s, QJsonArray{run}}};
    };
    QCOMPARE(violation(sarif, log()), QString());
    result.insert(u"level"_s, u"fatal"_s); // deep inside, behind two references
    QVERIFY(!violation(sarif, log()).isEmpty());
    result.insert(u"level"_s, u"note"_s);
    result.insert(u"colour"_s, u"red"_s);
    QVERIFY(!violation(sarif, log()).isEmpty());
    QVERIFY(!violation(u"lint-report.schema.json"_s, QJsonObject{{u"valid"_s, 1}}).isEmpty());
    QVERIFY(!violation(u"lint-baseline.schema.json"_s, QJsonObject{{u"version"_s, 1}}).isEmpty());
    QCOMPARE(violation(u"lint-baseline.schema.json"_s,
                       QJsonObject{{u"version"_s, 1}, {u"findings"_s, QJsonArray()}}),
             QString());
}

QTEST_GUILESS_MAIN(TestLintReports)
#include "test_lint_reports.moc"
