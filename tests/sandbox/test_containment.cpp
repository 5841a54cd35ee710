// Every attack must fail against the launcher as it is shipped.

#include "tests/sandbox/attack_runner.h"

#include <QTest>

#include <unistd.h>

#include <algorithm>

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
    void wasTriedWith_data();
    void wasTriedWith();

private:
    std::unique_ptr<AttackRunner> m_runner;
    QString m_machine;
};

void TestContainment::initTestCase()
{
    allowThisProcessEverything();
    m_runner = std::make_unique<AttackRunner>();
    m_machine = m_runner->describeMachine();
    qInfo("%s", qPrintable(m_machine));
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

/// A machine and a user have one way to bound memory, so the others are known to be untried.
void TestContainment::wasTriedWith_data()
{
    QTest::addColumn<QString>("elsewhere");
    QTest::newRow("cgroup v1") << u"a run as root where controllers of version 1 are mounted"_s;
    QTest::newRow("cgroup v2") << u"tests/support/cgroup_v2_machine.sh BUILD"_s;
    QTest::newRow("watched") << u"a run as an ordinary user to whom no group is delegated"_s;
}

void TestContainment::wasTriedWith()
{
    QFETCH(QString, elsewhere);
    const QStringList keepers{u"cgroup v1"_s, u"cgroup v2"_s, u"watched"_s};
    const auto isThere = [this](const QString &keeper) {
        return m_machine.contains(u" MiB, "_s + keeper + u'"');
    };
    QVERIFY2(std::count_if(keepers.begin(), keepers.end(), isThere) == 1, qPrintable(m_machine));
    if (!isThere(QString::fromLatin1(QTest::currentDataTag()))) {
        QSKIP(qPrintable(u"SKIPPED, LOUDLY: nothing is known of %1 from here; %2 tries it"_s.arg(
            QLatin1StringView(QTest::currentDataTag()), elsewhere)));
    }
}

QTEST_GUILESS_MAIN(TestContainment)
#include "test_containment.moc"
