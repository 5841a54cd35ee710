// What several servers on one store cost: the rate at which runs are taken from the queue, a run
// through Postgres (and S3, where its address is given) beside one on the embedded store, and two
// engines beside one. Usage: bench_shared_queue LAUNCHER POSTGRES_SH [CEPH_SH]

#include "engine/base/clock.h"
#include "engine/engine.h"
#include "engine/storage/postgres_store.h"

#include <QCoreApplication>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <sys/stat.h>
#include <thread>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point begun)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
}

template<typename T>
T must(Result<T> result)
{
    if (!result)
        qFatal("%s %s", qPrintable(result.error().message), qPrintable(result.error().detail));
    return std::move(*result);
}

/// A script of tests/support that starts and stops something in a folder.
class Component
{
public:
    Component(QString script, QString directory)
        : m_script(std::move(script))
        , m_directory(std::move(directory))
        , m_status(call(u"start"_s))
    {
    }
    ~Component() { call(u"stop"_s); }
    bool runs() const { return m_status == 0; }
    QString said() const
    {
        QFile file(m_directory + u".said"_s);
        return file.open(QIODevice::ReadOnly)
            ? QString::fromLocal8Bit(file.readAll()).section(u'\n', 0, 0)
            : QString();
    }

private:
    int call(const QString &action) const
    {
        QProcess script;
        script.setStandardInputFile(QProcess::nullDevice());
        script.setStandardOutputFile(m_directory + (action == "start"_L1 ? u".said"_s : u".end"_s));
        script.setStandardErrorFile(m_directory + u".complaint"_s);
        script.start(m_script, {action, m_directory});
        return script.waitForFinished(180'000) ? script.exitCode() : 1;
    }
    const QString m_script;
    const QString m_directory;
    const int m_status;
};

ExecutionRecord waitingRun(int number)
{
    ExecutionRecord record;
    record.id = {newUuid()};
    record.tenant = {u"tenant-%1"_s.arg(number % 5)};
    record.skillName = u"skill"_s;
    record.skillVersion = u"1.0.0"_s;
    record.input = *JsonText::parse("{\"n\":1}");
    record.createdAt = nowUtc();
    return record;
}

void claimRate(const QString &dsn, int takers, int atOnce)
{
    constexpr int runs = 4000;
    const auto store = must(openPostgresStore(dsn));
    for (int tenant = 0; tenant < 5; ++tenant)
        must(store->addTenant({u"tenant-%1"_s.arg(tenant)}, nowUtc()));
    for (int i = 0; i < runs; ++i)
        must(store->insertQueued(waitingRun(i), u"{}"_s, runs));
    std::atomic<int> taken = 0;
    const auto begun = Clock::now();
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < takers; ++t) {
            threads.emplace_back([&, t] {
                const InstanceId me{QString::number(t)};
                while (taken < runs)
                    taken += static_cast<int>(must(store->claimQueued(me, atOnce)).runs.size());
            });
        }
    }
    const double seconds = millisecondsSince(begun) / 1000;
    std::printf("  %d servers, up to %d at once: %.0f runs a second\n", takers, atOnce,
                runs / seconds);
    for (int t = 0; t < takers; ++t)
        must(store->failLost({QString::number(t)}, nowUtc())); // back into the queue
    for (auto claim = must(store->claimQueued({u"rest"_s}, 100)); !claim.runs.isEmpty();
         claim = must(store->claimQueued({u"rest"_s}, 100))) {
        for (QueuedRun &run : claim.runs) {
            run.record.status = ExecutionStatus::Cancelled;
            run.record.finishedAt = nowUtc();
            must(store->finishExecution(run.record));
        }
    }
}

EngineConfig configOf(const QString &launcher, const QString &data, const QString &dsn,
                      const S3Config &s3)
{
    EngineConfig config;
    config.dataDirectory = data;
    config.launcherPath = launcher;
    config.databaseDsn = dsn;
    config.s3 = s3;
    config.limits.maxConcurrent = 2;
    return config;
}

void publish(Engine &engine, const QString &folder)
{
    QFile manifest(folder + u"/SKILL.md"_s);
    QFile script(folder + u"/main.sh"_s);
    if (!manifest.open(QIODevice::WriteOnly) || !script.open(QIODevice::WriteOnly))
        qFatal("no folder");
    manifest.write(
        "---\nname: bench\nversion: 1.0.0\ndescription: Writes a file\nlang: bash\n---\n");
    script.write("echo hello > /sandbox/out/files/out.txt\n");
    manifest.close();
    script.close();
    must(engine.registry().publishDirectory(localTenant(), folder, Origin{u"bench"_s}));
}

