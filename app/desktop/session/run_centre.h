#pragma once

#include "app/desktop/session/engine_thread.h"
#include "app/desktop/session/run_feed.h"
#include "app/desktop/session/run_target.h"

namespace skillbox {

class StoreFileWatch;

/// What the run console asks for.
struct RunOrder {
    QString skill; ///< a published name, or empty with `directory`
    QString version;
    QString directory;
    QByteArray input; ///< JSON text
    QMap<QString, QString> environment;
    QString entrypoint;
    std::optional<std::chrono::milliseconds> timeout = {}; ///< may only shorten the skill's own
    QStringList inputFiles = {}; ///< paths on this machine; stored when the run starts
    QString session = {};        ///< empty: none
};

/// Runs of the local store: those started here and those of agents. GUI thread; answers come later,
/// on it, unless the receiver is gone.
class RunCentre : public QObject
{
    Q_OBJECT

public:
    explicit RunCentre(EngineThread &engine, QObject *parent = nullptr);
    ~RunCentre() override;

    template<typename T>
    using Answer = std::function<void(Result<T>)>;

    /// Starts a run; its events go to `feed`, which must live until the answer came.
    void start(QObject *receiver, const RunOrder &order, RunFeed &feed, Answer<ExecutionId> done);
    void cancel(QObject *receiver, const ExecutionId &id, Answer<void> done);
    /// Sends `feed` all that is known of a run and what comes, wherever on this machine it runs.
    void follow(QObject *receiver, const ExecutionId &id, RunFeed &feed, Answer<void> done);
    /// What a run uses now; nothing: it cannot be told while it lasts, or is over.
    void usage(QObject *receiver, const ExecutionId &id,
               std::function<void(std::optional<RunUsage>)> done);
    /// What there is to choose for a run of this skill.
    void describe(QObject *receiver, const RunTargetQuery &query, Answer<RunTarget> done);
    /// What the skill's schema says against the input: [{"pointer", "message"}]; empty: nothing.
    /// Errors: the input is no JSON, or the schema none that can be checked.
    void check(QObject *receiver, const QByteArray &schema, const QByteArray &input,
               Answer<QJsonArray> done);
    void list(QObject *receiver, const ExecutionFilter &filter,
              Answer<QList<ExecutionRecord>> done);
    void find(QObject *receiver, const ExecutionId &id, Answer<ExecutionRecord> done);
    void logs(QObject *receiver, const ExecutionId &id, Answer<QString> done);
    /// The first bytes of an artifact.
    void readArtifact(QObject *receiver, const ArtifactRecord &artifact, qint64 mostBytes,
                      Answer<QByteArray> done);
    /// Copies an artifact to a file; Io if that cannot be written.
    void saveArtifact(QObject *receiver, const ArtifactRecord &artifact, const QString &path,
                      Answer<void> done);
    /// Where a server on this store can be reached, for examples; NotFound: none runs.
    void serverAddress(QObject *receiver, Answer<QString> done);

Q_SIGNALS:
    /// A run may have begun or ended, started here or by somebody else on this machine. At most a
    /// few times a second.
    void changed();

private:
    EngineThread &m_engine;
    std::unique_ptr<StoreFileWatch> m_watch;
};

} // namespace skillbox
