#pragma once

#include "app/desktop/palette/command_palette.h"
#include "app/desktop/shell/activity_bar.h"
#include "app/desktop/shell/command_registry.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/shell/notification_panel.h"
#include "app/desktop/shell/notifications.h"
#include "app/desktop/shell/page.h"
#include "app/desktop/shell/status_line.h"

#include <QMainWindow>
#include <QStackedWidget>
#include <QTimer>

namespace skillbox {

/// Places the pages and what surrounds them; knows no more of a page than its interface.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    MainWindow(DesktopSession &session, Settings &settings);
    ~MainWindow() override;

    Desk desk() { return {m_session, m_commands, m_notifications, m_navigation, m_settings}; }
    /// The window owns the page. `icon` is a name in resources/icons.
    void addPage(PageMaker make, const QString &id, const QString &icon, const QString &title);
    /// What comes after it sits at the lower end of the bar.
    void addStretch();
    /// One without a place in the bar, for `showPage()`.
    void addHiddenPage(PageMaker make, const QString &id, const QString &title);
    /// Shows the page that was in front last. The others are made one by one when the window has
    /// stood for a moment, and all at once when a key or button is pressed before: what it asks for
    /// may be the work of any of them.
    void finishPages();
    /// Makes those that are in the bar and not there yet.
    void makePages();
    bool hasAllPages() const;
    void showPage(const QString &id);
    QString currentPage() const;
    void setTheme(const QString &id);
    const Theme &theme() const { return m_theme; }
    CommandPalette &palette() { return *m_palette; }
    StatusLine &statusLine() { return *m_statusLine; }
    NotificationPanel &notices() { return *m_notices; }
    /// Every command, in menus by group; for the menu key and the mouse.
    void openMenu();
    void openPalette();
    void showDoctor();
    void showAbout();
    /// Puts the focus into the next part of the window: page, state line, bar of pages.
    void focusNextPart(bool backwards);

    /// What the program returns when it shall be started again.
    static constexpr int restartCode = 64;

protected:
    void closeEvent(QCloseEvent *event) override;
    void showEvent(QShowEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    struct Entry {
        PageMaker make;
        Page *page = nullptr; ///< null: not made yet
        QString id;
        QString title;
        int button = -1; ///< in the bar
    };
    void addEntry(Entry entry, const QKeySequence &keys);
    Page *makePage(qsizetype index);
    void makeNextPage();
    /// The application's own colours; the pages take theirs from showTheme().
    void loadTheme(const QString &id);
    void showTheme();
    void addWindowCommands();
    void addThemeCommands();
    void select(qsizetype index);
    qsizetype indexOf(const QString &id) const;
    void remember(const QString &choice);
    void toggleServer();
    void saveState();
    void restoreSavedState();

    DesktopSession &m_session;
    Settings &m_settings;
    CommandRegistry m_commands;
    Notifications m_notifications;
    Navigation m_navigation;
    Theme m_theme;
    QList<Entry> m_pages;
    ActivityBar *m_activityBar;
    QStackedWidget *m_stack;
    StatusLine *m_statusLine;
    CommandPalette *m_palette;
    ToastArea *m_toasts;
    NotificationPanel *m_notices;
    int m_unread = 0;
    qsizetype m_current = -1; ///< page in front
    QTimer m_nextPage;
    QTimer m_saveDelay;
};

} // namespace skillbox