ExecutionRequest someRequest()
{
    ExecutionRequest request;
    request.tenant = localTenant();
    request.skill = u"bench"_s;
    return request;
}

double oneRun(Engine &engine)
{
    const auto begun = Clock::now();
    const auto id = must(engine.executions().submit(someRequest()));
    const auto record = must(engine.executions().wait(localTenant(), id));
    if (record.status != ExecutionStatus::Success)
        qFatal("%s", qPrintable(record.error));
    return millisecondsSince(begun);
}

double median(std::vector<double> times)
{
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

/// Runs a second when all are asked for at once.
double throughput(const std::vector<Engine *> &engines)
{
    constexpr int runs = 120;
    const auto begun = Clock::now();
    std::vector<std::pair<Engine *, ExecutionId>> asked;
    for (int i = 0; i < runs; ++i) {
        Engine *engine = engines[static_cast<size_t>(i) % engines.size()];
        asked.emplace_back(engine, must(engine->executions().submit(someRequest())));
    }
    for (const auto &[engine, id] : asked)
        must(engine->executions().wait(localTenant(), id));
    return runs / (millisecondsSince(begun) / 1000);
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    if (arguments.size() < 3 || arguments.size() > 4)
        return 2;
    const QTemporaryDir directory(u"/tmp/skillbox-bench-XXXXXX"_s);
    ::chmod(QFile::encodeName(directory.path()).constData(), 0755); // Postgres is another user
    const Component postgres(arguments[2], directory.filePath(u"pg"_s));
    if (!postgres.runs()) {
        std::puts("  Postgres is not installed: nothing is measured");
        return 0;
    }
    const QString dsn = u"postgres://skillbox@/postgres?host=%1/pg"_s.arg(directory.path());
    std::puts("Taking runs from the queue (goal: 2000 a second)");
    claimRate(dsn, 1, 1);
    claimRate(dsn, 2, 4);
    claimRate(dsn, 3, 16);

    S3Config s3;
    std::optional<Component> ceph;
    if (arguments.size() == 4) {
        ceph.emplace(arguments[3], directory.filePath(u"s3"_s));
        if (ceph->runs()) {
            s3 = {.endpoint = ceph->said(),
                  .accessKey = u"SKILLBOX"_s,
                  .secretKey = u"SKILLBOXSECRET"_s,
                  .bucket = u"bench"_s};
        } else {
            std::puts("  Ceph is not installed: files are in a folder");
        }
    }
    const auto open = [&](const QString &name, const QString &database) {
        return must(Engine::create(configOf(arguments[1], directory.filePath(name), database,
                                            database.isEmpty() ? S3Config() : s3)));
    };
    const QString folder = directory.filePath(u"skill"_s);
    ::mkdir(QFile::encodeName(folder).constData(), 0755);
    const auto embedded = open(u"embedded"_s, {});
    auto a = open(u"a"_s, dsn);
    publish(*embedded, folder);
    publish(*a, folder);
    a->executions().shareQueue();
    std::vector<double> alone;
    std::vector<double> shared;
    for (int i = 0; i < 60; ++i) {
        alone.push_back(oneRun(*embedded));
        shared.push_back(oneRun(*a));
    }
    std::printf("A run that leaves a file (goal: at most 15 ms more)\n"
                "  embedded %.1f ms, Postgres%s %.1f ms: %.1f ms more\n",
                median(alone), s3.endpoint.isEmpty() ? "" : " and S3", median(shared),
                median(shared) - median(alone));

    std::vector<double> one;
    std::vector<double> two;
    for (int i = 0; i < 3; ++i) {
        one.push_back(throughput({a.get()}));
        // Where there is no S3, one folder of files for both.
        const QString name = u"b%1"_s.arg(i);
        ::mkdir(QFile::encodeName(directory.filePath(name)).constData(), 0755);
        QFile::link(directory.filePath(u"a/blobs"_s), directory.filePath(name + u"/blobs"_s));
        const auto b = open(name, dsn);
        b->executions().shareQueue();
        two.push_back(throughput({a.get(), b.get()}));
    }
    std::printf("Many runs at once (goal: two servers on one machine give no less than one)\n"
                "  one %.0f runs a second, two %.0f: %.2f times\n",
                median(one), median(two), median(two) / median(one));
    return 0;
}
