#pragma once

#include "app/desktop/session/engine_thread.h"
#include "app/desktop/session/run_feed.h"

namespace skillbox {

/// What the run console asks for.
struct RunOrder {
    QString skill; ///< a published name, or empty with `directory`
    QString version;
    QString directory;
    QByteArray input; ///< JSON text
    QMap<QString, QString> environment;
    QString entrypoint;
};

/// Runs of the local store: those started here and those of agents. GUI thread; answers come later,
/// on it, unless the receiver is gone.
class RunCentre : public QObject
{
    Q_OBJECT

public:
    explicit RunCentre(EngineThread &engine, QObject *parent = nullptr);

    template<typename T>
    using Answer = std::function<void(Result<T>)>;

    /// Starts a run; its events go to `feed`, which must live until the answer came.
    void start(QObject *receiver, const RunOrder &order, RunFeed &feed, Answer<ExecutionId> done);
    void cancel(QObject *receiver, const ExecutionId &id, Answer<void> done);
    void list(QObject *receiver, const ExecutionFilter &filter,
              Answer<QList<ExecutionRecord>> done);
    void find(QObject *receiver, const ExecutionId &id, Answer<ExecutionRecord> done);
    void logs(QObject *receiver, const ExecutionId &id, Answer<QString> done);
    /// Copies an artifact to a file; Io if that cannot be written.
    void saveArtifact(QObject *receiver, const ArtifactRecord &artifact, const QString &path,
                      Answer<void> done);

Q_SIGNALS:
    /// A run began or ended, started here or by somebody else on this machine.
    void changed();

private:
    EngineThread &m_engine;
};

} // namespace skillbox
