#include "engine/storage/sql_store.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString settingColumns()
{
    QStringList columns;
    for (const TenantSetting &setting : tenantSettings)
        columns.append(u"s."_s + setting.name);
    return columns.join(u", "_s);
}

const QString tenantQuery = u"SELECT t.id, t.created_at, coalesce(u.stored_bytes, 0), s.updated_at,"
                            u" coalesce(s.updated_by, ''), "_s
    + settingColumns()
    + u" FROM tenants t LEFT JOIN tenant_settings s ON s.tenant = t.id"
      u" LEFT JOIN tenant_usage u ON u.tenant = t.id"_s;

Result<TenantRecord> readTenant(const SqlRows &row)
{
    TenantRecord record{.id = {row.text(0)},
                        .createdAt = row.time(1),
                        .settings = {},
                        .updatedAt = row.time(3),
                        .updatedBy = row.text(4),
                        .storedBytes = row.integer(2)};
    int column = 5;
    for (const TenantSetting &setting : tenantSettings) {
        if (!row.isNull(column))
            record.settings.*setting.value = row.integer(column);
        ++column;
    }
    return record;
}

Result<std::optional<TenantRecord>> tenantById(SqlConnection &connection, const TenantId &tenant)
{
    return firstRow(connection.run(tenantQuery + u" WHERE t.id = ?"_s, {sqlText(tenant.value)}),
                    readTenant);
}

Result<void> putSettings(SqlConnection &connection, const TenantRecord &record)
{
    QStringList columns{u"tenant"_s, u"updated_at"_s, u"updated_by"_s};
    QVariantList values{sqlText(record.id.value), sqlTime(record.updatedAt),
                        sqlText(record.updatedBy)};
    QStringList changes{u"updated_at = excluded.updated_at"_s,
                        u"updated_by = excluded.updated_by"_s};
    for (const TenantSetting &setting : tenantSettings) {
        const auto &value = record.settings.*setting.value;
        columns.append(setting.name);
        values.append(value ? QVariant(*value) : QVariant());
        changes.append(u"%1 = excluded.%1"_s.arg(setting.name));
    }
    const QString places = QStringList(columns.size(), u"?"_s).join(u", "_s);
    return connection
        .change(u"INSERT INTO tenant_settings (%1) VALUES (%2)"
                u" ON CONFLICT (tenant) DO UPDATE SET %3"_s.arg(columns.join(u", "_s), places,
                                                                changes.join(u", "_s)),
                values)
        .map([](qint64) {});
}

/// A setting of a tenant, its own or the default.
Result<qint64> settingOf(Result<SqlRows> rows, std::optional<qint64> standard)
{
    const qint64 otherwise = standard.value_or(0);
    return firstRow(std::move(rows),
                    [&](const SqlRows &row) {
                        return Result<qint64>(row.isNull(0) ? otherwise : row.integer(0));
                    })
        .map([&](const std::optional<qint64> &own) { return own.value_or(otherwise); });
}

Result<StorageRoom> roomOf(Result<SqlRows> rows, const TenantSettings &defaults)
{
    const auto room = firstRow(std::move(rows), [&](const SqlRows &row) {
        return Result<StorageRoom>(StorageRoom{
            row.integer(0), row.isNull(1) ? defaults.storageBytes.value_or(0) : row.integer(1)});
    });
    if (!room)
        return fail(room.error());
    return room->value_or(StorageRoom{0, defaults.storageBytes.value_or(0)});
}

const QString roomQuery = u"SELECT coalesce(u.stored_bytes, 0), s.storage_bytes FROM tenants t"
                          u" LEFT JOIN tenant_usage u ON u.tenant = t.id"
                          u" LEFT JOIN tenant_settings s ON s.tenant = t.id WHERE t.id = ?"_s;

constexpr qint64 minute = 60'000'000; ///< in microseconds

std::chrono::milliseconds roundedUp(qint64 microseconds)
{
    return std::chrono::milliseconds((qMax<qint64>(0, microseconds) + 999) / 1000);
}

} // namespace

Result<QList<TenantRecord>> SqlStore::tenantRecords()
{
    return allRows(run(tenantQuery + u" ORDER BY t.id"_s), readTenant);
}

Result<std::optional<TenantRecord>> SqlStore::findTenant(const TenantId &tenant)
{
    return firstRow(run(tenantQuery + u" WHERE t.id = ?"_s, {sqlText(tenant.value)}), readTenant);
}

