// How a table of 1 GB opens: the time until its first rows are painted, until all of it is indexed,
// a filter and a sort, and the memory each leaves the process with. The goals of the desktop: first
// rows within 300 ms, and not more than 100 MiB.

#include "app/desktop/preview/grid_view.h"
#include "app/desktop/preview/preview_view.h"
#include "app/desktop/theme/theme.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QTemporaryDir>

#include <cstdio>
#include <functional>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

constexpr qint64 megabyte = 1 << 20;

/// A field of /proc/self/status in MiB, e.g. `VmRSS`.
double memory(const QByteArray &field)
{
    QFile file(u"/proc/self/status"_s);
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    for (const QByteArray &line : file.readAll().split('\n')) {
        if (line.startsWith(field + ':'))
            return line.sliced(field.size() + 1).trimmed().chopped(3).toDouble() / 1024;
    }
    return 0;
}

bool writeTable(const QString &path, qint64 bytes)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return false;
    file.write("id,name,city,amount,date,note\n");
    QByteArray block;
    quint32 random = 1;
    for (qint64 id = 0; file.size() + block.size() < bytes; ++id) {
        random = random * 1664525 + 1013904223;
        block += QByteArray::number(id) + ",name-" + QByteArray::number(random >> 12) + ",City "
            + QByteArray::number(random % 977) + ',' + QByteArray::number(random % 100'000) + '.'
            + QByteArray::number(random % 90 + 10) + ",2026-01-"
            + QByteArray::number(random % 28 + 1)
            + ",\"a note, with a comma and some more words\"\n";
        if (block.size() > 4 * megabyte) {
            file.write(block);
            file.flush();
            block.clear();
        }
    }
    return file.write(block) == block.size();
}

/// Milliseconds until the condition holds, with the window alive.
qint64 wait(const std::function<bool()> &condition)
{
    QElapsedTimer timer;
    timer.start();
    while (!condition() && timer.elapsed() < 600'000)
        QApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 5);
    return timer.elapsed();
}

void report(const char *what, qint64 milliseconds)
{
    std::printf("%-34s %8lld ms   %7.1f MiB now   %7.1f MiB at most\n", what,
                static_cast<long long>(milliseconds), memory("VmRSS"), memory("VmHWM"));
    std::fflush(stdout);
}

} // namespace

int main(int argc, char *argv[])
{
    QApplication app(argc, argv);
    const qint64 size = app.arguments().value(1, u"1000"_s).toLongLong() * megabyte;
    QTemporaryDir directory;
    const QString path = directory.filePath(u"large.csv"_s);
    if (!writeTable(path, size)) {
        std::fputs("the table could not be written\n", stderr);
        return 1;
    }
    std::printf("a table of %lld MB\n", static_cast<long long>(size / megabyte));

    PreviewView view;
    if (const auto theme = Theme::load(u"light"_s))
        view.applyTheme(*theme);
    view.resize(1200, 800);
    static_cast<QWidget &>(view).show();
    QApplication::processEvents();
    report("window", 0);

    bool shown = false;
    QObject::connect(&view, &PreviewView::shown, &view, [&] { shown = true; });
    view.show({path, u"large.csv"_s, {}});
    GridView *grid = nullptr;
    const qint64 first = wait([&] {
        grid = view.findChild<GridView *>(u"preview.table"_s);
        // Painted with more than the window can show.
        return shown && grid->header()->count() > 1 && !grid->selectedText().isEmpty();
    });
    grid->repaint();
    report("first rows (goal 300 ms)", first);
    const auto *rows = view.findChild<QLabel *>(u"preview.rows"_s);
    const qint64 indexed = wait([&] { return !rows->text().contains(u"so far"_s); });
    report("all rows", first + indexed);
    std::printf("%s\n", qPrintable(rows->text()));

    grid->setCurrent(std::numeric_limits<int>::max(), 0);
    QElapsedTimer jump;
    jump.start();
    grid->viewport()->repaint();
    report("to the end", jump.elapsed());

    auto *filter = view.findChild<QLineEdit *>(u"preview.filter"_s);
    filter->setText(u"City 500"_s);
    Q_EMIT filter->returnPressed();
    const qint64 filtered = wait([&] { return rows->text().contains(u" of "_s); });
    report("filter", filtered);
    std::printf("%s\n", qPrintable(rows->text()));

    const QString before = rows->text();
    Q_EMIT grid->header()->sectionClicked(3);
    bool began = false;
    const qint64 sorted = wait([&] {
        began = began || rows->text() != before;
        return began && rows->text() == before;
    });
    report("sort what is left", sorted);
    return 0;
}
