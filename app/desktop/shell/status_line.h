#pragma once

#include "app/desktop/session/desktop_session.h"
#include "app/desktop/theme/theme.h"

#include <QFrame>
#include <QLabel>
#include <QMenu>
#include <QToolButton>

namespace skillbox {

/// The line at the lower edge: the engine's state, the sandbox's level (a click opens the table of
/// controls), the local server's address with what can be copied of it, and the notices.
class StatusLine : public QFrame
{
    Q_OBJECT

public:
    explicit StatusLine(DesktopSession &session, QWidget *parent = nullptr);
    void applyTheme(const Theme &theme);
    void setUnread(int notices);

Q_SIGNALS:
    void sandboxClicked();
    void serverPageClicked();
    void serverToggled();
    void noticesClicked();

private:
    void showEngine();
    void showSandbox(const Result<QList<ControlState>> &controls);
    void showServer();
    void fillServerMenu();
    void drawIcons();

    DesktopSession &m_session;
    QLabel *m_engine;
    QToolButton *m_sandbox;
    QToolButton *m_server;
    QMenu *m_serverMenu;
    QToolButton *m_notices;
    Theme m_theme;
    ColorRole m_sandboxRole = ColorRole::Muted;
    int m_unread = 0;
};

} // namespace skillbox
