// A log of a million lines in the run console: how fast it takes them, how long the window stands
// still for it, and what drawing, wrapping and finding cost then. Offscreen.
//
//   bench_desktop_log [LINES]
//
// Goals: 50,000 lines/s appended without blocking (no single step over a frame of 16 ms).

#include "app/desktop/console/log_view.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QScrollBar>

#include <cstdio>

using namespace skillbox;

namespace {

double milliseconds(const QElapsedTimer &clock)
{
    return static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

/// Resident memory in MiB (proc(5)).
double residentMiB()
{
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    return file.readAll().split(' ').value(1).toDouble() * 4096 / (1 << 20);
}

/// What programs write: mostly plain, some coloured, some with wide characters.
QByteArray piece(int first, int lines)
{
    QByteArray text;
    for (int i = first; i < first + lines; ++i) {
        const QByteArray number = QByteArray::number(i);
        if (i % 10 == 0)
            text += "\x1b[33mWARN\x1b[0m line " + number
                + ": retrying the request, attempt 2 of 5\n";
        else if (i % 25 == 7)
            text += "Zeile " + number + ": größer als erwartet, 日本語 und Tabs\there\n";
        else
            text += "2026-01-01T00:00:00Z INFO line " + number + ": done in 12 ms, 34 items left\n";
    }
    return text;
}

double drawn(LogView &view)
{
    QElapsedTimer clock;
    clock.start();
    view.viewport()->repaint();
    return milliseconds(clock);
}

} // namespace

int main(int argc, char *argv[])
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication app(argc, argv);
    const int lines = argc > 1 ? QByteArray(argv[1]).toInt() : 1'000'000;
    constexpr int linesPerPiece = 200; // of a program that writes as fast as it can, some 16 KiB
    LogView view;
    view.resize(1000, 700);
    view.show();
    QApplication::processEvents();

    QList<QByteArray> pieces;
    for (int i = 0; i < lines; i += linesPerPiece)
        pieces.append(piece(i, qMin(linesPerPiece, lines - i)));
    const double before = residentMiB();
    qint64 appendNs = 0;
    double longest = 0;
    double frames = 0;
    for (qsizetype i = 0; i < pieces.size(); ++i) {
        QElapsedTimer clock;
        clock.start();
        view.append(i % 7 == 3 ? LogStreamKind::Stderr : LogStreamKind::Stdout, pieces.at(i), i);
        appendNs += clock.nsecsElapsed();
        longest = qMax(longest, milliseconds(clock));
        if (i % 50 == 0)
            frames = qMax(frames, drawn(view));
    }
    const double seconds = static_cast<double>(appendNs) / 1e9;
    std::printf("lines                         %10d\n", view.buffer().lineCount());
    std::printf("appended, lines/s             %10.0f   goal 50000\n", lines / seconds);
    std::printf("longest append of %d lines   %10.2f ms goal < 16\n", linesPerPiece, longest);
    std::printf("longest frame meanwhile       %10.2f ms goal < 16\n", frames);
    std::printf("memory of the log             %10.1f MiB\n", residentMiB() - before);

    double jump = 0;
    for (int i = 0; i < 100; ++i) {
        view.verticalScrollBar()->setValue(
            static_cast<int>(static_cast<qint64>(view.verticalScrollBar()->maximum()) * i / 100));
        jump = qMax(jump, drawn(view));
    }
    std::printf("longest frame when jumping    %10.2f ms goal < 16\n", jump);
    QElapsedTimer clock;
    clock.start();
    view.setWrapping(true);
    const double wrapping = milliseconds(clock) + drawn(view);
    std::printf("wrap all lines and draw       %10.2f ms\n", wrapping);
    view.setWrapping(false);

    clock.restart();
    view.search().search(QStringLiteral("attempt \\d+ of [0-9]"), LogSearch::Regex);
    double slice = 0;
    while (view.search().isSearching()) {
        QElapsedTimer step;
        step.start();
        QApplication::processEvents();
        slice = qMax(slice, milliseconds(step));
    }
    std::printf("found %7zu matches in       %10.2f ms\n", view.search().matches().size(),
                milliseconds(clock));
    std::printf("longest step of the search    %10.2f ms goal < 16\n", slice);
    return 0;
}
