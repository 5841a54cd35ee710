// What a page of a list of executions costs with a million of them, on SQLite and on Postgres; and
// what the quotas add to a run. Rows are made by the database itself. Goal: a page under 30 ms.
//
// bench_execution_pages [ROWS]; SKILLBOX_POSTGRES names tests/support/postgres.sh.

#include "engine/storage/postgres_store.h"
#include "engine/storage/sqlite_store.h"
#include "tests/support/postgres_server.h"
#include "tests/support/store_records.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTemporaryDir>

#include <algorithm>
#include <cstdio>
#include <vector>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

namespace {

constexpr int tenants = 10;
constexpr int skills = 50;
constexpr double goal = 30;

/// Rows `n` from 0 to a million less one: a run a second, tenants and skills in turn.
const QString columns = u"INSERT INTO executions (id, tenant, skill_name, skill_version, session,"
                        u" status, created_at, started_at, finished_at, duration_ms, input, output,"
                        u" logs) SELECT 'run-' || n, 'tenant-' || (n % %1),"
                        u" 'skill-' || (n / %1 % %2),"
                        u" '1.0.0', CASE WHEN n / 10 % 100 = 0 THEN 'session' ELSE '' END,"
                        u" CASE WHEN n / 10 % 20 = 0 THEN 'failed' ELSE 'success' END,"
                        u" 1700000000000 + 1000 * n, 1700000000010 + 1000 * n,"
                        u" 1700000000900 + 1000 * n, 890, '{\"number\":' || n || '}',"
                        u" '{\"text\":\"some result of a run\"}', 'one line of a log' FROM "_s;

template<typename Work>
double median(Work work)
{
    std::vector<double> times;
    for (int i = 0; i < 15; ++i) {
        QElapsedTimer timer;
        timer.start();
        work();
        times.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

void print(const char *store, const char *what, double milliseconds, const char *note = "")
{
    std::printf("%-9s %-56s %9.2f ms  %s\n", store, what, milliseconds, note);
    std::fflush(stdout);
}

void measure(const char *name, MetadataStore &store, int rows)
{
    const TenantId tenant{u"tenant-3"_s};
    const auto page = [&](const char *what, ExecutionFilter filter) {
        filter.limit = 50;
        qsizetype found = 0;
        const double time = median([&] {
            const auto list = store.listExecutions(tenant, filter);
            found = list ? list->size() : -1;
        });
        print(name, what, time, found <= 0 ? "NOTHING FOUND" : time < goal ? "" : "over the goal");
    };
    const auto at = [](qint64 n) {
        return QDateTime::fromMSecsSinceEpoch(1'700'000'000'000 + 1000 * n, Qt::UTC);
    };
    const qint64 middle = rows / 2;
    page("the newest 50", {});
    page("50 in the middle, by cursor", {.before = ExecutionCursor{at(middle), middle}});
    page("the last 50, by cursor", {.before = ExecutionCursor{at(600), 600}});
    page("50 of a day in the middle", {.since = at(middle), .until = at(middle + 86'400)});
    page("50 that failed, from the middle on",
         {.status = ExecutionStatus::Failed, .before = ExecutionCursor{at(middle), middle}});
    page("50 of one skill, from the middle on",
         {.skill = u"skill-3"_s, .before = ExecutionCursor{at(middle), middle}});
    page("with the beginnings of inputs", {.columns = ExecutionColumns::WithInputExcerpt});
    page("offset 5000", {.offset = 5000});

    print(name, "ask for the storage that is left",
          median([&] { (void)store.storageRoom(tenant); }));
    print(name, "take a run, no limit", median([&] { (void)store.takeRun(tenant); }));
    (void)store.changeTenant(tenant, at(0), u"bench"_s, [&](TenantSettings &own) {
        own.runsPerMinute = 1'000'000;
        return std::optional(AuditRecord{tenant, at(0), u"bench"_s, u"x"_s, {}, {}});
    });
    print(name, "take a run of a million a minute", median([&] { (void)store.takeRun(tenant); }));
    const TenantId reaped{u"tenant-5"_s};
    print(name, "remove the logs of 200 runs",
          median([&] { (void)store.reap(reaped, Retained::Logs, at(rows), 200); }));
    print(name, "remove the records of 200 runs",
          median([&] { (void)store.reap(reaped, Retained::Executions, at(rows), 200); }));
}

bool onSqlite(int rows)
{
    const QTemporaryDir directory;
    const QString path = directory.filePath(u"skillbox.db"_s);
    auto store = openSqliteStore(path);
    if (!store)
        return false;
    for (int i = 0; i < tenants; ++i)
        (void)(*store)->addTenant({u"tenant-%1"_s.arg(i)}, at(0));
    QElapsedTimer timer;
    timer.start();
    {
        auto database = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"fill"_s);
        database.setDatabaseName(path);
        QSqlQuery query(database.open() ? database : QSqlDatabase());
        const QString numbers = u"(WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c"
                                u" WHERE n + 1 < %1) SELECT n FROM c)"_s.arg(rows);
        if (!query.exec(columns.arg(tenants).arg(skills) + numbers) || !query.exec(u"ANALYZE"_s)) {
            std::printf("%s\n", qPrintable(query.lastError().text()));
            return false;
        }
    }
    QSqlDatabase::removeDatabase(u"fill"_s);
    std::printf("SQLite: %d rows made in %lld s\n", rows, timer.elapsed() / 1000);
    measure("SQLite", **store, rows);
    return true;
}

bool onPostgres(int rows)
{
    PostgresServer server;
    if (server.start() != PostgresServer::Start::Running) {
        std::printf("Postgres is skipped: %s\n", qPrintable(server.complaint()));
        return true;
    }
    auto store = openPostgresStore(server.dsn());
    if (!store)
        return false;
    for (int i = 0; i < tenants; ++i)
        (void)(*store)->addTenant({u"tenant-%1"_s.arg(i)}, at(0));
    QElapsedTimer timer;
    timer.start();
    if (!server.sql(columns.arg(tenants).arg(skills)
                    + u"generate_series(0, %1) AS n"_s.arg(rows - 1))
        || !server.sql(u"ANALYZE"_s))
        return false;
    std::printf("Postgres: %d rows made in %lld s\n", rows, timer.elapsed() / 1000);
    measure("Postgres", **store, rows);
    return true;
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication app(argc, argv);
    const int rows = argc > 1 ? std::max(10'000, std::atoi(argv[1])) : 1'000'000;
    return onSqlite(rows) && onPostgres(rows) ? 0 : 1;
}
