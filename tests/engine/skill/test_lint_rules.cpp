#include "engine/skill/lint.h"
#include "engine/skill/rules.h"
#include "tests/support/rule_samples.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

/// Python's own parser, not in a sandbox: the script is ours.
Result<QList<ScriptProblem>> parsePython(const QString &directory, const QStringList &scripts)
{
    QList<ScriptProblem> problems;
    for (const QString &script : scripts) {
        QProcess process;
        process.start(u"python3"_s,
                      {u"-c"_s,
                       u"import sys\ntry: compile(open(sys.argv[1]).read(), 'x', 'exec')\n"
                       "except SyntaxError as e: print(e.lineno)"_s,
                       directory + u'/' + script});
        if (!process.waitForFinished())
            return fail(ErrorCode::Io, process.errorString());
        const QByteArray line = process.readAllStandardOutput().trimmed();
        if (!line.isEmpty())
            problems += ScriptProblem{script, line.toInt(), 1, u"invalid syntax"_s};
    }
    return problems;
}

} // namespace

/// tests/corpus/rules has a case for every rule: a sample that the rule is about and one that only
/// looks like it.
class TestLintRules : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsWhatItIsAbout_data();
    void findsWhatItIsAbout();
    void everyCaseHasARule();
    void helpPagesAreUpToDate();

private:
    static QStringList idsIn(const test::RuleSample &sample, bool parse);
};

QStringList TestLintRules::idsIn(const test::RuleSample &sample, bool parse)
{
    const QTemporaryDir temporary;
    const QString folder = temporary.filePath(u"word-counter"_s);
    sample.bundle.write(folder);
    LintOptions options;
    options.profile = sample.profile;
    if (parse)
        options.parseScripts = parsePython;
    QStringList ids;
    for (const Finding &finding : lintSkill(folder, options).findings)
        ids += finding.id;
    return ids;
}

void TestLintRules::findsWhatItIsAbout_data()
{
    QTest::addColumn<QString>("id");
    for (const RuleInfo &rule : allRules())
        QTest::newRow(rule.id) << QString::fromLatin1(rule.id);
}

void TestLintRules::findsWhatItIsAbout()
{
    QFETCH(QString, id);
    QFile file(QFINDTESTDATA("../../corpus/rules/") + id + u".case"_s);
    QVERIFY2(file.open(QIODevice::ReadOnly), "there is no case for this rule");
    const auto samples = test::ruleSamples(file.readAll());
    QVERIFY(samples.contains(u"bad"_s) && samples.contains(u"good"_s));
    for (auto it = samples.cbegin(); it != samples.cend(); ++it) {
        const QStringList ids = idsIn(*it, id == u"SBX-SCR002");
        const bool isWanted = it.key().startsWith(u"bad");
        QVERIFY2(ids.contains(id) == isWanted,
                 qPrintable(u"%1: found %2"_s.arg(it.key(), ids.join(u' '))));
    }
}

void TestLintRules::everyCaseHasARule()
{
    const QDir folder(QFINDTESTDATA("../../corpus/rules/"));
    for (const QString &name : folder.entryList({u"*.case"_s}))
        QVERIFY2(findRule(name.section(u'.', 0, 0)), qPrintable(name));
}

/// With UPDATE_GOLDEN=1 in the environment the pages are written anew.
void TestLintRules::helpPagesAreUpToDate()
{
    const QDir folder(QFINDTESTDATA("../../../docs/rules/"));
    const bool update = qEnvironmentVariableIsSet("UPDATE_GOLDEN");
    QString index =
        u"# What the checker finds\n\n"_s
        u"One page for each rule of `skillbox skill lint`; the table of rules is their source.\n\n"_s
        u"| rule | title | severity |\n|---|---|---|\n"_s;
    QStringList names{u"README.md"_s};
    for (const RuleInfo &rule : allRules()) {
        const QString name = QString::fromLatin1(rule.id) + u".md"_s;
        const auto severity = rule.skillbox ? rule.skillbox : rule.agentSkills;
        index += u"| [%1](%2) | %3 | %4 |\n"_s.arg(QLatin1StringView(rule.id), name,
                                                   QString::fromUtf8(rule.title),
                                                   QString(severityName(*severity)));
        names += name;
        if (update)
            test::writeFile(folder.filePath(name), rulePage(rule).toUtf8());
        QCOMPARE(QString::fromUtf8(test::readFile(folder.filePath(name))), rulePage(rule));
    }
    if (update)
        test::writeFile(folder.filePath(u"README.md"_s), index.toUtf8());
    QCOMPARE(QString::fromUtf8(test::readFile(folder.filePath(u"README.md"_s))), index);
    names.sort();
    QStringList there = folder.entryList({u"*.md"_s});
    there.sort();
    QCOMPARE(there, names);
}

QTEST_GUILESS_MAIN(TestLintRules)
#include "test_lint_rules.moc"
