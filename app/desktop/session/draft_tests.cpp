#include "app/desktop/session/draft_tests.h"

#include "engine/local_user.h"
#include "engine/skill/archive.h"
#include "engine/skill_trial.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFileInfo>

#include <utility>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Result<void> writeOver(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    const auto mode = file.permissions();
    if (file.exists())
        file.setPermissions(mode | QFile::WriteOwner);
    else if (!QDir().mkpath(QFileInfo(path).path()))
        return fail(ErrorCode::Io, u"the folder of \"%1\" cannot be made"_s.arg(path));
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate)
        || file.write(bytes) != bytes.size() || !file.flush()) {
        return fail(ErrorCode::Io, u"\"%1\" cannot be written: %2"_s.arg(
                                       QFileInfo(path).fileName(), file.errorString()));
    }
    return {};
}

} // namespace

Result<QString> DraftWorkspace::materialise(const QString &directory,
                                            const QHash<QString, QByteArray> &unsaved)
{
    const std::lock_guard lock(m_mutex);
    if (!m_directory.isValid()) {
        return fail(ErrorCode::Io,
                    u"cannot make a temporary folder: "_s + m_directory.errorString());
    }
    // A number for each folder, below it the folder's own name.
    const QString parent = m_directory.filePath(
        QString::number(qHash(directory, 0), 16));
    const QString target = parent + u'/' + QFileInfo(directory).fileName();
    QDir(parent).removeRecursively();
    if (!QDir().mkpath(parent))
        return fail(ErrorCode::Io, u"cannot write in \"%1\""_s.arg(parent));
    if (const auto copied = copyTree(directory, target); !copied)
        return fail(copied.error());
    for (auto it = unsaved.cbegin(); it != unsaved.cend(); ++it) {
        if (const auto written = writeOver(target + u'/' + it.key(), *it); !written)
            return fail(written.error());
    }
    return target;
}

/// Made with the first case; belongs to the threads that run cases, and goes with the last of them.
struct DraftTests::Scratch {
    std::mutex mutex;
    QTemporaryDir directory; // goes after the engine that works in it
    std::unique_ptr<Engine> engine;

    Result<Engine *> get(const EngineConfig &like)
    {
        const std::lock_guard lock(mutex);
        if (engine)
            return engine.get();
        if (!directory.isValid()) {
            return fail(ErrorCode::Io,
                        u"cannot make a temporary folder: "_s + directory.errorString());
        }
        EngineConfig config = like;
        config.dataDirectory = directory.filePath(u"data"_s);
        auto made = Engine::create(config);
        if (!made)
            return fail(made.error());
        engine = std::move(*made);
        return engine.get();
    }
};

DraftTests::DraftTests(EngineThread &engine, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
    , m_scratch(std::make_shared<Scratch>())
    , m_workspace(std::make_shared<DraftWorkspace>())
{
}

DraftTests::~DraftTests() = default;

void DraftTests::run(const QString &directory, const QHash<QString, QByteArray> &unsaved,
                     const QStringList &files)
{
    for (const QString &file : files)
        m_jobs.append({directory, unsaved, file});
    if (!m_running)
        next();
}

void DraftTests::cancel()
{
    m_jobs.clear();
}

void DraftTests::next()
{
    if (m_jobs.isEmpty()) {
        m_running = false;
        Q_EMIT idle();
        return;
    }
    m_running = true;
    const Job job = m_jobs.takeFirst();
    Q_EMIT started(job.directory, job.file);
    m_engine.ask(
        this,
        [job, scratch = m_scratch, workspace = m_workspace,
         config = m_engine.config()](Engine &own) -> Result<DraftTestResult> {
            QElapsedTimer timer;
            timer.start();
            DraftTestResult result{job.file, {}, {}};
            const auto run = [&]() -> Result<QStringList> {
                const auto tree = workspace->materialise(job.directory, job.unsaved);
                if (!tree)
                    return fail(tree.error());
                Result<Engine *> engine = &own;
                if (!trialNeedsOwnStore(*tree))
                    engine = scratch->get(config);
                if (!engine)
                    return fail(engine.error());
                return tryCase(**engine, *tree, *tree + u'/' + job.file,
                               Origin{.actor = localUserName(), .address = {}, .requestId = {}})
                    .map([](const CaseTrial &trial) { return trial.problems; });
            };
            const auto problems = run();
            result.problems = problems ? *problems : QStringList{problems.error().message};
            result.duration = std::chrono::milliseconds(timer.elapsed());
            return result;
        },
        [this, job](const Result<DraftTestResult> &result) {
            Q_EMIT finished(job.directory,
                            result ? *result
                                   : DraftTestResult{job.file, {result.error().message}, {}});
            next();
        });
}

} // namespace skillbox
