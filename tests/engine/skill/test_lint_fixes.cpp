#include "engine/skill/checker/dialect.h"
#include "engine/skill/checker/fixes.h"
#include "engine/skill/rules.h"
#include "tests/support/rule_samples.h"

#include <QSet>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

using namespace Qt::StringLiterals;
using namespace skillbox;

/// tests/golden/fixes has a skill before and after `--fix` for each fix there is, and headers in
/// both dialects.
class TestLintFixes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void makesTheGoldenResult_data();
    void makesTheGoldenResult();
    void everyFixHasAGoldenResult();
    void leavesUnsafeFixesAlone();
    void keepsTheModeOfAFile();
    void appliesEditsInsideTheTextOnly();
    void convertsBothWays_data();
    void convertsBothWays();
    void refusesWhatItCannotMove_data();
    void refusesWhatItCannotMove();
};

namespace {

struct Sample {
    test::SkillBundle before;
    test::SkillBundle after;
    LintOptions options;
    FixSafety level = FixSafety::Safe;
};

/// `### after` divides the file; `profile:` and `level:` stand in its head.
Sample readSample(const QString &path)
{
    const QByteArray text = test::readFile(path);
    const qsizetype divide = text.indexOf("### after\n");
    Sample sample;
    sample.before = test::parseBundle(text.first(divide));
    sample.after = test::parseBundle(text.sliced(divide + 10));
    if (sample.before.words("profile").contains(u"agentskills"_s))
        sample.options.profile = LintProfile::AgentSkills;
    if (sample.before.words("level").contains(u"unsafe"_s))
        sample.level = FixSafety::Unsafe;
    return sample;
}

QMap<QString, QByteArray> filesIn(const QString &folder)
{
    QMap<QString, QByteArray> files;
    for (const QString &name : test::allEntries(folder)) {
        if (QFileInfo(folder + u'/' + name).isFile())
            files.insert(name, test::readFile(folder + u'/' + name));
    }
    return files;
}

} // namespace

void TestLintFixes::makesTheGoldenResult_data()
{
    QTest::addColumn<QString>("path");
    const QDir folder(QFINDTESTDATA("../../golden/fixes"));
    const QStringList names = folder.entryList({u"*.fix"_s}, QDir::Files, QDir::Name);
    QVERIFY(names.size() >= 12);
    for (const QString &name : names)
        QTest::newRow(qPrintable(name)) << folder.filePath(name);
}

void TestLintFixes::makesTheGoldenResult()
{
    QFETCH(QString, path);
    const Sample sample = readSample(path);
    const QTemporaryDir temporary;
    const QString folder = temporary.filePath(u"word-counter"_s);
    const QString wanted = temporary.filePath(u"wanted"_s);
    sample.before.write(folder);
    sample.after.write(wanted);

    const auto first = applyFixes(folder, sample.options, sample.level);
    QVERIFY2(first.has_value(), first ? "" : qPrintable(first.error().message));
    QVERIFY(!first->isEmpty());
    QCOMPARE(filesIn(folder), filesIn(wanted));
    const auto second = applyFixes(folder, sample.options, sample.level);
    QVERIFY(second && second->isEmpty());
    QCOMPARE(filesIn(folder), filesIn(wanted));
}

/// tests/corpus/rules has a bad sample for each rule there is; one that offers a fix has a golden
/// result here.
void TestLintFixes::everyFixHasAGoldenResult()
{
    const auto fixableIn = [](const test::SkillBundle &bundle, LintOptions options) {
        const QTemporaryDir temporary;
        const QString folder = temporary.filePath(u"word-counter"_s);
        bundle.write(folder);
        QSet<QString> ids;
        for (const Finding &finding : lintSkill(folder, options).findings) {
            if (finding.fix)
                ids.insert(finding.id);
        }
        return ids;
    };
    QSet<QString> golden;
    const QDir goldenFolder(QFINDTESTDATA("../../golden/fixes"));
    for (const QString &name : goldenFolder.entryList({u"*.fix"_s})) {
        const Sample sample = readSample(goldenFolder.filePath(name));
        golden += fixableIn(sample.before, sample.options);
    }
    QSet<QString> fixable = golden;
    const QDir corpus(QFINDTESTDATA("../../corpus/rules"));
    for (const QString &name : corpus.entryList({u"*.case"_s})) {
        const auto samples = test::ruleSamples(test::readFile(corpus.filePath(name)));
        for (auto it = samples.cbegin(); it != samples.cend(); ++it) {
            if (it.key().startsWith(u"bad"))
                fixable += fixableIn(it->bundle, {.profile = it->profile});
        }
    }
    const QSet<QString> missing = fixable - golden;
    QVERIFY2(missing.isEmpty(), qPrintable(QStringList(missing.values()).join(u' ')));
    qInfo("%lld rules offer a fix, each with a golden result", qlonglong(golden.size()));
    QVERIFY(golden.size() >= 10);
}

