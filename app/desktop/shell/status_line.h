#pragma once

#include "app/desktop/session/desktop_session.h"
#include "app/desktop/theme/theme.h"

#include <QFrame>
#include <QLabel>
#include <QToolButton>

namespace skillbox {

/// The line at the lower edge: the engine's state, the sandbox's level (a click opens the table of
/// controls), the local server's address, and the notices.
class StatusLine : public QFrame
{
    Q_OBJECT

public:
    explicit StatusLine(DesktopSession &session, QWidget *parent = nullptr);
    void applyTheme(const Theme &theme);
    /// Empty: no server runs.
    void setServerAddress(const QString &address);
    void setUnread(int notices);

Q_SIGNALS:
    void sandboxClicked();
    void serverClicked();
    void noticesClicked();

private:
    void showEngine();
    void showSandbox(const Result<QList<ControlState>> &controls);

    DesktopSession &m_session;
    QLabel *m_engine;
    QToolButton *m_sandbox;
    QToolButton *m_server;
    QToolButton *m_notices;
};

} // namespace skillbox