Result<std::optional<TenantRecord>> SqlStore::changeTenant(const TenantId &tenant,
                                                           const QDateTime &at, const QString &by,
                                                           const TenantChange &change)
{
    // Others wait: what is read here is what is changed. It is done a few times a year.
    return write(
        [&](SqlConnection &connection) -> Result<std::optional<TenantRecord>> {
            auto record = tenantById(connection, tenant);
            if (!record || !*record)
                return record;
            const std::optional<AuditRecord> audit = change((*record)->settings);
            if (!audit)
                return tenantById(connection, tenant);
            (*record)->updatedAt = at;
            (*record)->updatedBy = by;
            if (auto put = putSettings(connection, **record); !put)
                return fail(put.error());
            if (auto noted = insertAudit(connection, *audit); !noted)
                return fail(noted.error());
            return record;
        },
        SqlWrite::Others::Wait);
}

Result<RunTicket> SqlStore::takeRun(const TenantId &tenant)
{
    const QVariant id = sqlText(tenant.value);
    const auto limit = settingOf(
        run(u"SELECT runs_per_minute FROM tenant_settings WHERE tenant = ?"_s, {id}),
        m_tenantDefaults.runsPerMinute);
    if (!limit)
        return fail(limit.error());
    if (*limit <= 0)
        return RunTicket{};

    // What is kept is when a full minute's runs are there again; each run moves it on by its share
    // of the minute, and one that would move it further than a minute ahead is refused (the generic
    // cell rate algorithm, ITU-T I.371 annex A). One statement, so it is exact over all servers.
    const qint64 share = qMax<qint64>(1, minute / *limit);
    const QString now = u"1000 * "_s + dialect().nowMilliseconds();
    const QString later = u"(CASE WHEN r.full_at > %1 THEN r.full_at ELSE %1 END)"_s.arg(now);
    const auto fullIn = [](const SqlRows &row) { return Result<qint64>(row.integer(0)); };
    const auto taken = firstRow(
        run(u"INSERT INTO tenant_rates AS r (tenant, full_at) VALUES (?, %1 + ?)"
            u" ON CONFLICT (tenant) DO UPDATE SET full_at = %2 + ?"
            u" WHERE %2 + ? <= %1 + %3 RETURNING full_at - %1"_s.arg(now, later)
                .arg(share * *limit),
            {id, share, share, share}),
        fullIn);
    if (!taken)
        return fail(taken.error());
    RunTicket ticket{.allowed = taken->has_value(), .limit = *limit};
    qint64 until = taken->value_or(0);
    if (!ticket.allowed) {
        const auto found = firstRow(
            run(u"SELECT full_at - %1 FROM tenant_rates WHERE tenant = ?"_s.arg(now), {id}),
            fullIn);
        if (!found)
            return fail(found.error());
        until = found->value_or(0);
        ticket.retryAfter = qMax(std::chrono::milliseconds(1),
                                 roundedUp(until + share - share * *limit));
    }
    ticket.remaining = qBound<qint64>(0, (share * *limit - until) / share, *limit);
    ticket.refillsIn = roundedUp(until);
    return ticket;
}

Result<StorageRoom> SqlStore::storageRoom(const TenantId &tenant)
{
    return roomOf(run(roomQuery, {sqlText(tenant.value)}), m_tenantDefaults);
}

Result<void> SqlStore::checkStorage(SqlConnection &connection, const TenantId &tenant) const
{
    const auto room = roomOf(connection.run(roomQuery, {sqlText(tenant.value)}), m_tenantDefaults);
    if (!room)
        return fail(room.error());
    if (room->limit <= 0 || room->used <= room->limit)
        return {};
    return fail(storageIsFull(tenant, room->used, room->limit));
}

Result<bool> SqlStore::takeDuty(const QString &name, const InstanceId &instance,
                                std::chrono::milliseconds lasting)
{
    const QString now = dialect().nowMilliseconds();
    return change(u"INSERT INTO duties AS d (name, holder, expires_at) VALUES (?, ?, %1 + ?)"
                  u" ON CONFLICT (name) DO UPDATE SET holder = excluded.holder,"
                  u" expires_at = excluded.expires_at"
                  u" WHERE d.holder = excluded.holder OR d.expires_at <= %1"_s.arg(now),
                  {sqlText(name), sqlText(instance.value), static_cast<qint64>(lasting.count())})
        .map([](qint64 rows) { return rows == 1; });
}

Result<void> SqlStore::endDuty(const QString &name, const InstanceId &instance)
{
    return change(u"DELETE FROM duties WHERE name = ? AND holder = ?"_s,
                  {sqlText(name), sqlText(instance.value)})
        .map([](qint64) {});
}

} // namespace skillbox
