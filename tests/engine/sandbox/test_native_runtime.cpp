// The native runtime, run for real: what comes back of a run, and that nothing of it stays.

#include "engine/sandbox/native/native_runtime.h"

#include "engine/sandbox/native/host_view.h"
#include "engine/sandbox/native/launcher_client.h"
#include "engine/sandbox/protocol/packet.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <cstring>
#include <sys/stat.h>
#include <thread>

using namespace skillbox;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

class Log final : public OutputSink
{
public:
    void write(LogStreamKind stream, QByteArrayView bytes) override
    {
        (stream == LogStreamKind::Stdout ? out : err).append(bytes);
        all.append(bytes);
    }
    QByteArray out, err, all;
};

} // namespace

class TestNativeRuntime : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void runsAScript_data();
    void runsAScript();
    void reportsExitCode();
    void reportsSignal();
    void endsAtItsWallClock();
    void endsWhenCancelled();
    void endsWhenItFloodsItsLog();
    void keepsOutputFilesOfARun();
    void placesInputAndEnvironment();
    void aJobsVariablesReplaceTheUsualOnes();
    void placesManyInputFilesWithOddNames();
    void refusesNamesThatNoFileCanHave_data();
    void refusesNamesThatNoFileCanHave();
    void handsBackWhatARunMadeOfItsSession();
    void hasNoSessionUnlessAsked();
    void doesNotStartWithASessionThatDoesNotFit_data();
    void doesNotStartWithASessionThatDoesNotFit();
    void doesNotStartWithoutItsSession();
    void findsOtherInterpreters();
    void saysWhenTheInterpreterCannotRun();
    void backgroundProcessesDieWithTheScript();
    void saysWhatItUsesWhileItRuns();
    void wordsAtItsEndDoNotCostItsResult();
    void manyRunsAtOnceKeepApart();
    void noRunFindsWhatAnEarlierOneLeft();
    void survivesTheDeathOfItsLauncher();
    void saysWhenThereIsNoLauncher();
    void reportsControls();
    void doesNotStartWithoutARequiredControl();
    void probeFindsTheSandboxWorking();

private:
    SandboxJob job(const QByteArray &script, Language language = Language::Bash);
    QString writeFile(const QString &path, const QByteArray &text, int mode = 0644);
    Result<Outcome> run(const SandboxJob &job, std::stop_token token = {})
    {
        m_log = {};
        return m_runtime->run(job, m_log, std::move(token));
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<SandboxRuntime> m_runtime;
    Log m_log;
};

void TestNativeRuntime::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    // As the skill cache makes them: as root a run has a uid of its own.
    QFile::setPermissions(m_folder->path(), QFile::Permissions(0x7755));
    m_runtime = NativeRuntime::create(
        {qEnvironmentVariable("SKILLBOX_TEST_LAUNCHER", QStringLiteral(SKILLBOX_LAUNCHER))});
}

SandboxJob TestNativeRuntime::job(const QByteArray &script, Language language)
{
    const QString name = language == Language::Python ? u"main.py"_s
        : language == Language::Node                  ? u"main.js"_s
                                                      : u"main.sh"_s;
    QFile file(m_folder->filePath(name));
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate))
        qFatal("cannot write the script");
    file.write(script);
    file.close();
    SandboxJob job;
    job.language = language;
    job.skillDirectory = m_folder->path();
    job.entrypoint = name;
    job.inputJson = "{}";
    job.policy.limits.wallClock = 20s;
    return job;
}

void TestNativeRuntime::runsAScript_data()
{
    QTest::addColumn<Language>("language");
    QTest::addColumn<QByteArray>("script");
    QTest::newRow("bash") << Language::Bash << QByteArray("echo hello; echo oops >&2");
    QTest::newRow("python") << Language::Python
                            << QByteArray(
                                   "import sys\nprint('hello')\nprint('oops', file=sys.stderr)");
    QTest::newRow("node") << Language::Node
                          << QByteArray("console.log('hello'); console.error('oops')");
}

void TestNativeRuntime::runsAScript()
{
    QFETCH(Language, language);
    QFETCH(QByteArray, script);
    const auto outcome = run(job(script, language));
    QVERIFY2(outcome, qPrintable(outcome ? QString() : outcome.error().message));
    QVERIFY2(outcome->kind == OutcomeKind::Exited, qPrintable(outcome->message));
    QCOMPARE(outcome->exitCode, 0);
    QCOMPARE(m_log.out, "hello\n");
    QCOMPARE(m_log.err, "oops\n");
    QVERIFY(outcome->setupTime > 0us);
    QVERIFY(outcome->peakMemoryBytes > 0);
}

