// Runs in real containers: of Docker, of Docker through the proxy that is installed with Skillbox,
// of Docker with gVisor, and of Podman. What comes back of a run is what the native runtime gives.

#include "engine/files/output_tree.h"
#include "engine/sandbox/oci/engine_client.h"
#include "engine/sandbox/oci/oci_runtime.h"
#include "tests/support/container_engine.h"
#include "tests/support/verify_result.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

#include <csignal>
#include <sys/stat.h>
#include <thread>

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
        (stream == LogStreamKind::Stdout ? out : err).append(bytes);
        if (onWrite)
            onWrite();
    }
    QByteArray out, err;
    std::function<void()> onWrite;
};

const QString testImage = u"localhost/skillbox-test:1"_s;

QByteArray contentOf(int folder, const QString &path)
{
    QFile file(u"/proc/self/fd/%1/%2"_s.arg(folder).arg(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("missing");
}

} // namespace

class TestOciRuntime : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data();
    void initTestCase();
    void init();
    void cleanup();

    void runsAScript_data();
    void runsAScript();
    void reportsHowItEnded_data();
    void reportsHowItEnded();
    void endsAtItsWallClockAndKeepsWhatItWrote();
    void endsWhenCancelled();
    void endsWhenItFloodsItsLog();
    void endsWhenItsMemoryIsUsedUp();
    void keepsOutputFilesOfARun();
    void leavesOutWhatIsNoFile();
    void boundsWhatIsWritten();
    void placesInputAndEnvironment();
    void handsBackWhatARunMadeOfItsSession();
    void backgroundProcessesDieWithTheScript();
    void manyRunsAtOnceKeepApart();
    void reportsControls();
    void saysWhenTheImageIsMissing();
    void saysWhenTheImageHasNoInterpreter();
    void doesNotStartWithoutARequiredControl();
    void sweepsWhatDeadInstancesLeft();
    void probeFindsTheEngine();

private:
    struct Backend {
        const char *name;
        QString address;
        QString runtime;
        QString missing; ///< why it cannot be had
    };
    const Backend &backend() const
    {
        QFETCH_GLOBAL(int, index);
        return m_backends[size_t(index)];
    }
    bool isProxy() const { return backend().name == "proxy"_ba; }
    bool isGvisor() const { return !backend().runtime.isEmpty(); }
    /// What depends on the engine alone is the same behind a proxy, and with another runtime.
    bool isPlainEngine() const
    {
        return backend().name == "docker"_ba || backend().name == "podman"_ba;
    }

    SandboxJob job(const QByteArray &script, Language language = Language::Bash);
    QString writeFile(const QString &path, const QByteArray &text, int mode = 0644);
    std::unique_ptr<SandboxRuntime> makeRuntime(const InstanceId &instance) const;
    Result<Outcome> run(const SandboxJob &wanted, std::stop_token stop = {})
    {
        m_log.out.clear();
        m_log.err.clear();
        return m_runtime->run(wanted, m_log, std::move(stop));
    }
    /// Ids of all containers with this label, whatever their state.
    QStringList containers(const QString &label) const;

    ContainerEngine m_docker{QStringLiteral(SKILLBOX_SUPPORT "/docker.sh")};
    ContainerEngine m_podman{QStringLiteral(SKILLBOX_SUPPORT "/podman.sh")};
    std::vector<Backend> m_backends{{"docker", {}, {}, {}},
                                    {"proxy", {}, {}, {}},
                                    {"podman", {}, {}, {}},
                                    {"gvisor", {}, u"runsc"_s, {}}};
    const QString m_home = newUuid();
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<SandboxRuntime> m_runtime;
    Log m_log;
};

void TestOciRuntime::initTestCase_data()
{
    QTest::addColumn<int>("index");
    for (size_t i = 0; i < m_backends.size(); ++i)
        QTest::newRow(m_backends[i].name) << int(i);
}

