// What several servers on one store cost: the rate at which runs are taken from the queue, a run
// through Postgres (and S3, where its script is given) beside one on the embedded store, and two
// engines beside one. Postgres waits for the disk here, as it does where it is used.
// Usage: bench_shared_queue LAUNCHER POSTGRES_SH [CEPH_SH]

#include "engine/base/clock.h"
#include "engine/engine.h"
#include "engine/storage/postgres_store.h"

#include <QCoreApplication>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
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

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void onThreads(int count, const std::function<void(int)> &work)
{
    std::vector<std::jthread> threads;
    for (int number = 0; number < count; ++number)
        threads.emplace_back([&work, number] { work(number); });
}

// --- Taking runs from the queue

/// Runs of five tenants; whatever was taken is put back after each measurement.
class Queue
{
public:
    explicit Queue(const QString &dsn) : m_store(must(openPostgresStore(dsn)))
    {
        for (int tenant = 0; tenant < 5; ++tenant)
            must(m_store->addTenant({u"tenant-%1"_s.arg(tenant)}, nowUtc()));
        onThreads(8, [&](int first) {
            for (int i = first; i < m_runs; i += 8)
                must(m_store->insertQueued(waitingRun(i), u"{}"_s, m_runs));
        });
    }
    ~Queue()
    {
        onThreads(8, [&](int) {
            const InstanceId me{newUuid()};
            for (auto claim = must(m_store->claimQueued(me, 16)); !claim.runs.isEmpty();
                 claim = must(m_store->claimQueued(me, 16))) {
                for (QueuedRun &run : claim.runs) {
                    run.record.status = ExecutionStatus::Cancelled;
                    run.record.finishedAt = nowUtc();
                    must(m_store->finishExecution(run.record));
                }
            }
        });
    }

    /// Runs a second that so many servers take, each up to `atOnce` with one call.
    double rate(int servers, int atOnce)
    {
        std::atomic<int> taken = 0;
        const auto begun = Clock::now();
        onThreads(servers, [&](int number) {
            const InstanceId me{QString::number(number)};
            while (taken < m_runs)
                taken += static_cast<int>(must(m_store->claimQueued(me, atOnce)).runs.size());
        });
        const double seconds = millisecondsSince(begun) / 1000;
        for (int number = 0; number < servers; ++number)
            must(m_store->failLost({QString::number(number)}, nowUtc()));
        return m_runs / seconds;
    }

private:
    static constexpr int m_runs = 2000;
    const std::unique_ptr<MetadataStore> m_store;
};

void measureClaims(const QString &dsn)
{
    std::puts("Runs taken from the queue a second (goal: 2000)");
    std::puts("  at once        1       4      16");
    Queue queue(dsn);
    for (const int servers : {1, 2, 4, 8}) {
        std::printf("  %d server%s  ", servers, servers == 1 ? " " : "s");
        for (const int atOnce : {1, 4, 16})
            std::printf("  %6.0f", queue.rate(servers, atOnce));
        std::puts("");
    }
}

// --- Runs

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

struct BenchSkill {
    QString name;
    QByteArray script;
};

/// What a run leaves differs from run to run, as it does in life.
const std::array<BenchSkill, 3> skills{
    BenchSkill{u"quiet"_s, "true\n"},
    BenchSkill{u"one-file"_s, "echo \"$SANDBOX_INPUT\" >/sandbox/out/files/out.txt\n"},
    BenchSkill{u"eight-files"_s,
               "for i in 1 2 3 4 5 6 7 8; do\n"
               "    echo \"$i $SANDBOX_INPUT\" >/sandbox/out/files/$i.txt\n"
               "done\n"}};

void publish(Engine &engine, const QString &folder)
{
    for (const BenchSkill &skill : skills) {
        QFile manifest(folder + u"/SKILL.md"_s);
        QFile script(folder + u"/main.sh"_s);
        if (!manifest.open(QIODevice::WriteOnly) || !script.open(QIODevice::WriteOnly))
            qFatal("no folder");
        manifest.write("---\nname: " + skill.name.toUtf8()
                       + "\nversion: 1.0.0\ndescription: Measures\nlang: bash\n---\n");
        script.write(skill.script);
        manifest.close();
        script.close();
        must(engine.registry().publishDirectory(localTenant(), folder, Origin{u"bench"_s}));
    }
}

ExecutionRequest requestFor(const BenchSkill &skill)
{
    ExecutionRequest request;
    request.tenant = localTenant();
    request.skill = skill.name;
    request.input = *JsonText::parse('"' + newUuid().toLatin1() + '"');
    return request;
}

double oneRun(Engine &engine, const BenchSkill &skill)
{
    const auto begun = Clock::now();
    const auto id = must(engine.executions().submit(requestFor(skill)));
    const auto record = must(engine.executions().wait(localTenant(), id));
    if (record.status != ExecutionStatus::Success)
        qFatal("%s", qPrintable(record.error));
    return millisecondsSince(begun);
}

