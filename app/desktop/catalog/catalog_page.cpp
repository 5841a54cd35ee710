#include "app/desktop/catalog/catalog_page.h"

#include "app/desktop/catalog/catalog_delegate.h"
#include "app/desktop/catalog/chosen_bar.h"
#include "app/desktop/catalog/facet_panel.h"
#include "app/desktop/catalog/job_bar.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/shell/command_registry.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/state_view.h"

#include <QDragEnterEvent>
#include <QHeaderView>
#include <QMimeData>
#include <QScrollBar>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// The store is asked when typing rests that long; names and descriptions are filtered at once.
constexpr auto searchDelay = 80ms;
constexpr int rowHeight = 36;
constexpr int cardsMargin = 8;

struct SortChoice {
    const char *title;
    CatalogModel::Column column;
    Qt::SortOrder order;
};
constexpr SortChoice sortChoices[] = {
    {QT_TRANSLATE_NOOP("skillbox::CatalogPage", "By name"), CatalogModel::Name, Qt::AscendingOrder},
    {QT_TRANSLATE_NOOP("skillbox::CatalogPage", "Newest first"), CatalogModel::Updated,
     Qt::DescendingOrder},
    {QT_TRANSLATE_NOOP("skillbox::CatalogPage", "Most runs first"), CatalogModel::Runs,
     Qt::DescendingOrder},
    {QT_TRANSLATE_NOOP("skillbox::CatalogPage", "Most findings first"), CatalogModel::Findings,
     Qt::DescendingOrder},
};

/// Columns by what they are worth when there is little room, and the width each needs.
struct ColumnNeed {
    CatalogModel::Column column;
    int width;
};
constexpr ColumnNeed columnNeeds[] = {
    {CatalogModel::Version, 76}, {CatalogModel::Status, 136},   {CatalogModel::Sources, 132},
    {CatalogModel::Runs, 64},    {CatalogModel::Findings, 104}, {CatalogModel::Language, 92},
    {CatalogModel::Updated, 96},
};
constexpr int nameWidth = 152;

QToolButton *headButton(const QString &name, const QString &title, bool checkable)
{
    auto *button = new QToolButton;
    button->setObjectName(name);
    button->setAccessibleName(title);
    button->setToolTip(title);
    button->setCheckable(checkable);
    button->setIconSize({18, 18});
    return button;
}

} // namespace

CatalogPage::CatalogPage(const Desk &desk)
    : m_desk(desk)
    , m_actions(desk, this)
    , m_selection(&m_model)
    , m_search(new QLineEdit)
    , m_sort(new QComboBox)
    , m_facetsButton(headButton(u"catalog.showFilters"_s, tr("Filters"), true))
    , m_tableButton(headButton(u"catalog.table"_s, tr("As a table"), true))
    , m_cardsButton(headButton(u"catalog.cards"_s, tr("As cards"), true))
    , m_detailsButton(headButton(u"catalog.showDetails"_s, tr("Details of the chosen skill"), true))
    , m_facets(new FacetPanel)
    , m_table(new QTableView)
    , m_cards(new QListView)
    , m_views(new QStackedWidget)
    , m_cells(new CatalogCellDelegate(m_table))
    , m_card(new CatalogCardDelegate(m_cards))
    , m_chosenBar(new ChosenBar)
    , m_jobBar(new JobBar)
    , m_standing(new QLabel)
    , m_splitter(new QSplitter)
    , m_view(new SkillView(desk, m_actions))
{
    setObjectName(u"catalog"_s);
    setAcceptDrops(true);
    m_splitter->addWidget(m_facets);
    m_splitter->addWidget(makeList());
    m_splitter->addWidget(m_view);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setStretchFactor(2, 2);
    m_splitter->setSizes({184, 420, 700});
    for (int i = 0; i < 3; ++i)
        m_splitter->setCollapsible(i, false);
    m_facets->setMinimumWidth(160);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    outer->addWidget(makeHead());
    outer->addWidget(m_splitter, 1);
    m_facetsButton->setChecked(true);
    m_detailsButton->setChecked(true);
    setCards(true);
    connectParts();
    connectSession();
    addCommands();
    m_state->showLoading(tr("Opening the store …"));
}

