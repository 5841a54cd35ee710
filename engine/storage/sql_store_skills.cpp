#include "engine/storage/sql_store.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

const auto rowColumns = u"v.name, v.version, v.digest, v.archive_blob, v.archive_bytes,"
                        u" v.language, v.mode, v.published_by, v.published_at, v.yanked_at,"
                        u" v.yank_reason, v.description, "_s;
const auto versionColumns = rowColumns + u"v.manifest, v.instructions, v.id, v.findings"_s;

QString columnsOf(SkillColumns columns)
{
    switch (columns) {
    case SkillColumns::All: break;
    case SkillColumns::WithoutTexts: return rowColumns + u"'{}', '', v.id, '{}'"_s;
    case SkillColumns::WithFindings: return rowColumns + u"'{}', '', v.id, v.findings"_s;
    }
    return versionColumns;
}

Result<SkillVersionRecord> readVersion(const SqlDialect &dialect, const TenantId &tenant,
                                       const SqlRows &row)
{
    SkillVersionRecord record;
    record.tenant = tenant;
    record.name = row.text(0);
    record.version = row.text(1);
    record.digest = row.text(2);
    record.archive = {row.text(3)};
    record.archiveBytes = row.integer(4);
    record.language = row.text(5);
    record.mode = row.text(6);
    record.publishedBy = row.text(7);
    record.publishedAt = row.time(8);
    record.yankedAt = row.time(9);
    record.yankReason = row.text(10);
    record.description = row.text(11);
    auto manifest = objectColumn(dialect, row.text(12),
                                 u"a manifest of %1 %2"_s.arg(record.name, record.version));
    if (!manifest)
        return fail(manifest.error());
    record.manifest = std::move(*manifest);
    record.instructions = row.text(13);
    record.seq = row.integer(14);
    const auto findings = objectColumn(dialect, row.text(15),
                                       u"the findings of %1 %2"_s.arg(record.name, record.version));
    if (!findings)
        return fail(findings.error());
    record.findings = findings->value(u"findings"_s).toArray();
    return record;
}

} // namespace

Result<InsertOutcome> SqlStore::insertVersion(const SkillVersionRecord &record,
                                              const AuditRecord *audit)
{
    const QVariant tenant = sqlText(record.tenant.value);
    const QVariant name = sqlText(record.name);
    const QVariant version = sqlText(record.version);
    return write([&](SqlConnection &connection) -> Result<InsertOutcome> {
        // The skill first: the version refers to it.
        if (auto skill = connection.change(u"INSERT INTO skills (tenant, name, created_at)"
                                           u" VALUES (?, ?, ?) ON CONFLICT DO NOTHING"_s,
                                           {tenant, name, sqlTime(record.publishedAt)});
            !skill)
            return fail(skill.error());
        const auto inserted = connection.change(
            u"INSERT INTO skill_versions (tenant, name, version, digest, archive_blob,"
            u" archive_bytes, language, mode, published_by, published_at, yanked_at, yank_reason,"
            u" description, manifest, instructions, findings)"
            u" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"_s,
            {tenant, name, version, sqlText(record.digest), sqlText(record.archive.sha256),
             record.archiveBytes, sqlText(record.language), sqlText(record.mode),
             sqlText(record.publishedBy), sqlTime(record.publishedAt), sqlTime(record.yankedAt),
             sqlText(record.yankReason), sqlText(record.description), sqlObject(record.manifest),
             sqlText(record.instructions),
             sqlObject(QJsonObject{{u"findings"_s, record.findings}})});
        if (!inserted)
            return fail(inserted.error());
        if (*inserted == 1) {
            if (auto within = checkStorage(connection, record.tenant); !within)
                return fail(within.error());
            if (auto noted = insertAudit(connection, audit); !noted)
                return fail(noted.error());
            return InsertOutcome::Inserted;
        }
        const auto digest = firstRow(
            connection.run(u"SELECT digest FROM skill_versions"
                           u" WHERE tenant = ? AND name = ? AND version = ?"_s,
                           {tenant, name, version}),
            [](const SqlRows &row) { return Result<QString>(row.text(0)); });
        if (!digest)
            return fail(digest.error());
        return *digest == record.digest ? InsertOutcome::AlreadyThere : InsertOutcome::Conflict;
    });
}

