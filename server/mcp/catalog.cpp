#include "server/mcp/catalog.h"

#include "engine/base/clock.h"
#include "engine/execution/input_schema.h"
#include "engine/registry/version_record.h"
#include "server/api/json/json_output.h"
#include "server/mcp/resource_uri.h"

#include <QJsonDocument>
#include <QSet>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int pageSize = 500;
/// Up to so many skills are read one by one; more of them are cheaper to find in the whole list.
constexpr qsizetype readSingly = 50;

using SkillVersion = std::pair<QString, QString>;

/// Every page of the list.
Result<void> eachPage(Registry &registry, const TenantId &tenant, SkillColumns columns,
                      const std::function<void(const QList<SkillVersionRecord> &)> &take)
{
    SkillFilter filter{.limit = pageSize, .columns = columns};
    for (;;) {
        const auto page = registry.list(tenant, filter);
        if (!page)
            return fail(page.error());
        take(*page);
        if (page->size() < pageSize)
            return {};
        filter.after = cursorAfter(*page);
    }
}

QStringList manifestTags(const SkillVersionRecord &record)
{
    const QString text =
        record.manifest.value("metadata"_L1).toObject().value("tags"_L1).toString();
    QStringList tags;
    for (const QString &tag : text.split(u',', Qt::SkipEmptyParts))
        tags.append(tag.trimmed());
    return tags;
}

QByteArray compact(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

void putVersion(JsonOutput &json, const ToolDescription &tool)
{
    json.key("_meta")
        .beginObject()
        .member("skillbox/skill", tool.skill)
        .member("skillbox/version", tool.version)
        .member("skillbox/digest", tool.digest)
        .endObject();
}

/// `outputSchema` as JSON; empty: none.
QByteArray toolJson(const ToolDescription &tool, const QByteArray &outputSchema)
{
    JsonOutput json;
    json.beginObject()
        .member("name", tool.name)
        .member("title", tool.title)
        .member("description", tool.description)
        .rawMember("inputSchema", compact(tool.inputSchema));
    if (!outputSchema.isEmpty())
        json.rawMember("outputSchema", outputSchema);
    // A run sees and changes nothing but its own sandbox, and has no network.
    json.key("annotations")
        .beginObject()
        .member("title", tool.title)
        .member("readOnlyHint", false)
        .member("destructiveHint", false)
        .member("idempotentHint", false)
        .member("openWorldHint", false)
        .endObject();
    putVersion(json, tool);
    json.endObject();
    return json.bytes();
}

QByteArray resourceJson(const ToolDescription &tool, const SkillVersionRecord &record,
                        const QList<PackedFile> &files)
{
    JsonOutput json;
    json.beginObject()
        .member("uri", skillUri(tool.skill, u"SKILL.md"_s))
        .member("name", tool.skill)
        .member("title", tool.title)
        .member("description", tool.description)
        .member("mimeType", "text/markdown"_L1);
    for (const PackedFile &file : files) {
        if (file.path == u"SKILL.md")
            json.member("size", file.size);
    }
    json.key("annotations")
        .beginObject()
        .key("audience")
        .beginArray()
        .value("assistant"_L1)
        .endArray()
        .member("lastModified", toRfc3339(record.publishedAt))
        .endObject();
    putVersion(json, tool);
    json.endObject();
    return json.bytes();
}

/// `integer: how many lines` for an argument that every client shows as a line of text.
QString argumentText(const QJsonObject &schema)
{
    const QString type = schema.value("type"_L1).toString();
    const QString text = schema.value("description"_L1).toString();
    if (type.isEmpty() || type == u"string")
        return text;
    return text.isEmpty() ? type : type + u": "_s + text;
}

QByteArray promptJson(const CatalogSkill &skill)
{
    JsonOutput json;
    json.beginObject()
        .member("name", skill.tool.name)
        .member("title", skill.tool.title)
        .member("description", skill.tool.description);
    if (skill.declaresInput) {
        const QJsonArray required = skill.tool.inputSchema.value("required"_L1).toArray();
        const QJsonObject properties = skill.tool.inputSchema.value("properties"_L1).toObject();
        json.key("arguments").beginArray();
        for (auto it = properties.begin(); it != properties.end(); ++it) {
            json.beginObject().member("name", it.key());
            json.memberIfAny("description", argumentText(it.value().toObject()));
            json.member("required", required.contains(it.key())).endObject();
        }
        json.endArray();
    }
    putVersion(json, skill.tool);
    json.endObject();
    return json.bytes();
}

std::shared_ptr<const CatalogSkill> makeSkill(const SkillVersionRecord &record,
                                              const QString &toolName)
{
    auto skill = std::make_shared<CatalogSkill>();
    skill->tool = describeTool(record, toolName);
    QByteArray outputSchema;
    if (skill->tool.outputSchema) {
        outputSchema = compact(*skill->tool.outputSchema);
        // What we could not hold a result to is not promised: clients check it, too.
        if (!InputSchema::parse(outputSchema)) {
            skill->tool.outputSchema.reset();
            outputSchema.clear();
        }
    }
    skill->isTool = isTool(record);
    skill->declaresInput = record.manifest.value("schemas"_L1).toObject().contains("input"_L1);
    skill->files = packedFilesOf(record);
    if (skill->isTool)
        skill->toolJson = toolJson(skill->tool, outputSchema);
    skill->resourceJson = resourceJson(skill->tool, record, skill->files);
    skill->promptJson = promptJson(*skill);
    return skill;
}

/// Which version of each skill is shown.
Result<QList<SkillVersionRecord>> choose(Registry &registry, const TenantId &tenant,
                                         const QStringList &tags)
{
    QList<SkillVersionRecord> rows;
    const auto columns = tags.isEmpty() ? SkillColumns::WithoutTexts : SkillColumns::All;
    const auto listed = eachPage(registry, tenant, columns,
                                 [&](const QList<SkillVersionRecord> &page) {
                                     for (SkillVersionRecord row : page) {
                                         row.instructions.clear();
                                         rows.append(std::move(row));
                                     }
                                 });
    if (!listed)
        return fail(listed.error());
    const QList<SkillVersionRecord> newest = Registry::latestOnly(rows);
    if (tags.isEmpty())
        return newest;

    QHash<SkillVersion, SkillVersionRecord> byVersion;
    QSet<QString> names;
    for (const SkillVersionRecord &row : std::as_const(rows)) {
        names.insert(row.name);
        if (!row.yankedAt.isValid())
            byVersion.insert({row.name, row.version}, row);
    }
    QMap<QString, SkillVersionRecord> chosen;
    for (const SkillVersionRecord &row : newest) {
        const QStringList own = manifestTags(row);
        if (std::any_of(tags.begin(), tags.end(),
                        [&](const QString &tag) { return own.contains(tag); }))
            chosen.insert(row.name, row);
    }
    for (const QString &name : std::as_const(names)) {
        const auto set = registry.tags(tenant, name);
        if (!set && set.error().code != ErrorCode::NotFound)
            return fail(set.error());
        for (const TagRecord &tag : set ? *set : QList<TagRecord>()) {
            const auto version = byVersion.constFind({name, tag.version});
            if (tags.contains(tag.tag) && version != byVersion.cend())
                chosen.insert(name, *version);
        }
    }
    return chosen.values();
}

/// The newest of each skill with its manifest, by one reading of the list. Of a skill's versions no
/// more are held at once than there are of that one.
Result<QList<SkillVersionRecord>> newestOfAll(Registry &registry, const TenantId &tenant)
{
    QList<SkillVersionRecord> newest;
    QList<SkillVersionRecord> ofOne;
    const auto settle = [&] {
        newest += Registry::latestOnly(ofOne);
        ofOne.clear();
    };
    const auto listed = eachPage(registry, tenant, SkillColumns::All,
                                 [&](const QList<SkillVersionRecord> &page) {
                                     for (SkillVersionRecord row : page) {
                                         if (!ofOne.isEmpty() && ofOne.first().name != row.name)
                                             settle();
                                         row.instructions.clear();
                                         ofOne.append(std::move(row));
                                     }
                                 });
    if (!listed)
        return fail(listed.error());
    settle();
    return newest;
}

/// The records with their manifests of those in `missing`.
Result<QHash<QString, SkillVersionRecord>> readTexts(Registry &registry, const TenantId &tenant,
                                                     const QList<SkillVersion> &missing)
{
    QHash<QString, SkillVersionRecord> found;
    if (missing.size() <= readSingly) {
        for (const auto &[name, version] : missing) {
            auto record = registry.find({tenant, name, version});
            if (!record && record.error().code != ErrorCode::NotFound)
                return fail(record.error());
            if (record) // else it went since the list was read, and the next reading will know
                found.insert(name, std::move(*record));
        }
        return found;
    }
    const QSet<SkillVersion> wanted(missing.begin(), missing.end());
    const auto listed = eachPage(registry, tenant, SkillColumns::All,
                                 [&](const QList<SkillVersionRecord> &page) {
                                     for (const SkillVersionRecord &row : page) {
                                         if (wanted.contains({row.name, row.version}))
                                             found.insert(row.name, row);
                                     }
                                 });
    if (!listed)
        return fail(listed.error());
    return found;
}

} // namespace

