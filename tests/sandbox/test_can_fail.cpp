// A test that cannot fail proves nothing: without the controls that stop it, every attack must get
// through.

#include "tests/sandbox/attack_runner.h"

#include <QTest>

using namespace Qt::StringLiterals;

class TestCanFail : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void listsAttacksThatNothingOfOursStops();
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
