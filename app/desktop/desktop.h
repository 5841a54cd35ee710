#pragma once

#include "app/desktop/session/desktop_session.h"
#include "app/desktop/settings/settings.h"
#include "app/desktop/shell/cursor_rest.h"
#include "app/desktop/shell/main_window.h"

#include <QProcessEnvironment>

namespace skillbox {

/// The composition root of the desktop: session, settings, window and its pages. GUI thread.
class Desktop
{
public:
    Desktop(QProcessEnvironment environment, QString programDirectory,
            const QString &settingsPath = Settings::usualPath());
    /// Shows the window, opens the store behind it, and starts the local server if it is wanted.
    void start();
    /// A skill folder to edit, given when the program was started.
    void open(const QString &folder);

    MainWindow &window() { return m_window; }
    DesktopSession &session() { return m_session; }
    Settings &settings() { return m_settings; }

private:
    const QProcessEnvironment m_environment;
    const QString m_programDirectory;
    Settings m_settings;
    CursorRest m_cursorRest;
    DesktopSession m_session;
    MainWindow m_window;
};

} // namespace skillbox