void TestNativeRuntime::reportsExitCode()
{
    const auto outcome = run(job("exit 7"));
    QVERIFY(outcome && outcome->kind == OutcomeKind::Exited);
    QCOMPARE(outcome->exitCode, 7);
}

void TestNativeRuntime::reportsSignal()
{
    const auto outcome = run(job("kill -SEGV $$"));
    QVERIFY(outcome && outcome->kind == OutcomeKind::Signaled);
    QCOMPARE(outcome->signal, SIGSEGV);
}

void TestNativeRuntime::endsAtItsWallClock()
{
    SandboxJob endless = job("trap '' TERM INT; echo started; while :; do :; done");
    endless.policy.limits.wallClock = 2s; // long enough to start on a slow machine
    const auto outcome = run(endless);
    QVERIFY(outcome && outcome->kind == OutcomeKind::TimedOut);
    QCOMPARE(m_log.out, "started\n");
}

void TestNativeRuntime::endsWhenCancelled()
{
    std::stop_source source;
    class Canceller final : public OutputSink
    {
    public:
        explicit Canceller(std::stop_source &source) : m_source(source) { }
        void write(LogStreamKind, QByteArrayView) override { m_source.request_stop(); }

    private:
        std::stop_source &m_source;
    } canceller(source);
    const auto outcome = m_runtime->run(job("echo started; sleep 600"), canceller,
                                        source.get_token());
    QVERIFY(outcome && outcome->kind == OutcomeKind::Cancelled);
}

void TestNativeRuntime::endsWhenItFloodsItsLog()
{
    SandboxJob flood = job(
        "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done");
    flood.policy.limits.logKillBytes = 100'000;
    const auto outcome = run(flood);
    QVERIFY(outcome && outcome->kind == OutcomeKind::OutputTooLarge);
}

void TestNativeRuntime::keepsOutputFilesOfARun()
{
    const auto outcome = run(
        job("mkdir -p /sandbox/out/files/a && echo x > /sandbox/out/files/a/b; "
            "echo '{}' > /sandbox/out/output.json"));
    QVERIFY(outcome && outcome->outDirectory);
    const QString out = u"/proc/self/fd/%1/"_s.arg(outcome->outDirectory.get());
    QCOMPARE(QDir(out).entryList(QDir::AllEntries | QDir::NoDotAndDotDot),
             QStringList({u"files"_s, u"output.json"_s}));
    QFile file(out + u"files/a/b"_s);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), "x\n");
}

void TestNativeRuntime::placesInputAndEnvironment()
{
    QFile data(m_folder->filePath(u"data"_s));
    QVERIFY(data.open(QIODevice::WriteOnly));
    data.write("payload");
    data.close();
    SandboxJob wanted = job("cat /sandbox/input.json /sandbox/input/my.txt; echo; pwd; env | grep "
                            "-v SHLVL | sort; id -u");
    wanted.inputJson = R"({"a":1})";
    wanted.inputFiles = {{u"my.txt"_s, data.fileName()}};
    wanted.environment = {{u"MINE"_s, u"yes ü"_s}, {u"HOME"_s, u"/tmp"_s}};
    const auto outcome = run(wanted);
    QVERIFY(outcome && outcome->exitCode == 0);
    QCOMPARE(m_log.out,
             "{\"a\":1}payload\n/sandbox\nHOME=/tmp\nLANG=C.UTF-8\nLC_ALL=C.UTF-8\nMINE=yes ü\n"
             "PATH=/usr/local/bin:/usr/bin:/bin\nPWD=/sandbox\nTZ=UTC\n_=/usr/bin/env\n65534\n");
}

void TestNativeRuntime::aJobsVariablesReplaceTheUsualOnes()
{
    SandboxJob wanted = job("env | grep -c ^TZ=; echo $TZ; echo $PATH");
    wanted.environment = {{u"TZ"_s, u"Europe/Paris"_s}, {u"PATH"_s, u"/tmp"_s}};
    const auto outcome = run(wanted);
    QVERIFY(outcome);
    QCOMPARE(m_log.out, "1\nEurope/Paris\n/usr/local/bin:/usr/bin:/bin\n");
}

