#include "app/desktop/session/artifact_files.h"

#include "engine/local_user.h"
#include "engine/workspace/artifact_archive.h"

#include <QDir>
#include <QFile>
#include <QSaveFile>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr qint64 blockBytes = 256 << 10;
/// Runs without files are read too, to know that they have none.
constexpr int runsOnAPage = 60;
constexpr int runsLookedAt = 400;
constexpr auto progressEvery = 100ms;

Error gaveUp()
{
    return {ErrorCode::Cancelled, u"given up"_s, {}, {}};
}

/// The texts of a run can be large, and no page of files shows them.
ExecutionRecord withoutTexts(ExecutionRecord run)
{
    run.input = {};
    run.output = {};
    run.logs.clear();
    run.sandbox = {};
    return run;
}

Result<void> pump(QIODevice &source, QIODevice &target, const QString &path,
                  const std::stop_token &stop, std::atomic<qint64> &done)
{
    QByteArray block(blockBytes, Qt::Uninitialized);
    while (true) {
        if (stop.stop_requested())
            return fail(gaveUp());
        const qint64 n = source.read(block.data(), block.size());
        if (n < 0 && !source.atEnd()) { // an archive's end reads as -1, too
            return fail(ErrorCode::StorageCorrupt,
                        u"the content of \"%1\" cannot be read"_s.arg(path), source.errorString());
        }
        if (n <= 0)
            return {};
        if (target.write(block.constData(), n) != n) {
            return fail(ErrorCode::Io,
                        u"cannot write \"%1\": %2"_s.arg(path, target.errorString()));
        }
        done += n;
    }
}

Result<void> copyArtifact(Engine &engine, const ArtifactRecord &artifact, const QString &path,
                          const std::stop_token &stop, std::atomic<qint64> &done)
{
    auto source = engine.executions().openArtifact(artifact);
    if (!source)
        return fail(source.error());
    QSaveFile target(path);
    if (!target.open(QIODevice::WriteOnly))
        return fail(ErrorCode::Io, u"cannot write \"%1\": %2"_s.arg(path, target.errorString()));
    if (const auto copied = pump(**source, target, path, stop, done); !copied)
        return fail(copied.error());
    if (!target.commit())
        return fail(ErrorCode::Io, u"cannot write \"%1\": %2"_s.arg(path, target.errorString()));
    return {};
}

/// A path that leads nowhere but below a folder. Ours are so; the store may have been meddled with.
bool isInside(const QString &path)
{
    const QStringList parts = path.split(u'/');
    return std::all_of(parts.begin(), parts.end(), [](const QString &part) {
        return !part.isEmpty() && part != "."_L1 && part != ".."_L1 && !part.contains(QChar(u'\0'));
    });
}

Result<QString> newFolder(const QString &folder, const QString &name)
{
    const QDir parent(folder);
    for (int i = 1; i < 1000; ++i) {
        const QString candidate = i == 1 ? name : u"%1-%2"_s.arg(name).arg(i);
        if (parent.mkdir(candidate))
            return parent.filePath(candidate);
        if (!parent.exists(candidate))
            break;
    }
    return fail(ErrorCode::Io, u"cannot make a folder in \"%1\""_s.arg(folder));
}

} // namespace

FileJob::FileJob(qint64 total, QObject *parent)
    : QObject(parent)
    , m_done(std::make_shared<std::atomic<qint64>>(0))
{
    m_tick.setInterval(progressEvery);
    connect(&m_tick, &QTimer::timeout, this, [this, total] { Q_EMIT progressed(*m_done, total); });
    m_tick.start();
}