QWidget *CatalogPage::makeHead()
{
    auto *head = new QFrame;
    head->setProperty("surface", u"bar"_s);
    m_search->setObjectName(u"catalog.search"_s);
    m_search->setPlaceholderText(tr("Search names, descriptions and instructions"));
    m_search->setAccessibleName(tr("Search skills"));
    m_search->setClearButtonEnabled(true);
    m_search->setMaximumWidth(560);
    m_sort->setObjectName(u"catalog.sort"_s);
    m_sort->setAccessibleName(tr("Order"));
    for (const SortChoice &choice : sortChoices)
        m_sort->addItem(tr(choice.title));
    auto *import = new QPushButton(tr("Import …"));
    import->setObjectName(u"catalog.import"_s);
    import->setToolTip(tr("Publish a skill folder or zip to this machine's catalog"));
    auto *create = new QPushButton(tr("New skill"));
    create->setObjectName(u"catalog.newSkill"_s);
    create->setProperty("kind", u"primary"_s);
    auto *line = new QHBoxLayout(head);
    line->setContentsMargins(12, 8, 12, 8);
    line->setSpacing(8);
    line->addWidget(m_facetsButton);
    line->addWidget(m_search, 4);
    line->addStretch(1);
    line->addWidget(m_sort);
    line->addWidget(m_cardsButton);
    line->addWidget(m_tableButton);
    line->addWidget(m_detailsButton);
    line->addSpacing(8);
    line->addWidget(import);
    line->addWidget(create);
    connect(import, &QPushButton::clicked, &m_actions, &CatalogActions::chooseImport);
    connect(create, &QPushButton::clicked, this,
            [this] { Q_EMIT m_desk.navigation.newSkillRequested(); });
    return head;
}

QWidget *CatalogPage::makeList()
{
    m_table->setObjectName(u"catalog.tableView"_s);
    m_table->setAccessibleName(tr("Skills"));
    m_table->setModel(&m_model);
    m_table->setSelectionModel(&m_selection);
    m_table->setItemDelegate(m_cells);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setMouseTracking(true);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setDefaultSectionSize(rowHeight);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Interactive);
    m_table->horizontalHeader()->setSectionResizeMode(CatalogModel::Name, QHeaderView::Stretch);
    m_table->horizontalHeader()->setSortIndicator(CatalogModel::Name, Qt::AscendingOrder);
    m_table->setSortingEnabled(true);
    m_table->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_cards->setObjectName(u"catalog.cardsView"_s);
    m_cards->setAccessibleName(tr("Skills"));
    m_cards->setModel(&m_model);
    m_cards->setSelectionModel(&m_selection);
    m_cards->setItemDelegate(m_card);
    m_cards->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_cards->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_cards->setUniformItemSizes(true);
    m_cards->setFlow(QListView::LeftToRight);
    m_cards->setWrapping(true);
    m_cards->setResizeMode(QListView::Adjust);
    m_cards->setMouseTracking(true);
    m_cards->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_cards->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_cards->setStyleSheet(u"QListView { padding: 4px %1px; }"_s.arg(cardsMargin));
    for (QAbstractItemView *view : std::initializer_list<QAbstractItemView *>{m_cards, m_table}) {
        view->setContextMenuPolicy(Qt::CustomContextMenu);
        view->installEventFilter(this);
        view->viewport()->setAttribute(Qt::WA_Hover);
        m_views->addWidget(view);
        connect(view, &QWidget::customContextMenuRequested, this, [this, view](const QPoint &at) {
            showContextMenu(view->viewport()->mapToGlobal(at));
        });
        connect(view, &QAbstractItemView::activated, this, [this] { showDetails(true); });
    }
    m_state = new StateView(m_views);
    m_state->setObjectName(u"catalog.state"_s);
    m_standing->setObjectName(u"catalog.standing"_s);
    m_standing->setProperty("textRole", u"muted"_s);
    m_standing->setContentsMargins(16, 8, 16, 4);
    auto *list = new QWidget;
    list->setMinimumWidth(CatalogCardDelegate::smallestWidth + 40);
    auto *column = new QVBoxLayout(list);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_chosenBar);
    column->addWidget(m_standing);
    column->addWidget(m_state, 1);
    column->addWidget(m_jobBar);
    return list;
}

