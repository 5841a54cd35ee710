// The attacks of tests/sandbox in containers. Most of them run one after the other in one
// container, because a container costs a second: each has its own process and its own verdict.
// Those that are judged by how their run ended, or that need a run of their own, get one.

#include "engine/sandbox/oci/oci_runtime.h"
#include "tests/sandbox/attack_table.h"
#include "tests/sandbox/host_bait.h"
#include "tests/support/container_engine.h"
#include "tests/support/verify_result.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

class Log final : public OutputSink
{
public:
    void write(LogStreamKind stream, QByteArrayView bytes) override
    {
        if (stream == LogStreamKind::Stdout && out.size() < 4'000'000)
            out.append(bytes);
        else if (err.size() < 100'000)
            err.append(bytes);
    }
    QByteArray out, err;
};

/// What is different in a container and why that is no hole of ours.
const QString ofTheImage = u"what is there is the image's own, and nothing of the host"_s;
const QString engineMounts = u"container engines mount more, all of it read-only or empty"_s;
const QHash<QString, QString> differences = {
    {u"file_visible.py homes"_s, ofTheImage},
    {u"file_visible.py sockets"_s, ofTheImage},
    {u"file_visible.py data"_s, ofTheImage},
    {u"file_unexpected.py"_s, ofTheImage},
    {u"device_visible.py terminals"_s, u"/dev/ptmx is a link into a folder that is masked"_s},
    {u"device_unexpected.py"_s, u"container engines make /dev/mqueue, /dev/pts and links"_s},
    {u"proc_mounts.py"_s, engineMounts},
    {u"proc_mounts.py with every interpreter"_s, engineMounts},
    {u"proc_init.py seen"_s, u"no hidepid in containers; what is in it cannot be read"_s},
    {u"proc_listing.py"_s, u"no hidepid in containers; what is in it cannot be read"_s},
    {u"privilege_groups.py"_s, u"the group 65534 once more, which is the run's own"_s},
    {u"privilege_securebits.py"_s,
     u"only a process with capabilities can lock them, and needs it"_s},
    {u"environment_namespace.py time"_s, u"container engines make no time namespace"_s},
    {u"environment_namespace.py user"_s, u"only an engine with userns-remap, or a rootless one"_s},
};
const QString notCounted = u"Podman 4 cannot bound the number of files; the memory limit does"_s;
const QHash<QString, QString> differencesOfPodman = {
    {u"resource_inodes.py /tmp"_s, notCounted},
    {u"resource_inodes.py /sandbox/out"_s, notCounted},
    {u"resource_inodes.py /dev/shm"_s, notCounted},
    {u"environment_namespace.py cgroup"_s, u"Podman makes none with control groups of version 1"_s},
};

bool isBatched(const Attack &attack)
{
    return attack.shape == Attack::Shape::OneRun && attack.contained.isEmpty() && !attack.limits
        && !attack.job && !attack.withSession
        && attack.script != u"environment_session.py"_s; // about the process that a run starts as
}

QString reasonNotToRun(const Attack &attack)
{
    if (attack.script.endsWith(u".js"_s))
        return u"the image has no node"_s;
    if (attack.withSession || attack.shape == Attack::Shape::TwoRuns)
        return u"test_oci_runtime has sessions, and runs at once"_s;
    return differences.value(attack.name);
}

/// Each container and each attack costs time; what does not depend on the engine is shown once,
/// unless SKILLBOX_EVERY_ATTACK asks for all of them.
QString reasonNotToRunOnPodman(const Attack &attack)
{
    if (qEnvironmentVariableIntValue("SKILLBOX_EVERY_ATTACK") != 0)
        return differencesOfPodman.value(attack.name);
    if (!isBatched(attack) && !attack.script.startsWith(u"resource_processes"_s))
        return u"shown with Docker, and for Podman by test_oci_runtime"_s;
    if (attack.script == u"system_call.py"_s || attack.script.startsWith(u"kernel_"_s))
        return u"the same filter, installed by the same init, is shown with Docker"_s;
    return differencesOfPodman.value(attack.name);
}

constexpr auto batchScript = R"(
import json, subprocess, sys
for name, script, arguments in json.load(open('/sandbox/scripts/' + sys.argv[1])):
    start = ['bash'] if script.endswith('.sh') else [sys.executable, '-s', '-E', '-B']
    try:
        done = subprocess.run([*start, '/sandbox/scripts/' + script, *arguments], timeout=30,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, cwd='/sandbox',
                              start_new_session=True)
        said, code = done.stdout.decode('utf-8', 'replace'), done.returncode
    except subprocess.TimeoutExpired as late:
        said, code = 'timed out: ' + (late.stdout or b'').decode('utf-8', 'replace'), -1
    subprocess.run('find /tmp -mindepth 1 -delete', shell=True, stderr=subprocess.DEVNULL)
    print('\n=' + json.dumps([name, code, said[:4000] + said[-1000:]]), flush=True)
)";

} // namespace

