#include "app/desktop/preview/table_viewer.h"

#include <QHBoxLayout>
#include <QLocale>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr auto firstLook = 10ms; ///< after the indexing began
constexpr auto laterLooks = 100ms;
/// A whole file is read for each filter: not for each letter.
constexpr auto typingPause = 250ms;

struct Separator {
    char character;
    const char *title;
};
constexpr Separator separators[] = {
    {',', QT_TRANSLATE_NOOP("skillbox::TableViewer", "Comma")},
    {';', QT_TRANSLATE_NOOP("skillbox::TableViewer", "Semicolon")},
    {'\t', QT_TRANSLATE_NOOP("skillbox::TableViewer", "Tab")},
    {'|', QT_TRANSLATE_NOOP("skillbox::TableViewer", "Bar |")},
};

} // namespace

TableViewer::TableViewer(QWidget *parent)
    : Viewer(parent)
    , m_grid(new GridView)
    , m_tools(new QWidget(this))
    , m_filter(new QLineEdit)
    , m_column(new QComboBox)
    , m_separator(new QComboBox)
    , m_header(new QCheckBox(tr("First row is header")))
    , m_work(new QWidget)
    , m_progress(new QProgressBar)
    , m_status(new QLabel)
    , m_cancel(new QPushButton(tr("Stop")))
{
    m_tools->hide();
    m_grid->setObjectName("preview.table"_L1);
    m_grid->setAccessibleName(tr("Table"));
    m_grid->setModel(&m_model);
    m_filter->setObjectName("preview.filter"_L1);
    m_filter->setPlaceholderText(tr("Filter rows"));
    m_filter->setAccessibleName(tr("Filter rows"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setMinimumWidth(140);
    m_column->setObjectName("preview.filterColumn"_L1);
    m_column->setAccessibleName(tr("Column to filter by"));
    m_column->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_column->setMinimumContentsLength(12);
    m_separator->setObjectName("preview.separator"_L1);
    m_separator->setAccessibleName(tr("Separator of columns"));
    for (const Separator &entry : separators)
        m_separator->addItem(tr(entry.title), QChar(QLatin1Char(entry.character)));
    m_header->setObjectName("preview.header"_L1);
    auto *row = new QHBoxLayout(m_tools);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_header);
    row->addWidget(m_separator);
    row->addWidget(m_filter, 1);
    row->addWidget(m_column);

    m_status->setProperty("textRole", u"muted"_s);
    m_status->setObjectName("preview.rows"_L1);
    m_progress->setRange(0, 1000);
    m_progress->setFixedWidth(160);
    m_progress->setAccessibleName(tr("Progress"));
    m_cancel->setObjectName("preview.stop"_L1);
    m_cancel->setProperty("kind", u"flat"_s);
    auto *below = new QHBoxLayout(m_work);
    below->setContentsMargins(16, 4, 16, 4);
    below->addWidget(m_status, 1);
    below->addWidget(m_progress);
    below->addWidget(m_cancel);
    QSizePolicy keep = m_cancel->sizePolicy();
    keep.setRetainSizeWhenHidden(true); // the row's height must not change with it
    m_cancel->setSizePolicy(keep);

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_grid, 1);
    column->addWidget(m_work);

    m_filterDelay.setSingleShot(true);
    m_filterDelay.setInterval(typingPause);
    connect(m_filter, &QLineEdit::textChanged, &m_filterDelay, qOverload<>(&QTimer::start));
    connect(m_filter, &QLineEdit::returnPressed, this, [this] {
        m_filterDelay.stop();
        ask();
    });
    connect(&m_filterDelay, &QTimer::timeout, this, &TableViewer::ask);
    connect(m_column, &QComboBox::activated, this, [this] {
        if (!m_filter->text().isEmpty())
            ask();
    });
    connect(m_separator, &QComboBox::activated, this, [this] {
        m_format.separator = m_separator->currentData().toChar().toLatin1();
        reindex();
    });
    connect(m_header, &QCheckBox::clicked, this, [this](bool on) {
        m_format.header = on;
        reindex();
    });
    connect(m_cancel, &QPushButton::clicked, this, &TableViewer::giveUpQuery);
    connect(m_grid->header(), &QHeaderView::sectionClicked, this, &TableViewer::sortBy);
    connect(&m_tick, &QTimer::timeout, this, &TableViewer::tick);
}

void TableViewer::open(const SharedFile &file, const QString &name)
{
    close();
    m_file = file;
    m_starting.start(
        this,
        [file, name](const std::stop_token &) {
            const QByteArray first = file->read(0, 64 << 10);
            Start start;
            start.readable = !first.startsWith("\xff\xfe") && !first.startsWith("\xfe\xff");
            start.format = guessCsvFormat(
                first.startsWith("\xef\xbb\xbf") ? first.sliced(3) : first, name);
            return start;
        },
        [this](const Start &start) {
            if (start.readable)
                begin(start.format);
            else
                Q_EMIT failed(tr("Tables are read as UTF-8, and this file is UTF-16."));
        });
}

void TableViewer::close()
{
    m_starting.cancel();
    m_indexing.cancel();
    m_asking.cancel();
    m_tick.stop();
    m_filterDelay.stop();
    m_index.reset();
    m_file.reset();
    m_model.clear();
    m_query = {};
    m_asked = m_waits = false;
    const QSignalBlocker quiet(m_filter);
    m_filter->clear();
    m_column->clear();
}

