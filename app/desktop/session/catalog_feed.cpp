#include "app/desktop/session/catalog_feed.h"

#include "app/desktop/session/run_centre.h"
#include "app/desktop/session/skill_catalog.h"

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// Runs come and go quickly; their numbers in a list need not.
constexpr auto newsDelay = 1s;
/// More than a busy server writes in that time; with more, the skills are read again without a
/// look.
constexpr int mostNews = 2000;

struct LocalRows {
    QList<SkillVersionRecord> rows;
    QList<SkillUse> use;
    qint64 auditSeq = 0; ///< what was written before it is in the rows
};

Result<LocalRows> readLocal(Engine &engine)
{
    const auto head = engine.metadata().auditHead(localTenant());
    if (!head)
        return fail(head.error());
    auto rows = engine.registry().list(localTenant(),
                                       {.limit = std::numeric_limits<int>::max(),
                                        .columns = SkillColumns::WithFindings});
    if (!rows)
        return fail(rows.error());
    auto use = engine.metadata().skillUse(localTenant());
    if (!use)
        return fail(use.error());
    return LocalRows{std::move(*rows), std::move(*use), *head ? (*head)->seq : 0};
}

struct LocalNews {
    QList<SkillUse> use;
    bool skills = false; ///< one was published, yanked, tagged or deleted
    qint64 auditSeq = 0;
};

/// What other programs on this machine changed in the store: whatever changes a skill is audited.
Result<LocalNews> readNews(Engine &engine, qint64 afterSeq)
{
    auto use = engine.metadata().skillUse(localTenant());
    if (!use)
        return fail(use.error());
    const auto records = engine.metadata().listAudit(localTenant(),
                                                     {.afterSeq = afterSeq, .limit = mostNews});
    if (!records)
        return fail(records.error());
    LocalNews news{std::move(*use), records->size() >= mostNews, afterSeq};
    for (const AuditRecord &record : *records) {
        news.skills = news.skills || record.action.startsWith("skill."_L1);
        news.auditSeq = qMax(news.auditSeq, record.seq);
    }
    return news;
}

QStringList namesOfRows(const QList<SkillVersionRecord> &rows)
{
    QStringList names;
    for (const SkillVersionRecord &row : rows) {
        if (names.isEmpty() || names.last() != row.name)
            names.append(row.name);
    }
    return names;
}

} // namespace

