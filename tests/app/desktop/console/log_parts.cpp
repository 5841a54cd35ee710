#include "app/desktop/console/log_search.h"
#include "app/desktop/console/log_view.h"
#include "tests/app/desktop/console/console_parts.h"

#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

QStringList linesOf(const LogBuffer &log)
{
    QStringList lines;
    for (int i = 0; i < log.lineCount(); ++i)
        lines.append(log.text(i));
    return lines;
}

/// `3-5 bold fg2`: what an escape sequence made of a part of the line.
QString looksOf(const LogBuffer &log, int line)
{
    QStringList parts;
    for (const LookSpan &span : log.looks(line)) {
        QString part = u"%1+%2"_s.arg(span.start).arg(span.length);
        if (span.look.bold)
            part += u" bold"_s;
        if (span.look.inverse)
            part += u" inverse"_s;
        if (span.look.foreground != 0)
            part += u" fg%1"_s.arg(span.look.foreground, 0, 16);
        if (span.look.background != 0)
            part += u" bg%1"_s.arg(span.look.background, 0, 16);
        parts.append(part);
    }
    return parts.join(u", "_s);
}

} // namespace

void ConsolePartsTest::readsWhatProgramsWriteForTerminals_data()
{
    QTest::addColumn<QByteArray>("written");
    QTest::addColumn<QStringList>("lines");
    QTest::addColumn<QString>("looks"); // of the first line
    const auto row = [](const char *name, const QByteArray &written, const QStringList &lines,
                        const QString &looks = {}) {
        QTest::newRow(name) << written << lines << looks;
    };
    row("plain", "one\ntwo\n", {u"one"_s, u"two"_s});
    row("no end", "one\ntwo", {u"one"_s, u"two"_s});
    row("empty lines", "\n\na\n", {QString(), QString(), u"a"_s});
    row("windows ends", "one\r\ntwo\r\n", {u"one"_s, u"two"_s});
    row("progress", "10 %\r20 %\r100 %\ndone\n", {u"100 %"_s, u"done"_s});
    row("colour", "a\x1b[31mred\x1b[0mb\n", {u"aredb"_s}, u"1+3 fg2"_s);
    row("bright and bold", "\x1b[1;92mok\x1b[22m.\n", {u"ok."_s}, u"0+2 bold fgb, 2+1 fgb"_s);
    row("256 colours", "\x1b[38;5;200mx\n", {u"x"_s}, u"0+1 fgc9"_s);
    row("true colour", "\x1b[48;2;1;2;3mx\n", {u"x"_s}, u"0+1 bg1010203"_s);
    row("colons", "\x1b[38:2:255:0:0mx\n", {u"x"_s}, u"0+1 fg1ff0000"_s);
    row("inverse", "\x1b[7mx\x1b[27my\n", {u"xy"_s}, u"0+1 inverse"_s);
    row("after wide text", "äö日\x1b[31mr\n", {u"äö日r"_s}, u"3+1 fg2"_s);
    row("cursor moves", "a\x1b[2Jb\x1b[10;5Hc\n", {u"abc"_s});
    row("title",
        "a\x1b]0;evil title\x07"
        "b\n",
        {u"ab"_s});
    row("title ended by ST", "a\x1b]8;;http://x\x1b\\link\n", {u"alink"_s});
    row("charset", "\x1b(Ba\n", {u"a"_s});
    row("bells",
        "a\x07\x08"
        "b\n",
        {u"ab"_s});
    row("broken sequence", "a\x1b[31\nb\n", {u"a"_s, u"b"_s});
    row("endless title", "\x1b]0;never\nb\n", {QString(), u"b"_s});
    row("private", "\x1b[>4;2mx\n", {u"x"_s});
}

void ConsolePartsTest::readsWhatProgramsWriteForTerminals()
{
    QFETCH(QByteArray, written);
    QFETCH(QStringList, lines);
    QFETCH(QString, looks);
    LogBuffer log;
    log.append(LogStreamKind::Stdout, written);
    QCOMPARE(linesOf(log), lines);
    QCOMPARE(looksOf(log, 0), looks);
}

void ConsolePartsTest::cutsOfSequencesChangeNothing()
{
    const QByteArray written = "a\x1b[1;31mred\x1b[0m b\r\nnext\x1b]0;t\x07 line\n";
    LogBuffer whole;
    whole.append(LogStreamKind::Stdout, written);
    LogBuffer pieces;
    for (const char byte : written)
        pieces.append(LogStreamKind::Stdout, QByteArrayView(&byte, 1));
    QCOMPARE(linesOf(pieces), linesOf(whole));
    QCOMPARE(looksOf(pieces, 0), looksOf(whole, 0));
}

void ConsolePartsTest::keepsStreamsApart()
{
    LogBuffer log;
    log.append(LogStreamKind::Stdout, "begin", 1000);
    log.append(LogStreamKind::Stderr, "\x1b[31mwarning\n", 2000);
    log.append(LogStreamKind::Stdout, "plain\n", 3000);
    QCOMPARE(linesOf(log), QStringList({u"begin"_s, u"warning"_s, u"plain"_s}));
    QCOMPARE(log.stream(1), LogStreamKind::Stderr);
    QCOMPARE(log.stream(2), LogStreamKind::Stdout);
    QCOMPARE(log.time(1), 2000);
    QCOMPARE(looksOf(log, 2), QString()); // the other stream's colour is its own
}

