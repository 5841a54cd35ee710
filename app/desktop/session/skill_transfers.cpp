#include "app/desktop/session/skill_transfers.h"

#include "app/desktop/session/catalog_feed.h"
#include "app/desktop/session/skill_catalog.h"
#include "engine/local_user.h"
#include "engine/remote/local_skill_store.h"
#include "engine/remote/skill_transfer.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QSaveFile>

#include <utility>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// How often the window hears of progress.
constexpr qint64 progressEveryMs = 50;

bool isSkillFolder(const QString &path)
{
    return QFileInfo::exists(path + u"/SKILL.md"_s) || QFileInfo::exists(path + u"/skill.md"_s);
}

/// A folder of skills as the skills in it.
QList<JobItem> expanded(const QList<JobItem> &items)
{
    QList<JobItem> all;
    for (const JobItem &item : items) {
        if (!QFileInfo(item.path).isDir() || isSkillFolder(item.path)) {
            all.append(item);
            continue;
        }
        QList<JobItem> inside;
        const QDir folder(item.path);
        for (const QString &name : folder.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
            if (isSkillFolder(folder.filePath(name)))
                inside.append({.name = {}, .version = {}, .path = folder.filePath(name)});
        }
        all += inside.isEmpty() ? QList<JobItem>{item} : inside;
    }
    return all;
}

void setFailure(JobItem &item, const Error &error)
{
    item.error = error;
    item.state = error.code == ErrorCode::Cancelled   ? JobItem::State::Cancelled
        : error.code == ErrorCode::VersionExists ? JobItem::State::Conflict
                                                 : JobItem::State::Failed;
}

/// Does the items of a job on a worker; what it tells goes to the GUI thread.
class JobWorker
{
public:
    /// `tell(f)` has `f(job)` called on the GUI thread if the job is still there.
    using Tell = std::function<void(std::function<void(SkillJob &)>)>;

    JobWorker(Engine &engine, std::shared_ptr<RemoteServer> server, SkillJob::Kind kind,
              QString place, std::stop_token stop)
        : m_engine(engine)
        , m_server(std::move(server))
        , m_kind(kind)
        , m_place(std::move(place))
        , m_stop(std::move(stop))
        , m_local(engine.registry(), localTenant(), {.actor = localUserName()})
    {
    }

    /// False: the others would fare the same.
    bool work(JobItem &item, const std::function<void(double)> &progress)
    {
        if (m_stop.stop_requested()) {
            setFailure(item, {ErrorCode::Cancelled, u"cancelled"_s});
            return false;
        }
        QElapsedTimer sinceTold;
        m_hooks = {.progress =
                       [&](qint64 done, qint64 total) {
                           if (total <= 0 || (sinceTold.isValid() && sinceTold.elapsed() < progressEveryMs))
                               return;
                           sinceTold.start();
                           progress(static_cast<double>(done) / static_cast<double>(total));
                       },
                   .stop = m_stop};
        switch (m_kind) {
        case SkillJob::Kind::Import: return import(item);
        case SkillJob::Kind::Publish: return copy(item, m_local, m_server->registry);
        case SkillJob::Kind::Pull: return copy(item, m_server->registry, m_local);
        case SkillJob::Kind::Export: return save(item);
        }
        return false;
    }

private:
    bool import(JobItem &item)
    {
        const Origin origin{.actor = localUserName()};
        Registry &registry = m_engine.registry();
        const auto published = QFileInfo(item.path).isDir()
            ? registry.publishDirectory(localTenant(), item.path, origin)
            : registry.publishArchive(localTenant(), item.path, origin);
        if (!published) {
            setFailure(item, published.error());
            return published.error().code != ErrorCode::StorageUnavailable;
        }
        item.name = published->record.name;
        item.version = published->record.version;
        item.digest = published->record.digest;
        item.state = published->created ? JobItem::State::Done : JobItem::State::AlreadyThere;
        return true;
    }

    bool copy(JobItem &item, SkillStore &from, SkillStore &to)
    {
        const auto record = from.find(item.name, item.version);
        if (!record || !*record) {
            const Error error = record
                ? Error{ErrorCode::NotFound, u"there is no %1 %2 at %3 any more"_s.arg(
                                                 item.name, item.version, from.label())}
                : record.error();
            setFailure(item, error);
            return record.has_value();
        }
        const Transfer transfer = copySkill(from, to, **record,
                                            m_engine.config().archiveLimits, m_hooks);
        item.version = transfer.version;
        item.digest = transfer.digest;
        item.otherDigest = transfer.otherDigest;
        item.error = transfer.error;
        switch (transfer.outcome) {
        case TransferOutcome::Copied: item.state = JobItem::State::Done; break;
        case TransferOutcome::AlreadyThere: item.state = JobItem::State::AlreadyThere; break;
        case TransferOutcome::Conflict: item.state = JobItem::State::Conflict; break;
        case TransferOutcome::Failed: item.state = JobItem::State::Failed; break;
        case TransferOutcome::Cancelled: item.state = JobItem::State::Cancelled; break;
        }
        return !endsTransfers(transfer);
    }