class TestOciContainment : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data();
    void initTestCase();
    void contains_data();
    void contains();

private:
    struct Backend {
        explicit Backend(const QString &script)
            : engine(script)
            , isPodman(script.endsWith(u"podman.sh"_s))
        {
        }
        ContainerEngine engine;
        bool isPodman;
        QString missing = {};
        std::unique_ptr<SandboxRuntime> runtime = {};
        QHash<QString, QString> said = {}; ///< by the attacks of the batch; empty: not run yet
        QString batchFailure = {};
    };
    Backend &backend()
    {
        QFETCH_GLOBAL(int, index);
        return *m_backends[size_t(index)];
    }
    void runBatch(Backend &backend);
    SandboxJob job(const QString &script) const;

    HostBait m_bait;
    QTemporaryDir m_folder;
    std::array<std::unique_ptr<Backend>, 2> m_backends{
        std::make_unique<Backend>(QStringLiteral(SKILLBOX_SUPPORT "/docker.sh")),
        std::make_unique<Backend>(QStringLiteral(SKILLBOX_SUPPORT "/podman.sh"))};
};

void TestOciContainment::initTestCase_data()
{
    QTest::addColumn<int>("index");
    QTest::newRow("docker") << 0;
    QTest::newRow("podman") << 1;
}

void TestOciContainment::initTestCase()
{
    QDir folder(m_folder.path());
    QVERIFY(folder.mkdir(u"attacks"_s));
    QJsonArray batch;
    QJsonArray batchOfPodman;
    for (const Attack &attack : attacks()) {
        if (!isBatched(attack) || !reasonNotToRun(attack).isEmpty())
            continue;
        const QJsonArray row{attack.name, attack.script,
                             QJsonArray::fromStringList(attack.arguments)};
        batch.append(row);
        if (reasonNotToRunOnPodman(attack).isEmpty())
            batchOfPodman.append(row);
    }
    for (const QFileInfo &file : QDir(QStringLiteral(SKILLBOX_ATTACKS)).entryInfoList(QDir::Files))
        QVERIFY(QFile::copy(file.filePath(), folder.filePath(u"attacks/"_s + file.fileName())));
    const auto write = [&folder](const QString &name, const QByteArray &text) {
        QFile file(folder.filePath(u"attacks/"_s + name));
        return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
    };
    QVERIFY(write(u"docker.json"_s, QJsonDocument(batch).toJson()));
    QVERIFY(write(u"podman.json"_s, QJsonDocument(batchOfPodman).toJson()));
    QVERIFY(write(u"batch.py"_s, batchScript));
    for (auto &backend : m_backends) {
        const auto started = backend->engine.start();
        // See test_oci_runtime.cpp.
        QVERIFY2(started != ContainerEngine::Start::Failed
                     || qEnvironmentVariableIntValue("SKILLBOX_REQUIRE_ENGINES") == 0,
                 qPrintable(backend->engine.complaint()));
        if (started != ContainerEngine::Start::Running) {
            backend->missing = u"no container engine to test with: "_s
                + backend->engine.complaint();
            continue;
        }
        backend->runtime = OciRuntime::create({.engine = {.host = backend->engine.address()},
                                               .initPath = QStringLiteral(SKILLBOX_CONTAINER_INIT),
                                               .scratchDirectory = folder.filePath(u"scratch"_s),
                                               .owner = {newUuid(), InstanceId{newUuid()}}});
    }
}

