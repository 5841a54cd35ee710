#include "engine/storage/sql_store.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

const auto fileColumns = u"id, name, session, execution, blob, content_type, size_bytes, version,"
                         u" parent, created_at, updated_at"_s;

FileRecord readFile(const TenantId &tenant, const SqlRows &row)
{
    return {.id = {row.text(0)},
            .tenant = tenant,
            .name = row.text(1),
            .session = row.text(2),
            .execution = {row.text(3)},
            .blob = {row.text(4)},
            .contentType = row.text(5),
            .sizeBytes = row.integer(6),
            .version = static_cast<int>(row.integer(7)),
            .parent = {row.text(8)},
            .createdAt = row.time(9),
            .updatedAt = row.time(10)};
}

Result<std::optional<FileRecord>> fileById(SqlConnection &connection, const TenantId &tenant,
                                           const FileId &id)
{
    return firstRow(connection.run(u"SELECT "_s + fileColumns
                                       + u" FROM files WHERE tenant = ? AND id = ?"_s,
                                   {sqlText(tenant.value), sqlText(id.value)}),
                    [&](const SqlRows &row) { return Result<FileRecord>(readFile(tenant, row)); });
}

Result<void> insertFileRow(SqlConnection &connection, const FileRecord &record,
                           const AuditRecord *audit)
{
    if (auto inserted = connection.change(
            u"INSERT INTO files (id, tenant, name, session, execution, blob, content_type,"
            u" size_bytes, version, parent, created_at, updated_at)"
            u" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"_s,
            {sqlText(record.id.value), sqlText(record.tenant.value), sqlText(record.name),
             sqlText(record.session), sqlText(record.execution.value), sqlText(record.blob.sha256),
             sqlText(record.contentType), record.sizeBytes, record.version,
             sqlText(record.parent.value), sqlTime(record.createdAt), sqlTime(record.updatedAt)});
        !inserted)
        return fail(inserted.error());
    return audit ? insertAudit(connection, *audit) : Result<void>();
}

FileId rootOf(const FileRecord &member)
{
    return member.parent.isEmpty() ? member.id : member.parent;
}

} // namespace

Result<std::optional<FileRecord>> SqlStore::findFile(const TenantId &tenant, const FileId &id)
{
    auto connection = m_connections.current();
    if (!connection)
        return fail(connection.error());
    return fileById(**connection, tenant, id);
}

Result<void> SqlStore::insertFile(const FileRecord &record, const AuditRecord *audit)
{
    return write([&](SqlConnection &connection) -> Result<void> {
        if (auto inserted = insertFileRow(connection, record, audit); !inserted)
            return inserted;
        return checkStorage(connection, record.tenant);
    });
}

Result<std::optional<FileRecord>>
SqlStore::insertFileVersion(const FileId &member, const FileRecord &draft, const AuditRecord *audit)
{
    return write([&](SqlConnection &connection) -> Result<std::optional<FileRecord>> {
        const auto found = fileById(connection, draft.tenant, member);
        if (!found)
            return fail(found.error());
        if (!*found)
            return std::nullopt;
        FileRecord record = draft;
        record.parent = rootOf(**found);
        record.session = (*found)->session;
        record.execution = (*found)->execution;
        const QVariant root = sqlText(record.parent.value);
        const auto newest = firstRow(
            connection.run(u"SELECT max(version) FROM files WHERE tenant = ?"
                           u" AND (id = ? OR (parent = ? AND parent <> ''))"_s,
                           {sqlText(draft.tenant.value), root, root}),
            [](const SqlRows &row) { return Result<qint64>(row.integer(0)); });
        if (!newest)
            return fail(newest.error());
        record.version = static_cast<int>(newest->value_or(0)) + 1;
        if (auto inserted = insertFileRow(connection, record, audit); !inserted)
            return fail(inserted.error());
        if (auto within = checkStorage(connection, record.tenant); !within)
            return fail(within.error());
        return record;
    });
}

Result<QList<FileRecord>> SqlStore::listFiles(const TenantId &tenant, const FileFilter &filter)
{
    QString sql = u"SELECT "_s + fileColumns + u" FROM files WHERE tenant = ?"_s;
    QVariantList values{sqlText(tenant.value)};
    // The conditions on what is not empty let the partial indexes serve.
    if (!filter.session.isEmpty()) {
        sql += u" AND session = ? AND session <> ''"_s;
        values.append(filter.session);
    }
    if (!filter.execution.isEmpty()) {
        sql += u" AND execution = ? AND execution <> ''"_s;
        values.append(filter.execution.value);
    }
    sql += u" ORDER BY created_at DESC, seq DESC LIMIT ? OFFSET ?"_s;
    values << qMax(0, filter.limit) << qMax(0, filter.offset);
    return allRows(run(sql, values),
                   [&](const SqlRows &row) { return Result<FileRecord>(readFile(tenant, row)); });
}

Result<QList<FileRecord>> SqlStore::listFileVersions(const TenantId &tenant, const FileId &member)
{
    const auto found = findFile(tenant, member);
    if (!found)
        return fail(found.error());
    if (!*found)
        return QList<FileRecord>();
    const QVariant root = sqlText(rootOf(**found).value);
    return allRows(run(u"SELECT "_s + fileColumns
                           + u" FROM files WHERE tenant = ?"
                             u" AND (id = ? OR (parent = ? AND parent <> ''))"
                             u" ORDER BY version DESC, seq DESC"_s,
                       {sqlText(tenant.value), root, root}),
                   [&](const SqlRows &row) { return Result<FileRecord>(readFile(tenant, row)); });
}

Result<std::optional<FileRecord>> SqlStore::deleteFile(const TenantId &tenant, const FileId &id,
                                                       const AuditRecord *audit)
{
    return write([&](SqlConnection &connection) -> Result<std::optional<FileRecord>> {
        auto found = fileById(connection, tenant, id);
        if (!found || !*found)
            return found;
        if (auto deleted = connection.change(u"DELETE FROM files WHERE tenant = ? AND id = ?"_s,
                                             {sqlText(tenant.value), sqlText(id.value)});
            !deleted)
            return fail(deleted.error());
        if (audit) {
            if (auto noted = insertAudit(connection, *audit); !noted)
                return fail(noted.error());
        }
        return found;
    });
}

} // namespace skillbox
