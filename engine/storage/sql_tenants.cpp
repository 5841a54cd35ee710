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

constexpr qint64 minute = 60'000; ///< in milliseconds
/// Of the runs that a minute may have, the time of every run, or of every so-manieth, is kept: at
/// most so many times, 13 digits each.
constexpr qint64 mostMarks = 120;
constexpr qint64 markLength = 13;

/// The runs of a tenant, numbered from 0, of which every `grain`th has left a mark with its time.
struct RunMarks {
    qint64 runs = 0;
    qint64 grain = 1;
    QString times; ///< of the last ones
    qint64 lastAt = 0;
    qint64 now = 0;

    qint64 last() const { return (runs - 1) / grain; }
    qint64 first() const { return last() - times.size() / markLength + 1; }
    qint64 timeOf(qint64 mark) const
    {
        return QStringView(times).mid((mark - first()) * markLength, markLength).toLongLong();
    }
    /// The mark that must be a minute old for the run with that number: the first one that is no
    /// older than the run `limit` before it.
    qint64 neededFor(qint64 run, qint64 limit) const { return (run - limit + grain - 1) / grain; }

    qint64 remaining(qint64 limit) const
    {
        qint64 over = first() - 1; // the last mark that is a minute old
        while (over < last() && timeOf(over + 1) <= now - minute)
            ++over;
        const qint64 next = qMax(limit, over < 0 ? 0 : limit + over * grain + 1);
        return qBound<qint64>(0, next - runs, limit);
    }
    std::chrono::milliseconds untilOld(qint64 time) const
    {
        return std::chrono::milliseconds(qMax<qint64>(0, time + minute - now));
    }
};

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

    // No minute, wherever it begins, has more than `limit` runs: the run `limit` before this one
    // must be a minute old. One statement, so it is exact over all servers; CASE, because a
    // database may compute both sides of an OR. After a minute without runs it counts anew.
    const qint64 grain = (*limit + mostMarks - 1) / mostMarks;
    const QString now = dialect().nowMilliseconds();
    const QString mark = u"CAST(%1 AS TEXT)"_s.arg(now);
    const QString isNew = u"(r.grain <> excluded.grain OR r.last_at <= %1 - 60000)"_s.arg(now);
    const QString needed = u"CAST(substr(r.times, CAST(length(r.times) - 13 * ((r.runs - 1)"
                           u" / r.grain - (r.runs - CAST(? AS BIGINT) + r.grain - 1) / r.grain + 1)"
                           u" + 1 AS INTEGER), 13) AS BIGINT)"_s;
    const auto readMarks = [grain](const SqlRows &row) {
        return Result<RunMarks>(
            RunMarks{row.integer(0), grain, row.text(1), row.integer(2), row.integer(3)});
    };
    auto marks = firstRow(
        run(u"INSERT INTO tenant_rates AS r (tenant, grain, runs, last_at, times)"
            u" VALUES (?, ?, 1, "_s
                + now + u", "_s + mark
                + u") ON CONFLICT (tenant) DO UPDATE SET grain = excluded.grain, last_at = "_s + now
                + u", runs = CASE WHEN "_s + isNew
                + u" THEN 1 ELSE r.runs + 1 END, times = CASE WHEN "_s + isNew + u" THEN "_s + mark
                + u" WHEN r.runs / r.grain * r.grain <> r.runs THEN r.times"
                  u" WHEN length(r.times) < ? THEN r.times || "_s
                + mark + u" ELSE substr(r.times, 14) || "_s + mark + u" END WHERE CASE WHEN "_s
                + isNew + u" OR r.runs < ? THEN 1 WHEN "_s + needed + u" <= "_s + now
                + u" - 60000 THEN 1 ELSE 0 END = 1 RETURNING runs, times, last_at, "_s + now,
            {id, grain, (mostMarks + 2) * markLength, *limit, *limit}),
        readMarks);
    if (!marks)
        return fail(marks.error());
    RunTicket ticket{.allowed = marks->has_value(), .limit = *limit};
    if (!ticket.allowed) {
        marks = firstRow(run(u"SELECT runs, times, last_at, %1 FROM tenant_rates"
                             u" WHERE tenant = ? AND grain = ?"_s.arg(now),
                             {id, grain}),
                         readMarks);
        if (!marks)
            return fail(marks.error());
    }
    if (const std::optional<RunMarks> &known = *marks; known && !known->times.isEmpty()) {
        ticket.remaining = known->remaining(*limit);
        ticket.refillsIn = known->untilOld(known->lastAt);
        if (!ticket.allowed)
            ticket.retryAfter = known->untilOld(
                known->timeOf(known->neededFor(known->runs, *limit)));
    }
    if (!ticket.allowed)
        ticket.retryAfter = qMax(std::chrono::milliseconds(1), ticket.retryAfter);
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