QString TestNativeRuntime::writeFile(const QString &path, const QByteArray &text, int mode)
{
    const QString full = m_folder->filePath(path);
    if (!QDir().mkpath(QFileInfo(full).path()))
        qFatal("cannot make a folder");
    QFile file(full);
    if (!file.open(QIODevice::WriteOnly))
        qFatal("cannot write %s", qPrintable(full));
    file.write(text);
    file.flush(); // writing takes set-user-id bits away
    fchmod(file.handle(), static_cast<mode_t>(mode));
    return full;
}

void TestNativeRuntime::placesManyInputFilesWithOddNames()
{
    QStringList names{u"a b"_s,           u"-rf"_s,     u"..."_s,       u"\\"_s,
                      u"new\nline"_s,     u"'\"$x"_s,   u"ünïcode 💾"_s, u".hidden"_s,
                      QString(255, u'n'), u"\x01\x7f"_s};
    for (int i = 0; i < 1500; ++i)
        names.append(u"file %1"_s.arg(i));
    SandboxJob many = job("import os\n"
                          "for name in sorted(os.listdir('/sandbox/input')):\n"
                          "    print(repr(name), open('/sandbox/input/' + name).read())\n",
                          Language::Python);
    QByteArrayList expected;
    for (const QString &name : names) {
        const QString path = writeFile(u"data/%1"_s.arg(names.indexOf(name)), "content");
        many.inputFiles.append({name, path});
    }
    const auto outcome = run(many);
    QVERIFY(outcome);
    QVERIFY2(outcome->exitCode == 0 && outcome->kind == OutcomeKind::Exited,
             qPrintable(outcome->message + QString::fromUtf8(m_log.err)));
    QCOMPARE(m_log.out.count(" content\n"), names.size());
    QVERIFY(m_log.out.contains("'new\\nline' content"));
    QVERIFY(m_log.out.contains("'ünïcode 💾' content"));
}

void TestNativeRuntime::refusesNamesThatNoFileCanHave_data()
{
    QTest::addColumn<QStringList>("names");
    for (const QString &name : {u""_s, u"."_s, u".."_s, u"a/b"_s, u"../x"_s,
                                u"a"_s + QChar(0) + u"b"_s, QString(256, u'n'), QString(128, u'ü')})
        QTest::newRow(qPrintable(name.left(20))) << QStringList(name);
    QTest::newRow("twice") << QStringList({u"a"_s, u"b"_s, u"a"_s});
}

void TestNativeRuntime::refusesNamesThatNoFileCanHave()
{
    QFETCH(QStringList, names);
    SandboxJob wanted = job("echo started");
    for (const QString &name : names)
        wanted.inputFiles.append({name, writeFile(u"data"_s, "x")});
    const auto outcome = run(wanted);
    QVERIFY(!outcome);
    QCOMPARE(outcome.error().code, ErrorCode::BadRequest);
}

void TestNativeRuntime::handsBackWhatARunMadeOfItsSession()
{
    writeFile(u"session/kept"_s, "as it was");
    writeFile(u"session/changed"_s, "before");
    writeFile(u"session/removed"_s, "before");
    writeFile(u"session/deep/er/tool"_s, "#!/bin/sh\necho I run", 06755);
    QVERIFY(QFile::link(u"/etc/passwd"_s, m_folder->filePath(u"session/link"_s)));
    QCOMPARE(mkfifo(qPrintable(m_folder->filePath(u"session/pipe"_s)), 0666), 0);
    SandboxJob wanted = job(
        "cd /sandbox/session && find . -printf '%P %y %m %U\\n' | sort; deep/er/tool;"
        "echo after > changed; rm -r removed; mkdir new; echo mine > new/file");
    wanted.sessionDirectory = m_folder->filePath(u"session"_s);
    wanted.policy.limits.sessionBytes = 3 << 20;
    const auto outcome = run(wanted);
    QVERIFY(outcome);
    QVERIFY2(outcome->exitCode == 0, qPrintable(outcome->message + QString::fromUtf8(m_log.err)));
    QCOMPARE(m_log.out,
             " d 755 65534\nchanged f 644 65534\ndeep d 755 65534\ndeep/er d 755 65534\n"
             "deep/er/tool f 755 65534\nkept f 644 65534\nremoved f 644 65534\nI run\n");
    QVERIFY(outcome->report.value(u"controls"_s)
                .toObject()
                .value(u"root"_s)
                .toString()
                .contains(u"/sandbox/session 3 MiB"_s));

    const auto contentOf = [](const QString &path) {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("missing");
    };
    QVERIFY(outcome->sessionDirectory);
    const QString after = u"/proc/self/fd/%1/"_s.arg(outcome->sessionDirectory.get());
    QCOMPARE(contentOf(after + u"kept"_s), "as it was");
    QCOMPARE(contentOf(after + u"changed"_s), "after\n");
    QCOMPARE(contentOf(after + u"new/file"_s), "mine\n");
    QVERIFY(!QFile::exists(after + u"removed"_s));
    // Of the host's tree nothing has changed.
    QCOMPARE(contentOf(m_folder->filePath(u"session/changed"_s)), "before");
    QCOMPARE(contentOf(m_folder->filePath(u"session/removed"_s)), "before");
    QVERIFY(!QFile::exists(m_folder->filePath(u"session/new"_s)));
}

