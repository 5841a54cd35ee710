#include "engine/storage/sql_store.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Result<TagRecord> readTag(const SqlRows &row)
{
    return TagRecord{row.text(0), row.text(1), row.text(2), row.time(3)};
}

} // namespace

Result<bool> SqlStore::setTag(const TenantId &tenant, const QString &name, const TagRecord &tag,
                              const AuditRecord *audit)
{
    const QVariant tenantValue = sqlText(tenant.value);
    const QVariant nameValue = sqlText(name);
    const QVariant version = sqlText(tag.version);
    return write([&](SqlConnection &connection) -> Result<bool> {
        const auto exists = firstRow(
            connection.run(u"SELECT 1 FROM skill_versions"
                           u" WHERE tenant = ? AND name = ? AND version = ?"_s,
                           {tenantValue, nameValue, version}),
            [](const SqlRows &) { return Result<bool>(true); });
        if (!exists)
            return fail(exists.error());
        if (!*exists)
            return false;
        const auto moved = connection.change(
            u"INSERT INTO tags (tenant, name, tag, version, set_by, set_at)"
            u" VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, name, tag) DO UPDATE"
            u" SET version = excluded.version, set_by = excluded.set_by, set_at = excluded.set_at"
            u" WHERE tags.version <> excluded.version"_s,
            {tenantValue, nameValue, sqlText(tag.tag), version, sqlText(tag.setBy),
             sqlTime(tag.setAt)});
        if (!moved)
            return fail(moved.error());
        if (*moved > 0) {
            if (auto noted = insertAudit(connection, audit); !noted)
                return fail(noted.error());
        }
        return true;
    });
}

Result<bool> SqlStore::removeTag(const TenantId &tenant, const QString &name, const QString &tag,
                                 const AuditRecord *audit)
{
    return write([&](SqlConnection &connection) -> Result<bool> {
        const auto removed = connection.change(
            u"DELETE FROM tags WHERE tenant = ? AND name = ? AND tag = ?"_s,
            {sqlText(tenant.value), sqlText(name), sqlText(tag)});
        if (!removed)
            return fail(removed.error());
        if (*removed == 0)
            return false;
        if (auto noted = insertAudit(connection, audit); !noted)
            return fail(noted.error());
        return true;
    });
}

Result<QList<TagRecord>> SqlStore::listTags(const TenantId &tenant, const QString &name)
{
    return allRows(run(u"SELECT tag, version, set_by, set_at FROM tags"
                       u" WHERE tenant = ? AND name = ? ORDER BY tag"_s,
                       {sqlText(tenant.value), sqlText(name)}),
                   readTag);
}

Result<std::optional<TagRecord>> SqlStore::findTag(const TenantId &tenant, const QString &name,
                                                   const QString &tag)
{
    return firstRow(run(u"SELECT tag, version, set_by, set_at FROM tags"
                        u" WHERE tenant = ? AND name = ? AND tag = ?"_s,
                        {sqlText(tenant.value), sqlText(name), sqlText(tag)}),
                    readTag);
}

} // namespace skillbox
