#pragma once

#include "app/desktop/session/engine_thread.h"
#include "app/desktop/session/run_centre.h"
#include "app/desktop/session/skill_catalog.h"

namespace skillbox {

/// The window's only door to the engine: opens it, and offers its parts as objects that answer on
/// the GUI thread.
class DesktopSession : public QObject
{
    Q_OBJECT

public:
    explicit DesktopSession(QObject *parent = nullptr);

    EngineThread &engine() { return m_engine; }
    SkillCatalog &skills() { return m_skills; }
    RunCentre &runs() { return m_runs; }

    /// The sandbox's controls, tried for real.
    void probeSandbox(QObject *receiver, std::function<void(Result<QList<ControlState>>)> done);

private:
    EngineThread m_engine;
    SkillCatalog m_skills;
    RunCentre m_runs;
};

} // namespace skillbox
