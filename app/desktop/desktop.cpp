#include "app/desktop/desktop.h"

#include "app/desktop/artifacts/artifacts_page.h"
#include "app/desktop/catalog/catalog_page.h"
#include "app/desktop/console/runs_page.h"
#include "app/desktop/editor/editor_page.h"
#include "app/desktop/first_run/welcome_page.h"
#include "app/desktop/server_page/server_page.h"
#include "app/desktop/settings_page/settings_page.h"

#include <QDir>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Where what must survive a crash is kept (XDG base directory specification).
QString stateDirectory(const QProcessEnvironment &environment)
{
    const QString root = environment.value(u"XDG_STATE_HOME"_s);
    return (QDir::isAbsolutePath(root) ? root : QDir::homePath() + u"/.local/state"_s)
        + u"/skillbox/desktop"_s;
}

} // namespace

Desktop::Desktop(QProcessEnvironment environment, QString programDirectory,
                 const QString &settingsPath)
    : m_environment(std::move(environment))
    , m_programDirectory(std::move(programDirectory))
    , m_settings(settingsPath)
    , m_window(m_session, m_settings)
{
    const Desk desk = m_window.desk();
    m_window.addPage([desk] { return new CatalogPage(desk); }, u"catalog"_s, u"catalog"_s,
                     MainWindow::tr("Catalog"));
    m_window.addPage(
        [desk, state = stateDirectory(m_environment)] { return new EditorPage(desk, state); },
        u"editor"_s, u"editor"_s, MainWindow::tr("Editor"));
    m_window.addPage([desk] { return new RunsPage(desk); }, u"runs"_s, u"runs"_s,
                     MainWindow::tr("Runs"));
    m_window.addPage([desk] { return new ArtifactsPage(desk); }, u"artifacts"_s, u"artifacts"_s,
                     MainWindow::tr("Artifacts"));
    m_window.addStretch();
    m_window.addPage([desk,
                      program = m_programDirectory
                          + u"/skillbox"_s] { return new ServerPage(desk, program); },
                     u"server"_s, u"server"_s, MainWindow::tr("Server"));
    m_window.addPage([desk] { return new SettingsPage(desk); }, u"settings"_s, u"settings"_s,
                     MainWindow::tr("Settings"));
    m_window.addHiddenPage([desk] { return new WelcomePage(desk); }, u"welcome"_s,
                           MainWindow::tr("First steps"));
}

void Desktop::start()
{
    // First, so that the store opens on another core while the first page is made here.
    const auto config = loadEngineConfig(m_environment, m_programDirectory);
    if (config)
        m_session.engine().open(*config);
    m_window.finishPages();
    if (!m_settings.isWelcomed())
        m_window.showPage(u"welcome"_s);
    m_window.show();
    m_session.remotes().open(RemoteList::usualDirectory(m_environment),
                             Keychain::ofSession(m_programDirectory, m_environment));
    if (!config)
        m_session.engine().setFailed(config.error());
    else if (m_settings.serverWanted())
        m_session.server().start(m_settings.serverPort());
}

void Desktop::open(const QString &folder)
{
    const QFileInfo chosen(folder);
    if (!chosen.exists()) {
        m_window.desk().notifications.post({.kind = NoticeKind::Error,
                                            .title = MainWindow::tr("There is no such folder"),
                                            .text = QDir::toNativeSeparators(folder)});
        return;
    }
    m_window.makePages(); // it is the editor who hears of it
    const QString directory = chosen.isDir() ? chosen.absoluteFilePath() : chosen.absolutePath();
    Q_EMIT m_window.desk().navigation.editRequested(directory,
                                                    chosen.isDir() ? QString() : chosen.fileName(),
                                                    0, 0);
}

} // namespace skillbox