void TestOciRuntime::initTestCase()
{
    // What is installed but does not start is told; where that may not be, as before a release, it fails.
    const bool mustStart = qEnvironmentVariableIntValue("SKILLBOX_REQUIRE_ENGINES") != 0;
    QStringList failures;
    const auto start = [&failures, mustStart](ContainerEngine &engine, const QString &what) {
        const auto started = engine.start();
        if (started == ContainerEngine::Start::Failed && mustStart)
            failures += what + u": "_s + engine.complaint();
        return started == ContainerEngine::Start::Running ? QString()
                                                          : what + u": "_s + engine.complaint();
    };
    const QString noDocker = start(m_docker, u"no Docker engine to test with"_s);
    m_backends[0].address = m_backends[3].address = m_docker.address();
    m_backends[0].missing = m_backends[3].missing = noDocker;
    if (noDocker.isEmpty() && m_docker.startProxy() != ContainerEngine::Start::Running)
        m_backends[1].missing = u"no proxy to test with: "_s + m_docker.complaint();
    else
        m_backends[1].missing = noDocker;
    m_backends[1].address = m_docker.proxyAddress();
    if (noDocker.isEmpty() && QStandardPaths::findExecutable(u"runsc"_s).isEmpty())
        m_backends[3].missing = u"no gVisor to test with (package runsc)"_s;
    m_backends[2].missing = start(m_podman, u"no Podman to test with"_s);
    m_backends[2].address = m_podman.address();
    QVERIFY2(failures.isEmpty(), qPrintable(failures.join(u'\n')));
}

void TestOciRuntime::init()
{
    if (!backend().missing.isEmpty())
        QSKIP(qPrintable(backend().missing));
    m_folder = std::make_unique<QTemporaryDir>();
    QDir(m_folder->path()).mkdir(u"skill"_s);
    m_runtime = makeRuntime(InstanceId{newUuid()});
    m_log = {};
}

void TestOciRuntime::cleanup()
{
    m_runtime.reset();
    if (!m_folder || !backend().missing.isEmpty())
        return;
    // Whatever a test did: nothing of it stays, neither there nor here.
    QCOMPARE(containers(u"skillbox.home="_s + m_home), QStringList());
    QCOMPARE(QDir(m_folder->filePath(u"scratch"_s))
                 .entryList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot),
             QStringList());
}

std::unique_ptr<SandboxRuntime> TestOciRuntime::makeRuntime(const InstanceId &instance) const
{
    return OciRuntime::create({.engine = {.host = backend().address, .runtime = backend().runtime},
                               .initPath = QStringLiteral(SKILLBOX_CONTAINER_INIT),
                               .scratchDirectory = m_folder->filePath(u"scratch"_s),
                               .owner = {m_home, instance}});
}

QStringList TestOciRuntime::containers(const QString &label) const
{
    EngineClient engine(backend().address);
    const QByteArray filter = QUrl::toPercentEncoding(uR"({"label":["%1"]})"_s.arg(label));
    const auto answer = engine.send({.target = "/containers/json?all=1&filters=" + filter});
    if (!answer || !answer->isSuccess())
        return {u"the engine does not list its containers"_s};
    QStringList ids;
    for (const QJsonValue &value : QJsonDocument::fromJson(answer->body).array())
        ids += value.toObject().value("Id"_L1).toString();
    return ids;
}

QString TestOciRuntime::writeFile(const QString &path, const QByteArray &text, int mode)
{
    const QString full = m_folder->filePath(path);
    QFile file(full);
    if (!QDir().mkpath(QFileInfo(full).path()) || !file.open(QIODevice::WriteOnly))
        qFatal("cannot write %s", qPrintable(full));
    file.write(text);
    file.flush();
    fchmod(file.handle(), static_cast<mode_t>(mode));
    return full;
}

SandboxJob TestOciRuntime::job(const QByteArray &script, Language language)
{
    const QString name = language == Language::Python ? u"main.py"_s : u"main.sh"_s;
    writeFile(u"skill/"_s + name, script);
    SandboxJob job;
    job.id = ExecutionId{newUuid()};
    job.language = language;
    job.image = testImage;
    job.skillDirectory = m_folder->filePath(u"skill"_s);
    job.entrypoint = name;
    job.inputJson = "{}";
    job.policy.limits.wallClock = 60s;
    job.policy.limits.milliCpu = 2000;
    return job;
}

void TestOciRuntime::runsAScript_data()
{
    QTest::addColumn<Language>("language");
    QTest::addColumn<QByteArray>("script");
    QTest::newRow("bash") << Language::Bash << "echo hello; echo oops >&2"_ba;
    QTest::newRow("python") << Language::Python
                            << "import sys\nprint('hello')\nprint('oops', file=sys.stderr)"_ba;
}

