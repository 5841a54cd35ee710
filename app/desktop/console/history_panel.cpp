#include "app/desktop/console/history_panel.h"

#include "app/desktop/session/desktop_session.h"
#include "app/desktop/widgets/state_view.h"
#include "engine/local_user.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QListView>
#include <QMenu>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr int historyPage = 100;
/// With a filter, older pages are fetched until so many rows fit or none are left.
constexpr int leastFiltered = 50;
/// A store on another machine does not tell of changes; asked only while something runs.
constexpr auto pollInterval = 2s;

} // namespace

HistoryPanel::HistoryPanel(const Desk &desk, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_text(new QLineEdit)
    , m_show(new QComboBox)
    , m_source(new QComboBox)
    , m_list(new QListView)
    , m_model(localUserName())
    , m_delegate(new HistoryDelegate(m_list))
{
    m_text->setObjectName(u"runs.history.filter"_s);
    m_text->setPlaceholderText(tr("Filter by skill, input, error"));
    m_text->setAccessibleName(tr("Filter runs"));
    m_text->setClearButtonEnabled(true);
    m_show->setObjectName(u"runs.history.show"_s);
    m_show->setAccessibleName(tr("State of runs to show"));
    m_show->addItems({tr("All states"), tr("Running"), tr("Success"), tr("Failed"), tr("Pinned")});
    m_source->setObjectName(u"runs.history.source"_s);
    m_source->setAccessibleName(tr("Whose runs to show"));
    m_source->addItems({tr("Everyone"), tr("You"), tr("Agents")});
    for (QComboBox *box : {m_show, m_source})
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents); // never cut, however narrow the page
    m_filter.setSourceModel(&m_model);
    m_list->setObjectName(u"runs.history"_s);
    m_list->setAccessibleName(tr("Runs"));
    m_list->setModel(&m_filter);
    m_list->setItemDelegate(m_delegate);
    m_list->setUniformItemSizes(true);
    m_list->setMouseTracking(true);
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setContextMenuPolicy(Qt::CustomContextMenu);
    m_state = new StateView(m_list);

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 12, 0, 0);
    column->setSpacing(8);
    auto *first = new QHBoxLayout;
    first->setContentsMargins(12, 0, 12, 0);
    first->addWidget(m_text);
    auto *second = new QHBoxLayout;
    second->setContentsMargins(12, 0, 12, 0);
    second->setSpacing(8);
    second->addWidget(m_show, 1);
    second->addWidget(m_source, 1);
    column->addLayout(first);
    column->addLayout(second);
    column->addWidget(m_state, 1);

    connect(m_text, &QLineEdit::textChanged, this, &HistoryPanel::filter);
    connect(m_show, &QComboBox::currentIndexChanged, this, &HistoryPanel::filter);
    connect(m_source, &QComboBox::currentIndexChanged, this, &HistoryPanel::filter);
    connect(&m_model, &HistoryModel::olderWanted, this, &HistoryPanel::askOlder);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this](const QModelIndex &index) {
                if (!m_setting && index.isValid())
                    Q_EMIT chosen(current());
            });
    connect(m_list, &QListView::doubleClicked, this, [this] { Q_EMIT editWanted(current()); });
    connect(m_list, &QWidget::customContextMenuRequested, this, &HistoryPanel::showMenu);
    connect(&desk.session.runs(), &RunCentre::changed, this, &HistoryPanel::askNewest);
    connect(&desk.session.shelf(), &RunShelf::changed, this, [this] {
        m_model.setPins(m_desk.session.shelf().pins());
        m_filter.invalidate();
        askPins();
    });
    connect(&desk.session.engine(), &EngineThread::stateChanged, this, &HistoryPanel::reload);
    m_poll.setSingleShot(true);
    m_poll.setInterval(pollInterval);
    connect(&m_poll, &QTimer::timeout, this, &HistoryPanel::askUnfinished);
    m_state->showLoading(tr("Opening the store …"));
}

