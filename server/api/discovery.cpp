#include "server/api/discovery.h"

#include "engine/base/sha256.h"
#include "server/api/answers.h"

#include <QBuffer>
#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMimeDatabase>
#include <QRegularExpression>

#include <mutex>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// A page of the store's list, and how many rows an index looks through at most.
constexpr int rowsAtOnce = 1000;
constexpr qsizetype mostRows = 20'000;
/// Contents whose files are remembered; each costs about a hundred bytes and its paths.
constexpr qsizetype mostKnown = 5000;

const QString manifestName = u"SKILL.md"_s;

bool isSpecificationName(const QString &name)
{
    static const QRegularExpression form(u"\\A[a-z0-9]+(-[a-z0-9]+)*\\z"_s);
    return name.size() <= 64 && form.match(name).hasMatch();
}

/// Paths that the draft lets stand in an index: printable ASCII without what means something in a
/// URL.
bool isIndexPath(const QString &path)
{
    return std::all_of(path.begin(), path.end(), [](QChar c) {
        return c.unicode() >= 0x20 && c.unicode() <= 0x7e && !u"\\?#[]%"_s.contains(c);
    });
}

/// What an index says of a content besides its record. Contents never change, so it is remembered.
struct ContentFacts {
    QStringList paths; ///< SKILL.md first
    QString manifestDigest;
};

class Discovery
{
public:
    explicit Discovery(ApiServices &services) : m_services(services) { }

    Result<QByteArray> index(const TenantId &tenant);
    Result<QByteArray> filesIndex(const TenantId &tenant);

private:
    Result<QList<SkillVersionRecord>> latestSkills(const TenantId &tenant);
    /// Nothing: the content has no SKILL.md by that very name.
    Result<std::optional<ContentFacts>> factsOf(const SkillVersionRecord &record);

    ApiServices &m_services;
    std::mutex m_mutex; ///< guards what follows
    QHash<QString, ContentFacts> m_known;
};

Result<QList<SkillVersionRecord>> Discovery::latestSkills(const TenantId &tenant)
{
    QList<SkillVersionRecord> rows;
    SkillFilter filter{.limit = rowsAtOnce, .columns = SkillColumns::WithoutTexts};
    for (;;) {
        const auto page = m_services.engine.metadata().listVersions(tenant, filter);
        if (!page)
            return fail(page.error());
        rows += *page;
        if (page->size() < rowsAtOnce || rows.size() >= mostRows)
            break;
        const SkillVersionRecord &last = page->constLast();
        filter.after = SkillCursor{last.name, last.publishedAt, last.seq};
    }
    QList<SkillVersionRecord> latest = Registry::latestOnly(rows);
    latest.removeIf([](const SkillVersionRecord &row) { return !isSpecificationName(row.name); });
    return latest;
}

Result<std::optional<ContentFacts>> Discovery::factsOf(const SkillVersionRecord &record)
{
    {
        const std::lock_guard lock(m_mutex);
        if (const auto known = m_known.constFind(record.digest); known != m_known.cend())
            return *known;
    }
    // Rows of a list do not say which files there are.
    const auto whole = m_services.engine.registry().find(
        {record.tenant, record.name, record.version});
    if (!whole && whole.error().code == ErrorCode::NotFound)
        return std::nullopt; // deleted since the list was read
    if (!whole)
        return fail(whole.error());
    const auto tree = m_services.engine.registry().openTree(*whole);
    if (!tree)
        return fail(tree.error());
    ContentFacts facts;
    for (const PackedFile &file : tree->files) {
        if (file.path == manifestName)
            facts.paths.prepend(file.path);
        else if (isIndexPath(file.path))
            facts.paths.append(file.path);
    }
    if (facts.paths.isEmpty() || facts.paths.constFirst() != manifestName)
        return std::nullopt;
    const auto manifest = readSkillFile(*tree, manifestName);
    if (!manifest)
        return fail(manifest.error());
    facts.manifestDigest = u"sha256:"_s + Sha256::of(manifest->content);
    const std::lock_guard lock(m_mutex);
    if (m_known.size() >= mostKnown)
        m_known.clear();
    m_known.insert(record.digest, facts);
    return facts;
}

Result<QByteArray> Discovery::index(const TenantId &tenant)
{
    const auto rows = latestSkills(tenant);
    if (!rows)
        return fail(rows.error());
    QJsonArray skills;
    for (const SkillVersionRecord &row : *rows) {
        const auto facts = factsOf(row);
        if (!facts)
            return fail(facts.error());
        // One file is fetched as it is, more of them as the archive. The version stands in the
        // address, so that what is fetched is what the digest is of.
        const bool isManifestOnly = *facts && (*facts)->paths.size() == 1;
        const QString folder = row.name + u'/' + row.version;
        skills.append(QJsonObject{
            {u"name"_s, row.name},
            {u"type"_s, isManifestOnly ? u"skill-md"_s : u"archive"_s},
            {u"description"_s, row.description},
            {u"version"_s, row.version},
            {u"url"_s, folder + (isManifestOnly ? u"/SKILL.md"_s : u"/skill.zip"_s)},
            {u"digest"_s,
             isManifestOnly ? (*facts)->manifestDigest : u"sha256:"_s + row.archive.sha256}});
    }
    return QJsonDocument(
               QJsonObject{{u"$schema"_s,
                            u"https://schemas.agentskills.io/discovery/0.2.0/schema.json"_s},
                           {u"skills"_s, skills}})
        .toJson(QJsonDocument::Compact);
}