void TestOciRuntime::runsAScript()
{
    QFETCH(Language, language);
    QFETCH(QByteArray, script);
    const auto outcome = run(job(script, language));
    VERIFY_OK(outcome);
    QVERIFY2(outcome->kind == OutcomeKind::Exited, qPrintable(outcome->message));
    QCOMPARE(outcome->exitCode, 0);
    QCOMPARE(m_log.out, "hello\n");
    QCOMPARE(m_log.err, "oops\n");
    QVERIFY(outcome->setupTime > 0us);
    QVERIFY(outcome->peakMemoryBytes > 0);
}

void TestOciRuntime::reportsHowItEnded_data()
{
    QTest::addColumn<QByteArray>("script");
    QTest::addColumn<OutcomeKind>("kind");
    QTest::addColumn<int>("code");
    QTest::newRow("an exit code") << "exit 7"_ba << OutcomeKind::Exited << 7;
    QTest::newRow("a signal") << "kill -SEGV $$"_ba << OutcomeKind::Signaled << SIGSEGV;
    // The init is of another kind than the script's own processes.
    QTest::newRow("trying to end the init")
        << "for s in TERM KILL INT HUP CHLD; do kill -$s 1; done; exit 3"_ba << OutcomeKind::Exited
        << 3;
}

void TestOciRuntime::reportsHowItEnded()
{
    if (isProxy())
        QSKIP("the same with Docker");
    QFETCH(QByteArray, script);
    QFETCH(OutcomeKind, kind);
    QFETCH(int, code);
    const auto outcome = run(job(script));
    VERIFY_OK(outcome);
    if (isGvisor() && script.contains("KILL")) { // there it can, and only harms itself
        QCOMPARE(outcome->kind, OutcomeKind::Signaled);
        return;
    }
    QCOMPARE(outcome->kind, kind);
    QCOMPARE(kind == OutcomeKind::Exited ? outcome->exitCode : outcome->signal, code);
}

void TestOciRuntime::endsAtItsWallClockAndKeepsWhatItWrote()
{
    if (isProxy())
        QSKIP("the same with Docker");
    SandboxJob endless = job(
        "echo 1 > /sandbox/out/files/kept; echo '{}' > /sandbox/out/output.json;"
        "trap '' TERM INT; echo started; while :; do :; done");
    endless.policy.limits.wallClock = 2s;
    const auto outcome = run(endless);
    VERIFY_OK(outcome);
    QCOMPARE(outcome->kind, OutcomeKind::TimedOut);
    QCOMPARE(m_log.out, "started\n");
    QCOMPARE(contentOf(outcome->outDirectory.get(), u"files/kept"_s), "1\n");
}

void TestOciRuntime::endsWhenCancelled()
{
    std::stop_source source;
    m_log.onWrite = [&source] { source.request_stop(); };
    const auto outcome = run(job("echo 1 > /sandbox/out/files/kept; echo started; sleep 600"),
                             source.get_token());
    VERIFY_OK(outcome);
    QCOMPARE(outcome->kind, OutcomeKind::Cancelled);
    QCOMPARE(contentOf(outcome->outDirectory.get(), u"files/kept"_s), "1\n");
}

void TestOciRuntime::endsWhenItFloodsItsLog()
{
    if (!isPlainEngine())
        QSKIP("the same with Docker");
    SandboxJob flood = job(
        "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done");
    flood.policy.limits.logKillBytes = 100'000;
    const auto outcome = run(flood);
    VERIFY_OK(outcome);
    QCOMPARE(outcome->kind, OutcomeKind::OutputTooLarge);
    QVERIFY(m_log.out.size() < 1'000'000);
}

void TestOciRuntime::endsWhenItsMemoryIsUsedUp()
{
    if (isProxy())
        QSKIP("the same with Docker");
    if (isGvisor())
        QSKIP("gVisor holds a container to its memory as a whole; the script is told first");
    SandboxJob greedy = job("kept = []\nwhile True:\n    kept.append(bytearray(10_000_000))\n",
                            Language::Python);
    greedy.policy.limits.memoryBytes = 64 << 20;
    const auto outcome = run(greedy);
    VERIFY_OK(outcome);
    QCOMPARE(outcome->kind, OutcomeKind::OutOfMemory);
    QVERIFY(outcome->peakMemoryBytes > 32 << 20);
}

