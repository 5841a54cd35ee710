#include "server/api/skills.h"

#include "engine/registry/latest.h"
#include "server/api/answers.h"
#include "server/api/json/skill_json.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Clients that know nothing of pages get this many rows.
constexpr int standardRows = 1000;
constexpr int mostRows = 1000;
/// How many rows a request for the latest versions looks through before it answers what it has.
constexpr int mostRowsExamined = 5000;

// --- The cursor: where a page ended, opaque to clients

QString skillCursorText(const SkillVersionRecord &row)
{
    const QByteArray plain = row.name.toUtf8() + ' '
        + QByteArray::number(row.publishedAt.toMSecsSinceEpoch()) + ' '
        + QByteArray::number(row.seq);
    return QString::fromLatin1(
        plain.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals));
}

Result<std::optional<SkillCursor>> skillCursorOf(const HttpRequest &request)
{
    const QString text = request.queryValue(u"cursor");
    if (text.isEmpty())
        return std::nullopt;
    const auto decoded = QByteArray::fromBase64Encoding(
        text.toUtf8(), QByteArray::Base64UrlEncoding | QByteArray::AbortOnBase64DecodingErrors);
    const QList<QByteArray> parts = decoded.decoded.split(' ');
    bool timeOk = false;
    bool seqOk = false;
    if (decoded && parts.size() == 3) {
        const qint64 time = parts[1].toLongLong(&timeOk);
        const qint64 seq = parts[2].toLongLong(&seqOk);
        if (timeOk && seqOk) {
            return SkillCursor{QString::fromUtf8(parts[0]),
                               QDateTime::fromMSecsSinceEpoch(time, Qt::UTC), seq};
        }
    }
    return fail(ErrorCode::BadRequest,
                u"cursor is not one that this server gave out; leave it out to begin anew"_s);
}

// --- The list

struct SkillPage {
    QList<SkillVersionRecord> rows;
    QString next; ///< empty: nothing follows
};

/// Which rows of the list are what `latest` means. Asks once for each name.
class LatestRows
{
public:
    LatestRows(Registry &registry, TenantId tenant)
        : m_registry(registry)
        , m_tenant(std::move(tenant))
    {
    }

    Result<bool> contain(const SkillVersionRecord &row)
    {
        if (row.name != m_name) {
            auto latest = m_registry.latestVersion(m_tenant, row.name);
            if (!latest)
                return fail(latest.error());
            m_name = row.name;
            m_latest = std::move(*latest);
        }
        return row.version == m_latest;
    }

private:
    Registry &m_registry;
    TenantId m_tenant;
    QString m_name;
    QString m_latest;
};

/// Reads one row more than asked for, to know whether anything follows.
Result<SkillPage> readPage(Registry &registry, MetadataStore &metadata, const TenantId &tenant,
                           SkillFilter filter, bool latestOnly)
{
    SkillPage page;
    LatestRows latest(registry, tenant);
    const int wanted = filter.limit;
    filter.limit = wanted + 1;
    for (int examined = 0;;) {
        const auto rows = metadata.listVersions(tenant, filter);
        if (!rows)
            return fail(rows.error());
        for (const SkillVersionRecord &row : *rows) {
            const auto isWanted = latestOnly ? latest.contain(row) : Result<bool>(true);
            if (!isWanted)
                return fail(isWanted.error());
            if (*isWanted && page.rows.size() == wanted) {
                page.next = skillCursorText(page.rows.constLast());
                return page;
            }
            if (*isWanted)
                page.rows.append(row);
        }
        examined += static_cast<int>(rows->size());
        if (rows->size() < filter.limit)
            return page;
        const SkillVersionRecord &last = rows->constLast();
        if (examined >= mostRowsExamined) {
            page.next = skillCursorText(last);
            return page;
        }
        filter.after = SkillCursor{last.name, last.publishedAt, last.seq};
    }
}

HttpResponse listSkills(ApiServices &services, const HttpRequest &request)
{
    const auto limit = limitOf(request, standardRows, mostRows);
    if (!limit)
        return failed(limit.error(), request);
    const auto cursor = skillCursorOf(request);
    if (!cursor)
        return failed(cursor.error(), request);
    const SkillFilter filter{.name = request.queryValue(u"name"),
                             .query = request.queryValue(u"q"),
                             .limit = *limit,
                             .after = *cursor,
                             .columns = SkillColumns::WithoutTexts};
    auto page = readPage(services.engine.registry(), services.engine.metadata(),
                         callerOf(request).tenant, filter, flagOf(request, u"latest"));
    if (!page)
        return failed(page.error(), request);
    // The store knows time only. Pages that cut a skill in two cut it by that.
    sortByVersion(page->rows);
    HttpResponse response = HttpResponse::json(200, skillRowsJson(page->rows));
    if (!page->next.isEmpty())
        addNextLink(response, request, page->next);
    return response;
}

// --- One skill

Result<QByteArray> showSkill(Registry &registry, const SkillRef &ref)
{
    const auto record = registry.find(ref);
    if (!record)
        return fail(record.error());
    const auto tags = registry.tags(ref.tenant, ref.name);
    if (!tags)
        return fail(tags.error());
    return skillVersionJson(*record, *tags);
}

