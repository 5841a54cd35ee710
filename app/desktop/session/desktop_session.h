#pragma once

#include "app/desktop/session/artifact_files.h"
#include "app/desktop/session/catalog_feed.h"
#include "app/desktop/session/engine_thread.h"
#include "app/desktop/session/example_skills.h"
#include "app/desktop/session/local_server_host.h"
#include "app/desktop/session/remote_servers.h"
#include "app/desktop/session/run_centre.h"
#include "app/desktop/session/run_shelf.h"
#include "app/desktop/session/skill_bin.h"
#include "app/desktop/session/skill_catalog.h"
#include "app/desktop/session/skill_reader.h"
#include "app/desktop/session/skill_transfers.h"

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
    RemoteServers &remotes() { return m_remotes; }
    CatalogFeed &catalog() { return m_catalog; }
    SkillReader &reader() { return m_reader; }
    SkillTransfers &transfers() { return m_transfers; }
    SkillBin &bin() { return m_bin; }
    RunShelf &shelf() { return m_shelf; }
    ArtifactFiles &artifacts() { return m_artifacts; }
    ExampleSkills &examples() { return m_examples; }
    LocalServerHost &server() { return m_server; }

    /// The sandbox's controls, tried for real; also where the store cannot be opened.
    void probeSandbox(QObject *receiver, std::function<void(Result<QList<ControlState>>)> done);

private:
    void tellWhatClientsChanged(const QList<ServedRequest> &requests);

    EngineThread m_engine;
    SkillCatalog m_skills;
    RunCentre m_runs;
    RemoteServers m_remotes;
    CatalogFeed m_catalog;
    SkillReader m_reader;
    SkillTransfers m_transfers;
    SkillBin m_bin;
    RunShelf m_shelf;
    ArtifactFiles m_artifacts;
    ExampleSkills m_examples;
    LocalServerHost m_server; ///< goes first: it stands on the engine
};

} // namespace skillbox