void TestLintFixes::leavesUnsafeFixesAlone()
{
    const QTemporaryDir temporary;
    const QByteArray text =
        "---\nname: Word_Counter\ndescription: Counts when asked.\n---\nText.\n";
    const QString path = temporary.filePath(u"Word_Counter/SKILL.md"_s);
    test::writeFile(path, text);
    const auto fixes = applyFixes(QFileInfo(path).path(), {}, FixSafety::Safe);
    QVERIFY(fixes && fixes->isEmpty());
    QCOMPARE(test::readFile(path), text);
}

void TestLintFixes::keepsTheModeOfAFile()
{
    const QTemporaryDir temporary;
    const QString folder = temporary.filePath(u"word-counter"_s);
    test::writeFile(folder + u"/SKILL.md"_s,
                    "---\nname: word-counter\ndescription: Counts when asked.\n---\nText.\n");
    test::writeFile(folder + u"/scripts/a.sh"_s, "#!/bin/sh\r\necho\r\n", true);
    const auto fixes = applyFixes(folder, {}, FixSafety::Safe);
    QVERIFY(fixes && fixes->size() == 1);
    QVERIFY(QFileInfo(folder + u"/scripts/a.sh"_s).permission(QFile::ExeUser));
}

void TestLintFixes::appliesEditsInsideTheTextOnly()
{
    QCOMPARE(withEdits("abcdef", {{4, 2, "X"}, {0, 1, "Y"}}), "YbcdX");
    QCOMPARE(withEdits("abcdef", {{1, 3, "X"}, {2, 1, "overlaps"}}), "aXef");
    QCOMPARE(withEdits("abc", {{2, 5, "past the end"}, {-1, 1, ""}, {9, 0, "x"}}), "abc");
    QCOMPARE(withEdits("abc", {{3, 0, "d"}}), "abcd");
}

void TestLintFixes::convertsBothWays_data()
{
    QTest::addColumn<QByteArray>("runtime");
    QTest::addColumn<QByteArray>("specification");

    const QByteArray name = "name: word-counter\ndescription: Counts when asked.\n";
    const auto row = [&](const char *title, const QByteArray &runtime, const QByteArray &spec) {
        QTest::newRow(title) << "---\n" + name + runtime + "---\nBody: text\n"
                             << "---\n" + name + spec + "---\nBody: text\n";
    };
    row("nothing to move", "license: MIT\n", "license: MIT\n");
    row("every field",
        "version: 1.2.3\nlang: python\nimage: python:3.12-slim\ntimeout: 60s\nmode: executable\n"
        "resources:\n  cpu: 0.5\n  memory: 64Mi\n",
        "metadata:\n  version: 1.2.3\n  skillbox.lang: python\n  skillbox.image: python:3.12-slim\n"
        "  skillbox.timeout: 60s\n  skillbox.mode: executable\n  skillbox.cpu: 0.5\n"
        "  skillbox.memory: 64Mi\n");
    row("comments and quotes", "# why\ntimeout: \"60s\"  # long\ncolour: red # kept\n",
        "# why\ncolour: red # kept\nmetadata:\n  skillbox.timeout: \"60s\"  # long\n");
}

void TestLintFixes::convertsBothWays()
{
    QFETCH(QByteArray, runtime);
    QFETCH(QByteArray, specification);
    const auto there = convertDialect(runtime, Dialect::Specification);
    QVERIFY2(there.has_value(), there ? "" : qPrintable(there.error().message));
    QCOMPARE(*there, specification);
    const auto back = convertDialect(*there, Dialect::Runtime);
    QVERIFY2(back.has_value(), back ? "" : qPrintable(back.error().message));
    const auto again = convertDialect(*back, Dialect::Specification);
    QVERIFY(again && *again == specification);
    // Line ends of the file are kept, whichever they are.
    const auto windows = convertDialect(QByteArray(runtime).replace("\n", "\r\n"),
                                        Dialect::Specification);
    QVERIFY(windows && *windows == QByteArray(specification).replace("\n", "\r\n"));
}

void TestLintFixes::refusesWhatItCannotMove_data()
{
    QTest::addColumn<QByteArray>("header");

    QTest::newRow("an error") << QByteArray("timeout: soon\n");
    QTest::newRow("given in both")
        << QByteArray("timeout: 60s\nmetadata:\n  skillbox.timeout: 1m\n");
    QTest::newRow("several lines") << QByteArray("lang: >-\n  python\n");
    QTest::newRow("metadata in braces") << QByteArray("lang: python\nmetadata: {a: b}\n");
    QTest::newRow("unknown resource") << QByteArray("resources:\n  gpu: 1\n");
}

void TestLintFixes::refusesWhatItCannotMove()
{
    QFETCH(QByteArray, header);
    const QByteArray text = "---\nname: word-counter\ndescription: b\n" + header + "---\n";
    const auto converted = convertDialect(text, Dialect::Specification);
    QVERIFY(!converted);
    QCOMPARE(converted.error().code, ErrorCode::InvalidSkill);
    QVERIFY(converted.error().message.startsWith(u"SKILL.md cannot be converted: "));
}

QTEST_GUILESS_MAIN(TestLintFixes)
#include "test_lint_fixes.moc"
