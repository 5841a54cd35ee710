#include "tests/app/program.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QtTest>

using namespace Qt::StringLiterals;

namespace skillbox::test {

class TestSkillboxExec : public QObject
{
    Q_OBJECT

    std::unique_ptr<Sandbox> m_sandbox;

    Finished run(const QString &line) { return m_sandbox->run(line.split(u' ')); }
    QJsonValue json(const QString &line) { return run(line + u" -o json"_s).json(); }

    void compareWithGolden(const QString &name, const QString &text)
    {
        const QString difference = differenceFromGolden(name, normalised(text));
        QVERIFY2(difference.isEmpty(), qPrintable(difference));
    }

    /// Says "ready" and sleeps; runs in a process of its own until it is cancelled.
    std::unique_ptr<QProcess> startSleeping()
    {
        m_sandbox->writeSkill(u"sleeper"_s, u"main.sh"_s, "echo ready; sleep 50\n");
        auto process = m_sandbox->start({u"run"_s, u"./sleeper"_s, u"--follow"_s});
        process->setReadChannel(QProcess::StandardError);
        while (!process->readAllStandardError().contains("ready")) {
            if (!process->waitForReadyRead(20'000) && process->state() != QProcess::Running)
                qFatal("the skill did not start: %s", process->readAll().constData());
        }
        return process;
    }

private Q_SLOTS:
    void init() { m_sandbox = std::make_unique<Sandbox>(); }

    void listsNothingKindly()
    {
        const Finished list = run(u"exec list"_s);
        QCOMPARE(list.code, 0);
        QCOMPARE(list.out, QString());
        QVERIFY(list.err.contains(u"nothing has been run yet"_s));
        QCOMPARE(json(u"exec list"_s).toArray(), QJsonArray());
        QCOMPARE(run(u"exec show last"_s).code, 1);
    }

    void listsAndShowsRuns()
    {
        m_sandbox->writeSkill(u"good"_s, u"main.sh"_s,
                              "echo fine; echo data > $SANDBOX_FILES_DIR/x.txt; "
                              "printf '{\"a\":[1,2]}' > $SANDBOX_OUTPUT\n");
        m_sandbox->writeSkill(u"bad"_s, u"main.sh"_s, "echo broken >&2; exit 4\n");
        const Finished ran = m_sandbox->run(
            {u"run"_s, u"./good"_s, u"--input"_s, u"{\"k\": [true]}"_s});
        QVERIFY2(ran.code == 0, qPrintable(ran.all()));
        QCOMPARE(run(u"run ./bad"_s).code, 2);

        compareWithGolden(u"exec_list.txt"_s, run(u"exec list"_s).out);
        const QJsonArray rows = json(u"exec list"_s).toArray();
        QCOMPARE(rows.size(), 2);
        QCOMPARE(rows[0][u"skill_name"_s], QJsonValue(u"bad"_s));
        QCOMPARE(rows[0][u"exit_code"_s], QJsonValue(4));
        QCOMPARE(json(u"exec list --status success"_s).toArray().size(), 1);
        QCOMPARE(json(u"exec list --skill bad --limit 5"_s).toArray().size(), 1);
        QCOMPARE(run(u"exec list --limit 0"_s).code, 1);
        QCOMPARE(run(u"exec list --status odd"_s).code, 1);

        const QString id = rows[1][u"execution_id"_s].toString();
        compareWithGolden(u"exec_show.txt"_s, run(u"exec show "_s + id).out);
        compareWithGolden(u"exec_show.json"_s, run(u"exec show -o json "_s + id).out);
        // A beginning that only one has means it too.
        QCOMPARE(json(u"exec show "_s + id.first(8))[u"execution_id"_s], QJsonValue(id));
        QCOMPARE(json(u"exec show last"_s)[u"skill_name"_s], QJsonValue(u"bad"_s));

        QCOMPARE(run(u"exec logs last"_s).out, u"broken\n"_s);
        QCOMPARE(json(u"exec logs last"_s)[u"logs"_s], QJsonValue(u"broken\n"_s));

        QCOMPARE(run(u"exec download %1 saved"_s.arg(id)).code, 0);
        QCOMPARE(m_sandbox->read(u"saved/x.txt"_s), QByteArray("data\n"));
        const Finished none = run(u"exec download last saved"_s);
        QCOMPARE(none.code, 0);
        QVERIFY(none.err.contains(u"this run made no files"_s));
    }

    void saysWhatIsNotThere_data()
    {
        QTest::addColumn<QString>("id");
        QTest::newRow("unknown id") << u"00000000-0000-4000-8000-000000000000"_s;
        QTest::newRow("no id at all") << u"nonsense"_s;
        QTest::newRow("too short to mean one") << u"0"_s;
    }
    void saysWhatIsNotThere()
    {
        QFETCH(QString, id);
        for (const QString &verb : {u"show"_s, u"logs"_s, u"cancel"_s}) {
            const Finished refused = m_sandbox->run({u"exec"_s, verb, id});
            QCOMPARE(refused.code, 1);
            QCOMPARE(refused.out, QString());
            QVERIFY2(refused.err.startsWith(u"Error: "_s) && refused.err.contains(id),
                     qPrintable(refused.err));
        }
    }

    void watchesAndCancelsARunOfAnotherProcess()
    {
        const auto sleeping = startSleeping();
        QCOMPARE(json(u"exec list"_s)[0][u"status"_s], QJsonValue(u"running"_s));
        QCOMPARE(run(u"exec logs last"_s).out, u"ready\n"_s);
        QVERIFY(run(u"exec show last"_s).out.contains(u"is running"_s));

        const auto following = m_sandbox->start({u"exec"_s, u"logs"_s, u"last"_s, u"--follow"_s});
        QVERIFY(following->waitForReadyRead(20'000));

        const Finished cancelled = run(u"exec cancel last"_s);
        QCOMPARE(cancelled.code, 0);
        QVERIFY2(cancelled.out.startsWith(u"✔ Cancelled sleeper "_s), qPrintable(cancelled.all()));
        QCOMPARE(Sandbox::finish(*sleeping).code, 130);
        const Finished followed = Sandbox::finish(*following);
        QCOMPARE(followed.code, 0);
        QCOMPARE(followed.out, u"ready\n"_s);

        const Finished again = run(u"exec cancel last"_s);
        QCOMPARE(again.code, 0);
        QVERIFY2(again.out.contains(u"was over already: cancelled"_s), qPrintable(again.all()));
    }

    void aKilledProcessLeavesALostRun()
    {
        const auto sleeping = startSleeping();
        sleeping->kill();
        sleeping->waitForFinished();
        QTRY_COMPARE_WITH_TIMEOUT(json(u"exec show last"_s)[u"reason"_s], QJsonValue(u"lost"_s),
                                  20'000);
        QCOMPARE(json(u"exec show last"_s)[u"status"_s], QJsonValue(u"failed"_s));
    }
};

} // namespace skillbox::test

QTEST_GUILESS_MAIN(skillbox::test::TestSkillboxExec)
#include "test_skillbox_exec.moc"
