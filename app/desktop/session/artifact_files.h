#pragma once

#include "app/desktop/session/engine_thread.h"

#include <QTemporaryDir>
#include <QTimer>

#include <atomic>
#include <stop_token>

namespace skillbox {

/// Runs that left files, with their artifacts, newest first. Input, output and logs are not read.
struct RunFilesPage {
    QList<ExecutionRecord> runs;
    std::optional<ExecutionCursor> next; ///< nothing: there are no older ones
};

/// Something that takes a while, with a way to give it up. It deletes itself after finished(). GUI
/// thread.
class FileJob : public QObject
{
    Q_OBJECT

public:
    ~FileJob() override { m_stop.request_stop(); }
    void cancel() { m_stop.request_stop(); }

Q_SIGNALS:
    void progressed(qint64 bytes, qint64 total);
    /// The file or folder that was written; Cancelled, or why not.
    void finished(const skillbox::Result<QString> &path);

private:
    friend class ArtifactFiles;
    explicit FileJob(qint64 total, QObject *parent);

    std::stop_source m_stop;
    std::shared_ptr<std::atomic<qint64>> m_done;
    QTimer m_tick;
};

/// The files of runs: listed, found on disk, copied out. GUI thread; answers come later, on it,
/// unless the receiver is gone.
class ArtifactFiles : public QObject
{
    Q_OBJECT

public:
    explicit ArtifactFiles(EngineThread &engine, QObject *parent = nullptr);

    template<typename T>
    using Answer = std::function<void(Result<T>)>;

    void list(QObject *receiver, const std::optional<ExecutionCursor> &before,
              Answer<RunFilesPage> done);
    void find(QObject *receiver, const ExecutionId &id, Answer<ExecutionRecord> done);
    /// A file of this machine that has the artifact's bytes and is never to be written to; it need
    /// not have the artifact's name. NotFound: the content is gone.
    void locate(QObject *receiver, const ArtifactRecord &artifact, Answer<QString> done);

    /// Writes one artifact to `path`, over what is there.
    FileJob *save(const ArtifactRecord &artifact, const QString &path);
    /// Writes them below a new folder of this name in `folder` (with a number if there is one).
    FileJob *saveFolder(const QList<ArtifactRecord> &artifacts, const QString &folder,
                        const QString &name);
    /// Writes all files of a run as a tar.gz.
    FileJob *saveArchive(const ExecutionRecord &run, const QString &path);

    /// Makes a copy with the artifact's name in a private folder, for other programs; it is removed
    /// when the window is closed, or when newer copies need its place.
    FileJob *copyForOthers(const ArtifactRecord &artifact);
    /// That copy, if there is one; else empty.
    QString copyOf(const ArtifactRecord &artifact) const;

    /// All such copies together; the one that is being made may be larger.
    static constexpr qint64 mostCopiedBytes = 1LL << 30;

private:
    struct Copy {
        BlobId blob;
        QString name;
        QString path;
        qint64 bytes = 0;
    };
    using Counter = std::shared_ptr<std::atomic<qint64>>;
    using Work =
        std::function<Result<QString>(Engine &, const std::stop_token &, std::atomic<qint64> &)>;
    FileJob *start(qint64 total, Work work);
    void makeRoom(qint64 bytes);

    EngineThread &m_engine;
    QTemporaryDir m_copies; ///< mode 0700
    QList<Copy> m_kept;     ///< oldest first
    int m_copyNumber = 0;
};

} // namespace skillbox
