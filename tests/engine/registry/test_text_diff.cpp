#include "engine/registry/text_diff.h"

#include "tests/engine/registry/patch_text.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QTest>

using namespace skillbox;
using namespace skillbox::test;

class TestTextDiff : public QObject
{
    Q_OBJECT

    static QByteArray numbered(int count)
    {
        QByteArray text;
        for (int i = 1; i <= count; ++i)
            text += "line " + QByteArray::number(i) + '\n';
        return text;
    }
    /// Lines changed, by their marks.
    static qsizetype edits(const QByteArray &hunks)
    {
        const QList<QByteArray> lines = hunks.split('\n');
        return std::count_if(lines.begin(), lines.end(), [](const QByteArray &line) {
            return line.startsWith('+') || line.startsWith('-');
        });
    }

private Q_SLOTS:
    void writesUnifiedHunks_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QByteArray>("hunks");
        const auto row = [](const char *name, QByteArray from, QByteArray to, QByteArray hunks) {
            QTest::newRow(name) << from << to << hunks;
        };
        row("equal", "a\nb\n", "a\nb\n", "");
        row("both empty", "", "", "");
        row("from nothing", "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n");
        row("to nothing", "a\n", "", "@@ -1,1 +0,0 @@\n-a\n");
        row("changed line", "a\nb\nc\n", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
        row("end of line added", "a", "a\n",
            "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n");
        row("end of line taken", "x\na\n", "x\na",
            "@@ -1,2 +1,2 @@\n x\n-a\n+a\n\\ No newline at end of file\n");
        row("carriage returns count", "a\r\n", "a\n", "@@ -1,1 +1,1 @@\n-a\r\n+a\n");
        row("three lines of context", numbered(9), numbered(9).replace("line 5", "LINE 5"),
            "@@ -2,7 +2,7 @@\n line 2\n line 3\n line 4\n-line 5\n+LINE 5\n line 6\n line 7\n"
            " line 8\n");
        row("close changes share a hunk", numbered(8),
            numbered(8).replace("line 1\n", "").replace("line 8\n", ""),
            "@@ -1,8 +1,6 @@\n-line 1\n line 2\n line 3\n line 4\n line 5\n line 6\n line 7\n"
            "-line 8\n");
        row("distant changes do not", numbered(20),
            numbered(20).replace("line 2\n", "").replace("line 19\n", ""),
            "@@ -1,5 +1,4 @@\n line 1\n-line 2\n line 3\n line 4\n line 5\n"
            "@@ -16,5 +15,4 @@\n line 16\n line 17\n line 18\n-line 19\n line 20\n");
        row("bytes that are no text", QByteArray("\xff\x00\n", 3), QByteArray("\xfe\x00\n", 3),
            QByteArray("@@ -1,1 +1,1 @@\n-\xff\x00\n+\xfe\x00\n", 24));
    }
    void writesUnifiedHunks()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QByteArray, hunks);
        QCOMPARE(unifiedHunks(from, to), hunks);
        QCOMPARE(patchText(from, hunks), std::optional(to));
    }

    // The example of Myers' paper: ABCABBA to CBABAC costs five edits and not fewer.
    void findsTheShortestScript()
    {
        QCOMPARE(edits(unifiedHunks("A\nB\nC\nA\nB\nB\nA\n", "C\nB\nA\nB\nA\nC\n")), 5);
    }

    void everyDiffIsAPatch()
    {
        QRandomGenerator random(20260102);
        for (int round = 0; round < 400; ++round) {
            const auto text = [&] {
                QByteArray made;
                const int lines = static_cast<int>(random.bounded(30));
                for (int i = 0; i < lines; ++i)
                    made += "abc"[random.bounded(3)] + QByteArray("\n");
                if (random.bounded(3) == 0 && !made.isEmpty())
                    made.chop(1);
                return made;
            };
            const QByteArray from = text();
            const QByteArray to = text();
            const int maxEdits = round % 3 == 0 ? 4 : 2000;
            const QByteArray hunks = unifiedHunks(from, to, {.maxEdits = maxEdits});
            const auto patched = patchText(from, hunks);
            QVERIFY2(patched && *patched == to,
                     "from\n" + from + "\nto\n" + to + "\nhunks\n" + hunks);
        }
    }

    // Each of these would take minutes or gigabytes without the bounds.
    void staysWithinItsBounds_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QByteArray odd;
        QByteArray even;
        for (int i = 0; i < 60'000; ++i)
            (i % 2 ? odd : even) += QByteArray::number(i) + '\n';
        QTest::newRow("nothing in common") << odd << even;
        QByteArray periodic;
        for (int i = 0; i < 100'000; ++i)
            periodic += "a\nb\n";
        QTest::newRow("many ways to match")
            << QByteArray("x\n" + periodic + "y\n")
            << QByteArray("z\n" + periodic.mid(6000) + "w\n" + periodic.left(4000) + "q\n");
    }
    void staysWithinItsBounds()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QElapsedTimer timer;
        timer.start();
        const QByteArray hunks = unifiedHunks(from, to);
        QVERIFY2(timer.elapsed() < 20'000, qPrintable(QString::number(timer.elapsed())));
        QVERIFY(patchText(from, hunks) == std::optional(to));
    }
};

QTEST_GUILESS_MAIN(TestTextDiff)

#include "test_text_diff.moc"
