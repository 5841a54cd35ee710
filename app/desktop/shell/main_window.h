#pragma once

#include "app/desktop/palette/command_palette.h"
#include "app/desktop/shell/activity_bar.h"
#include "app/desktop/shell/command_registry.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/shell/notifications.h"
#include "app/desktop/shell/page.h"
#include "app/desktop/shell/status_line.h"

#include <QMainWindow>
#include <QStackedWidget>

namespace skillbox {

class Settings;

/// Places the pages and what surrounds them; knows no more of a page than its interface.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    MainWindow(DesktopSession &session, Settings &settings);
    ~MainWindow() override;

    Desk desk() { return {m_session, m_commands, m_notifications, m_navigation}; }
    /// The window owns the page. `icon` is a name in resources/icons.
    void addPage(Page *page, const QString &id, const QString &icon, const QString &title);
    void finishPages();
    void showPage(const QString &id);
    QString currentPage() const;
    void setTheme(const QString &id);
    const Theme &theme() const { return m_theme; }
    CommandPalette &palette() { return *m_palette; }
    StatusLine &statusLine() { return *m_statusLine; }

protected:
    void closeEvent(QCloseEvent *event) override;

private:
    struct Entry {
        Page *page = nullptr;
        QString id;
        QString title;
    };
    void addWindowCommands();
    void openPalette();
    void select(int index);
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
};

} // namespace skillbox