void TestOciRuntime::keepsOutputFilesOfARun()
{
    const auto outcome = run(
        job("import os\n"
            "os.makedirs('/sandbox/out/files/a/ü')\n"
            "open('/sandbox/out/files/a/ü/b', 'wb').write(bytes(range(256)) * 8192)\n"
            "open('/sandbox/out/files/empty', 'w')\n"
            "open('/sandbox/out/files/secret', 'w').write('s')\n"
            "os.chmod('/sandbox/out/files/secret', 0)\n"
            "os.chmod('/sandbox/out/files/a', 0)\n"
            "with open('/sandbox/out/files/sparse', 'wb') as f:\n"
            "    f.truncate(200_000_000); f.seek(100_000_000); f.write(b'middle')\n"
            "open('/sandbox/out/output.json', 'w').write('{\"x\":1.0}')\n",
            Language::Python));
    VERIFY_OK(outcome);
    QVERIFY2(outcome->exitCode == 0, m_log.err.constData());
    const int out = outcome->outDirectory.get();
    QCOMPARE(contentOf(out, u"output.json"_s), R"({"x":1.0})");
    QCOMPARE(contentOf(out, u"files/a/ü/b"_s).size(), 256 * 8192);
    QCOMPARE(contentOf(out, u"files/empty"_s), "");
    QCOMPARE(contentOf(out, u"files/secret"_s), "s");
    struct stat sparse = {};
    QCOMPARE(fstatat(out, "files/sparse", &sparse, 0), 0);
    QCOMPARE(sparse.st_size, 200'000'000);
    QVERIFY2(sparse.st_blocks < 10'000, qPrintable(QString::number(sparse.st_blocks)));
}

void TestOciRuntime::leavesOutWhatIsNoFile()
{
    if (!isPlainEngine())
        QSKIP("the same with Docker");
    const auto outcome = run(job("import os, socket\n"
                                 "os.chdir('/sandbox/out/files')\n"
                                 "os.symlink('/etc/passwd', 'link'); os.mkfifo('pipe')\n"
                                 "open('one', 'w').write('x'); os.link('one', 'two')\n"
                                 "s = socket.socket(socket.AF_UNIX); s.bind('socket')\n"
                                 "open(b'not-\\xff-utf8', 'w'); open('new\\nline', 'w')\n"
                                 "deep = 'd/' * 60; os.makedirs(deep); open(deep + 'f', 'w')\n"
                                 "open('kept', 'w').write('y')\n",
                                 Language::Python));
    VERIFY_OK(outcome);
    QVERIFY2(outcome->exitCode == 0, m_log.err.constData());
    // The same reader as for a native run, with the same rules.
    const OutputListing listing = OutputTree(outcome->outDirectory.get()).list("files");
    QCOMPARE(listing.files.size(), 1);
    QCOMPARE(listing.files.first().path, "kept");
    const QString skipped = listing.skipped.join(u'\n');
    for (const QString &why :
         {u"\"link\" is left out: it is a symbolic link"_s, u"it is a named pipe"_s,
          u"it is a socket"_s, u"it has more than one hard link"_s, u"its name is not UTF-8"_s,
          u"its name has a control character"_s, u"folders deep"_s})
        QVERIFY2(skipped.contains(why), qPrintable(why + u" not in "_s + skipped));
}

void TestOciRuntime::boundsWhatIsWritten()
{
    if (!isPlainEngine())
        QSKIP("the same with Docker");
    SandboxJob writer = job(
        "import os\n"
        "def fill(folder):\n"
        "    try:\n"
        "        with open(folder + '/big', 'wb') as f:\n"
        "            for _ in range(64): f.write(bytes(1 << 20))\n"
        "        return 'no bound'\n"
        "    except OSError as e: return e.strerror\n"
        "print(fill('/tmp')); print(fill('/sandbox/out'))\n"
        "for path in ['/', '/etc', '/usr/bin', '/sandbox', '/sandbox/scripts', '/sandbox/input',\n"
        "             '/var/tmp', '/run', '/sandbox/.skillbox', '/home', '/root']:\n"
        "    try: open(path + '/new', 'w'); print('could write to', path)\n"
        "    except OSError: pass\n"
        "for path in ['/sandbox/scripts/main.py', '/sandbox/input.json', "
        "'/sandbox/.skillbox/init']:\n"
        "    try: open(path, 'r+'); print('could change', path)\n"
        "    except OSError: pass\n"
        "    try: os.chmod(path, 0o777); print('could chmod', path)\n"
        "    except OSError: pass\n",
        Language::Python);
    writer.policy.limits.tmpBytes = 8 << 20;
    writer.policy.limits.outputBytes = 4 << 20;
    const auto outcome = run(writer);
    VERIFY_OK(outcome);
    QVERIFY2(outcome->exitCode == 0, m_log.err.constData());
    const QByteArray full = "No space left on device\n";
    if (isGvisor()) // stops at the largest file instead, which is as long as the larger of the two
        QVERIFY2(!m_log.out.contains("could"), m_log.out.constData());
    else
        QCOMPARE(m_log.out, full + full);
}

void TestOciRuntime::placesInputAndEnvironment()
{
    if (isProxy())
        QSKIP("the same with Docker");
    const QString data = writeFile(u"data"_s, "payload");
    SandboxJob wanted = job(
        "cat /sandbox/input.json '/sandbox/input/my ü.txt'; echo; pwd; env | grep "
        "-v -e SHLVL -e ^_= | sort; id -u; id -g; hostname 2>/dev/null || "
        "cat /proc/sys/kernel/hostname; cat lib/part; readlink /proc/self/fd/0");
    writeFile(u"skill/lib/part"_s, "of the skill\n");
    wanted.entrypoint = u"main.sh"_s;
    wanted.inputJson = R"({"a":1})";
    wanted.inputFiles = {{u"my ü.txt"_s, data}};
    wanted.environment = {{u"MINE"_s, u"yes ü"_s}, {u"HOME"_s, u"/tmp"_s}, {u"PATH"_s, u"/evil"_s}};
    const auto outcome = run(wanted);
    VERIFY_OK(outcome);
    QVERIFY2(
        m_log.out.startsWith(
            "{\"a\":1}payload\n/sandbox\nHOME=/tmp\nLANG=C.UTF-8\nLC_ALL=C.UTF-8\nMINE=yes ü\n"
            "PATH=/usr/local/bin:/usr/bin:/bin\nPWD=/sandbox\nTZ=UTC\n65534\n65534\nsandbox\n"),
        m_log.out.constData());
    QVERIFY2(m_log.out.endsWith("/dev/null\n") || isGvisor(), m_log.out.constData());
}

void TestOciRuntime::handsBackWhatARunMadeOfItsSession()
{
    if (!isPlainEngine())
        QSKIP("the same with Docker");
    writeFile(u"session/kept"_s, "as it was");
    writeFile(u"session/changed"_s, "before");
    writeFile(u"session/removed"_s, "before");
    writeFile(u"session/deep/er/tool"_s, "#!/bin/sh\necho I run", 06755);
    QVERIFY(QFile::link(u"/etc/passwd"_s, m_folder->filePath(u"session/link"_s)));
    SandboxJob wanted = job(
        "cd /sandbox/session && find . -mindepth 1 -printf '%P %y %m %U\\n' | sort; deep/er/tool;"
        "echo after > changed; rm -r removed; mkdir new; echo mine > new/file; chmod +x new/file");
    wanted.sessionDirectory = m_folder->filePath(u"session"_s);
    wanted.policy.limits.sessionBytes = 3 << 20;
    const auto outcome = run(wanted);
    VERIFY_OK(outcome);
    QVERIFY2(outcome->exitCode == 0, qPrintable(outcome->message + QString::fromUtf8(m_log.err)));
    QCOMPARE(m_log.out,
             "changed f 644 65534\ndeep d 755 65534\ndeep/er d 755 65534\n"
             "deep/er/tool f 755 65534\nkept f 644 65534\nremoved f 644 65534\nI run\n");
    const int after = outcome->sessionDirectory.get();
    QVERIFY(after >= 0);
    QCOMPARE(contentOf(after, u"kept"_s), "as it was");
    QCOMPARE(contentOf(after, u"changed"_s), "after\n");
    QCOMPARE(contentOf(after, u"new/file"_s), "mine\n");
    QCOMPARE(contentOf(after, u"removed"_s), "missing");
    struct stat info = {};
    QCOMPARE(fstatat(after, "new/file", &info, 0), 0);
    QVERIFY(info.st_mode & S_IXUSR);
    QCOMPARE(
        QDir(m_folder->filePath(u"session"_s)).entryList(QDir::AllEntries | QDir::NoDotAndDotDot),
        QStringList({u"changed"_s, u"deep"_s, u"kept"_s, u"link"_s, u"removed"_s}));

    wanted.policy.limits.sessionBytes = 4096;
    writeFile(u"session/large"_s, QByteArray(1 << 20, 'x'));
    const auto tooLarge = run(wanted);
    VERIFY_OK(tooLarge);
    if (isGvisor())
        return; // its tmpfs does not hold the size
    QCOMPARE(tooLarge->kind, OutcomeKind::SetupFailed);
    QVERIFY2(tooLarge->message.contains(u"copying the session's files"_s),
             qPrintable(tooLarge->message));
}

void TestOciRuntime::backgroundProcessesDieWithTheScript()
{
    if (!isPlainEngine())
        QSKIP("the same with Docker");
    const auto outcome = run(job("(setsid sleep 600 &) ; echo done"));
    VERIFY_OK(outcome);
    QCOMPARE(outcome->kind, OutcomeKind::Exited);
    QCOMPARE(m_log.out, "done\n");
}

void TestOciRuntime::manyRunsAtOnceKeepApart()
{
    if (!isPlainEngine())
        QSKIP("the same with Docker");
    constexpr int runs = 6;
    SandboxJob shared = job(
        "echo $N > /tmp/n; echo $N > /sandbox/out/n; cat /tmp/n; set -- /tmp/*; echo $#");
    std::array<QByteArray, runs> logs;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < runs; ++i) {
            threads.emplace_back([&, i] {
                SandboxJob mine = shared;
                mine.id = ExecutionId{newUuid()};
                mine.environment = {{u"N"_s, QString::number(i)}};
                Log log;
                const auto outcome = m_runtime->run(mine, log, {});
                logs[size_t(i)] = !outcome
                    ? outcome.error().message.toUtf8()
                    : log.out + log.err + contentOf(outcome->outDirectory.get(), u"n"_s);
            });
        }
    }
    for (int i = 0; i < runs; ++i) {
        const QByteArray number = QByteArray::number(i);
        QCOMPARE(logs[size_t(i)], number + "\n1\n" + number + "\n");
    }
}

