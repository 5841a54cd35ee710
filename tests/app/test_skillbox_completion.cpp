#include "tests/app/program.h"

#include <QRegularExpression>
#include <QtTest>

using namespace Qt::StringLiterals;

namespace skillbox::test {

class TestSkillboxCompletion : public QObject
{
    Q_OBJECT

    Sandbox m_sandbox;

    /// What bash would offer for the last word of the line, by running our script in bash.
    QStringList offered(const QStringList &words)
    {
        QString program = QStringLiteral(SKILLBOX_PROGRAM);
        QString line;
        for (QString word : words)
            line += u" '"_s + word.replace(u'\'', u"'\\''"_s) + u'\'';
        const QString script =
            u"skillbox() { '%1' \"$@\"; }\neval \"$(skillbox completion bash)\"\n"
            "COMP_WORDS=(skillbox%2); COMP_CWORD=%3\n_skillbox\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n"_s
                .arg(program, line)
                .arg(words.size());
        QProcess bash;
        bash.setProcessEnvironment(m_sandbox.environment());
        bash.setWorkingDirectory(m_sandbox.path({}));
        bash.start(u"bash"_s, {u"--norc"_s, u"-uc"_s, script});
        const Finished finished = Sandbox::finish(bash);
        if (finished.code != 0 || !finished.err.isEmpty())
            return {u"bash: "_s + finished.err};
        return finished.out.split(u'\n', Qt::SkipEmptyParts);
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_sandbox.writeSkill(u"dice"_s, u"main.py"_s, "print(4)\n");
        QCOMPARE(m_sandbox.run({u"skill"_s, u"push"_s, u"./dice"_s}).code, 0);
        m_sandbox.write(u"folder/x"_s, "");
    }

    void scriptsNameEveryCommand_data()
    {
        QTest::addColumn<QString>("shell");
        QTest::newRow("bash") << u"bash"_s;
        QTest::newRow("zsh") << u"zsh"_s;
        QTest::newRow("fish") << u"fish"_s;
    }
    void scriptsNameEveryCommand()
    {
        QFETCH(QString, shell);
        const Finished script = m_sandbox.run({u"completion"_s, shell});
        QCOMPARE(script.code, 0);
        for (const QString &word :
             {u"run"_s, u"skill new"_s, u"skill lint"_s, u"skill package"_s, u"skill push"_s,
              u"skill list"_s, u"skill show"_s, u"skill yank"_s, u"skill unyank"_s,
              u"skill delete"_s, u"exec list"_s, u"exec show"_s, u"exec logs"_s, u"exec download"_s,
              u"exec cancel"_s, u"doctor"_s, u"version"_s, u"completion"_s, u"help"_s}) {
            QVERIFY2(script.out.contains(u'\'' + word + u'\''), qPrintable(word));
        }
        QVERIFY(!script.out.contains(u'@' + u"COMMANDS"_s));
        QVERIFY(!script.out.contains(u"'__complete'"_s));
    }

    void scriptsAreValidShell_data() { scriptsNameEveryCommand_data(); }
    void scriptsAreValidShell()
    {
        QFETCH(QString, shell);
        if (QStandardPaths::findExecutable(shell).isEmpty())
            QSKIP(qPrintable(shell + u" is not installed"_s));
        m_sandbox.write(u"script"_s, m_sandbox.run({u"completion"_s, shell}).out.toUtf8());
        QProcess check;
        check.start(shell, {u"-n"_s, m_sandbox.path(u"script"_s)});
        const Finished finished = Sandbox::finish(check);
        QCOMPARE(finished.all(), QString());
        QCOMPARE(finished.code, 0);
    }

    void offersWhatFits_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QStringList>("expected");
        QTest::newRow("command") << QStringList{u"ex"_s} << QStringList{u"exec"_s};
        QTest::newRow("inner command")
            << QStringList{u"skill"_s, u"pus"_s} << QStringList{u"push"_s};
        QTest::newRow("option") << QStringList{u"run"_s, u"--fo"_s} << QStringList{u"--follow"_s};
        QTest::newRow("choice") << QStringList{u"run"_s, u"x"_s, u"-o"_s, u"j"_s}
                                << QStringList{u"json"_s};
        QTest::newRow("server") << QStringList{u"-s"_s, u"lo"_s} << QStringList{u"local"_s};
        QTest::newRow("global choice") << QStringList{u"-o"_s, u"t"_s} << QStringList{u"table"_s};
        QTest::newRow("command after an option with a value")
            << QStringList{u"-o"_s, u"json"_s, u"doc"_s} << QStringList{u"doctor"_s};
        QTest::newRow("published skill")
            << QStringList{u"skill"_s, u"show"_s, u"d"_s} << QStringList{u"dice"_s};
        QTest::newRow("folder to run")
            << QStringList{u"run"_s, u"fo"_s} << QStringList{u"folder"_s};
        QTest::newRow("nothing after the last argument")
            << QStringList{u"run"_s, u"dice"_s, {}} << QStringList();
        QTest::newRow("shell") << QStringList{u"completion"_s, u"f"_s} << QStringList{u"fish"_s};
        QTest::newRow("execution")
            << QStringList{u"exec"_s, u"logs"_s, u"la"_s} << QStringList{u"last"_s};
        QTest::newRow("many paths")
            << QStringList{u"skill"_s, u"lint"_s, u"dice"_s, u"fol"_s} << QStringList{u"folder"_s};
    }
    void offersWhatFits()
    {
        QFETCH(QStringList, words);
        QFETCH(QStringList, expected);
        QCOMPARE(offered(words), expected);
    }

    void offersTheServersOptions()
    {
        if (m_sandbox.run({u"serve"_s, u"--version"_s}).code != 0)
            QSKIP("the server is not built");
        QCOMPARE(offered({u"serve"_s, u"--max-q"_s}), QStringList{u"--max-queue"_s});
        QCOMPARE(offered({u"serve"_s, u"--max-queue"_s, u"5"_s, u"--log-fo"_s}),
                 QStringList{u"--log-format"_s});
        QCOMPARE(offered({u"serve"_s, u"--log-format"_s, u"j"_s}), QStringList{u"json"_s});
        QCOMPARE(offered({u"serve"_s, u"--data-dir"_s, u"fol"_s}), QStringList{u"folder"_s});
    }
};

} // namespace skillbox::test

QTEST_GUILESS_MAIN(skillbox::test::TestSkillboxCompletion)
#include "test_skillbox_completion.moc"