void TableViewer::begin(const CsvFormat &format)
{
    m_format = format;
    m_separator->setCurrentIndex(
        qMax(0, m_separator->findData(QChar(QLatin1Char(format.separator)))));
    m_header->setChecked(format.header);
    reindex();
    Q_EMIT opened();
    Q_EMIT noted({});
}

void TableViewer::reindex()
{
    m_asking.cancel();
    m_asked = false;
    m_query.sortColumn = -1;
    m_grid->header()->setSortIndicatorShown(false);
    m_index = std::make_shared<CsvIndex>(m_file, m_format.separator);
    m_model.setIndex(m_index, m_format);
    m_column->clear();
    m_column->addItem(tr("All columns"));
    for (int i = 0; i < m_model.columnCount(); ++i)
        m_column->addItem(
            m_model.headerData(i, Qt::Horizontal, Qt::DisplayRole).toString().left(40));
    m_indexing.start(
        this,
        [index = m_index](const std::stop_token &stop) {
            index->build(stop);
            return true;
        },
        [this](bool) { tick(); });
    m_waits = !m_filter->text().isEmpty();
    m_tick.start(firstLook);
    showStatus();
}

void TableViewer::tick()
{
    if (!m_index)
        return;
    const bool first = m_model.rowCount() == 0;
    m_model.refresh();
    if (first && m_model.rowCount() > 0) {
        m_grid->fitColumns();
        m_tick.start(laterLooks);
    }
    if (m_index->isComplete()) {
        if (std::exchange(m_waits, false))
            ask();
        if (!m_asked)
            m_tick.stop();
    }
    showStatus();
}

void TableViewer::sortBy(int column)
{
    // Up, down, as they come.
    if (m_query.sortColumn != column) {
        m_query.sortColumn = column;
        m_query.sortOrder = Qt::AscendingOrder;
    } else if (m_query.sortOrder == Qt::AscendingOrder) {
        m_query.sortOrder = Qt::DescendingOrder;
    } else {
        m_query.sortColumn = -1;
    }
    m_grid->header()->setSortIndicatorShown(m_query.sortColumn >= 0);
    if (m_query.sortColumn >= 0)
        m_grid->header()->setSortIndicator(column, m_query.sortOrder);
    ask();
}

void TableViewer::ask()
{
    if (!m_index)
        return;
    m_filterDelay.stop();
    m_query.filter = m_filter->text();
    m_query.filterColumn = m_column->currentIndex() - 1;
    m_asking.cancel();
    m_asked = false;
    Q_EMIT noted({});
    if (m_query.isEmpty()) {
        m_waits = false;
        m_model.setOrder({});
        m_model.refresh();
        showStatus();
        return;
    }
    m_tick.start(laterLooks);
    m_waits = !m_index->isComplete();
    if (m_waits) {
        showStatus();
        return;
    }
    m_asked = true;
    m_queryProgress = std::make_shared<std::atomic<int>>(0);
    m_asking.start(
        this,
        [index = m_index, format = m_format, query = m_query,
         progress = m_queryProgress](const std::stop_token &stop) {
            return answerCsvQuery(*index, format, query, stop, *progress);
        },
        [this](CsvAnswer answer) { showAnswer(std::move(answer)); });
    showStatus();
}

void TableViewer::showAnswer(CsvAnswer answer)
{
    m_asked = false;
    QStringList notes;
    if (answer.cut)
        notes += tr("More rows match: the first %L1 are shown.").arg(mostFiltered);
    if (!answer.sorted) {
        notes += tr("Not sorted: that is done for up to %L1 rows. Filter first.").arg(mostSorted);
        m_query.sortColumn = -1;
        m_grid->header()->setSortIndicatorShown(false);
    }
    if (!answer.sorted && m_query.filter.isEmpty())
        m_model.setOrder({});
    else
        m_model.setOrder(std::move(answer.records));
    Q_EMIT noted(notes.join(u' '));
    tick();
}

void TableViewer::giveUpQuery()
{
    m_asking.cancel();
    m_asked = m_waits = false;
    m_query = {};
    m_grid->header()->setSortIndicatorShown(false);
    const QSignalBlocker quiet(m_filter);
    m_filter->clear();
    m_model.setOrder({});
    tick();
}

void TableViewer::showStatus()
{
    const bool indexing = m_index && !m_index->isComplete();
    QString text = m_query.filter.isEmpty() || m_asked || m_waits
        ? (m_model.rowCount() == 1 ? tr("1 row") : tr("%L1 rows").arg(m_model.rowCount()))
        : tr("%L1 of %L2 rows")
              .arg(m_model.rowCount())
              .arg(m_index ? m_index->records() - (m_format.header ? 1 : 0) : 0);
    if (indexing)
        text += tr(" so far");
    else if (m_asked)
        text = m_query.filter.isEmpty() ? tr("Sorting …") : tr("Filtering …");
    m_status->setText(text);
    m_progress->setVisible(indexing || m_asked);
    m_progress->setValue(indexing ? m_index->progress() : m_asked ? m_queryProgress->load() : 0);
    m_cancel->setVisible(m_asked || m_waits);
}

void TableViewer::applyTheme(const Theme &theme)
{
    m_grid->applyTheme(theme);
}

} // namespace skillbox