void CatalogPage::connectParts()
{
    m_searchDelay.setSingleShot(true);
    m_searchDelay.setInterval(searchDelay);
    connect(m_search, &QLineEdit::textChanged, this, &CatalogPage::typed);
    m_search->installEventFilter(this);
    connect(&m_searchDelay, &QTimer::timeout, this, [this] {
        const int question = ++m_question;
        m_desk.session.catalog().search(this, m_typed, [this, question](const QStringList &names) {
            if (question != m_question)
                return;
            CatalogFilter filter = m_model.filter();
            const auto before = filter.found.size();
            filter.found.unite(QSet<QString>(names.cbegin(), names.cend()));
            if (filter.found.size() == before)
                return;
            const QStringList chosen = chosenNames();
            const QString current = currentName();
            m_restoring = true;
            m_model.setFilter(filter);
            rowsChanged(chosen, current);
        });
    });
    connect(m_facets, &FacetPanel::chosenChanged, this, &CatalogPage::filter);
    connect(m_facets, &FacetPanel::addServerRequested, this, [this] { editServer({}); });
    connect(&m_desk.navigation, &Navigation::teamServerRequested, this, &CatalogPage::editServer);
    connect(m_facets, &FacetPanel::serverMenuRequested, this, &CatalogPage::showServerMenu);
    connect(&m_actions, &CatalogActions::addServerRequested, this, [this] { editServer({}); });
    connect(m_sort, &QComboBox::activated, this, [this](int index) {
        const SortChoice &choice = sortChoices[index];
        m_table->sortByColumn(choice.column, choice.order);
    });
    // The model is reset by a sort as well.
    connect(&m_model, &QAbstractItemModel::modelAboutToBeReset, this, [this] {
        if (m_restoring)
            return;
        const QStringList chosen = chosenNames();
        const QString current = currentName();
        QMetaObject::invokeMethod(
            this, [this, chosen, current] { rowsChanged(chosen, current); }, Qt::QueuedConnection);
    });
    connect(&m_selection, &QItemSelectionModel::selectionChanged, this,
            &CatalogPage::selectionChanged);
    connect(&m_selection, &QItemSelectionModel::currentChanged, this, &CatalogPage::currentChanged);
    connect(m_tableButton, &QToolButton::clicked, this, [this] { setCards(false); });
    connect(m_cardsButton, &QToolButton::clicked, this, [this] { setCards(true); });
    connect(m_facetsButton, &QToolButton::toggled, m_facets, &QWidget::setVisible);
    connect(m_detailsButton, &QToolButton::toggled, this, &CatalogPage::showDetails);
    connect(m_splitter, &QSplitter::splitterMoved, this, [this] {
        fitColumns();
        fitCards();
    });
    connect(&m_chosenBar->publishMenu(), &QMenu::aboutToShow, this, [this] {
        m_actions.fillServerMenu(m_chosenBar->publishMenu(), [this](const QString &server) {
            m_actions.publish(chosenSkills({}), server);
        });
    });
    connect(m_chosenBar, &ChosenBar::pullRequested, this, [this] {
        for (const Remote &remote : m_desk.session.remotes().servers()) {
            if (const auto skills = chosenSkills(remote.name); !skills.isEmpty())
                m_actions.pull(skills, remote.name);
        }
    });
    connect(m_chosenBar, &ChosenBar::exportRequested, this,
            [this] { m_actions.exportSkills(chosenSkills({})); });
    connect(m_chosenBar, &ChosenBar::yankRequested, this,
            [this] { m_actions.setYanked(chosenSkills({}), true); });
    connect(m_chosenBar, &ChosenBar::deleteRequested, this, &CatalogPage::removeChosen);
    connect(m_chosenBar, &ChosenBar::clearRequested, this, [this] {
        const QModelIndex current = m_selection.currentIndex();
        m_selection.select(current,
                           QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
        currentView()->setFocus();
    });
    connect(m_jobBar, &JobBar::detailsRequested, this, &CatalogPage::showJob);
}

void CatalogPage::connectSession()
{
    CatalogFeed &feed = m_desk.session.catalog();
    connect(&feed, &CatalogFeed::changed, this, &CatalogPage::takeEntries);
    connect(&feed, &CatalogFeed::sourcesChanged, this, [this, &feed] {
        m_facets->setSources(feed.sources());
        showStanding();
    });
    connect(&m_desk.session.engine(), &EngineThread::stateChanged, this,
            &CatalogPage::showStanding);
    SkillTransfers &transfers = m_desk.session.transfers();
    connect(&transfers, &SkillTransfers::started, this, &CatalogPage::jobStarted);
    connect(&transfers, &SkillTransfers::finished, this, &CatalogPage::jobFinished);
    connect(&m_desk.navigation, &Navigation::skillRequested, this,
            [this](const QString &name, const QString &version) {
                Q_EMIT m_desk.navigation.pageRequested(u"catalog"_s);
                select(name, version);
            });
    connect(&m_desk.navigation, &Navigation::publishRequested, this,
            [this](const QString &directory) {
                Q_EMIT m_desk.navigation.pageRequested(u"catalog"_s);
                m_actions.import({directory});
            });
    feed.refresh();
}

void CatalogPage::addCommands()
{
    const auto add = [this](const QString &id, const QString &title, const QKeySequence &keys,
                            std::function<void()> run) {
        QAction *action = m_desk.commands.add(id, tr("Catalog"), title, keys, std::move(run));
        addAction(action);
        return action;
    };
    add(u"catalog.import"_s, tr("Import a skill …"), QKeySequence(u"Ctrl+I"_s),
        [this] { m_actions.chooseImport(); });
    QAction *search = add(u"catalog.search"_s, tr("Search skills"), QKeySequence(u"Ctrl+L"_s),
                          [this] {
                              m_search->setFocus(Qt::ShortcutFocusReason);
                              m_search->selectAll();
                          });
    Q_UNUSED(search)
    add(u"catalog.refresh"_s, tr("Ask all servers again"), QKeySequence(u"F5"_s),
        [this] { m_desk.session.catalog().refresh(); });
    add(u"catalog.showTable"_s, tr("Skills as a table"), {}, [this] { setCards(false); });
    add(u"catalog.showCards"_s, tr("Skills as cards"), {}, [this] { setCards(true); });
    add(u"catalog.toggleFilters"_s, tr("Show or hide the filters"), {},
        [this] { m_facetsButton->toggle(); });
    add(u"catalog.toggleDetails"_s, tr("Show or hide the details"), {},
        [this] { m_detailsButton->toggle(); });
    add(u"catalog.addServer"_s, tr("Add a server …"), {}, [this] { editServer({}); });
    add(u"catalog.run"_s, tr("Run the chosen skill"), QKeySequence(u"Ctrl+R"_s), [this] {
        if (const auto skills = chosenSkills({}); !skills.isEmpty())
            m_actions.run(skills.first());
    });
    add(u"catalog.edit"_s, tr("Edit the chosen skill"), QKeySequence(u"Ctrl+E"_s), [this] {
        if (const auto skills = chosenSkills({}); !skills.isEmpty())
            m_actions.edit(skills.first());
    });
    add(u"catalog.export"_s, tr("Export the chosen skills …"), {}, [this] {
        if (const auto skills = chosenSkills({}); !skills.isEmpty())
            m_actions.exportSkills(skills);
    });
    add(u"catalog.yank"_s, tr("Yank the chosen skills"), {},
        [this] { m_actions.setYanked(chosenSkills({}), true); });
    add(u"catalog.copyName"_s, tr("Copy the skill's name"), {}, [this] {
        if (const auto entries = chosenEntries(); !entries.isEmpty())
            m_actions.copyName({{}, entries.first()->name, {}});
    });
    QAction *remove = m_desk.commands.add(u"catalog.delete"_s, tr("Catalog"),
                                          tr("Delete the chosen skills …"),
                                          QKeySequence(Qt::Key_Delete), [this] { removeChosen(); });
    // Only in the lists: elsewhere the key deletes characters.
    remove->setShortcutContext(Qt::WidgetShortcut);
    m_table->addAction(remove);
    m_cards->addAction(remove);
}

void CatalogPage::activate()
{
    (m_model.rowCount() > 0 ? static_cast<QWidget *>(currentView()) : m_search)->setFocus();
}

QAbstractItemView *CatalogPage::currentView() const
{
    return m_tableButton->isChecked() ? static_cast<QAbstractItemView *>(m_table) : m_cards;
}

void CatalogPage::setCards(bool cards)
{
    const bool hadFocus = m_table->hasFocus() || m_cards->hasFocus();
    m_cardsButton->setChecked(cards);
    m_tableButton->setChecked(!cards);
    m_views->setCurrentWidget(currentView());
    m_sort->setVisible(cards);
    fitColumns();
    fitCards();
    if (hadFocus)
        currentView()->setFocus();
    if (const QModelIndex current = m_selection.currentIndex(); current.isValid())
        currentView()->scrollTo(current);
}

void CatalogPage::showDetails(bool shown)
{
    m_detailsButton->setChecked(shown);
    m_view->setVisible(shown);
    QMetaObject::invokeMethod(
        this,
        [this] {
            fitColumns();
            fitCards();
        },
        Qt::QueuedConnection); // when the splitter has moved
}

void CatalogPage::fitColumns()
{
    int left = m_table->viewport()->width() - nameWidth;
    for (const ColumnNeed &need : columnNeeds) {
        const bool fits = left >= need.width;
        m_table->setColumnHidden(need.column, !fits);
        if (fits) {
            m_table->setColumnWidth(need.column, need.width);
            left -= need.width;
        } else {
            left = 0; // no narrower one in its place
        }
    }
}

void CatalogPage::fitCards()
{
    const int room = m_cards->width() - 2 * cardsMargin
        - m_cards->verticalScrollBar()->sizeHint().width() - 4;
    const int columns = qMax(1, room / CatalogCardDelegate::smallestWidth);
    m_card->setCardWidth(room / columns);
    QStyleOptionViewItem option;
    option.font = m_cards->font();
    if (const QSize size = m_card->sizeHint(option, {}); m_cards->gridSize() != size)
        m_cards->setGridSize(size);
}

void CatalogPage::resizeEvent(QResizeEvent *event)
{
    Page::resizeEvent(event);
    fitColumns();
    fitCards();
}

void CatalogPage::dragEnterEvent(QDragEnterEvent *event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void CatalogPage::dropEvent(QDropEvent *event)
{
    QStringList paths;
    for (const QUrl &url : event->mimeData()->urls()) {
        if (url.isLocalFile())
            paths.append(url.toLocalFile());
    }
    m_actions.import(paths);
    event->acceptProposedAction();
}

bool CatalogPage::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize && (watched == m_cards || watched == m_table)) {
        fitColumns();
        fitCards();
    }
    // From the search field the arrows go on into the list.
    if (watched == m_search && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if ((key == Qt::Key_Down || key == Qt::Key_Return || key == Qt::Key_Enter)
            && m_model.rowCount() > 0) {
            currentView()->setFocus();
            if (!m_selection.currentIndex().isValid())
                m_selection.setCurrentIndex(m_model.index(0, 0),
                                            QItemSelectionModel::ClearAndSelect
                                                | QItemSelectionModel::Rows);
            return true;
        }
        if (key == Qt::Key_Escape && !m_search->text().isEmpty()) {
            m_search->clear();
            return true;
        }
    }
    return Page::eventFilter(watched, event);
}

} // namespace skillbox
