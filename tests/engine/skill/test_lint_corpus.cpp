#include "engine/skill/lint.h"
#include "tests/support/skill_bundle.h"

#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

QStringList bundlesIn(const QString &folder)
{
    QStringList paths;
    for (const QString &name : QDir(folder).entryList({u"*.skill"_s}, QDir::Files, QDir::Name))
        paths += folder + u'/' + name;
    return paths;
}

QList<Finding> lintBundle(const test::SkillBundle &bundle, const QString &name)
{
    const QTemporaryDir temporary;
    const QString folder = temporary.filePath(name);
    bundle.write(folder);
    LintOptions options;
    options.suppressions = Suppressions::NotSecurityErrors;
    return lintSkill(folder, options).findings;
}

QString described(const QList<Finding> &findings, Severity least)
{
    QStringList lines;
    for (const Finding &finding : findings) {
        if (finding.severity >= least)
            lines += toText(finding);
    }
    return lines.join(u'\n');
}

} // namespace

/// Holds the checker to its rates over tests/corpus, and prints them.
class TestLintCorpus : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void leavesGoodSkillsAlone_data();
    void leavesGoodSkillsAlone();
    void warnsAtMostOncePerGoodSkill();
    void findsEveryTechnique_data();
    void findsEveryTechnique();
    void printsRecall();

private:
    int m_goodSkills = 0;
    int m_warnings = 0;
    int m_infos = 0;
    int m_badSkills = 0;
    int m_found = 0;
};

void TestLintCorpus::leavesGoodSkillsAlone_data()
{
    QTest::addColumn<QString>("path");
    const QStringList paths = bundlesIn(QFINDTESTDATA("../../corpus/benign"));
    QVERIFY(paths.size() >= 40);
    for (const QString &path : paths)
        QTest::newRow(qPrintable(QFileInfo(path).completeBaseName())) << path;
    const QDir examples(QFINDTESTDATA("../../../skills"));
    for (const QString &name : examples.entryList(QDir::Dirs | QDir::NoDotAndDotDot))
        QTest::newRow(qPrintable(u"example "_s + name)) << examples.filePath(name);
}

void TestLintCorpus::leavesGoodSkillsAlone()
{
    QFETCH(QString, path);
    const QFileInfo info(path);
    const QList<Finding> findings = info.isDir()
        ? lintDirectory(path)
        : lintBundle(test::parseBundle(test::readFile(path)), info.completeBaseName());
    ++m_goodSkills;
    for (const Finding &finding : findings) {
        m_warnings += finding.severity == Severity::Warning ? 1 : 0;
        m_infos += finding.severity == Severity::Info ? 1 : 0;
    }
    if (const QString warnings = described(findings, Severity::Warning); !warnings.isEmpty())
        qInfo("%s", qPrintable(warnings));
    QVERIFY2(!hasErrors(findings), qPrintable(described(findings, Severity::Error)));
}

void TestLintCorpus::warnsAtMostOncePerGoodSkill()
{
    QVERIFY(m_goodSkills >= 40);
    qInfo("%d good skills: no error, %.2f warnings and %.2f notes per skill", m_goodSkills,
          double(m_warnings) / m_goodSkills, double(m_infos) / m_goodSkills);
    QVERIFY(m_warnings <= m_goodSkills);
}

void TestLintCorpus::findsEveryTechnique_data()
{
    QTest::addColumn<QString>("path");
    const QStringList paths = bundlesIn(QFINDTESTDATA("../../corpus/malicious"));
    QVERIFY(paths.size() >= 60);
    for (const QString &path : paths)
        QTest::newRow(qPrintable(QFileInfo(path).completeBaseName())) << path;
}

void TestLintCorpus::findsEveryTechnique()
{
    QFETCH(QString, path);
    const auto bundle = test::parseBundle(test::readFile(path));
    const QStringList expected = bundle.words("expect");
    QVERIFY2(!expected.isEmpty(), "the sample does not say which rules should find it");
    const QList<Finding> findings = lintBundle(bundle, QFileInfo(path).completeBaseName());
    ++m_badSkills;
    for (const QString &id : expected) {
        const bool isFound = std::any_of(findings.begin(), findings.end(),
                                         [&](const Finding &finding) { return finding.id == id; });
        QVERIFY2(isFound,
                 qPrintable(
                     u"%1 is not among:\n%2"_s.arg(id, described(findings, Severity::Info))));
    }
    ++m_found;
}

void TestLintCorpus::printsRecall()
{
    qInfo("%d of %d malicious skills found by the right rule", m_found, m_badSkills);
    QCOMPARE(m_found, m_badSkills);
    QVERIFY(m_badSkills >= 60);
}

QTEST_GUILESS_MAIN(TestLintCorpus)
#include "test_lint_corpus.moc"
