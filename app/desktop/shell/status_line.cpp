#include "app/desktop/shell/status_line.h"

#include "app/desktop/shell/doctor_dialog.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/controls.h"

#include <QClipboard>
#include <QDir>
#include <QGuiApplication>
#include <QHBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {

StatusLine::StatusLine(DesktopSession &session, QWidget *parent)
    : QFrame(parent)
    , m_session(session)
    , m_engine(new QLabel(this))
    , m_sandbox(new QToolButton(this))
    , m_server(new QToolButton(this))
    , m_serverMenu(new QMenu(m_server))
    , m_notices(new QToolButton(this))
{
    setObjectName(u"statusLine"_s);
    setAccessibleName(tr("State"));
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(8, 2, 8, 2);
    row->setSpacing(4);
    row->addWidget(m_engine);
    row->addWidget(m_sandbox);
    row->addStretch(1);
    row->addWidget(m_server);
    row->addWidget(m_notices);
    for (QToolButton *button : {m_sandbox, m_server, m_notices}) {
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        button->setIconSize({14, 14});
        button->setFocusPolicy(Qt::TabFocus);
    }
    m_engine->setObjectName(u"status.engine"_s);
    m_sandbox->setObjectName(u"status.sandbox"_s);
    m_server->setObjectName(u"status.server"_s);
    m_notices->setObjectName(u"status.notices"_s);
    m_engine->setTextFormat(Qt::PlainText);
    m_sandbox->setText(tr("Sandbox: …"));
    m_sandbox->setToolTip(tr("Show what the sandbox can do on this machine"));
    m_notices->setToolTip(tr("Show past messages"));
    m_server->setPopupMode(QToolButton::InstantPopup);
    m_server->setMenu(m_serverMenu);
    setUnread(0);
    connect(m_sandbox, &QToolButton::clicked, this, &StatusLine::sandboxClicked);
    connect(m_notices, &QToolButton::clicked, this, &StatusLine::noticesClicked);
    connect(m_serverMenu, &QMenu::aboutToShow, this, &StatusLine::fillServerMenu);
    connect(&session.engine(), &EngineThread::stateChanged, this, &StatusLine::showEngine);
    connect(&session.server(), &LocalServerHost::stateChanged, this, &StatusLine::showServer);
    showEngine();
    showServer();
}

void StatusLine::showEngine()
{
    const EngineThread &engine = m_session.engine();
    switch (engine.state()) {
    case EngineThread::State::Opening: m_engine->setText(tr("Opening the store …")); return;
    case EngineThread::State::Failed:
        m_engine->setText(tr("The store cannot be opened"));
        setPlainToolTip(*m_engine, engine.error().message);
        break;
    case EngineThread::State::Open: {
        QString folder = engine.config().dataDirectory;
        setPlainToolTip(*m_engine, tr("Everything is kept in %1").arg(folder));
        const QString home = QDir::homePath();
        if (folder.startsWith(home + u'/'))
            folder.replace(0, home.size(), u"~"_s);
        m_engine->setText(fontMetrics().elidedText(folder, Qt::ElideMiddle, 360));
        break;
    }
    }
    m_session.probeSandbox(this, [this](const Result<QList<ControlState>> &controls) {
        showSandbox(controls);
    });
}

void StatusLine::showSandbox(const Result<QList<ControlState>> &controls)
{
    const SandboxVerdict verdict = sandboxVerdict(controls);
    m_sandbox->setText(tr("Sandbox: %1").arg(verdict.word));
    setPlainToolTip(*m_sandbox, verdict.sentence);
    m_sandboxRole = verdict.badge == "success"_L1 ? ColorRole::Success
        : verdict.badge == "warning"_L1           ? ColorRole::Warning
                                                  : ColorRole::Error;
    drawIcons();
}

void StatusLine::showServer()
{
    const LocalServerHost &server = m_session.server();
    switch (server.state()) {
    case LocalServerHost::State::Off: m_server->setText(tr("Server off")); break;
    case LocalServerHost::State::Starting: m_server->setText(tr("Server starts …")); break;
    case LocalServerHost::State::On: m_server->setText(server.address()); break;
    case LocalServerHost::State::Failed: m_server->setText(tr("Server failed")); break;
    }
    setPlainToolTip(*m_server,
                    server.state() == LocalServerHost::State::Failed
                        ? server.error().message
                        : tr("The server for agents and programs on this machine"));
    m_server->setAccessibleName(tr("Local server: %1").arg(m_server->text()));
    drawIcons();
}

void StatusLine::fillServerMenu()
{
    m_serverMenu->clear();
    const LocalServerHost &server = m_session.server();
    const bool on = server.state() == LocalServerHost::State::On;
    const auto addCopy = [this, on](const QString &title, const QString &text) {
        QAction *action = m_serverMenu->addAction(title, this, [text] {
            QGuiApplication::clipboard()->setText(text);
        });
        action->setEnabled(on);
    };
    addCopy(tr("Copy address"), server.address());
    addCopy(tr("Copy key"), server.key());
    m_serverMenu->addSeparator();
    m_serverMenu->addAction(tr("Show the server page"), this, &StatusLine::serverPageClicked);
    m_serverMenu->addAction(on ? tr("Stop the server") : tr("Start the server"), this,
                            &StatusLine::serverToggled);
}

void StatusLine::setUnread(int notices)
{
    m_unread = notices;
    m_notices->setText(notices > 0 ? QString::number(notices) : QString());
    m_notices->setAccessibleName(notices > 0 ? tr("Messages: %1 new").arg(notices)
                                             : tr("Messages"));
    drawIcons();
}

void StatusLine::drawIcons()
{
    if (m_theme.id().isEmpty())
        return;
    const LocalServerHost::State server = m_session.server().state();
    m_sandbox->setIcon(themedIcon(u"shield"_s, m_theme, m_sandboxRole));
    m_server->setIcon(themedIcon(u"server"_s, m_theme,
                                 server == LocalServerHost::State::On ? ColorRole::Success
                                     : server == LocalServerHost::State::Failed
                                     ? ColorRole::Error
                                     : ColorRole::Muted));
    m_notices->setIcon(
        themedIcon(u"bell"_s, m_theme, m_unread > 0 ? ColorRole::Accent : ColorRole::Muted));
}

void StatusLine::applyTheme(const Theme &theme)
{
    m_theme = theme;
    drawIcons();
}

} // namespace skillbox