void ConsolePartsTest::breaksEndlessLines()
{
    LogBuffer log;
    const QByteArray wide = QByteArray("ä").repeated(40'000);
    log.append(LogStreamKind::Stdout, wide + "\nnext\n");
    QVERIFY(log.lineCount() > 2);
    QCOMPARE(linesOf(log).mid(0, log.lineCount() - 1).join(QString()), QString::fromUtf8(wide));
    QCOMPARE(log.text(log.lineCount() - 1), u"next"_s);
}

void ConsolePartsTest::measuresWideCharactersAndTabs()
{
    const CellLine line(u"a\t日本e\u0301😀."_s);
    QCOMPARE(line.columnOf(2), 8);  // behind the tab
    QCOMPARE(line.columnOf(3), 10); // behind a wide one
    QCOMPARE(line.columns(), 8 + 4 + 1 + 2 + 1);
    QCOMPARE(line.indexAt(9), 2); // the middle of a wide one
    QCOMPARE(line.indexAt(100), line.text().size());
    QCOMPARE(CellLine::columnsOf(line.text()), line.columns());
}

void ConsolePartsTest::findsInWhatIsThereAndInWhatComes()
{
    LogView view;
    view.append(LogStreamKind::Stdout, "error 1\nfine\nERROR 22\n");
    LogSearch &search = view.search();
    QVERIFY(search.search(u"error \\d+"_s, LogSearch::Regex).isEmpty());
    QTRY_COMPARE_WITH_TIMEOUT(search.matches().size(), size_t(2), 20'000);
    QCOMPARE(search.matches().back().line, 2);
    QCOMPARE(search.matches().back().length, 8);
    view.append(LogStreamKind::Stderr, "no\nerror 3\n");
    QTRY_COMPARE_WITH_TIMEOUT(search.matches().size(), size_t(3), 20'000);
    QCOMPARE(search.firstFrom(1), 1);
    search.search(u"error \\d"_s, {}); // a plain text now
    QTRY_VERIFY_WITH_TIMEOUT(!search.isSearching(), 20'000);
    QVERIFY(search.matches().empty());
    search.search(u"ERROR"_s, LogSearch::MatchCase);
    QTRY_COMPARE_WITH_TIMEOUT(search.matches().size(), size_t(1), 20'000);
}

void ConsolePartsTest::saysWhyAnExpressionIsNone()
{
    LogBuffer log;
    LogSearch search(log);
    QVERIFY(!search.search(u"a(b"_s, LogSearch::Regex).isEmpty());
    QVERIFY(search.search(u"a(b"_s, {}).isEmpty());
}

void ConsolePartsTest::followsTheEndUntilOneScrollsAway()
{
    LogView view;
    view.resize(400, 200);
    view.show();
    const auto append = [&] {
        for (int i = 0; i < 200; ++i)
            view.append(LogStreamKind::Stdout, "line " + QByteArray::number(i) + '\n');
    };
    append();
    QScrollBar *bar = view.verticalScrollBar();
    QCOMPARE(bar->value(), bar->maximum());
    QSignalSpy following(&view, &LogView::followingChanged);
    QTest::keyClick(&view, Qt::Key_PageUp);
    QCOMPARE(following.size(), 1);
    const int place = bar->value();
    append();
    QCOMPARE(bar->value(), place);
    QTest::keyClick(&view, Qt::Key_End);
    QVERIFY(view.isFollowing());
    append();
    QCOMPARE(bar->value(), bar->maximum());
}

void ConsolePartsTest::wrapsByColumns()
{
    LogView view;
    view.resize(400, 200);
    view.show();
    for (int i = 0; i < 3000; ++i)
        view.append(LogStreamKind::Stdout, QByteArray(i % 100 == 0 ? 500 : 10, 'x') + '\n');
    const int lines = view.verticalScrollBar()->maximum();
    view.setWrapping(true);
    const int wrapped = view.verticalScrollBar()->maximum();
    QVERIFY(wrapped > lines);
    QCOMPARE(view.horizontalScrollBar()->maximum(), 0);
    // Counted line by line as it came is what counting anew gives.
    view.append(LogStreamKind::Stdout, QByteArray(700, 'y'));
    view.append(LogStreamKind::Stdout, QByteArray(700, 'y') + '\n');
    const int grown = view.verticalScrollBar()->maximum();
    view.setWrapping(false);
    view.setWrapping(true);
    QCOMPARE(view.verticalScrollBar()->maximum(), grown);
    QVERIFY(!view.grab().isNull());
}

void ConsolePartsTest::selectsAndCopies()
{
    LogView view;
    view.resize(600, 300);
    view.show();
    view.append(LogStreamKind::Stdout, "\x1b[32mfirst\x1b[0m line\nsecond line\nthird");
    QTest::keySequence(&view, QKeySequence::SelectAll);
    QCOMPARE(view.selectedText(), u"first line\nsecond line\nthird"_s);
    QTest::mouseDClick(view.viewport(), Qt::LeftButton, {}, QPoint(20, 8));
    QCOMPARE(view.selectedText(), u"first"_s);
    view.clear();
    QVERIFY(!view.hasSelection());
}