Result<std::optional<SkillVersionRecord>>
SqlStore::findVersion(const TenantId &tenant, const QString &name, const QString &version)
{
    return firstRow(run(u"SELECT "_s + versionColumns
                            + u" FROM skill_versions v"
                              u" WHERE v.tenant = ? AND v.name = ? AND v.version = ?"_s,
                        {sqlText(tenant.value), sqlText(name), sqlText(version)}),
                    [&](const SqlRows &row) { return readVersion(dialect(), tenant, row); });
}

Result<QStringList> SqlStore::availableVersions(const TenantId &tenant, const QString &name)
{
    return allRows(run(u"SELECT version FROM skill_versions"
                       u" WHERE tenant = ? AND name = ? AND yanked_at IS NULL"
                       u" ORDER BY published_at DESC, id DESC"_s,
                       {sqlText(tenant.value), sqlText(name)}),
                   [](const SqlRows &row) { return Result<QString>(row.text(0)); });
}

Result<QList<SkillVersionRecord>> SqlStore::listVersions(const TenantId &tenant,
                                                         const SkillFilter &filter)
{
    QString sql = u"SELECT "_s + columnsOf(filter.columns)
        + u" FROM skill_versions v WHERE v.tenant = ?"_s;
    QVariantList values{sqlText(tenant.value)};
    if (!filter.name.isEmpty()) {
        sql += u" AND v.name = ?"_s;
        values.append(filter.name);
    }
    if (!filter.query.trimmed().isEmpty()) {
        const auto argument = dialect().searchArgument(filter.query);
        if (!argument)
            return QList<SkillVersionRecord>();
        sql += u" AND "_s + dialect().searchCondition();
        values.append(*argument);
    }
    if (filter.after) {
        // The first condition is what the index can seek to; the other takes away what came before
        // of that one name.
        sql += u" AND v.name >= ? AND (v.name > ? OR (v.published_at, v.id) < (?, ?))"_s;
        values << sqlText(filter.after->name) << sqlText(filter.after->name)
               << sqlTime(filter.after->publishedAt) << filter.after->seq;
    }
    sql += u" ORDER BY v.name, v.published_at DESC, v.id DESC LIMIT ? OFFSET ?"_s;
    values << qMax(0, filter.limit) << qMax(0, filter.offset);

    return allRows(run(sql, values),
                   [&](const SqlRows &row) { return readVersion(dialect(), tenant, row); });
}

Result<bool> SqlStore::setYanked(const TenantId &tenant, const QString &name,
                                 const QString &version, const QDateTime &yankedAt,
                                 const QString &reason, const AuditRecord *audit)
{
    return write([&](SqlConnection &connection) -> Result<bool> {
        const auto touched = connection.change(
            u"UPDATE skill_versions SET yanked_at = ?, yank_reason = ?"
            u" WHERE tenant = ? AND name = ? AND version = ?"_s,
            {sqlTime(yankedAt), yankedAt.isValid() ? sqlText(reason) : sqlText({}),
             sqlText(tenant.value), sqlText(name), sqlText(version)});
        if (!touched)
            return fail(touched.error());
        if (*touched == 0)
            return false;
        if (auto noted = insertAudit(connection, audit); !noted)
            return fail(noted.error());
        return true;
    });
}

Result<bool> SqlStore::deleteVersion(const TenantId &tenant, const QString &name,
                                     const QString &version, const AuditRecord *audit)
{
    const QVariant tenantValue = sqlText(tenant.value);
    const QVariant nameValue = sqlText(name);
    return write([&](SqlConnection &connection) -> Result<bool> {
        const auto touched = connection.change(
            u"DELETE FROM skill_versions WHERE tenant = ? AND name = ? AND version = ?"_s,
            {tenantValue, nameValue, sqlText(version)});
        if (!touched)
            return fail(touched.error());
        if (*touched == 0)
            return false;
        if (auto skill = connection.change(
                u"DELETE FROM skills WHERE tenant = ? AND name = ? AND NOT EXISTS"
                u" (SELECT 1 FROM skill_versions WHERE tenant = ? AND name = ?)"_s,
                {tenantValue, nameValue, tenantValue, nameValue});
            !skill)
            return fail(skill.error());
        if (auto noted = insertAudit(connection, audit); !noted)
            return fail(noted.error());
        return true;
    });
}

} // namespace skillbox
