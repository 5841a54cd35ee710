#include "tests/app/program.h"

#include <QRegularExpression>
#include <QtTest>

using namespace Qt::StringLiterals;

namespace skillbox::test {

/// The commands that people may use, by their help: the overview lists groups and what is in them.
QStringList everyCommand(const Sandbox &sandbox)
{
    static const QRegularExpression row(u"^  ([a-z]+)  +\\S.*?(?:: ([a-z, ]+))?$"_s,
                                        QRegularExpression::MultilineOption);
    // Wide help lines wrap: join continued lines first.
    QString help = sandbox.run({u"--help"_s}).out;
    help.replace(QRegularExpression(u"\\n {5,}"_s), u" "_s);
    const QString commands = help.section(u"Commands:\n"_s, 1).section(u"\n\n"_s, 0, 0);
    QStringList found;
    for (auto it = row.globalMatch(commands); it.hasNext();) {
        const QRegularExpressionMatch match = it.next();
        found.append(match.captured(1));
        for (const QString &inner : match.captured(2).split(u", "_s, Qt::SkipEmptyParts))
            found.append(match.captured(1) + u' ' + inner);
    }
    return found;
}

class TestSkillboxHelp : public QObject
{
    Q_OBJECT

    Sandbox m_sandbox;

private Q_SLOTS:
    void knowsAllCommands()
    {
        const QStringList commands = everyCommand(m_sandbox);
        for (const QString &command :
             {u"run"_s, u"skill new"_s, u"skill lint"_s, u"skill package"_s, u"skill push"_s,
              u"skill list"_s, u"skill show"_s, u"skill yank"_s, u"skill unyank"_s,
              u"skill delete"_s, u"exec list"_s, u"exec show"_s, u"exec logs"_s, u"exec download"_s,
              u"exec cancel"_s, u"skill pull"_s, u"serve"_s, u"health"_s, u"key create"_s,
              u"audit verify"_s, u"doctor"_s, u"version"_s, u"completion"_s, u"help"_s}) {
            QVERIFY2(commands.contains(command), qPrintable(command));
        }
    }

    void teachesEveryCommandWithAnExample()
    {
        for (const QString &command : everyCommand(m_sandbox)) {
            const Finished help = m_sandbox.run(command.split(u' ') + QStringList{u"--help"_s});
            QCOMPARE(help.code, 0);
            QCOMPARE(help.err, QString());
            QVERIFY2(help.out.contains(u"Usage: skillbox "_s + command), qPrintable(help.out));
            const QString examples = help.out.section(u"Examples:\n"_s, 1);
            QVERIFY2(examples.contains(u"skillbox "_s + command), qPrintable(help.out));
            // `help X` says the same.
            QCOMPARE(m_sandbox.run(QStringList{u"help"_s} + command.split(u' ')).out, help.out);
        }
    }

    void showsAnOverviewWithoutArguments()
    {
        const Finished bare = m_sandbox.run({});
        QCOMPARE(bare.code, 0);
        QVERIFY(bare.out.contains(u"skillbox skill new hello"_s));
        QVERIFY2(bare.out.count(u'\n') < 40, qPrintable(bare.out));
        const Finished group = m_sandbox.run({u"skill"_s});
        QCOMPARE(group.code, 0);
        QVERIFY(group.out.contains(u"  push"_s));
    }

    void opensNoStoreForHelp()
    {
        m_sandbox.run({});
        m_sandbox.run({u"version"_s});
        m_sandbox.run({u"completion"_s, u"bash"_s});
        m_sandbox.run({u"__complete"_s, u"skills"_s});
        QVERIFY(!QDir(m_sandbox.dataDirectory()).exists());
    }

    void explainsWrongUsage_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("expected");
        QTest::newRow("misspelt command")
            << QStringList{u"rnu"_s, u"x"_s}
            << u"Error: there is no command 'skillbox rnu'\n       did you mean skillbox run?\n"_s;
        QTest::newRow("command of a group")
            << QStringList{u"push"_s, u"."_s}
            << u"Error: there is no command 'skillbox push'\n       did you mean skillbox skill push?\n"_s;
        QTest::newRow("misspelt command in a group")
            << QStringList{u"skill"_s, u"lnit"_s, u"."_s}
            << u"Error: there is no command 'skillbox skill lnit'\n"
               "       did you mean skillbox skill lint?\n"_s;
        QTest::newRow("misspelt option")
            << QStringList{u"run"_s, u"x"_s, u"--inptu"_s, u"{}"_s}
            << u"Error: skillbox run has no option --inptu\n       did you mean --input?\n"
               "       see: skillbox run --help\n"_s;
        QTest::newRow("missing argument")
            << QStringList{u"run"_s}
            << u"Error: skillbox run needs SKILL\n       see: skillbox run --help\n"_s;
        QTest::newRow("missing value")
            << QStringList{u"run"_s, u"x"_s, u"--input"_s}
            << u"Error: --input needs a value\n       see: skillbox run --help\n"_s;
        QTest::newRow("one argument too many") << QStringList{u"run"_s, u"x"_s, u"y"_s}
                                               << u"Error: skillbox run does not know what to do "
                                                  u"with 'y'; quote values that have spaces\n"
                                                  "       see: skillbox run --help\n"_s;
        QTest::newRow("a command's name as an argument too many")
            << QStringList{u"run"_s, u"x"_s, u"run"_s}
            << u"Error: skillbox run does not know what to do with 'run'; quote values that have "
               "spaces\n       see: skillbox run --help\n"_s;
        QTest::newRow("wrong word") << QStringList{u"version"_s, u"-o"_s, u"xml"_s}
                                    << u"Error: --output: must be table or json, not 'xml'\n"
                                       "       see: skillbox version --help\n"_s;
    }
    void explainsWrongUsage()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, expected);
        const Finished finished = m_sandbox.run(arguments);
        QCOMPARE(finished.code, 1);
        QCOMPARE(finished.out, QString());
        QCOMPARE(finished.err, expected);
    }

    void takesCommonOptionsBeforeAndAfterTheCommand()
    {
        const QJsonValue after = m_sandbox.run({u"version"_s, u"-o"_s, u"json"_s}).json();
        QCOMPARE(after[u"name"_s], QJsonValue(u"skillbox"_s));
        QCOMPARE(m_sandbox.run({u"-o"_s, u"json"_s, u"version"_s}).json(), after);
        QCOMPARE(m_sandbox.run({u"--output=json"_s, u"version"_s}).json(), after);
        QVERIFY(m_sandbox.run({u"--version"_s}).out.startsWith(u"skillbox "_s));
    }

    void saysWhenItCannotPrint()
    {
        QProcess process;
        process.setProcessEnvironment(m_sandbox.environment());
        process.setStandardOutputFile(u"/dev/full"_s);
        process.start(QStringLiteral(SKILLBOX_PROGRAM), {u"version"_s});
        const Finished finished = Sandbox::finish(process);
        QCOMPARE(finished.code, 1);
        QVERIFY2(finished.err.startsWith(u"Error: cannot write to standard output: "_s),
                 qPrintable(finished.err));
    }
};

} // namespace skillbox::test

QTEST_GUILESS_MAIN(skillbox::test::TestSkillboxHelp)
#include "test_skillbox_help.moc"
