#include "engine/skill/checker/baseline.h"
#include "engine/skill/lint.h"
#include "tests/support/tree_fixture.h"

#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

const QByteArray manifest =
    "---\nname: word-counter\ndescription: Counts when asked.\n---\nText.\n";

} // namespace

/// What an author can do about findings that are meant so: comments and a baseline.
class TestLintBaseline : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void suppresses_data();
    void suppresses();
    void keepsSecurityErrorsForPublishers();
    void coversAFindingThatMoves();
    void coversEachFindingOnce();
    void expires();
    void refusesBadBaselines_data();
    void refusesBadBaselines();

private:
    QStringList idsIn(const QByteArray &script, Suppressions policy = Suppressions::Everything);
    QList<Finding> findingsIn(const QByteArray &script, Suppressions policy);
};

QList<Finding> TestLintBaseline::findingsIn(const QByteArray &script, Suppressions policy)
{
    const QTemporaryDir temporary;
    const QString folder = temporary.filePath(u"word-counter"_s);
    test::writeFile(folder + u"/SKILL.md"_s, manifest);
    test::writeFile(folder + u"/main.py"_s, script);
    LintOptions options;
    options.suppressions = policy;
    return lintSkill(folder, options).findings;
}

QStringList TestLintBaseline::idsIn(const QByteArray &script, Suppressions policy)
{
    QStringList ids;
    for (const Finding &finding : findingsIn(script, policy))
        ids += finding.id;
    return ids;
}

void TestLintBaseline::suppresses_data()
{
    QTest::addColumn<QByteArray>("script");
    QTest::addColumn<QStringList>("left");

    const QStringList none;
    const QStringList dynamic{u"SBX-SEC014"_s};
    QTest::newRow("nothing") << QByteArray("eval(x)\n") << dynamic;
    QTest::newRow("line before") << QByteArray("# skillbox-ignore SBX-SEC014: ours\neval(x)\n")
                                 << none;
    QTest::newRow("same line") << QByteArray("eval(x)  # skillbox-ignore SBX-SEC014: ours\n")
                               << none;
    QTest::newRow("blank lines between")
        << QByteArray("# skillbox-ignore SBX-SEC014: ours\n\n\neval(x)\n") << none;
    QTest::newRow("two rules") << QByteArray(
        "# skillbox-ignore SBX-SEC014, SBX-SEC013: ours\neval(pickle.loads(x))\n")
                               << none;
    QTest::newRow("whole file") << QByteArray(
        "eval(x)\n# skillbox-ignore-file SBX-SEC014: ours\neval(y)\n")
                                << none;
    QTest::newRow("too far away") << QByteArray(
        "# skillbox-ignore SBX-SEC014: ours\na = 1\neval(x)\n")
                                  << QStringList{u"SBX-META021"_s, u"SBX-SEC014"_s};
    QTest::newRow("another rule") << QByteArray("# skillbox-ignore SBX-SEC013: ours\neval(x)\n")
                                  << QStringList{u"SBX-META021"_s, u"SBX-SEC014"_s};
    QTest::newRow("no reason") << QByteArray("# skillbox-ignore SBX-SEC014\neval(x)\n")
                               << QStringList{u"SBX-META020"_s, u"SBX-SEC014"_s};
    QTest::newRow("no rule") << QByteArray("# skillbox-ignore: ours\neval(x)\n")
                             << QStringList{u"SBX-META020"_s, u"SBX-SEC014"_s};
    QTest::newRow("not in a comment")
        << QByteArray("t = 'skillbox-ignore SBX-SEC014: x'; eval(x)\n") << dynamic;
}

void TestLintBaseline::suppresses()
{
    QFETCH(QByteArray, script);
    QTEST(idsIn(script), "left");
}

void TestLintBaseline::keepsSecurityErrorsForPublishers()
{
    const QByteArray script = "# skillbox-ignore SBX-SEC004: it is only a test\n"
                              "os.dup2(s.fileno(), 0)\n";
    QCOMPARE(idsIn(script, Suppressions::Everything), QStringList());
    QCOMPARE(idsIn(script, Suppressions::NotSecurityErrors), QStringList{u"SBX-SEC004"_s});
    // Notes are the author's business either way.
    QCOMPARE(idsIn("eval(x)  # skillbox-ignore SBX-SEC014: ours\n",
                   Suppressions::NotSecurityErrors),
             QStringList());
    QCOMPARE(idsIn("eval(x)  # skillbox-ignore SBX-SEC014: ours\n", Suppressions::Nothing),
             QStringList{u"SBX-SEC014"_s});
}

void TestLintBaseline::coversAFindingThatMoves()
{
    const auto before = findingsIn("eval(x)\n", Suppressions::Everything);
    const auto baseline = Baseline::parse(Baseline::of(before, {}).toJson());
    QVERIFY(baseline.has_value());
    const auto moved = baseline->split(
        findingsIn("import re\n\n\n   eval(x)\n", Suppressions::Everything), QDate(2026, 1, 1));
    QCOMPARE(moved.covered, 1);
    QVERIFY(moved.fresh.isEmpty());
    const auto changed = baseline->split(findingsIn("eval(y)\n", Suppressions::Everything),
                                         QDate(2026, 1, 1));
    QCOMPARE(changed.covered, 0);
    QCOMPARE(changed.fresh.size(), 1);
}

void TestLintBaseline::coversEachFindingOnce()
{
    const auto one = findingsIn("eval(x)\n", Suppressions::Everything);
    const auto two = findingsIn("eval(x)\neval(x)\n", Suppressions::Everything);
    QCOMPARE(two.size(), 2);
    QVERIFY(two[0].fingerprint != two[1].fingerprint);
    QCOMPARE(Baseline::of(one, {}).split(two, QDate(2026, 1, 1)).fresh.size(), 1);
}

void TestLintBaseline::expires()
{
    const auto findings = findingsIn("eval(x)\n", Suppressions::Everything);
    const auto baseline = Baseline::of(findings, QDate(2026, 6, 30));
    QCOMPARE(baseline.split(findings, QDate(2026, 6, 30)).covered, 1);
    const auto later = baseline.split(findings, QDate(2026, 7, 1));
    QCOMPARE(later.covered, 0);
    QCOMPARE(later.expired, 1);
    QCOMPARE(later.fresh.size(), 1);
}

void TestLintBaseline::refusesBadBaselines_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("not JSON") << QByteArray("{");
    QTest::newRow("a list") << QByteArray("[]");
    QTest::newRow("another version") << QByteArray(R"({"version": 2, "findings": []})");
    QTest::newRow("no fingerprint") << QByteArray(R"({"version": 1, "findings": [{"id": "x"}]})");
    QTest::newRow("no date") << QByteArray(
        R"({"version": 1, "findings": [{"fingerprint": "a", "expires": "soon"}]})");
}

void TestLintBaseline::refusesBadBaselines()
{
    QFETCH(QByteArray, text);
    const auto baseline = Baseline::parse(text);
    QVERIFY(!baseline);
    QVERIFY(baseline.error().message.startsWith(u"the baseline "));
}

QTEST_GUILESS_MAIN(TestLintBaseline)
#include "test_lint_baseline.moc"
