#pragma once

#include "app/desktop/session/engine_thread.h"
#include "app/desktop/session/remote_servers.h"
#include "app/desktop/session/skill_job.h"

namespace skillbox {

class CatalogFeed;
class SkillCatalog;

/// Carries out jobs, one after the other: imports, copies between this machine and servers, exports.
/// A version is there or it is not, whatever ends a job; starting it again does what is left. GUI
/// thread.
class SkillTransfers : public QObject
{
    Q_OBJECT

public:
    SkillTransfers(EngineThread &engine, RemoteServers &servers, SkillCatalog &skills,
                   CatalogFeed &feed, QObject *parent = nullptr);
    ~SkillTransfers() override;

    /// The job belongs to this object and stays until forget(). A folder that is no skill but has
    /// some in it stands for them.
    SkillJob *start(SkillJob::Kind kind, const QString &place, const QList<JobItem> &items);
    /// Does again what was not done.
    void retry(SkillJob &job);
    /// Does nothing while it runs.
    void forget(SkillJob *job);
    /// What runs or waits, oldest first.
    const QList<SkillJob *> &waiting() const { return m_waiting; }

Q_SIGNALS:
    void started(skillbox::SkillJob *job);
    void finished(skillbox::SkillJob *job);

private:
    void next();
    void finish(SkillJob *job);

    EngineThread &m_engine;
    RemoteServers &m_servers;
    SkillCatalog &m_skills;
    CatalogFeed &m_feed;
    QList<SkillJob *> m_waiting;
    bool m_busy = false;
};

} // namespace skillbox
