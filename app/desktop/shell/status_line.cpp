#include "app/desktop/shell/status_line.h"

#include "app/desktop/theme/icons.h"

#include <QDir>
#include <QHBoxLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {

StatusLine::StatusLine(DesktopSession &session, QWidget *parent)
    : QFrame(parent)
    , m_session(session)
    , m_engine(new QLabel(this))
    , m_sandbox(new QToolButton(this))
    , m_server(new QToolButton(this))
    , m_notices(new QToolButton(this))
{
    setObjectName(u"statusLine"_s);
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
    m_engine->setTextFormat(Qt::PlainText);
    m_sandbox->setText(tr("Sandbox: …"));
    m_sandbox->setToolTip(tr("Show what the sandbox can do on this machine"));
    m_server->setToolTip(tr("Show the local server"));
    m_notices->setToolTip(tr("Show past messages"));
    setServerAddress({});
    setUnread(0);
    connect(m_sandbox, &QToolButton::clicked, this, &StatusLine::sandboxClicked);
    connect(m_server, &QToolButton::clicked, this, &StatusLine::serverClicked);
    connect(m_notices, &QToolButton::clicked, this, &StatusLine::noticesClicked);
    connect(&session.engine(), &EngineThread::stateChanged, this, &StatusLine::showEngine);
    showEngine();
}

void StatusLine::showEngine()
{
    const EngineThread &engine = m_session.engine();
    switch (engine.state()) {
    case EngineThread::State::Opening: m_engine->setText(tr("Opening the store …")); break;
    case EngineThread::State::Failed:
        m_engine->setText(tr("The store cannot be opened"));
        m_engine->setToolTip(engine.error().message);
        break;
    case EngineThread::State::Open: {
        QString folder = engine.config().dataDirectory;
        m_engine->setToolTip(folder);
        const QString home = QDir::homePath();
        if (folder.startsWith(home + u'/'))
            folder.replace(0, home.size(), u"~"_s);
        m_engine->setText(folder);
        m_session.probeSandbox(this, [this](const Result<QList<ControlState>> &controls) {
            showSandbox(controls);
        });
        break;
    }
    }
}

void StatusLine::showSandbox(const Result<QList<ControlState>> &controls)
{
    if (!controls) {
        m_sandbox->setText(tr("Sandbox: not available"));
        return;
    }
    const auto inState = [&](ControlState::State state) {
        return std::any_of(controls->begin(), controls->end(),
                           [&](const ControlState &control) { return control.state == state; });
    };
    m_sandbox->setText(inState(ControlState::State::Missing)    ? tr("Sandbox: incomplete")
                           : inState(ControlState::State::Degraded) ? tr("Sandbox: good")
                                                                    : tr("Sandbox: full"));
}

void StatusLine::setServerAddress(const QString &address)
{
    m_server->setText(address.isEmpty() ? tr("Server off") : address);
}

void StatusLine::setUnread(int notices)
{
    m_notices->setText(notices > 0 ? QString::number(notices) : QString());
    m_notices->setAccessibleName(tr("%n message(s)", nullptr, notices));
}

void StatusLine::applyTheme(const Theme &theme)
{
    m_sandbox->setIcon(themedIcon(u"shield"_s, theme, ColorRole::Muted));
    m_server->setIcon(themedIcon(u"server"_s, theme, ColorRole::Muted));
    m_notices->setIcon(themedIcon(u"bell"_s, theme, ColorRole::Muted));
}

} // namespace skillbox