void HistoryPanel::reload()
{
    EngineThread &engine = m_desk.session.engine();
    ++m_generation;
    m_asking = false;
    m_loaded = false;
    m_oldest.reset();
    m_model.clear();
    if (engine.state() == EngineThread::State::Failed) {
        m_state->showMessage(u"error"_s, tr("The store cannot be opened"), engine.error().message,
                             tr("Try again"), [this] {
                                 EngineThread &again = m_desk.session.engine();
                                 again.open(EngineConfig(again.config()));
                             });
        return;
    }
    m_state->showLoading(engine.state() == EngineThread::State::Opening ? tr("Opening the store …")
                                                                        : tr("Loading runs …"));
    if (engine.state() == EngineThread::State::Open)
        askNewest();
}

void HistoryPanel::askNewest()
{
    if (m_desk.session.engine().state() != EngineThread::State::Open)
        return;
    if (m_asking) {
        m_again = true;
        return;
    }
    m_asking = true;
    m_again = false;
    m_desk.session.runs().list(
        this, {.limit = historyPage, .columns = ExecutionColumns::WithInputExcerpt},
        [this, generation = m_generation](const Result<QList<ExecutionRecord>> &page) {
            if (generation != m_generation)
                return;
            m_asking = false;
            take(page, PageKind::Newest);
            if (m_again)
                askNewest();
        });
}

void HistoryPanel::askOlder()
{
    if (!m_oldest)
        return;
    m_desk.session.runs().list(
        this,
        {.limit = historyPage, .before = m_oldest, .columns = ExecutionColumns::WithInputExcerpt},
        [this, asked = m_paging,
         generation = m_generation](const Result<QList<ExecutionRecord>> &page) {
            if (generation == m_generation)
                take(page, asked == m_paging ? PageKind::Older : PageKind::Passed);
        });
}

void HistoryPanel::take(const Result<QList<ExecutionRecord>> &page, PageKind which)
{
    if (!page) {
        m_state->showMessage(u"error"_s, tr("The runs cannot be listed"), page.error().message,
                             tr("Try again"), [this] { reload(); });
        return;
    }
    const bool first = !std::exchange(m_loaded, true);
    // More may have come since than a page holds: then paging begins anew where this page ends, and
    // passes over what is known.
    const bool gap = which == PageKind::Newest && page->size() >= historyPage
        && m_model.rowOf(page->last().id) < 0;
    if (gap)
        ++m_paging;
    if (first || gap || which == PageKind::Older) {
        if (const auto end = cursorAfter(*page))
            m_oldest = end;
        m_model.setMore(page->size() >= historyPage);
    }
    const ExecutionId kept = current();
    m_setting = true;
    m_model.merge(*page);
    m_setting = false;
    if (!m_wanted.isEmpty())
        setCurrent(m_wanted);
    else if (!kept.isEmpty())
        setCurrent(kept);
    if (first)
        askPins();
    if (!m_model.unfinished().isEmpty() && !m_poll.isActive())
        m_poll.start();
    tellState();
    // A filter may leave nothing to scroll to.
    if (m_filter.isActive() && m_filter.rowCount() < leastFiltered && m_model.canFetchMore({}))
        m_model.fetchMore({});
}

/// Where the store does not tell of its changes, and runs too old for the newest page.
void HistoryPanel::askUnfinished()
{
    const QList<ExecutionId> ids = m_model.unfinished();
    if (ids.isEmpty())
        return;
    m_poll.start();
    for (const ExecutionId &id : ids) {
        m_desk.session.runs().find(this, id, [this](const Result<ExecutionRecord> &record) {
            if (record)
                m_model.merge({*record});
        });
    }
}

void HistoryPanel::askPins()
{
    if (!m_loaded)
        return;
    for (const QString &pin : m_desk.session.shelf().pins()) {
        if (m_model.rowOf({pin}) >= 0)
            continue;
        m_desk.session.runs().find(this, {pin}, [this](const Result<ExecutionRecord> &record) {
            if (record)
                m_model.merge({*record});
        });
    }
}

void HistoryPanel::filter()
{
    m_filter.setText(m_text->text());
    m_filter.setShow(static_cast<HistoryFilter::Show>(m_show->currentIndex()));
    switch (m_source->currentIndex()) {
    case 1: m_filter.setSource(RunSource::Person); break;
    case 2: m_filter.setSource(RunSource::Agent); break;
    default: m_filter.setSource({});
    }
    tellState();
    if (m_filter.isActive() && m_filter.rowCount() < leastFiltered && m_model.canFetchMore({}))
        m_model.fetchMore({});
}

