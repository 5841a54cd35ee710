#include "app/cli/table.h"

#include "app/cli/text.h"

#include <QtTest>

#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

#include <clocale>

using namespace Qt::StringLiterals;

namespace skillbox {

class TestTable : public QObject
{
    Q_OBJECT

    static Table sample()
    {
        Table table(
            {{u"NAME"_s}, {u"SIZE"_s, Qt::AlignRight}, {u"DESCRIPTION"_s, Qt::AlignLeft, true}});
        table.addRow({u"日本"_s, u"1"_s, u"counts words in a text"_s});
        table.addRow({u"plain"_s, u"10000"_s, u"two\nlines"_s});
        return table;
    }

private Q_SLOTS:
    void initTestCase() { QVERIFY(std::setlocale(LC_ALL, "C.UTF-8")); }

    void alignsColumnsByWidthAndCutsNothingInAPipe()
    {
        int ends[2];
        QCOMPARE(::pipe(ends), 0);
        const Terminal pipe(ends[1], {});
        QCOMPARE(sample().render(pipe),
                 u"NAME    SIZE  DESCRIPTION\n"
                 "日本       1  counts words in a text\n"
                 "plain  10000  two lines\n"_s);
        ::close(ends[0]);
        ::close(ends[1]);
    }

    void fitsTheTerminalByCuttingWhatMayShrink()
    {
        int controller = -1;
        int terminal = -1;
        winsize size{.ws_row = 24, .ws_col = 30, .ws_xpixel = 0, .ws_ypixel = 0};
        QCOMPARE(::openpty(&controller, &terminal, nullptr, nullptr, &size), 0);
        QProcessEnvironment environment;
        environment.insert(u"TERM"_s, u"xterm"_s);
        environment.insert(u"NO_COLOR"_s, u"1"_s);
        const QString text = sample().render(Terminal(terminal, environment));
        QCOMPARE(text,
                 u"NAME    SIZE  DESCRIPTION\n"
                 "日本       1  counts words in…\n"
                 "plain  10000  two lines\n"_s);
        for (const QString &line : text.split(u'\n'))
            QVERIFY2(displayWidth(line) <= 30, qPrintable(line));
        ::close(controller);
        ::close(terminal);
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestTable)
#include "test_table.moc"