    bool save(JobItem &item)
    {
        const auto record = m_engine.registry().find({localTenant(), item.name, item.version});
        if (!record) {
            setFailure(item, record.error());
            return true;
        }
        item.version = record->version;
        item.path = QDir(m_place).filePath(u"%1-%2.zip"_s.arg(record->name, record->version));
        QSaveFile file(item.path);
        if (!file.open(QIODevice::WriteOnly)) {
            setFailure(item, {ErrorCode::Io, u"cannot write \"%1\": %2"_s.arg(item.path, file.errorString())});
            return false;
        }
        if (const auto read = m_local.read(*record, file, m_hooks); !read) {
            setFailure(item, read.error());
            return read.error().code != ErrorCode::Io;
        }
        if (!file.commit()) {
            setFailure(item, {ErrorCode::Io, u"cannot write \"%1\": %2"_s.arg(item.path, file.errorString())});
            return false;
        }
        item.digest = record->digest;
        item.state = JobItem::State::Done;
        return true;
    }

    Engine &m_engine;
    const std::shared_ptr<RemoteServer> m_server;
    const SkillJob::Kind m_kind;
    const QString m_place;
    const std::stop_token m_stop;
    LocalSkillStore m_local;
    TransferHooks m_hooks;
};

} // namespace

SkillTransfers::SkillTransfers(EngineThread &engine, RemoteServers &servers, SkillCatalog &skills,
                               CatalogFeed &feed, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
    , m_servers(servers)
    , m_skills(skills)
    , m_feed(feed)
{
}

SkillTransfers::~SkillTransfers()
{
    // The engine's thread waits for the work; this makes that short.
    for (SkillJob *job : std::as_const(m_waiting))
        job->cancel();
}

SkillJob *SkillTransfers::start(SkillJob::Kind kind, const QString &place,
                                const QList<JobItem> &items)
{
    auto *job = new SkillJob(kind, place, items, this);
    retry(*job);
    return job;
}

void SkillTransfers::retry(SkillJob &job)
{
    if (m_waiting.contains(&job))
        return;
    m_waiting.append(&job);
    job.begin();
    Q_EMIT started(&job);
    next();
}

void SkillTransfers::forget(SkillJob *job)
{
    if (!m_waiting.contains(job))
        job->deleteLater();
}

void SkillTransfers::next()
{
    if (m_busy || m_waiting.isEmpty())
        return;
    m_busy = true;
    SkillJob *job = m_waiting.first();
    std::shared_ptr<RemoteServer> server;
    if (job->kind() == SkillJob::Kind::Publish || job->kind() == SkillJob::Kind::Pull) {
        auto connection = m_servers.connection(job->place());
        if (!connection) {
            QList<JobItem> items = job->items();
            for (JobItem &item : items) {
                if (item.isOpen())
                    setFailure(item, connection.error());
            }
            job->replaceItems(items);
            finish(job);
            return;
        }
        server = *connection;
    }
    const JobWorker::Tell tell = [engine = &m_engine, guard = QPointer<SkillJob>(job)](
                                     std::function<void(SkillJob &)> what) {
        // To the engine's object, which outlives the work; the job may be gone by then.
        QMetaObject::invokeMethod(
            engine,
            [guard, what = std::move(what)] {
                if (guard)
                    what(*guard);
            },
            Qt::QueuedConnection);
    };
    m_engine.ask(
        job,
        [tell, server, kind = job->kind(), place = job->place(), items = job->items(),
         stop = job->m_stop.get_token()](Engine &engine) mutable -> Result<void> {
            if (kind == SkillJob::Kind::Import) {
                items = expanded(items);
                tell([items](SkillJob &told) { told.replaceItems(items); });
            }
            JobWorker worker(engine, server, kind, place, stop);
            bool goOn = true;
            for (int i = 0; i < items.size() && goOn; ++i) {
                JobItem &item = items[i];
                if (!item.isOpen())
                    continue;
                tell([i](SkillJob &told) { told.setCurrent(i); });
                goOn = worker.work(item, [&](double part) {
                    tell([part](SkillJob &told) { told.setProgress(part); });
                });
                tell([i, item](SkillJob &told) { told.setItem(i, item); });
            }
            return {};
        },
        [this, job](const Result<void> &done) {
            if (!done) { // the engine did not open
                QList<JobItem> items = job->items();
                for (JobItem &item : items)
                    setFailure(item, done.error());
                job->replaceItems(items);
            }
            finish(job);
        });
}

void SkillTransfers::finish(SkillJob *job)
{
    m_waiting.removeOne(job);
    m_busy = false;
    job->end();
    if (job->count(JobItem::State::Done) > 0) {
        if (job->kind() == SkillJob::Kind::Import || job->kind() == SkillJob::Kind::Pull)
            Q_EMIT m_skills.changed();
        else if (job->kind() == SkillJob::Kind::Publish)
            m_feed.refreshServer(job->place());
    }
    Q_EMIT finished(job);
    next();
}

} // namespace skillbox