void TestOciRuntime::reportsControls()
{
    if (isProxy())
        QSKIP("the same with Docker");
    const auto outcome = run(job("true"));
    VERIFY_OK(outcome);
    const QJsonObject &report = outcome->report;
    QCOMPARE(report.value("backend"_L1).toString(),
             backend().name == "podman"_ba ? u"podman"_s : u"docker"_s);
    QCOMPARE(report.value("interpreter"_L1).toString(), u"/usr/bin/bash"_s);
    const QJsonObject image = report.value("image"_L1).toObject();
    QCOMPARE(image.value("name"_L1).toString(), testImage);
    QVERIFY(image.value("digest"_L1).toString().startsWith(u"sha256:"_s));
    const QJsonObject controls = report.value("controls"_L1).toObject();
    for (const auto control : {"network"_L1, "capabilities"_L1, "no_new_privs"_L1, "seccomp"_L1,
                               "memory"_L1, "processes"_L1, "cpu"_L1, "root"_L1})
        QVERIFY2(controls.contains(control), control.data());
    QVERIFY(controls.value("seccomp"_L1).toString().startsWith(u"allow-list"_s));
    if (!isGvisor()) {
        QVERIFY2(controls.value("memory"_L1).toString().startsWith(u"256 MiB, cgroup v"_s),
                 qPrintable(controls.value("memory"_L1).toString()));
        QCOMPARE(controls.value("seccomp_of_engine"_L1).toString(), u"on"_s);
    }
    if (backend().name == "docker"_ba) {
        QVERIFY2(report.value("level"_L1).toString() == u"full"_s
                     || controls.value("landlock"_L1).toString() == u"absent"_s,
                 QJsonDocument(report).toJson().constData());
    }
}

