#include "app/desktop/session/desktop_session.h"

namespace skillbox {

DesktopSession::DesktopSession(QObject *parent)
    : QObject(parent)
    , m_skills(m_engine)
    , m_runs(m_engine)
{
}

void DesktopSession::probeSandbox(QObject *receiver,
                                  std::function<void(Result<QList<ControlState>>)> done)
{
    m_engine.ask(receiver, [](Engine &engine) { return engine.sandbox().probe(); },
                 std::move(done));
}

} // namespace skillbox
