#pragma once

#include "app/desktop/session/desktop_session.h"
#include "app/desktop/settings/settings.h"
#include "app/desktop/shell/main_window.h"

#include <QProcessEnvironment>

namespace skillbox {

/// The composition root of the desktop: session, settings, window and its pages. GUI thread.
class Desktop
{
public:
    Desktop(QProcessEnvironment environment, QString programDirectory,
            const QString &settingsPath = Settings::usualPath());
    /// Shows the window and opens the store behind it.
    void start();

    MainWindow &window() { return m_window; }
    DesktopSession &session() { return m_session; }

private:
    const QProcessEnvironment m_environment;
    const QString m_programDirectory;
    Settings m_settings;
    DesktopSession m_session;
    MainWindow m_window;
};

} // namespace skillbox