void TestNativeRuntime::hasNoSessionUnlessAsked()
{
    const auto outcome = run(job("test -e /sandbox/session"));
    QVERIFY(outcome);
    QCOMPARE(outcome->exitCode, 1);
    QVERIFY(!outcome->sessionDirectory);
}

void TestNativeRuntime::doesNotStartWithASessionThatDoesNotFit_data()
{
    QTest::addColumn<int>("files");
    QTest::addColumn<int>("bytesEach");
    QTest::addColumn<int>("depth");
    QTest::addColumn<bool>("fits");
    QTest::newRow("just fits") << 20 << (1 << 20) / 20 << 50 << true;
    QTest::newRow("too large") << 3 << (1 << 19) << 1 << false;
    QTest::newRow("too many") << 120 << 10 << 1 << false;
    QTest::newRow("too deep") << 1 << 10 << 102 << false;
}

void TestNativeRuntime::doesNotStartWithASessionThatDoesNotFit()
{
    QFETCH(int, files);
    QFETCH(int, bytesEach);
    QFETCH(int, depth);
    QFETCH(bool, fits);
    const QString folder = u"session"_s + u"/d"_s.repeated(depth);
    for (int i = 0; i < files; ++i)
        writeFile(folder + u'/' + QString::number(i), QByteArray(bytesEach, 'x'));
    SandboxJob wanted = job("echo started");
    wanted.sessionDirectory = m_folder->filePath(u"session"_s);
    wanted.policy.limits.sessionBytes = (1 << 20) + 20 * 4096;
    wanted.policy.limits.inodes = 60;
    const auto outcome = run(wanted);
    QVERIFY(outcome);
    if (fits) {
        QCOMPARE(outcome->kind, OutcomeKind::Exited);
        return;
    }
    QCOMPARE(outcome->kind, OutcomeKind::SetupFailed);
    QVERIFY2(outcome->message.contains(u"copying the session's files"_s),
             qPrintable(outcome->message));
    QCOMPARE(m_log.out, QByteArray());
    QVERIFY(!outcome->sessionDirectory);
}

void TestNativeRuntime::doesNotStartWithoutItsSession()
{
    SandboxJob wanted = job("echo started");
    wanted.sessionDirectory = u"/nonexistent/session"_s;
    const auto outcome = run(wanted);
    QVERIFY(outcome && outcome->kind == OutcomeKind::SetupFailed);
    QVERIFY2(outcome->message.contains(u"/nonexistent/session"_s), qPrintable(outcome->message));
}

void TestNativeRuntime::findsOtherInterpreters()
{
    SandboxJob wanted = job(
        "python3 -c 'print(1 + 1)'; node -p '2 + 2'; bash -c 'echo $((3 + 3))'");
    wanted.alsoLanguages = {Language::Python, Language::Node, Language::Bash};
    const auto outcome = run(wanted);
    QVERIFY(outcome);
    QCOMPARE(m_log.out, "2\n4\n6\n");
    QCOMPARE(outcome->report.value(u"other_interpreters"_s).toObject().keys(),
             QStringList({u"bash"_s, u"node"_s, u"python"_s}));
}

void TestNativeRuntime::saysWhenTheInterpreterCannotRun()
{
    SandboxJob missing = job("true");
    missing.skillDirectory = u"/nonexistent/skill"_s;
    const auto outcome = run(missing);
    QVERIFY(outcome);
    QCOMPARE(outcome->kind, OutcomeKind::SetupFailed);
    QVERIFY2(outcome->message.contains(u"/nonexistent/skill"_s), qPrintable(outcome->message));
}

void TestNativeRuntime::backgroundProcessesDieWithTheScript()
{
    // Returns at once only if the daemon, which holds the log open, is killed with the script.
    const auto outcome = run(job("(setsid sleep 600 &) ; echo done"));
    QVERIFY(outcome && outcome->kind == OutcomeKind::Exited);
    QCOMPARE(m_log.out, "done\n");
}