void HistoryPanel::tellState()
{
    if (!m_loaded)
        return;
    if (m_filter.rowCount() > 0) {
        m_state->showContent();
    } else if (m_model.rowCount() == 0) {
        m_state->showMessage(u"runs"_s, tr("No runs yet"),
                             tr("What you run here appears in this list, and so does what agents "
                                "run through the local server."));
    } else {
        m_state->showMessage(u"search"_s, tr("No run fits"),
                             tr("No run that is known here passes the filter."),
                             tr("Clear the filter"), [this] {
                                 m_text->clear();
                                 m_show->setCurrentIndex(0);
                                 m_source->setCurrentIndex(0);
                             });
    }
}

void HistoryPanel::setCurrent(const ExecutionId &id)
{
    const int row = m_model.rowOf(id);
    m_wanted = row < 0 ? id : ExecutionId();
    const QModelIndex index = row < 0 ? QModelIndex() : m_filter.mapFromSource(m_model.index(row));
    if (!index.isValid() || m_list->currentIndex() == index)
        return;
    m_setting = true;
    m_list->setCurrentIndex(index);
    m_setting = false;
}

ExecutionId HistoryPanel::current() const
{
    return {m_list->currentIndex().data(HistoryModel::IdRole).toString()};
}

QList<ExecutionId> HistoryPanel::selected() const
{
    QList<ExecutionId> ids;
    for (const QModelIndex &index : m_list->selectionModel()->selectedIndexes())
        ids.append({index.data(HistoryModel::IdRole).toString()});
    return ids;
}

std::optional<ExecutionId> HistoryPanel::before(const ExecutionId &id) const
{
    const int row = m_model.rowOf(id);
    for (int older = row + 1; row >= 0 && older < m_model.rowCount(); ++older) {
        if (m_model.record(older).skillName == m_model.record(row).skillName)
            return m_model.record(older).id;
    }
    return std::nullopt;
}

void HistoryPanel::showMenu(const QPoint &at)
{
    const QList<ExecutionId> ids = selected();
    if (ids.isEmpty())
        return;
    RunShelf &shelf = m_desk.session.shelf();
    QMenu menu(this);
    if (ids.size() == 1) {
        menu.addAction(tr("Run again"), this, [&] { Q_EMIT rerunWanted(ids.first()); });
        menu.addAction(tr("Edit and run again"), this, [&] { Q_EMIT editWanted(ids.first()); });
        const auto older = before(ids.first());
        QAction *compare = menu.addAction(tr("Compare with the run before"), this,
                                          [&] { Q_EMIT compareWanted(*older, ids.first()); });
        compare->setEnabled(older.has_value());
    } else if (ids.size() == 2) {
        menu.addAction(tr("Compare these two"), this, [&] {
            const bool ordered = m_model.rowOf(ids.first()) > m_model.rowOf(ids.last());
            Q_EMIT compareWanted(ids.at(ordered ? 0 : 1), ids.at(ordered ? 1 : 0));
        });
    }
    menu.addSeparator();
    const bool pinned = shelf.isPinned(ids.first());
    menu.addAction(pinned ? tr("Unpin") : tr("Pin"), this, [&] {
        for (const ExecutionId &id : ids)
            shelf.setPinned(id, !pinned);
    });
    menu.exec(m_list->viewport()->mapToGlobal(at));
}

void HistoryPanel::focusSearch()
{
    m_text->setFocus();
    m_text->selectAll();
}

QJsonObject HistoryPanel::saveState() const
{
    return {{"show"_L1, m_show->currentIndex()}, {"source"_L1, m_source->currentIndex()}};
}

void HistoryPanel::restoreState(const QJsonObject &state)
{
    m_show->setCurrentIndex(qBound(0, state.value("show"_L1).toInt(), m_show->count() - 1));
    m_source->setCurrentIndex(qBound(0, state.value("source"_L1).toInt(), m_source->count() - 1));
}

void HistoryPanel::applyTheme(const Theme &theme)
{
    m_delegate->setTheme(theme);
    m_state->applyTheme(theme);
    m_list->viewport()->update();
}

} // namespace skillbox
