// A test that cannot fail proves nothing: without the controls that stop it, every attack must get
// through.

#include "tests/sandbox/attack_runner.h"

#include <QDirIterator>
#include <QFile>
#include <QTest>

using namespace Qt::StringLiterals;

class TestCanFail : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void listsAttacksThatNothingOfOursStops();
    void reviewersPageNamesOnlyWhatThereIs();
    void breaksWithoutItsControls_data();
    void breaksWithoutItsControls();

private:
    std::unique_ptr<AttackRunner> m_runner;
};

void TestCanFail::initTestCase()
{
    allowThisProcessEverything();
    m_runner = std::make_unique<AttackRunner>();
    qInfo("%s", qPrintable(m_runner->describeMachine()));
}

void TestCanFail::listsAttacksThatNothingOfOursStops()
{
    for (const Attack &attack : attacks()) {
        QVERIFY2(!attack.controls.isEmpty() || attack.weakenJob || !attack.notWeakened.isEmpty(),
                 qPrintable(attack.name));
        if (!attack.notWeakened.isEmpty())
            qInfo("no control to leave out: %s: %s", qPrintable(attack.name),
                  qPrintable(attack.notWeakened));
    }
}

/// Every name in the last column of the table of controls is a row or a test program.
void TestCanFail::reviewersPageNamesOnlyWhatThereIs()
{
    QFile page(QStringLiteral(SKILLBOX_SOURCES "/docs/security-review.md"));
    if (!page.open(QIODevice::ReadOnly))
        QSKIP("the sources are not readable for this user");
    const QString text = QString::fromUtf8(page.readAll());
    QVERIFY2(text.contains(QString::number(attacks().size()) + u" attempts"_s),
             qPrintable(u"there are %1 attempts"_s.arg(attacks().size())));

    const qsizetype start = text.indexOf(u"## Controls, attacks, tests"_s);
    QVERIFY(start >= 0);
    const QString table = text.mid(start, text.indexOf(u"\n## "_s, start + 1) - start);
    int names = 0;
    for (const QString &line : table.split(u'\n')) {
        if (!line.startsWith(u"| "_s))
            continue;
        const QString last = line.section(u'|', -2, -2);
        const QStringList parts = last.split(u'`');
        for (qsizetype i = 1; i < parts.size(); i += 2, ++names) {
            const QString name = parts[i];
            const bool isTest = name.startsWith(u"test_"_s)
                && QDirIterator(QStringLiteral(SKILLBOX_SOURCES "/tests"), {name + u".cpp"_s},
                                QDir::Files, QDirIterator::Subdirectories)
                       .hasNext();
            const QString prefix = name.endsWith(u'*') ? name.chopped(1).trimmed() : QString();
            const bool isRow = std::any_of(
                attacks().begin(), attacks().end(), [&](const Attack &row) {
                    return row.name == name || (!prefix.isEmpty() && row.name.startsWith(prefix));
                });
            QVERIFY2(isTest || isRow, qPrintable(name));
        }
    }
    QVERIFY(names > 40);
}

void TestCanFail::breaksWithoutItsControls_data()
{
    QTest::addColumn<qsizetype>("index");
    for (qsizetype i = 0; i < attacks().size(); ++i) {
        if (attacks().at(i).notWeakened.isEmpty())
            QTest::newRow(qPrintable(attacks().at(i).name)) << i;
    }
}

void TestCanFail::breaksWithoutItsControls()
{
    QFETCH(qsizetype, index);
    const Attack &attack = attacks().at(index);
    if (const QString reason = m_runner->reasonNotToWeaken(attack); !reason.isEmpty())
        QSKIP(qPrintable(reason));
    const Verdict verdict = m_runner->runWeakened(attack);
    QVERIFY2(verdict.kind == Verdict::Broken, qPrintable(verdict.text));
}

QTEST_GUILESS_MAIN(TestCanFail)
#include "test_can_fail.moc"
