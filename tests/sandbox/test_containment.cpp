// Every attack must fail against the launcher as it is shipped.

#include "tests/sandbox/attack_runner.h"

#include <QTest>

#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace skillbox;

class TestContainment : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void contains_data();
    void contains();
    void containsWhenObserved_data();
    void containsWhenObserved();
    void givesEveryRunItsOwnRandomness();

private:
    std::unique_ptr<AttackRunner> m_runner;
};

void TestContainment::initTestCase()
{
    allowThisProcessEverything();
    m_runner = std::make_unique<AttackRunner>();
    qInfo("%s", qPrintable(m_runner->describeMachine()));
    if (geteuid() != 0)
        qWarning("NOT ROOT: what holds for an engine that runs as root is not tested here.");
}

void TestContainment::contains_data()
{
    QTest::addColumn<qsizetype>("index");
    for (qsizetype i = 0; i < attacks().size(); ++i)
        QTest::newRow(qPrintable(attacks().at(i).name)) << i;
}

void TestContainment::contains()
{
    QFETCH(qsizetype, index);
    const Attack &attack = attacks().at(index);
    if (const QString reason = m_runner->reasonNotToRun(attack); !reason.isEmpty())
        QSKIP(qPrintable(reason));
    const Verdict verdict = m_runner->run(attack);
    QVERIFY2(verdict.kind == Verdict::Contained, qPrintable(verdict.text));
}

/// What the system-call filter stops, and what is after the sandbox's init: those are what
/// observation changes. Of single calls each third: their answers come from one program, and
/// test_observed_runs compares them with those of other runs.
void TestContainment::containsWhenObserved_data()
{
    QTest::addColumn<qsizetype>("index");
    for (qsizetype i = 0; i < attacks().size(); ++i) {
        const Attack &attack = attacks().at(i);
        const bool isSingleCall = attack.script == u"system_call.py"_s
            || attack.script.startsWith(u"kernel_"_s);
        const bool isObserved = attack.controls.contains(u"seccomp"_s) || isSingleCall
            || attack.script.startsWith(u"proc_"_s) || attack.script.startsWith(u"privilege_"_s)
            || attack.shape == Attack::Shape::Daemon;
        if (isObserved && (!isSingleCall || i % 3 == 0))
            QTest::newRow(qPrintable(attack.name)) << i;
    }
}

void TestContainment::containsWhenObserved()
{
    QFETCH(qsizetype, index);
    const Attack &attack = attacks().at(index);
    if (const QString reason = m_runner->reasonNotToRun(attack); !reason.isEmpty())
        QSKIP(qPrintable(reason));
    const Verdict verdict = m_runner->run(attack, Observation::RefusedCalls);
    QVERIFY2(verdict.kind == Verdict::Contained, qPrintable(verdict.text));
}

void TestContainment::givesEveryRunItsOwnRandomness()
{
    const QByteArrayList one = m_runner->outputOf(u"across_random.py"_s).trimmed().split(' ');
    const QByteArrayList other = m_runner->outputOf(u"across_random.py"_s).trimmed().split(' ');
    QCOMPARE(one.size(), 5);
    QCOMPARE(other.size(), 5);
    for (int i = 0; i < 5; ++i)
        QVERIFY2(one[i] != other[i], one[i].constData());
}

QTEST_GUILESS_MAIN(TestContainment)
#include "test_containment.moc"