void TestOciRuntime::saysWhenTheImageIsMissing()
{
    if (!isPlainEngine())
        QSKIP("the same with Docker");
    SandboxJob wanted = job("true");
    wanted.image = u"localhost/no-such-image:7"_s;
    const auto outcome = run(wanted);
    QVERIFY(!outcome);
    QCOMPARE(outcome.error().code, ErrorCode::NotFound);
    for (const QString &part :
         {u"\"localhost/no-such-image:7\" is not on the"_s, u"SKILLBOX_OCI_PULL"_s})
        QVERIFY2(outcome.error().message.contains(part), qPrintable(outcome.error().message));
    wanted.image = u"../evil?x=1"_s;
    const auto evil = run(wanted);
    QVERIFY(!evil);
    QCOMPARE(evil.error().code, ErrorCode::BadRequest);
}

void TestOciRuntime::saysWhenTheImageHasNoInterpreter()
{
    if (!isPlainEngine())
        QSKIP("the same with Docker");
    SandboxJob wanted = job("true");
    wanted.language = Language::Node;
    const auto outcome = run(wanted);
    VERIFY_OK(outcome);
    QCOMPARE(outcome->kind, OutcomeKind::SetupFailed);
    QVERIFY2(outcome->message.contains(u"finding node or nodejs in the image's PATH"_s),
             qPrintable(outcome->message));
    wanted = job("true");
    wanted.skillDirectory = u"/nonexistent/skill"_s;
    const auto noSkill = run(wanted);
    VERIFY_OK(noSkill);
    QCOMPARE(noSkill->kind, OutcomeKind::SetupFailed);
    QVERIFY2(noSkill->message.contains(u"/nonexistent/skill"_s), qPrintable(noSkill->message));
}

