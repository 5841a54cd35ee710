#include "engine/sandbox/oci/engine_client.h"
#include "tests/engine/sandbox/oci/oci_runtime_test.h"
#include "tests/support/verify_result.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

#include <sys/stat.h>
#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox::test {

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
                RunLog log;
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
    QCOMPARE(image.value("name"_L1).toString(), testImage());
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
        const QJsonObject body{{u"Image"_s, testImage()},
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

} // namespace skillbox::test
