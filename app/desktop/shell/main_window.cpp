#include "app/desktop/shell/main_window.h"

#include "app/desktop/settings/settings.h"

#include <QApplication>
#include <QCloseEvent>
#include <QHBoxLayout>
#include <QMenuBar>
#include <QScreen>
#include <QStyleHints>

using namespace Qt::StringLiterals;

namespace skillbox {

MainWindow::MainWindow(DesktopSession &session, Settings &settings)
    : m_session(session)
    , m_settings(settings)
    , m_activityBar(new ActivityBar(this))
    , m_stack(new QStackedWidget(this))
    , m_statusLine(new StatusLine(session, this))
{
    setWindowTitle(u"Skillbox"_s);
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
    m_palette = new CommandPalette(centre);

    connect(m_activityBar, &ActivityBar::chosen, this, &MainWindow::select);
    connect(&m_notifications, &Notifications::posted, m_toasts, &ToastArea::show);
    connect(&m_notifications, &Notifications::posted, this, [this] {
        m_statusLine->setUnread(static_cast<int>(m_notifications.history().size()));
    });
    connect(&m_navigation, &Navigation::pageRequested, this, &MainWindow::showPage);
    addWindowCommands();
    setMinimumSize(860, 560);
    resize(1280, 820);
}

MainWindow::~MainWindow() = default;

void MainWindow::addWindowCommands()
{
    addAction(m_commands.add(u"window.palette"_s, tr("Window"), tr("Command palette"),
                             QKeySequence(u"Ctrl+K"_s), [this] { openPalette(); }));
    addAction(m_commands.add(u"window.quit"_s, tr("Window"), tr("Quit"), QKeySequence::Quit,
                             [this] { close(); }));
    for (const QString &id : Theme::ids()) {
        const auto theme = Theme::load(id);
        if (!theme)
            continue;
        addAction(m_commands.add(u"theme."_s + id, tr("Theme"), theme->name(), {}, [this, id] {
            m_settings.setTheme(id);
            setTheme(id);
        }));
    }
}

void MainWindow::addPage(Page *page, const QString &id, const QString &icon, const QString &title)
{
    const int index = m_activityBar->addPage(icon, title);
    m_stack->addWidget(page);
    m_pages.append({page, id, title});
    addAction(m_commands.add(u"page."_s + id, tr("Go to"), title,
                             QKeySequence(u"Ctrl+%1"_s.arg(index + 1)),
                             [this, id] { showPage(id); }));
}

void MainWindow::finishPages()
{
    m_activityBar->addStretch();
    const QMap<QString, QString> own = m_settings.shortcuts();
    for (auto it = own.begin(); it != own.end(); ++it)
        m_commands.setShortcut(it.key(), QKeySequence(it.value(), QKeySequence::PortableText));
    setTheme(m_settings.theme());
    restoreSavedState();
}

void MainWindow::showPage(const QString &id)
{
    for (int i = 0; i < m_pages.size(); ++i) {
        if (m_pages.at(i).id == id) {
            m_activityBar->setCurrent(i);
            select(i);
        }
    }
}

QString MainWindow::currentPage() const
{
    return m_pages.isEmpty() ? QString() : m_pages.at(m_stack->currentIndex()).id;
}

void MainWindow::select(int index)
{
    const Entry &entry = m_pages.at(index);
    m_stack->setCurrentIndex(index);
    setWindowTitle(tr("%1 – Skillbox").arg(entry.title));
    entry.page->activate();
}

void MainWindow::setTheme(const QString &id)
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
    QApplication::setPalette(m_theme.palette());
    qApp->setStyleSheet(m_theme.styleSheet());
    m_activityBar->applyTheme(m_theme);
    m_statusLine->applyTheme(m_theme);
    m_palette->applyTheme(m_theme);
    for (const Entry &entry : std::as_const(m_pages))
        entry.page->applyTheme(m_theme);
}

void MainWindow::openPalette()
{
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
    for (const Entry &entry : std::as_const(m_pages))
        entries += entry.page->paletteEntries();
    m_palette->open(std::move(entries));
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    for (const Entry &entry : std::as_const(m_pages)) {
        if (!entry.page->mayClose()) {
            event->ignore();
            return;
        }
    }
    saveState();
    event->accept();
}

void MainWindow::saveState()
{
    m_settings.setGeometry(saveGeometry());
    m_settings.setCurrentPage(currentPage());
    for (const Entry &entry : std::as_const(m_pages))
        m_settings.setPageState(entry.id, entry.page->saveState());
}

void MainWindow::restoreSavedState()
{
    restoreGeometry(m_settings.geometry());
    for (const Entry &entry : std::as_const(m_pages))
        entry.page->restoreState(m_settings.pageState(entry.id));
    const QString page = m_settings.currentPage();
    showPage(page.isEmpty() ? m_pages.value(0).id : page);
}

} // namespace skillbox