/// Runs a second when all are asked for at once.
double throughput(const std::vector<Engine *> &engines)
{
    constexpr int runs = 120;
    const auto begun = Clock::now();
    std::vector<std::pair<Engine *, ExecutionId>> asked;
    for (int i = 0; i < runs; ++i) {
        Engine *engine = engines[static_cast<size_t>(i) % engines.size()];
        asked.emplace_back(engine, must(engine->executions().submit(requestFor(skills[1]))));
    }
    for (const auto &[engine, id] : asked)
        must(engine->executions().wait(localTenant(), id));
    return runs / (millisecondsSince(begun) / 1000);
}

struct Place {
    const char *name;
    Engine *engine;
};

/// In turns, so that whatever else the machine does meets all alike.
void measureRuns(const std::vector<Place> &places)
{
    std::puts("One run after the other, milliseconds (goal: at most 15 more than embedded)");
    constexpr int rounds = 60;
    for (const BenchSkill &skill : skills) {
        std::vector<std::vector<double>> times(places.size());
        for (int round = -3; round < rounds; ++round) {
            for (size_t i = 0; i < places.size(); ++i) {
                const double time = oneRun(*places[i].engine, skill);
                if (round >= 0) // those before warm up
                    times[i].push_back(time);
            }
        }
        std::printf("  %-12s", qPrintable(skill.name));
        for (size_t i = 0; i < places.size(); ++i) {
            std::printf("  %s %.1f", places[i].name, median(times[i]));
            std::vector<double> more;
            for (size_t round = 0; round < rounds; ++round)
                more.push_back(times[i][round] - times[0][round]);
            if (i > 0)
                std::printf(" (%+.1f)", median(more));
        }
        std::puts("");
    }
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    std::setvbuf(stdout, nullptr, _IONBF, 0);
    if (arguments.size() < 3 || arguments.size() > 4)
        return 2;
    const QTemporaryDir directory(u"/tmp/skillbox-bench-XXXXXX"_s);
    ::chmod(QFile::encodeName(directory.path()).constData(), 0755); // Postgres is another user
    if (!qEnvironmentVariableIsSet("SKILLBOX_POSTGRES_FSYNC"))
        qputenv("SKILLBOX_POSTGRES_FSYNC", "on");
    const Component postgres(arguments[2], directory.filePath(u"pg"_s));
    if (!postgres.runs()) {
        std::puts("  Postgres is not installed: nothing is measured");
        return 0;
    }
    const QString dsn = u"postgres://skillbox@/postgres?host=%1/pg"_s.arg(directory.path());
    measureClaims(dsn);

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
    const auto open = [&](const QString &name, const QString &database, const S3Config &files) {
        return must(
            Engine::create(configOf(arguments[1], directory.filePath(name), database, files)));
    };
    const QString folder = directory.filePath(u"skill"_s);
    ::mkdir(QFile::encodeName(folder).constData(), 0755);
    const auto embedded = open(u"embedded"_s, {}, {});
    const auto withFolder = open(u"folder"_s, dsn, {});
    std::unique_ptr<Engine> withS3;
    // Another database: engines on one share their files, too. This one there is always.
    const QString other = u"postgres://skillbox@/template1?host=%1/pg"_s.arg(directory.path());
    if (!s3.endpoint.isEmpty())
        withS3 = open(u"s3"_s, other, s3);
    std::vector<Place> places{{"embedded", embedded.get()}, {"Postgres", withFolder.get()}};
    if (withS3)
        places.push_back({"Postgres and S3", withS3.get()});
    for (const Place &place : places) {
        publish(*place.engine, folder);
        if (place.engine != embedded.get())
            place.engine->executions().shareQueue();
    }
    measureRuns(places);

    Engine *one = places.back().engine;
    std::vector<double> alone;
    std::vector<double> together;
    for (int i = 0; i < 5; ++i) {
        alone.push_back(throughput({one}));
        const QString name = u"b%1"_s.arg(i);
        ::mkdir(QFile::encodeName(directory.filePath(name)).constData(), 0755);
        if (!withS3) // one folder of files for both
            QFile::link(directory.filePath(u"folder/blobs"_s),
                        directory.filePath(name + u"/blobs"_s));
        const auto two = open(name, withS3 ? other : dsn, s3);
        two->executions().shareQueue();
        must(two->executions().wait(localTenant(),
                                    must(two->executions().submit(requestFor(skills[1])))));
        together.push_back(throughput({one, two.get()}));
    }
    std::printf("Many runs at once (goal: two servers on one machine give no less than one)\n"
                "  one %.0f runs a second, two %.0f: %.2f times\n",
                median(alone), median(together), median(together) / median(alone));
    return 0;
}