Result<QByteArray> showVersions(Registry &registry, const SkillRef &ref)
{
    const auto versions = registry.versions(ref.tenant, ref.name);
    if (!versions)
        return fail(versions.error());
    const auto latest = registry.latestVersion(ref.tenant, ref.name);
    if (!latest)
        return fail(latest.error());
    const auto tags = registry.tags(ref.tenant, ref.name);
    if (!tags)
        return fail(tags.error());
    return skillVersionsJson(*versions, *latest, *tags);
}

Result<QByteArray> showTags(Registry &registry, const SkillRef &ref)
{
    return registry.tags(ref.tenant, ref.name).map([&](const QList<TagRecord> &tags) {
        return tagsJson(ref.name, tags);
    });
}

Result<QByteArray> showFiles(Registry &registry, const SkillRef &ref, const QString &path)
{
    const auto record = registry.find(ref);
    if (!record)
        return fail(record.error());
    const auto tree = registry.openTree(*record);
    if (!tree)
        return fail(tree.error());
    if (path.isEmpty())
        return readSkillFiles(*tree).map(skillFilesJson);
    return readSkillFile(*tree, path).map([](const SkillFile &file) {
        return skillFilesJson({file});
    });
}

Result<QByteArray> showDiff(Registry &registry, const TenantId &tenant, const HttpRequest &request)
{
    const QString name = request.parameters.value(u"name"_s);
    std::array<SkillVersionRecord, 2> records;
    std::array<SkillTree, 2> trees;
    for (const auto &[index, parameter] : {std::pair(0U, u"from"_s), std::pair(1U, u"to"_s)}) {
        const QString version = request.queryValue(parameter);
        if (version.isEmpty()) {
            return fail(ErrorCode::BadRequest,
                        u"%1 is missing: name the two versions with from and to"_s.arg(parameter));
        }
        auto record = registry.find({tenant, name, version});
        if (!record)
            return fail(record.error());
        auto tree = registry.openTree(*record);
        if (!tree)
            return fail(tree.error());
        records[index] = std::move(*record);
        trees[index] = std::move(*tree);
    }
    return diffSkillTrees(trees[0], trees[1]).map([&](const QList<FileDiff> &files) {
        return skillDiffJson(name, records[0].version, records[1].version, files);
    });
}

HttpResponse sendArchive(Registry &registry, const SkillRef &ref, const HttpRequest &request)
{
    const auto record = registry.find(ref);
    if (!record)
        return failed(record.error(), request);
    auto archive = registry.openArchive(*record);
    if (!archive)
        return failed(archive.error(), request);
    const QByteArray digest = record->archive.sha256.toLatin1();
    HttpResponse response;
    response.headers.set("Content-Type", "application/zip");
    response.headers.set("Content-Disposition",
                         attachmentNamed(record->name + u'-' + record->version + u".zip"_s));
    response.headers.set("ETag", '"' + digest + '"');
    // RFC 9530; the older Digest (RFC 3230) for those who know only that.
    const QByteArray base64 = QByteArray::fromHex(digest).toBase64();
    response.headers.set("Repr-Digest", "sha-256=:" + base64 + ':');
    response.headers.set("Digest", "sha-256=" + base64);
    response.headers.set("X-Skill-Digest", record->digest.toLatin1());
    // A version can be deleted and published anew: ask each time, the ETag makes it cheap.
    response.headers.set("Cache-Control", "private, no-cache");
    response.body = std::shared_ptr<QIODevice>(std::move(*archive));
    return response;
}

} // namespace

SkillRef skillRefOf(const HttpRequest &request)
{
    return {callerOf(request).tenant, request.parameters.value(u"name"_s),
            request.parameters.value(u"version"_s)};
}

void registerSkillReading(Router &router, ApiServices &services)
{
    const auto get = [&](const QString &pattern, SimpleHandler handler) {
        router.add("GET", pattern, services.route(Permission::Read), std::move(handler));
    };
    const auto getJson = [&](const QString &pattern, auto show) {
        get(pattern, [&services, show](const HttpRequest &request) {
            return answer(show(services.engine.registry(), skillRefOf(request)), request);
        });
    };
    get(u"/v1/skills"_s,
        [&services](const HttpRequest &request) { return listSkills(services, request); });
    getJson(u"/v1/skills/{name}/versions"_s, showVersions);
    getJson(u"/v1/skills/{name}/tags"_s, showTags);
    getJson(u"/v1/skills/{name}/{version}"_s, showSkill);
    get(u"/v1/skills/{name}/diff"_s, [&services](const HttpRequest &request) {
        return answer(showDiff(services.engine.registry(), callerOf(request).tenant, request),
                      request);
    });
    get(u"/v1/skills/{name}/{version}/files"_s, [&services](const HttpRequest &request) {
        return answer(showFiles(services.engine.registry(), skillRefOf(request),
                                request.queryValue(u"path")),
                      request);
    });
    get(u"/v1/skills/{name}/{version}/archive"_s, [&services](const HttpRequest &request) {
        return sendArchive(services.engine.registry(), skillRefOf(request), request);
    });
}

void registerSkills(Router &router, ApiServices &services)
{
    registerSkillReading(router, services);
    registerSkillPublishing(router, services);
    registerSkillChanges(router, services);
}

} // namespace skillbox