ArtifactFiles::ArtifactFiles(EngineThread &engine, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
    , m_copies(QDir::temp().filePath(u"skillbox-files-XXXXXX"_s))
{
}

void ArtifactFiles::list(QObject *receiver, const std::optional<ExecutionCursor> &before,
                         Answer<RunFilesPage> done)
{
    m_engine.ask(
        receiver,
        [before](Engine &engine) -> Result<RunFilesPage> {
            RunFilesPage page;
            page.next = before;
            for (int looked = 0; looked < runsLookedAt && page.runs.size() < runsOnAPage;) {
                ExecutionFilter filter;
                filter.limit = runsOnAPage;
                filter.before = page.next;
                const auto runs = engine.executions().list(localTenant(), filter);
                if (!runs)
                    return fail(runs.error());
                for (const ExecutionRecord &run : *runs) {
                    if (!isFinal(run.status))
                        continue;
                    const auto whole = engine.executions().find(localTenant(), run.id);
                    if (whole && !whole->artifacts.isEmpty())
                        page.runs.append(withoutTexts(*whole));
                }
                looked += static_cast<int>(runs->size());
                page.next = runs->size() < filter.limit ? std::nullopt : cursorAfter(*runs);
                if (!page.next)
                    break;
            }
            return page;
        },
        std::move(done));
}

void ArtifactFiles::find(QObject *receiver, const ExecutionId &id, Answer<ExecutionRecord> done)
{
    m_engine.ask(
        receiver,
        [id](Engine &engine) -> Result<ExecutionRecord> {
            auto run = engine.executions().find(localTenant(), id);
            if (!run)
                return fail(run.error());
            return withoutTexts(*run);
        },
        std::move(done));
}

void ArtifactFiles::locate(QObject *receiver, const ArtifactRecord &artifact, Answer<QString> done)
{
    const QString copy = copyOf(artifact);
    m_engine.ask(
        receiver,
        [artifact, copy](Engine &engine) -> Result<QString> {
            const auto there = engine.blobs().contains(artifact.blob);
            if (!there)
                return fail(there.error());
            if (!*there) {
                return fail(ErrorCode::NotFound,
                            u"the content of \"%1\" is not in the store any more"_s.arg(
                                artifact.path));
            }
            const QString local = engine.blobs().localFile(artifact.blob);
            return local.isEmpty() ? copy : local;
        },
        [this, receiver = QPointer<QObject>(receiver), artifact,
         done = std::move(done)](Result<QString> path) {
            if (!path || !path->isEmpty()) {
                done(std::move(path));
                return;
            }
            // A store elsewhere: the bytes must come here first.
            connect(copyForOthers(artifact), &FileJob::finished, receiver.data(), done);
        });
}

FileJob *ArtifactFiles::start(qint64 total, Work work)
{
    auto *job = new FileJob(total, this);
    m_engine.ask(
        job,
        [work = std::move(work), stop = job->m_stop.get_token(),
         done = job->m_done](Engine &engine) { return work(engine, stop, *done); },
        [job](const Result<QString> &path) {
            job->m_tick.stop();
            Q_EMIT job->finished(path);
            job->deleteLater();
        });
    return job;
}

FileJob *ArtifactFiles::save(const ArtifactRecord &artifact, const QString &path)
{
    return start(artifact.sizeBytes,
                 [artifact, path](Engine &engine, const std::stop_token &stop,
                                  std::atomic<qint64> &done) -> Result<QString> {
                     if (const auto saved = copyArtifact(engine, artifact, path, stop, done);
                         !saved)
                         return fail(saved.error());
                     return path;
                 });
}

FileJob *ArtifactFiles::saveFolder(const QList<ArtifactRecord> &artifacts, const QString &folder,
                                   const QString &name)
{
    qint64 total = 0;
    for (const ArtifactRecord &artifact : artifacts)
        total += artifact.sizeBytes;
    return start(
        total,
        [artifacts, folder, name](Engine &engine, const std::stop_token &stop,
                                  std::atomic<qint64> &done) -> Result<QString> {
            const Result<QString> root = newFolder(folder, name);
            if (!root)
                return root;
            const auto giveUp = [&](const Error &error) -> Result<QString> {
                QDir(*root).removeRecursively();
                return fail(error);
            };
            for (const ArtifactRecord &artifact : artifacts) {
                const QString path = *root + u'/' + artifact.path;
                if (!isInside(artifact.path)) {
                    return giveUp(
                        {ErrorCode::StorageCorrupt,
                         u"the run has a file with the unsafe path \"%1\""_s.arg(artifact.path)});
                }
                if (!QDir().mkpath(path.section(u'/', 0, -2))) {
                    return giveUp({ErrorCode::Io, u"cannot make the folder of \"%1\""_s.arg(path)});
                }
                const auto saved = copyArtifact(engine, artifact, path, stop, done);
                if (!saved)
                    return giveUp(saved.error());
            }
            return root;
        });
}

FileJob *ArtifactFiles::saveArchive(const ExecutionRecord &run, const QString &path)
{
    // Of an archive nobody knows the size before it is written.
    return start(0,
                 [run, path](Engine &engine, const std::stop_token &stop,
                             std::atomic<qint64> &done) -> Result<QString> {
                     auto archive = openArtifactArchive(engine.blobs(), run);
                     if (!archive)
                         return fail(archive.error());
                     QSaveFile target(path);
                     if (!target.open(QIODevice::WriteOnly)) {
                         return fail(ErrorCode::Io,
                                     u"cannot write \"%1\": %2"_s.arg(path, target.errorString()));
                     }
                     const auto copied = pump(**archive, target, path, stop, done);
                     if (!copied)
                         return fail(copied.error());
                     if (!target.commit()) {
                         return fail(ErrorCode::Io,
                                     u"cannot write \"%1\": %2"_s.arg(path, target.errorString()));
                     }
                     return path;
                 });
}

QString ArtifactFiles::copyOf(const ArtifactRecord &artifact) const
{
    const QString name = artifact.path.section(u'/', -1);
    for (const Copy &copy : m_kept) {
        if (copy.blob == artifact.blob && copy.name == name && QFile::exists(copy.path))
            return copy.path;
    }
    return {};
}

void ArtifactFiles::makeRoom(qint64 bytes)
{
    qint64 total = bytes;
    for (const Copy &copy : std::as_const(m_kept))
        total += copy.bytes;
    while (total > mostCopiedBytes && !m_kept.isEmpty()) {
        const Copy oldest = m_kept.takeFirst();
        total -= oldest.bytes;
        QDir(oldest.path.section(u'/', 0, -2)).removeRecursively();
    }
}

FileJob *ArtifactFiles::copyForOthers(const ArtifactRecord &artifact)
{
    const QString name = artifact.path.section(u'/', -1);
    const QString there = copyOf(artifact);
    if (!there.isEmpty()) {
        return start(0, [there](Engine &, const std::stop_token &, std::atomic<qint64> &) {
            return Result<QString>(there);
        });
    }
    makeRoom(artifact.sizeBytes);
    const QString folder = m_copies.filePath(QString::number(++m_copyNumber));
    const QString path = folder + u'/' + name;
    FileJob *job = start(
        artifact.sizeBytes,
        [artifact, folder, name, path](Engine &engine, const std::stop_token &stop,
                                       std::atomic<qint64> &done) -> Result<QString> {
            if (!isInside(name) || !QDir().mkpath(folder))
                return fail(ErrorCode::Io, u"cannot make a copy of \"%1\""_s.arg(name));
            if (const auto copied = copyArtifact(engine, artifact, path, stop, done); !copied)
                return fail(copied.error());
            return path;
        });
    connect(job, &FileJob::finished, this, [this, artifact, name](const Result<QString> &copied) {
        if (copied)
            m_kept.append({artifact.blob, name, *copied, artifact.sizeBytes});
    });
    return job;
}

} // namespace skillbox