void TestNativeRuntime::saysWhatItUsesWhileItRuns()
{
    SandboxJob busy = job("import sys\nkept = bytearray(48 << 20)\nprint('filled', flush=True)\n"
                          "while True: pass\n",
                          Language::Python);
    busy.usage = std::make_shared<UsageMeter>();
    QVERIFY(!busy.usage->read(20s)); // at once: it does not run yet
    std::stop_source stop;
    Result<Outcome> outcome;
    std::thread runner([&] { outcome = run(busy, stop.get_token()); });
    std::optional<RunUsage> first;
    const bool filled = QTest::qWaitFor(
        [&] {
            const auto now = busy.usage->read(1s);
            if (now && now->memoryBytes > 40 << 20 && now->cpuTime > 0us)
                first = now;
            return first.has_value();
        },
        20'000);
    const bool goesOn = filled
        && QTest::qWaitFor(
                            [&] {
                                const auto now = busy.usage->read(1s);
                                return now && now->cpuTime > first->cpuTime;
                            },
                            20'000);
    stop.request_stop();
    runner.join();
    QVERIFY(filled && goesOn);
    QVERIFY(first->peakMemoryBytes >= first->memoryBytes);
    QVERIFY(first->memoryBytes < busy.policy.limits.memoryBytes);
    QVERIFY(outcome && outcome->kind == OutcomeKind::Cancelled);
    QVERIFY(!busy.usage->read(20s)); // at once: it is over
}

/// What the launcher has not read when it hangs up would reset our end of the socket (unix(7)), and
/// with it take the run's last message.
void TestNativeRuntime::wordsAtItsEndDoNotCostItsResult()
{
    LauncherClient launcher(
        qEnvironmentVariable("SKILLBOX_TEST_LAUNCHER", QStringLiteral(SKILLBOX_LAUNCHER)));
    protocol::Job job;
    job.root = hostView({});
    job.argv = {"/usr/bin/true"};
    job.workingDirectory = "/sandbox";
    job.cpuSeconds = 60;
    job.memoryBytes = job.tmpBytes = job.outputBytes = 256 << 20;
    job.processes = job.openFiles = 64;
    job.inodes = 1000;
    const protocol::RunRequest request{.wallClockMs = 20'000,
                                       .memoryBytes = job.memoryBytes,
                                       .milliCpu = 1000,
                                       .processes = job.processes};
    for (int i = 0; i < 20; ++i) {
        const auto started = launcher.launch(request, job);
        QVERIFY(started);
        const int socket = started->socket.get();
        std::jthread asker([socket](const std::stop_token &over) {
            const char word = protocol::EngineWord::Usage;
            while (!over.stop_requested() && protocol::sendPacket(socket, {&word, 1})) { }
        });
        protocol::RunMessage last;
        while (last.kind != protocol::RunMessage::Exited) {
            const protocol::Packet packet = protocol::receivePacket(socket);
            const int error = errno;
            for (int folder : packet.descriptors)
                ::close(folder);
            QVERIFY2(packet.state == protocol::Packet::State::Data, std::strerror(error));
            last = {};
            QVERIFY(protocol::decode(packet.bytes, last));
            QVERIFY2(last.kind != protocol::RunMessage::Failed, last.stage.c_str());
        }
        QCOMPARE(last.waitStatus, 0U);
    }
}

void TestNativeRuntime::manyRunsAtOnceKeepApart()
{
    constexpr int runs = 30;
    SandboxJob shared = job("echo $N > /tmp/n; sleep 0.1; cat /tmp/n; ls /tmp | wc -l");
    shared.policy.limits.wallClock = 100s; // on a slow machine they wait for each other
    std::array<QByteArray, runs> logs;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < runs; ++i) {
            threads.emplace_back([&, i] {
                SandboxJob mine = shared;
                mine.environment = {{u"N"_s, QString::number(i)}};
                Log log;
                const auto outcome = m_runtime->run(mine, log, {});
                logs[size_t(i)] = !outcome ? outcome.error().message.toUtf8()
                    : outcome->kind != OutcomeKind::Exited
                    ? "kind " + QByteArray::number(int(outcome->kind)) + outcome->message.toUtf8()
                    : log.all;
            });
        }
    }
    for (int i = 0; i < runs; ++i)
        QCOMPARE(logs[size_t(i)], QByteArray::number(i) + "\n1\n");
}

