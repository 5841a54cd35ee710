#include "tests/app/program.h"

#include <QtTest>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace skillbox::test {

/// What a person at a terminal sees, and what a pipe must not get.
class TestSkillboxTerminal : public QObject
{
    Q_OBJECT

    std::unique_ptr<Sandbox> m_sandbox;

    struct Seen {
        int code = -1;
        QString text;
    };

    /// Runs the program with a terminal of 80 columns as all its streams. Each time a text of
    /// `awaited` has appeared, types Ctrl-C.
    Seen onTerminal(const QStringList &arguments, QStringList awaited = {})
    {
        int controller = -1;
        int terminal = -1;
        winsize size{.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
        if (::openpty(&controller, &terminal, nullptr, nullptr, &size) != 0)
            qFatal("no terminal to be had");
        QProcess process;
        QProcessEnvironment environment = m_sandbox->environment();
        if (!environment.contains(u"TERM"_s))
            environment.insert(u"TERM"_s, u"xterm"_s);
        process.setProcessEnvironment(environment);
        process.setWorkingDirectory(m_sandbox->path({}));
        process.setChildProcessModifier([terminal] {
            ::setsid();
            ::ioctl(terminal, TIOCSCTTY, 0);
            for (int fd = 0; fd <= 2; ++fd)
                ::dup2(terminal, fd);
        });
        process.start(QStringLiteral(SKILLBOX_PROGRAM), arguments);
        if (!process.waitForStarted())
            qFatal("cannot start the program");
        ::close(terminal);

        Seen seen;
        QByteArray bytes;
        QElapsedTimer timer;
        timer.start();
        while (timer.elapsed() < 60'000) {
            pollfd ready{controller, POLLIN, 0};
            ::poll(&ready, 1, 100);
            char chunk[4096];
            const ssize_t n = ready.revents ? ::read(controller, chunk, sizeof chunk) : 0;
            if (n > 0)
                bytes.append(chunk, n);
            if (!awaited.isEmpty() && bytes.contains(awaited.first().toUtf8())) {
                awaited.removeFirst();
                [[maybe_unused]] const ssize_t typed = ::write(controller, "\x03", 1);
            }
            // Linux answers EIO once every process has closed the terminal.
            if (n < 0 || (n == 0 && ready.revents))
                break;
        }
        ::close(controller);
        if (process.waitForFinished(20'000) && process.exitStatus() == QProcess::NormalExit)
            seen.code = process.exitCode();
        seen.text = QString::fromUtf8(bytes).replace(u"\r\n"_s, u"\n"_s);
        return seen;
    }

private Q_SLOTS:
    void init()
    {
        m_sandbox = std::make_unique<Sandbox>();
        m_sandbox->writeSkill(u"quick"_s, u"main.sh"_s,
                              "echo out; echo err >&2; echo {} > $SANDBOX_OUTPUT\n");
        m_sandbox->writeSkill(u"slow"_s, u"main.sh"_s,
                              "sleep 0.6; printf '{\"a\":1}' > $SANDBOX_OUTPUT\n");
        m_sandbox->writeSkill(u"sleeper"_s, u"main.sh"_s, "echo ready; sleep 50\n");
    }

    void coloursOnATerminalOnly()
    {
        QVERIFY(onTerminal({u"run"_s, u"./quick"_s}).text.contains(u"\x1b[32m✔\x1b[0m"_s));
        for (const QString &line :
             {u"run ./quick"_s, u"run ./slow"_s, u"run ./quick --follow"_s, u"exec list"_s,
              u"skill list"_s, u"run --help"_s, u"doctor"_s, u"run ./none"_s}) {
            const Finished piped = m_sandbox->run(line.split(u' '));
            QVERIFY2(!piped.all().contains(u'\x1b') && !piped.all().contains(u'\r'),
                     qPrintable(line));
        }
    }

    void obeysColourVariables_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("value");
        QTest::addColumn<bool>("colour");
        QTest::newRow("NO_COLOR") << u"NO_COLOR"_s << u"1"_s << false;
        QTest::newRow("empty NO_COLOR means nothing") << u"NO_COLOR"_s << QString() << true;
        QTest::newRow("CLICOLOR=0") << u"CLICOLOR"_s << u"0"_s << false;
        QTest::newRow("CLICOLOR=1") << u"CLICOLOR"_s << u"1"_s << true;
        QTest::newRow("dumb terminal") << u"TERM"_s << u"dumb"_s << false;
    }
    void obeysColourVariables()
    {
        QFETCH(QString, name);
        QFETCH(QString, value);
        QFETCH(bool, colour);
        m_sandbox->setVariable(name, value);
        const Seen seen = onTerminal({u"version"_s, u"--help"_s});
        QCOMPARE(seen.code, 0);
        QCOMPARE(seen.text.contains(u"\x1b[1m"_s), colour);
    }

    void canBeForcedToColourAPipe()
    {
        m_sandbox->setVariable(u"CLICOLOR_FORCE"_s, u"1"_s);
        QVERIFY(m_sandbox->run({u"version"_s, u"--help"_s}).out.contains(u"\x1b[1m"_s));
        m_sandbox->setVariable(u"NO_COLOR"_s, u"1"_s);
        QVERIFY(!m_sandbox->run({u"version"_s, u"--help"_s}).out.contains(u"\x1b[1m"_s));
    }

    void showsProgressOfASlowRunAndTakesItAway()
    {
        const Seen slow = onTerminal({u"run"_s, u"./slow"_s});
        QCOMPARE(slow.code, 0);
        QVERIFY2(slow.text.contains(u"Running ./slow"_s), qPrintable(slow.text));
        // The line is erased before the result is printed.
        QVERIFY2(slow.text.contains(QRegularExpression(u"\\r\x1b\\[K\x1b\\[32m✔"_s)),
                 qPrintable(slow.text));
    }

    void disarmsWhatASkillPrints()
    {
        m_sandbox->writeSkill(u"rude"_s, u"main.sh"_s,
                              "printf 'a\\033]0;title\\007b\\n'; exit 1\n");
        const Seen seen = onTerminal({u"run"_s, u"./rude"_s});
        QCOMPARE(seen.code, 2);
        QVERIFY2(seen.text.contains(u"a␛]0;title␇b"_s), qPrintable(seen.text));
        const Seen followed = onTerminal({u"run"_s, u"./rude"_s, u"--follow"_s});
        QVERIFY2(followed.text.contains(u"a␛]0;title␇b"_s), qPrintable(followed.text));
        // A pipe gets the bytes as they were.
        QVERIFY(
            m_sandbox->run({u"exec"_s, u"logs"_s, u"last"_s}).out.contains(u"a\x1b]0;title\ab"_s));
    }

    void hintsWhenStandardInputIsTheTerminal()
    {
        const Seen seen = onTerminal({u"run"_s, u"./quick"_s, u"--input"_s, u"-"_s});
        QCOMPARE(seen.code, 1);
        QVERIFY2(seen.text.contains(u"which is the terminal here"_s), qPrintable(seen.text));
    }

    void cancelsOnCtrlC()
    {
        const Seen seen = onTerminal({u"run"_s, u"./sleeper"_s, u"--follow"_s}, {u"ready"_s});
        QCOMPARE(seen.code, 130);
        QVERIFY2(seen.text.contains(u"press Ctrl-C again to leave at once"_s),
                 qPrintable(seen.text));
        QVERIFY2(seen.text.contains(u"was cancelled after"_s), qPrintable(seen.text));
    }

    void everyLineFitsTheTerminal()
    {
        m_sandbox->write(u"wordy/SKILL.md"_s,
                         "---\nname: wordy\ndescription: " + QByteArray("many words ").repeated(20)
                             + "\n---\nText.\n");
        m_sandbox->write(u"wordy/main.py"_s, "print(1)\n");
        m_sandbox->setVariable(u"NO_COLOR"_s, u"1"_s);
        QCOMPARE(m_sandbox->run({u"skill"_s, u"push"_s, u"./wordy"_s}).code, 0);
        for (const QString &line : {u"skill list"_s, u"run --help"_s, u"--help"_s}) {
            const Seen seen = onTerminal(line.split(u' '));
            QCOMPARE(seen.code, 0);
            for (const QString &shown : seen.text.split(u'\n')) {
                // Examples are to be copied, so they stay whole.
                if (!shown.startsWith(u"  skillbox "_s) && !shown.startsWith(u"  echo "_s))
                    QVERIFY2(shown.size() <= 80, qPrintable(shown));
            }
        }
    }
};

} // namespace skillbox::test

QTEST_GUILESS_MAIN(skillbox::test::TestSkillboxTerminal)
#include "test_skillbox_terminal.moc"