Result<std::shared_ptr<const Catalog>> Catalog::read(Registry &registry, const TenantId &tenant,
                                                     const QStringList &tags, const Catalog *before)
{
    const bool isFirst = !before && tags.isEmpty();
    const auto chosen = isFirst ? newestOfAll(registry, tenant) : choose(registry, tenant, tags);
    if (!chosen)
        return fail(chosen.error());
    QStringList names;
    for (const SkillVersionRecord &row : *chosen)
        names.append(row.name);
    const QHash<QString, QString> tools = toolNames(names);

    const auto known = [&](const SkillVersionRecord &row) -> std::shared_ptr<const CatalogSkill> {
        if (!before)
            return nullptr;
        const auto old = before->m_bySkill.value(row.name);
        const bool isSame = old && old->tool.version == row.version
            && old->tool.digest == row.digest && old->tool.name == tools.value(row.name);
        return isSame ? old : nullptr;
    };
    QList<SkillVersion> missing;
    for (const SkillVersionRecord &row : *chosen) {
        if (!isFirst && !known(row))
            missing.emplaceBack(row.name, row.version);
    }
    const auto texts = readTexts(registry, tenant, missing);
    if (!texts)
        return fail(texts.error());

    auto catalog = std::make_shared<Catalog>();
    for (const SkillVersionRecord &row : *chosen) {
        std::shared_ptr<const CatalogSkill> skill = known(row);
        if (!skill) {
            const auto record = texts->constFind(row.name);
            if (!isFirst && record == texts->cend())
                continue;
            skill = makeSkill(isFirst ? row : *record, tools.value(row.name));
        }
        catalog->m_skills.push_back(skill);
        catalog->m_bySkill.insert(skill->tool.skill, skill);
        catalog->m_byTool.insert(skill->tool.name, skill);
    }
    return catalog;
}

const CatalogSkill *Catalog::skill(const QString &name) const
{
    return m_bySkill.value(name).get();
}

const CatalogSkill *Catalog::named(const QString &toolName) const
{
    return m_byTool.value(toolName).get();
}

} // namespace skillbox
