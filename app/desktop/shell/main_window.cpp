#include "app/desktop/shell/main_window.h"

#include "app/desktop/settings/settings.h"
#include "app/desktop/shell/about_dialog.h"
#include "app/desktop/shell/doctor_dialog.h"

#include <QApplication>
#include <QCloseEvent>
#include <QHBoxLayout>
#include <QMenu>
#include <QStyle>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// What was chosen lately comes first among what fits alike; a better fit still wins.
constexpr int biasPerPlace = 40;
constexpr qsizetype mostRecent = 20;
/// The page in front has its list by then; between two others what the person does comes first.
constexpr auto firstPageDelay = 400ms;
constexpr auto nextPageDelay = 20ms;
/// A crash, or a session that ends without a word, costs no more than that of what was arranged.
constexpr auto saveDelay = 2s;

} // namespace

MainWindow::MainWindow(DesktopSession &session, Settings &settings)
    : m_session(session)
    , m_settings(settings)
    , m_activityBar(new ActivityBar(this))
    , m_stack(new QStackedWidget(this))
    , m_statusLine(new StatusLine(session, this))
{
    setWindowTitle(u"Skillbox"_s);
    // Before the pages are made: a style sheet that comes later styles each of their widgets twice.
    loadTheme(settings.theme());
    auto *centre = new QWidget(this);
    auto *column = new QVBoxLayout(centre);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *row = new QHBoxLayout;
    row->setSpacing(0);
    row->addWidget(m_activityBar);
    row->addWidget(m_stack, 1);
    column->addLayout(row, 1);
    column->addWidget(m_statusLine);
    setCentralWidget(centre);
    m_toasts = new ToastArea(centre);
    m_notices = new NotificationPanel(m_notifications, centre);
    m_palette = new CommandPalette(centre);

    connect(m_activityBar, &ActivityBar::chosen, this, [this](int button) {
        for (qsizetype i = 0; i < m_pages.size(); ++i) {
            if (m_pages.at(i).button == button)
                select(i);
        }
    });
    connect(m_activityBar, &ActivityBar::menuRequested, this, &MainWindow::openMenu);
    connect(&m_notifications, &Notifications::posted, this, [this](const Notice &notice) {
        if (m_notices->isVisible())
            return;
        m_toasts->show(notice);
        m_statusLine->setUnread(++m_unread);
    });
    const auto read = [this] { m_statusLine->setUnread(m_unread = 0); };
    connect(m_notices, &NotificationPanel::opened, this, read);
    connect(&m_notifications, &Notifications::cleared, this, read);
    connect(m_palette, &CommandPalette::chosen, this, &MainWindow::remember);
    connect(&m_navigation, &Navigation::pageRequested, this, &MainWindow::showPage);
    connect(&m_navigation, &Navigation::doctorRequested, this, &MainWindow::showDoctor);
    connect(&m_navigation, &Navigation::restartRequested, this, [this] {
        if (close())
            QApplication::exit(restartCode);
    });
    connect(m_statusLine, &StatusLine::sandboxClicked, this, &MainWindow::showDoctor);
    connect(m_statusLine, &StatusLine::serverPageClicked, this, [this] { showPage(u"server"_s); });
    connect(m_statusLine, &StatusLine::serverToggled, this, &MainWindow::toggleServer);
    connect(m_statusLine, &StatusLine::noticesClicked, m_notices, &NotificationPanel::open);
    connect(&settings, &Settings::changed, this, [this](const QString &key) {
        if (key == "theme"_L1 || key == "editor/font"_L1)
            setTheme(m_settings.theme());
    });
    m_commands.setOwnShortcuts(settings.shortcuts());
    addWindowCommands();
    addThemeCommands();
    m_nextPage.setSingleShot(true);
    m_saveDelay.setSingleShot(true);
    m_saveDelay.setInterval(saveDelay);
    connect(&m_nextPage, &QTimer::timeout, this, &MainWindow::makeNextPage);
    connect(&m_saveDelay, &QTimer::timeout, this, &MainWindow::saveState);
    qApp->installEventFilter(this);
    setMinimumSize(860, 560);
    resize(1280, 820);
}

MainWindow::~MainWindow() = default;