Result<QByteArray> Discovery::filesIndex(const TenantId &tenant)
{
    const auto rows = latestSkills(tenant);
    if (!rows)
        return fail(rows.error());
    QJsonArray skills;
    for (const SkillVersionRecord &row : *rows) {
        const auto facts = factsOf(row);
        if (!facts)
            return fail(facts.error());
        if (!*facts)
            continue;
        skills.append(QJsonObject{{u"name"_s, row.name},
                                  {u"description"_s, row.description},
                                  {u"files"_s, QJsonArray::fromStringList((*facts)->paths)}});
    }
    return QJsonDocument(QJsonObject{{u"skills"_s, skills}}).toJson(QJsonDocument::Compact);
}

/// Whose skills the request is about: the key's tenant, or the public one.
TenantId tenantOf(const HttpRequest &request, const ApiServices &services)
{
    if (const auto *caller = std::any_cast<Caller>(&request.identity))
        return caller->tenant;
    return TenantId{services.settings.publicTenant};
}

/// With an ETag: the guard answers conditional requests about devices.
HttpResponse document(QByteArray bytes, const QByteArray &contentType)
{
    auto device = std::make_shared<QBuffer>();
    device->setData(bytes);
    device->open(QIODevice::ReadOnly);
    HttpResponse response;
    response.headers.set("Content-Type", contentType);
    response.headers.set("ETag", '"' + Sha256::of(bytes).left(32).toLatin1() + '"');
    response.headers.set("Cache-Control", "no-cache");
    response.body = std::shared_ptr<QIODevice>(std::move(device));
    return response;
}

HttpResponse indexAnswer(const Result<QByteArray> &index, const HttpRequest &request)
{
    return index ? document(*index, "application/json; charset=utf-8")
                 : failed(index.error(), request);
}

SkillRef refOf(const HttpRequest &request, const ApiServices &services)
{
    return {tenantOf(request, services), request.parameters.value(u"name"_s),
            request.parameters.value(u"version"_s)};
}

/// A file of a skill's latest version, or of the one in the path.
HttpResponse fileAnswer(ApiServices &services, const HttpRequest &request, const QString &path)
{
    const auto record = services.engine.registry().find(refOf(request, services));
    if (!record)
        return failed(record.error(), request);
    const auto tree = services.engine.registry().openTree(*record);
    if (!tree)
        return failed(tree.error(), request);
    const auto file = readSkillFile(*tree, path);
    if (!file)
        return failed(file.error(), request);
    HttpResponse response = document(file->content, {});
    const QString type = path.endsWith(u".md")
        ? u"text/markdown; charset=utf-8"_s
        : QMimeDatabase().mimeTypeForFile(path, QMimeDatabase::MatchExtension).name();
    addForeignContentHeaders(response, type, path.section(u'/', -1));
    return response;
}

HttpResponse archiveAnswer(ApiServices &services, const HttpRequest &request)
{
    const auto record = services.engine.registry().find(refOf(request, services));
    if (!record)
        return failed(record.error(), request);
    auto archive = services.engine.registry().openArchive(*record);
    if (!archive)
        return failed(archive.error(), request);
    HttpResponse response;
    response.headers.set("Content-Type", "application/zip");
    response.headers.set("Content-Disposition",
                         attachmentNamed(record->name + u'-' + record->version + u".zip"_s));
    response.headers.set("ETag", '"' + record->archive.sha256.toLatin1() + '"');
    response.headers.set("Cache-Control", "no-cache");
    response.body = std::shared_ptr<QIODevice>(std::move(*archive));
    return response;
}

} // namespace

void registerDiscovery(Router &router, ApiServices &services)
{
    const auto discovery = std::make_shared<Discovery>(services);
    const RouteOptions options{.maxBodyBytes = 0,
                               .gate = services.authenticator.gate(
                                   Permission::Read, TenantId{services.settings.publicTenant})};
    const auto get = [&](const QString &pattern, SimpleHandler handler) {
        router.add("GET", u"/.well-known/"_s + pattern, options, std::move(handler));
    };
    get(u"agent-skills/index.json"_s, [&services, discovery](const HttpRequest &request) {
        return indexAnswer(discovery->index(tenantOf(request, services)), request);
    });
    get(u"agent-skills/{name}/{version}/SKILL.md"_s, [&services](const HttpRequest &request) {
        return fileAnswer(services, request, manifestName);
    });
    get(u"agent-skills/{name}/{version}/skill.zip"_s,
        [&services](const HttpRequest &request) { return archiveAnswer(services, request); });
    get(u"skills/index.json"_s, [&services, discovery](const HttpRequest &request) {
        return indexAnswer(discovery->filesIndex(tenantOf(request, services)), request);
    });
    get(u"skills/{name}/{path...}"_s, [&services](const HttpRequest &request) {
        return fileAnswer(services, request, request.parameters.value(u"path"_s));
    });
}

} // namespace skillbox