SandboxJob TestOciContainment::job(const QString &script) const
{
    SandboxJob job;
    job.id = ExecutionId{newUuid()};
    job.language = *languageOfScript(script);
    job.image = u"localhost/skillbox-test:1"_s;
    job.skillDirectory = m_folder.filePath(u"attacks"_s);
    job.entrypoint = script;
    job.inputJson = m_bait.inputJson(newUuid().remove(u'-').toLatin1());
    job.policy.limits.wallClock = 300s;
    job.policy.limits.milliCpu = 2000;
    return job;
}

void TestOciContainment::runBatch(Backend &backend)
{
    Log log;
    SandboxJob batch = job(u"batch.py"_s);
    batch.arguments = {backend.isPodman ? u"podman.json"_s : u"docker.json"_s};
    const auto outcome = backend.runtime->run(batch, log, {});
    for (const QByteArray &line : log.out.split('\n')) {
        if (!line.startsWith('='))
            continue;
        const QJsonArray verdict = QJsonDocument::fromJson(line.mid(1)).array();
        backend.said.insert(verdict[0].toString(), verdict[2].toString());
    }
    backend.batchFailure = !outcome
        ? outcome.error().message
        : u"the batch ended as %1 %2 %3: %4"_s.arg(QString::number(int(outcome->kind)),
                                                   QString::number(outcome->exitCode),
                                                   outcome->message,
                                                   QString::fromUtf8(log.err.right(2000)));
}

void TestOciContainment::contains_data()
{
    QTest::addColumn<qsizetype>("attackIndex");
    for (qsizetype i = 0; i < attacks().size(); ++i)
        QTest::newRow(qPrintable(attacks().at(i).name)) << i;
}

void TestOciContainment::contains()
{
    QFETCH(qsizetype, attackIndex);
    const Attack &attack = attacks().at(attackIndex);
    Backend &engine = backend();
    if (!engine.missing.isEmpty())
        QSKIP(qPrintable(engine.missing));
    if (const QString reason = reasonNotToRun(attack); !reason.isEmpty())
        QSKIP(qPrintable(reason));
    if (const QString reason = engine.isPodman ? reasonNotToRunOnPodman(attack) : QString();
        !reason.isEmpty())
        QSKIP(qPrintable(reason));
    if (isBatched(attack)) {
        if (engine.batchFailure.isEmpty())
            runBatch(engine);
        const QString said = engine.said.value(attack.name, engine.batchFailure);
        QVERIFY2(said.contains(u"CONTAINED: "_s) && !said.contains(u"BROKEN: "_s),
                 qPrintable(said));
        return;
    }
    SandboxJob alone = job(attack.script);
    alone.arguments = attack.arguments;
    alone.policy.limits.wallClock = 60s;
    if (attack.limits)
        attack.limits(alone.policy.limits);
    if (attack.job)
        attack.job(alone);
    Log log;
    const auto outcome = engine.runtime->run(alone, log, {});
    VERIFY_OK(outcome);
    const bool endedWell = attack.contained.contains(outcome->kind);
    QVERIFY2(endedWell || (log.out.contains("CONTAINED: ") && !log.out.contains("BROKEN: ")),
             qPrintable(u"kind %1: %2 %3 %4"_s.arg(
                 QString::number(int(outcome->kind)), outcome->message,
                 QString::fromUtf8(log.out.right(1000)), QString::fromUtf8(log.err.right(1000)))));
}

QTEST_GUILESS_MAIN(TestOciContainment)
#include "test_oci_containment.moc"