void MainWindow::addWindowCommands()
{
    const auto add = [this](const QString &id, const QString &group, const QString &title,
                            const QKeySequence &keys, std::function<void()> trigger) {
        addAction(m_commands.add(id, group, title, keys, std::move(trigger)));
    };
    add(u"window.palette"_s, tr("Window"), tr("Command palette"), QKeySequence(u"Ctrl+K"_s),
        [this] { openPalette(); });
    add(u"window.menu"_s, tr("Window"), tr("All commands as a menu"), QKeySequence(u"F10"_s),
        [this] { openMenu(); });
    add(u"window.messages"_s, tr("Window"), tr("Past messages"), QKeySequence(u"Ctrl+Alt+M"_s),
        [this] { m_notices->open(); });
    add(u"window.fullScreen"_s, tr("Window"), tr("Full screen"), QKeySequence(u"F11"_s),
        [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
    add(u"window.nextPart"_s, tr("Window"), tr("Next part of the window"), QKeySequence(u"F6"_s),
        [this] { focusNextPart(false); });
    add(u"window.previousPart"_s, tr("Window"), tr("Previous part of the window"),
        QKeySequence(u"Shift+F6"_s), [this] { focusNextPart(true); });
    add(u"window.quit"_s, tr("Window"), tr("Quit"), QKeySequence(u"Ctrl+Q"_s), [this] { close(); });
    add(u"server.toggle"_s, tr("Server"), tr("Start or stop the local server"), {},
        [this] { toggleServer(); });
    add(u"help.doctor"_s, tr("Help"), tr("Check the sandbox of this machine"), {},
        [this] { showDoctor(); });
    add(u"help.about"_s, tr("Help"), tr("About Skillbox, versions and licences"), {},
        [this] { showAbout(); });
}

void MainWindow::addThemeCommands()
{
    const auto add = [this](const QString &id, const QString &title) {
        addAction(m_commands.add(u"theme."_s + id, tr("Theme"), title, {},
                                 [this, id] { m_settings.setTheme(id); }));
    };
    add(u"system"_s, tr("As the system"));
    for (const QString &id : Theme::ids()) {
        if (const auto theme = Theme::load(id))
            add(id, theme->name());
    }
}

void MainWindow::addPage(PageMaker make, const QString &id, const QString &icon,
                         const QString &title)
{
    const int button = m_activityBar->addPage(icon, title);
    addEntry({std::move(make), nullptr, id, title, button},
             QKeySequence(u"Ctrl+%1"_s.arg(button + 1)));
}

void MainWindow::addEntry(Entry entry, const QKeySequence &keys)
{
    addAction(m_commands.add(u"page."_s + entry.id, tr("Go to"), entry.title, keys,
                             [this, id = entry.id] { showPage(id); }));
    m_pages.append(std::move(entry));
}

void MainWindow::addStretch()
{
    m_activityBar->addStretch();
}

void MainWindow::addHiddenPage(PageMaker make, const QString &id, const QString &title)
{
    addEntry({std::move(make), nullptr, id, title, -1}, {});
}

void MainWindow::finishPages()
{
    m_activityBar->addMenuButton();
    showTheme();
    restoreSavedState();
}

Page *MainWindow::makePage(qsizetype index)
{
    Entry &entry = m_pages[index];
    if (entry.page)
        return entry.page;
    Page *page = entry.make();
    entry.page = page;
    m_stack->addWidget(page);
    page->applyTheme(m_theme);
    page->restoreState(m_settings.pageState(entry.id));
    return page;
}

void MainWindow::makePages()
{
    m_nextPage.stop();
    for (qsizetype i = 0; i < m_pages.size(); ++i) {
        if (m_pages.at(i).button >= 0)
            makePage(i);
    }
}

bool MainWindow::hasAllPages() const
{
    return std::all_of(m_pages.begin(), m_pages.end(),
                       [](const Entry &entry) { return entry.page || entry.button < 0; });
}

void MainWindow::makeNextPage()
{
    for (qsizetype i = 0; i < m_pages.size(); ++i) {
        if (m_pages.at(i).button >= 0 && !m_pages.at(i).page) {
            makePage(i);
            break;
        }
    }
    if (!hasAllPages())
        m_nextPage.start(nextPageDelay);
}

void MainWindow::showEvent(QShowEvent *event)
{
    QMainWindow::showEvent(event);
    if (!hasAllPages() && !m_nextPage.isActive())
        m_nextPage.start(firstPageDelay);
}

bool MainWindow::eventFilter(QObject *watched, QEvent *event)
{
    switch (event->type()) {
    case QEvent::KeyPress:
    case QEvent::MouseButtonPress:
    case QEvent::DragEnter:
        if (m_nextPage.isActive())
            makePages();
        break;
    // Whatever is arranged is arranged by one of these.
    case QEvent::KeyRelease:
    case QEvent::MouseButtonRelease:
    case QEvent::Drop:
        if (!m_saveDelay.isActive() && isVisible())
            m_saveDelay.start();
        break;
    default: break;
    }
    return QMainWindow::eventFilter(watched, event);
}

qsizetype MainWindow::indexOf(const QString &id) const
{
    for (qsizetype i = 0; i < m_pages.size(); ++i) {
        if (m_pages.at(i).id == id)
            return i;
    }
    return -1;
}

void MainWindow::showPage(const QString &id)
{
    const qsizetype index = indexOf(id);
    if (index < 0)
        return;
    m_activityBar->setCurrent(m_pages.at(index).button);
    select(index);
}

QString MainWindow::currentPage() const
{
    return m_current < 0 ? QString() : m_pages.at(m_current).id;
}

void MainWindow::select(qsizetype index)
{
    Page *page = makePage(index);
    m_current = index;
    m_stack->setCurrentWidget(page);
    setWindowTitle(tr("%1 – Skillbox").arg(m_pages.at(index).title));
    page->activate();
}

void MainWindow::setTheme(const QString &id)
{
    loadTheme(id);
    showTheme();
}

void MainWindow::loadTheme(const QString &id)
{
    QString wanted = id;
    if (wanted == "system"_L1) {
        // The desktop's own palette says whether it is dark; 6.5 would say it in a style hint.
        const QColor window = QApplication::style()->standardPalette().color(QPalette::Window);
        wanted = window.lightness() < 128 ? u"dark"_s : u"light"_s;
    }
    auto theme = Theme::load(wanted);
    if (!theme)
        theme = Theme::load(u"light"_s);
    if (!theme)
        return;
    m_theme = *theme;
    m_theme.setCodeFont(m_settings.codeFont());
    QApplication::setPalette(m_theme.palette());
    if (const QString sheet = m_theme.styleSheet(); qApp->styleSheet() != sheet)
        qApp->setStyleSheet(sheet);
}

void MainWindow::showTheme()
{
    m_activityBar->applyTheme(m_theme);
    m_statusLine->applyTheme(m_theme);
    m_palette->applyTheme(m_theme);
    for (const Entry &entry : std::as_const(m_pages)) {
        if (entry.page)
            entry.page->applyTheme(m_theme);
    }
}

void MainWindow::openPalette()
{
    makePages();
    QList<PaletteEntry> entries;
    for (const CommandRegistry::Command &command : m_commands.commands()) {
        if (!command.action->isEnabled() || command.id == "window.palette"_L1)
            continue;
        entries.append({command.group, command.action->text(),
                        command.action->shortcut().toString(QKeySequence::NativeText),
                        [action = QPointer<QAction>(command.action)] {
                            if (action)
                                action->trigger();
                        }});
    }
    for (const Entry &entry : std::as_const(m_pages)) {
        if (entry.page)
            entries += entry.page->paletteEntries();
    }
    const QStringList recent = m_settings.recentChoices();
    for (PaletteEntry &entry : entries) {
        const qsizetype place = recent.indexOf(CommandPalette::nameOf(entry));
        if (place >= 0)
            entry.bias += static_cast<int>(mostRecent - place) * biasPerPlace;
    }
    m_palette->open(std::move(entries));
}

void MainWindow::remember(const QString &choice)
{
    QStringList recent = m_settings.recentChoices();
    recent.removeAll(choice);
    recent.prepend(choice);
    m_settings.setRecentChoices(recent.mid(0, mostRecent));
}

void MainWindow::openMenu()
{
    makePages();
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setAccessibleName(tr("All commands"));
    QMap<QString, QMenu *> groups;
    for (const CommandRegistry::Command &command : m_commands.commands()) {
        QMenu *&group = groups[command.group];
        if (!group)
            group = menu->addMenu(command.group);
        group->addAction(command.action);
    }
    menu->popup(m_activityBar->menuCorner(menu->sizeHint()));
}

void MainWindow::focusNextPart(bool backwards)
{
    const QWidget *now = focusWidget();
    QWidget *const parts[] = {m_stack, m_statusLine, m_activityBar};
    constexpr int count = 3;
    int at = 0;
    for (int i = 0; i < count; ++i) {
        if (now && parts[i]->isAncestorOf(now))
            at = i;
    }
    QWidget *next = parts[(at + (backwards ? count - 1 : 1)) % count];
    if (next == m_stack) {
        m_pages.at(m_current).page->activate();
        return;
    }
    for (QToolButton *button : next->findChildren<QToolButton *>()) {
        if (button->isVisible() && (!button->isCheckable() || button->isChecked())) {
            button->setFocus(Qt::TabFocusReason);
            return;
        }
    }
}

void MainWindow::toggleServer()
{
    LocalServerHost &server = m_session.server();
    const bool on = server.state() == LocalServerHost::State::On
        || server.state() == LocalServerHost::State::Starting;
    m_settings.setServerWanted(!on);
    if (on)
        server.stop();
    else
        server.start(m_settings.serverPort());
}

void MainWindow::showDoctor()
{
    auto *dialog = new DoctorDialog(m_session, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void MainWindow::showAbout()
{
    auto *dialog = new AboutDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    for (const Entry &entry : std::as_const(m_pages)) {
        if (entry.page && !entry.page->mayClose()) {
            event->ignore();
            return;
        }
    }
    saveState();
    event->accept();
}

void MainWindow::saveState()
{
    m_saveDelay.stop();
    m_settings.setGeometry(saveGeometry());
    m_settings.setCurrentPage(currentPage());
    for (const Entry &entry : std::as_const(m_pages)) {
        if (entry.page) // else it is as it was
            m_settings.setPageState(entry.id, entry.page->saveState());
    }
}

void MainWindow::restoreSavedState()
{
    restoreGeometry(m_settings.geometry());
    const QString page = m_settings.currentPage();
    showPage(indexOf(page) >= 0 ? page : m_pages.value(0).id);
}

} // namespace skillbox
