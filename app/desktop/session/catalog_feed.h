#pragma once

#include "app/desktop/session/catalog_entry.h"
#include "app/desktop/session/engine_thread.h"
#include "app/desktop/session/remote_servers.h"

#include <QTimer>

namespace skillbox {

class RunCentre;
class SkillCatalog;

/// All skills of this machine and of the named servers as one list that keeps itself up to date:
/// also with what other programs on this machine publish, yank and delete.
/// A server that does not answer is a state of its source, and what it had stays shown. GUI thread.
class CatalogFeed : public QObject
{
    Q_OBJECT

public:
    CatalogFeed(EngineThread &engine, SkillCatalog &skills, RunCentre &runs, RemoteServers &servers,
                QObject *parent = nullptr);

    struct Source {
        enum class State { Loading, Ready, Failed };
        QString name; ///< empty: this machine
        QString address;
        State state = State::Loading;
        Error error = {};
    };

    /// Asks everybody again. Nothing is asked before the first call.
    void refresh();
    void refreshServer(const QString &name);

    /// By name.
    const QList<CatalogEntry> &entries() const { return m_entries; }
    /// This machine's first list has come, or its error.
    bool isLoaded() const { return m_loaded; }
    /// This machine first.
    const QList<Source> &sources() const { return m_sources; }

    /// The names of all skills that have these words in their texts, here and on the servers. Comes
    /// in several parts, as they answer.
    void search(QObject *receiver, const QString &query,
                std::function<void(const QStringList &names)> found);

Q_SIGNALS:
    /// The entries are others.
    void changed();
    void sourcesChanged();

private:
    void refreshLocal();
    void readNewsOfStore();
    void followServers();
    void merge();
    Source *find(const QString &name);
    void setState(const QString &name, Source::State state, const Error &error = {});

    EngineThread &m_engine;
    SkillCatalog &m_skills;
    RemoteServers &m_servers;
    QList<SkillVersionRecord> m_local;
    QMap<QString, QList<SkillVersionRecord>> m_remote;
    QList<SkillUse> m_use;
    QList<CatalogEntry> m_entries;
    QList<Source> m_sources;
    QTimer m_newsDelay;
    qint64 m_auditSeq = 0; ///< the last record whose change is in what is shown
    bool m_wanted = false;
    bool m_loaded = false;
    bool m_merging = false;
    bool m_mergeAgain = false;
};

} // namespace skillbox
