#include "app/desktop/desktop.h"

#include "app/desktop/catalog/catalog_page.h"

using namespace Qt::StringLiterals;

namespace skillbox {

Desktop::Desktop(QProcessEnvironment environment, QString programDirectory,
                 const QString &settingsPath)
    : m_environment(std::move(environment))
    , m_programDirectory(std::move(programDirectory))
    , m_settings(settingsPath)
    , m_window(m_session, m_settings)
{
    const Desk desk = m_window.desk();
    m_window.addPage(new CatalogPage(desk), u"catalog"_s, u"catalog"_s,
                     MainWindow::tr("Catalog"));
    m_window.finishPages();
}

void Desktop::start()
{
    m_window.show();
    const auto config = loadEngineConfig(m_environment, m_programDirectory);
    if (!config) {
        m_window.desk().notifications.post({.kind = NoticeKind::Error,
                                            .title = MainWindow::tr("The settings are not usable"),
                                            .text = config.error().message});
        return;
    }
    m_session.engine().open(*config);
}

} // namespace skillbox
