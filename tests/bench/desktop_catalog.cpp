// How long the catalog takes with 10,000 skills: to merge, to take the rows, and for each key of a
// search to filter, lay out and paint. The goal is one frame of 16.7 ms for each key.

#include "app/desktop/catalog/catalog_delegate.h"
#include "app/desktop/catalog/catalog_model.h"

#include <QApplication>
#include <QListView>
#include <QTableView>

#include <algorithm>
#include <cstdio>
#include <ctime>

using namespace skillbox;
using namespace Qt::StringLiterals;

namespace {

constexpr int skills = 10'000;
constexpr double frameMs = 1000.0 / 60;

QList<SkillVersionRecord> someRows()
{
    const QStringList words{u"chart"_s, u"count"_s, u"table"_s, u"mail"_s, u"image"_s, u"notes"_s,
                            u"pdf"_s,   u"audio"_s, u"log"_s,   u"plan"_s};
    QList<SkillVersionRecord> rows;
    for (int i = 0; i < skills; ++i) {
        SkillVersionRecord row;
        row.name = u"%1-%2-%3"_s.arg(words[i % 10], words[i / 10 % 10]).arg(i);
        row.version = u"1.%1.0"_s.arg(i % 7);
        row.digest = u"sha256:%1"_s.arg(i);
        row.language = i % 3 == 0 ? u"python"_s : i % 3 == 1 ? u"node"_s : QString();
        row.description = u"Works with %1 and %2 in a way that takes a sentence or two to say. Use it "
                          "when somebody asks for %1, or has %2 and wants to know more."_s
                              .arg(words[i / 100 % 10], words[i / 1000 % 10]);
        row.publishedAt = QDateTime::fromSecsSinceEpoch(1'700'000'000 + i, Qt::UTC);
        rows.append(row);
    }
    return rows;
}

double threadMilliseconds()
{
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Of this thread's processor time: what else the machine does has no part in it.
template<typename Work>
double milliseconds(Work work)
{
    const double before = threadMilliseconds();
    work();
    return threadMilliseconds() - before;
}

void print(const char *what, double ms)
{
    std::printf("%-44s %8.2f ms %6.2f frames\n", what, ms, ms / frameMs);
}

double worstKey(QAbstractItemView &view, CatalogModel &model)
{
    double worst = 0;
    for (const QString &text : {u"c"_s, u"ch"_s, u"cha"_s, u"char"_s, u"chart"_s, u"chart m"_s,
                                u"chart ma"_s, u"chart mai"_s, u"chart mail"_s, u""_s}) {
        worst = std::max(worst, milliseconds([&] {
            model.setFilter({.words = text.split(u' ', Qt::SkipEmptyParts), .found = {}, .chosen = {}});
            view.setCurrentIndex(model.index(0, 0));
            view.viewport()->repaint();
            QApplication::processEvents();
        }));
    }
    return worst;
}

} // namespace

int main(int argc, char **argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    const QList<SkillVersionRecord> rows = someRows();
    QList<CatalogEntry> entries;
    print("merge with a server's rows (beside the window)", milliseconds([&] {
        entries = mergeCatalog(rows, {{u"team"_s, rows.first(skills / 2)}}, {});
    }));
    CatalogModel model;
    print("take 10,000 rows", milliseconds([&] { model.setEntries(entries); }));
    print("sort by version", milliseconds([&] { model.sort(CatalogModel::Version, Qt::DescendingOrder); }));
    model.sort(CatalogModel::Name, Qt::AscendingOrder);

    QListView cards;
    CatalogCardDelegate card;
    card.setTheme(*Theme::load(u"light"_s));
    cards.setModel(&model);
    cards.setItemDelegate(&card);
    cards.setUniformItemSizes(true);
    cards.setFlow(QListView::LeftToRight);
    cards.setWrapping(true);
    cards.setResizeMode(QListView::Adjust);
    cards.setGridSize({256, 104});
    cards.resize(900, 800);
    cards.show();
    QApplication::processEvents();
    (void)worstKey(cards, model); // fonts and pictures are loaded once
    print("slowest key, cards", worstKey(cards, model));
    QTableView table;
    CatalogCellDelegate cell;
    cell.setTheme(*Theme::load(u"light"_s));
    table.setModel(&model);
    table.setItemDelegate(&cell);
    table.resize(900, 800);
    table.show();
    cards.hide();
    cards.setModel(nullptr);
    QApplication::processEvents();
    (void)worstKey(table, model);
    print("slowest key, table", worstKey(table, model));
    return 0;
}