/// Also where the launcher has processes waiting, which it has after the first runs.
void TestNativeRuntime::noRunFindsWhatAnEarlierOneLeft()
{
    const SandboxJob leaver = job(
        "ls -A /tmp /dev/shm /sandbox/out /sandbox/out/files /sandbox/input | grep '^[^/]'; "
        "set -- /proc/[0-9]*; echo $#; cat /proc/sys/kernel/hostname; umask; "
        "for place in /tmp /dev/shm /sandbox/out /sandbox/out/files; do "
        "echo left > $place/left; mkdir $place/folder; done; "
        "umask 077; (sleep 1000 &)");
    QByteArray first;
    for (int i = 0; i < 24; ++i) {
        const auto outcome = run(leaver);
        QVERIFY(outcome && outcome->kind == OutcomeKind::Exited);
        QVERIFY2(!m_log.all.contains("left") && !m_log.all.contains("folder"),
                 m_log.all.constData());
        if (i == 0)
            first = m_log.all;
        QCOMPARE(m_log.all, first);
    }
    QVERIFY2(first == "files\n1\nsandbox\n0022\n", first.constData());
}

void TestNativeRuntime::survivesTheDeathOfItsLauncher()
{
    QVERIFY(run(job("true")));
    const QString children = u"/proc/self/task/%1/children"_s.arg(gettid());
    class KillLauncher final : public OutputSink
    {
    public:
        explicit KillLauncher(QString path) : m_path(std::move(path)) { }
        void write(LogStreamKind, QByteArrayView) override
        {
            QFile file(m_path);
            if (file.open(QIODevice::ReadOnly))
                ::kill(file.readAll().trimmed().toInt(), SIGKILL);
        }

    private:
        QString m_path;
    } killLauncher(children);
    const auto broken = m_runtime->run(job("echo started; sleep 600"), killLauncher, {});
    QVERIFY(!broken);
    QVERIFY(broken.error().message.contains(u"launcher ended"_s));
    const auto next = run(job("echo again"));
    QVERIFY(next && next->kind == OutcomeKind::Exited);
    QCOMPARE(m_log.out, "again\n");
}

void TestNativeRuntime::saysWhenThereIsNoLauncher()
{
    const auto runtime = NativeRuntime::create({u"/nonexistent/skillbox-sandbox"_s});
    Log log;
    const auto outcome = runtime->run(job("true"), log, {});
    QVERIFY(!outcome);
    QCOMPARE(outcome.error().code, ErrorCode::SandboxUnavailable);
    QVERIFY(outcome.error().message.contains(u"/nonexistent/skillbox-sandbox"_s));
}

void TestNativeRuntime::reportsControls()
{
    const auto outcome = run(job("true"));
    QVERIFY(outcome);
    QCOMPARE(outcome->report.value(u"backend"_s).toString(), u"native"_s);
    const QJsonObject controls = outcome->report.value(u"controls"_s).toObject();
    for (const QString &control : {u"namespaces"_s, u"seccomp"_s, u"landlock"_s, u"host_uid"_s})
        QVERIFY2(controls.contains(control), qPrintable(control));
}

void TestNativeRuntime::doesNotStartWithoutARequiredControl()
{
    SandboxJob strict = job("echo started");
    const auto usual = run(strict);
    QVERIFY(usual);
    const QJsonObject controls = usual->report.value(u"controls"_s).toObject();
    strict.policy.required = {.controlGroup = true, .landlock = true, .timeNamespace = true};
    const auto outcome = run(strict);
    QVERIFY(outcome);
    // Which of them this machine and this user have, the first run has told.
    if (controls.contains(u"no_cgroup"_s) || controls.value(u"landlock"_s) == u"absent"_s
        || controls.value(u"time_namespace"_s) == u"absent"_s) {
        QCOMPARE(outcome->kind, OutcomeKind::SetupFailed);
        QVERIFY2(outcome->message.contains(u"required control"_s), qPrintable(outcome->message));
        QCOMPARE(m_log.out, QByteArray());
    } else {
        QCOMPARE(outcome->kind, OutcomeKind::Exited);
    }
}

void TestNativeRuntime::probeFindsTheSandboxWorking()
{
    const auto states = m_runtime->probe();
    QVERIFY(states);
    for (const ControlState &state : *states) {
        QVERIFY2(state.state != ControlState::State::Missing,
                 qPrintable(state.control + u": "_s + state.detail));
    }
}

QTEST_GUILESS_MAIN(TestNativeRuntime)
#include "test_native_runtime.moc"
