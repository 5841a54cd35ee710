#pragma once

#include "app/desktop/session/draft_files.h"
#include "app/desktop/session/engine_thread.h"

#include <QTemporaryDir>

#include <mutex>

namespace skillbox {

/// What came of one of a skill's own test cases.
struct DraftTestResult {
    QString file; ///< `tests/example.json`
    QStringList problems; ///< empty: passed
    std::chrono::milliseconds duration{};
};

/// Copies of skills with what is not saved yet, in a private temporary folder, for runs and tests.
/// Any thread.
class DraftWorkspace
{
public:
    /// A copy of the folder with `unsaved` in it, under the folder's own name; an earlier copy of
    /// the same folder is replaced. Blocks.
    Result<QString> materialise(const QString &directory,
                                const QHash<QString, QByteArray> &unsaved);

private:
    std::mutex m_mutex;
    QTemporaryDir m_directory;
};

/// Runs the cases in tests/*.json of a skill in the sandbox, with a store of its own, so that they
/// are nobody's history. GUI thread.
class DraftTests : public QObject
{
    Q_OBJECT

public:
    explicit DraftTests(EngineThread &engine, QObject *parent = nullptr);
    ~DraftTests() override;

    /// One after the other; a second call while cases run waits for them.
    void run(const QString &directory, const QHash<QString, QByteArray> &unsaved,
             const QStringList &files);
    void cancel();
    bool isRunning() const { return m_running; }
    DraftWorkspace &workspace() { return *m_workspace; }

Q_SIGNALS:
    void started(const QString &directory, const QString &file);
    void finished(const QString &directory, const skillbox::DraftTestResult &result);
    /// No case is left to run.
    void idle();

private:
    struct Scratch;
    struct Job {
        QString directory;
        QHash<QString, QByteArray> unsaved;
        QString file;
    };
    void next();

    EngineThread &m_engine;
    std::shared_ptr<Scratch> m_scratch;
    std::shared_ptr<DraftWorkspace> m_workspace;
    QList<Job> m_jobs;
    bool m_running = false;
};

} // namespace skillbox