void TestOciRuntime::doesNotStartWithoutARequiredControl()
{
    if (!isPlainEngine())
        QSKIP("the same with Docker");
    SandboxJob strict = job("echo started");
    strict.policy.required.timeNamespace = true; // which no container engine makes
    const auto outcome = run(strict);
    VERIFY_OK(outcome);
    QCOMPARE(outcome->kind, OutcomeKind::SetupFailed);
    QVERIFY2(outcome->message.contains(u"required control time_namespace"_s),
             qPrintable(outcome->message));
    QCOMPARE(m_log.out, QByteArray());
    if (isGvisor())
        return;
    strict.policy.required = {.controlGroup = true};
    VERIFY_OK(run(strict));
    QCOMPARE(m_log.out, "started\n");
}

void TestOciRuntime::sweepsWhatDeadInstancesLeft()
{
    if (isGvisor())
        QSKIP("the same with Docker");
    const InstanceId dead{newUuid()};
    const InstanceId living{newUuid()};
    EngineClient engine(backend().address);
    // As a process leaves it that dies between making and starting.
    const auto leave = [&](const QString &home, const InstanceId &instance) {
        const QJsonObject body{{u"Image"_s, testImage},
                               {u"Cmd"_s, QJsonArray{u"true"_s}},
                               {u"Labels"_s,
                                QJsonObject{{u"skillbox.home"_s, home},
                                            {u"skillbox.instance"_s, instance.value},
                                            {u"skillbox.test"_s, m_home}}}};
        const auto made = engine.send({.method = "POST",
                                       .target = "/containers/create",
                                       .body = QJsonDocument(body).toJson()});
        return made && made->status == 201
            ? QJsonDocument::fromJson(made->body).object().value("Id"_L1).toString()
            : QString();
    };
    const QString ofDead = leave(m_home, dead);
    const QString ofLiving = leave(m_home, living);
    const QString ofOthers = leave(newUuid(), dead);
    const QString nobodys = leave(m_home, InstanceId{u"no-id"_s});
    for (const QString &id : {ofDead, ofLiving, ofOthers, nobodys})
        QVERIFY(!id.isEmpty());
    m_runtime->removeLeftovers([living](const InstanceId &id) { return id == living; });
    QTRY_COMPARE_WITH_TIMEOUT(containers(u"skillbox.test="_s + m_home).contains(ofDead), false,
                              30'000);
    QStringList left = containers(u"skillbox.test="_s + m_home);
    left.sort();
    QStringList expected{ofLiving, ofOthers, nobodys};
    expected.sort();
    QCOMPARE(left, expected);
    for (const QString &id : left)
        QVERIFY(engine.send(
            {.method = "DELETE", .target = "/containers/" + id.toLatin1() + "?force=1&v=1"}));
}

void TestOciRuntime::probeFindsTheEngine()
{
    const auto states = m_runtime->probe();
    VERIFY_OK(states);
    QVERIFY(states->size() >= 3);
    for (const ControlState &state : *states) {
        QVERIFY2(state.state == ControlState::State::Active,
                 qPrintable(state.control + u": "_s + state.detail));
    }
}

QTEST_GUILESS_MAIN(TestOciRuntime)
#include "test_oci_runtime.moc"