CatalogFeed::CatalogFeed(EngineThread &engine, SkillCatalog &skills, RunCentre &runs,
                         RemoteServers &servers, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
    , m_skills(skills)
    , m_servers(servers)
    , m_sources{{.name = {}, .address = {}}}
{
    m_newsDelay.setSingleShot(true);
    m_newsDelay.setInterval(newsDelay);
    connect(&m_newsDelay, &QTimer::timeout, this, &CatalogFeed::readNewsOfStore);
    connect(&runs, &RunCentre::changed, this, [this] {
        if (m_loaded && !m_newsDelay.isActive())
            m_newsDelay.start();
    });
    connect(&skills, &SkillCatalog::changed, this, [this] {
        if (m_wanted)
            refreshLocal();
    });
    connect(&engine, &EngineThread::stateChanged, this, [this] {
        if (m_wanted && m_engine.state() == EngineThread::State::Open)
            refreshLocal();
    });
    connect(&servers, &RemoteServers::changed, this, [this] {
        if (m_wanted)
            followServers();
    });
}

void CatalogFeed::refresh()
{
    m_wanted = true;
    if (m_engine.state() != EngineThread::State::Failed)
        refreshLocal();
    followServers();
}

void CatalogFeed::refreshLocal()
{
    m_engine.ask(this, &readLocal, [this](Result<LocalRows> local) {
        m_loaded = true;
        if (local) {
            m_local = std::move(local->rows);
            m_use = std::move(local->use);
            m_auditSeq = qMax(m_auditSeq, local->auditSeq);
            setState({}, Source::State::Ready);
        } else {
            setState({}, Source::State::Failed, local.error());
        }
        merge();
    });
}

void CatalogFeed::readNewsOfStore()
{
    m_engine.ask(
        this, [seq = m_auditSeq](Engine &engine) { return readNews(engine, seq); },
        [this](Result<LocalNews> news) {
            if (!news)
                return; // what is shown stays; the next change asks again
            const bool isKnown = news->auditSeq <= m_auditSeq; // the rows were read meanwhile
            m_auditSeq = qMax(m_auditSeq, news->auditSeq);
            m_use = std::move(news->use);
            merge();
            if (news->skills && !isKnown)
                Q_EMIT m_skills.changed();
        });
}

void CatalogFeed::followServers()
{
    QList<Source> sources{m_sources.first()};
    for (const Remote &remote : m_servers.servers())
        sources.append({.name = remote.name, .address = remote.address});
    m_sources = sources;
    const QStringList known = m_remote.keys();
    for (const QString &name : known) {
        if (!find(name))
            m_remote.remove(name);
    }
    Q_EMIT sourcesChanged();
    merge();
    for (const Remote &remote : m_servers.servers())
        refreshServer(remote.name);
}

void CatalogFeed::refreshServer(const QString &name)
{
    setState(name, Source::State::Loading);
    m_servers.ask(
        this, name, [](RemoteServer &server) { return server.registry.versions({}, {}); },
        [this, name](Result<QList<SkillVersionRecord>> rows) {
            if (!find(name))
                return; // it was removed meanwhile
            if (rows) {
                m_remote.insert(name, std::move(*rows));
                setState(name, Source::State::Ready);
                merge();
            } else {
                setState(name, Source::State::Failed, rows.error());
            }
        });
}

void CatalogFeed::merge()
{
    if (m_merging) {
        m_mergeAgain = true;
        return;
    }
    m_merging = true;
    m_engine.ask(
        this,
        [local = m_local, remote = m_remote, use = m_use](Engine &) -> Result<QList<CatalogEntry>> {
            return mergeCatalog(local, remote, use);
        },
        [this](Result<QList<CatalogEntry>> entries) {
            m_merging = false;
            if (entries) {
                m_entries = std::move(*entries);
                Q_EMIT changed();
            }
            if (std::exchange(m_mergeAgain, false))
                merge();
        });
}

CatalogFeed::Source *CatalogFeed::find(const QString &name)
{
    const auto at = std::find_if(m_sources.begin(), m_sources.end(),
                                 [&](const Source &source) { return source.name == name; });
    return at == m_sources.end() ? nullptr : &*at;
}

void CatalogFeed::setState(const QString &name, Source::State state, const Error &error)
{
    Source *source = find(name);
    if (!source)
        return;
    source->state = state;
    source->error = error;
    Q_EMIT sourcesChanged();
}

void CatalogFeed::search(QObject *receiver, const QString &query,
                         std::function<void(const QStringList &names)> found)
{
    m_engine.ask(
        receiver,
        [query](Engine &engine) -> Result<QStringList> {
            const auto rows = engine.registry().list(localTenant(),
                                                     {.query = query,
                                                      .limit = std::numeric_limits<int>::max(),
                                                      .columns = SkillColumns::WithoutTexts});
            return rows ? Result<QStringList>(namesOfRows(*rows)) : fail(rows.error());
        },
        [found](const Result<QStringList> &names) {
            if (names)
                found(*names);
        });
    for (const Source &source : std::as_const(m_sources)) {
        if (source.name.isEmpty() || source.state != Source::State::Ready)
            continue;
        m_servers.ask(
            receiver, source.name,
            [query](RemoteServer &server) -> Result<QStringList> {
                const auto rows = server.registry.list({.query = query});
                return rows ? Result<QStringList>(namesOfRows(*rows)) : fail(rows.error());
            },
            [found](const Result<QStringList> &names) {
                if (names)
                    found(*names);
            });
    }
}

} // namespace skillbox
