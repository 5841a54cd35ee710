// `skillbox doctor` says what is true: on this machine, and where no sandbox can be made.

#include "tests/sandbox/attack_runner.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStandardPaths>
#include <QTest>

#include <unistd.h>

using namespace Qt::StringLiterals;

namespace {

struct Diagnosis {
    int exitCode = -1;
    QByteArray text;
    bool isHealthy = false;
    QMap<QString, QJsonObject> controls; ///< by name
};

} // namespace

class TestDoctor : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsWhatThisMachineHas();
    void tellsThatARequiredControlIsMissing();
    void tellsThatUserNamespacesAreForbidden();
    void tellsThatTheLauncherIsMissing();
    void triesTheSandboxBesideAStoreThatCannotBeOpened();

private:
    Diagnosis examine(const QString &launcher, const QString &shellBefore = {},
                      const QStringList &prefix = {}) const;
    QTemporaryDir m_folder;
};

Diagnosis TestDoctor::examine(const QString &launcher, const QString &shellBefore,
                              const QStringList &prefix) const
{
    QProcess doctor;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"SKILLBOX_DATA_DIR"_s, m_folder.filePath(u"data"_s));
    environment.insert(u"SKILLBOX_SANDBOX_LAUNCHER"_s, launcher);
    doctor.setProcessEnvironment(environment);
    QStringList command = prefix;
    command << u"sh"_s << u"-c"_s << shellBefore + u"exec \"$0\" doctor --json"_s
            << qEnvironmentVariable("SKILLBOX_TEST_PROGRAM", QStringLiteral(SKILLBOX_PROGRAM));
    doctor.start(command.takeFirst(), command);
    Diagnosis diagnosis;
    if (!doctor.waitForFinished(60'000) || doctor.exitStatus() != QProcess::NormalExit)
        return diagnosis;
    diagnosis.exitCode = doctor.exitCode();
    const QByteArray out = doctor.readAllStandardOutput();
    const QJsonObject json = QJsonDocument::fromJson(out).object();
    diagnosis.text = out + doctor.readAllStandardError();
    diagnosis.isHealthy = json.value(u"healthy"_s).toBool();
    for (const QJsonValue &control : json.value(u"controls"_s).toArray())
        diagnosis.controls.insert(control[u"control"_s].toString(), control.toObject());
    return diagnosis;
}

void TestDoctor::tellsWhatThisMachineHas()
{
    const Diagnosis diagnosis = examine(launcherPath());
    QVERIFY2(diagnosis.exitCode == 0, diagnosis.text.constData());
    QVERIFY(diagnosis.isHealthy);
    for (const QString &control : {u"sandbox"_s, u"namespaces"_s, u"file system"_s, u"/proc"_s,
                                   u"seccomp filter"_s, u"capabilities"_s, u"process limit"_s}) {
        QVERIFY2(diagnosis.controls.value(control).value(u"state"_s) == u"active"_s,
                 qPrintable(control));
    }
    const QString uid = diagnosis.controls.value(u"host uid of a run"_s)[u"detail"_s].toString();
    if (geteuid() == 0)
        QVERIFY2(uid.startsWith(u"private "_s) || uid == u"nobody"_s, qPrintable(uid));
    else
        QCOMPARE(uid, u"caller"_s);
    // What is weaker says why and what would help.
    for (const QJsonObject &control : diagnosis.controls) {
        if (control[u"state"_s] == u"degraded"_s)
            QVERIFY2(!control[u"detail"_s].toString().isEmpty(), diagnosis.text.constData());
    }
    const QJsonObject memory = diagnosis.controls.value(u"memory limit"_s);
    QVERIFY(memory[u"state"_s] == u"active"_s
                ? memory[u"detail"_s].toString().contains(u"cgroup"_s)
                : memory[u"fix"_s].toString().contains(u"Delegate"_s));
}

/// What a run is refused for wanting is not merely weaker: doctor and a run agree.
void TestDoctor::tellsThatARequiredControlIsMissing()
{
    const Diagnosis usual = examine(launcherPath());
    const Diagnosis strict = examine(
        launcherPath(),
        u"export SKILLBOX_REQUIRED_CONTROLS=control_group,landlock,time_namespace && "_s);
    int missing = 0;
    for (const QString &control :
         {u"memory limit"_s, u"processor limit"_s, u"Landlock"_s, u"time namespace"_s}) {
        const bool isWeaker = usual.controls.value(control)[u"state"_s] == u"degraded"_s;
        const QJsonObject now = strict.controls.value(control);
        QVERIFY2(now[u"state"_s] == (isWeaker ? u"missing"_s : u"active"_s),
                 strict.text.constData());
        if (isWeaker) {
            ++missing;
            QVERIFY2(now[u"detail"_s].toString().contains(u"SKILLBOX_REQUIRED_CONTROLS"_s),
                     strict.text.constData());
        }
    }
    if (missing == 0)
        qInfo("this machine has every control that can be required");
    QCOMPARE(strict.exitCode, missing > 0 ? 1 : 0);
    QCOMPARE(strict.isHealthy, missing == 0);
}

void TestDoctor::tellsThatUserNamespacesAreForbidden()
{
    const QString unshare = QStandardPaths::findExecutable(u"unshare"_s);
    if (unshare.isEmpty()
        || QProcess::execute(unshare, {u"--user"_s, u"--map-root-user"_s, u"true"_s}) != 0)
        QSKIP("no unshare(1), or it may not make a user namespace in which there may be no other");
    const Diagnosis diagnosis = examine(launcherPath(),
                                        u"echo 0 > /proc/sys/user/max_user_namespaces && "_s,
                                        {unshare, u"--user"_s, u"--map-root-user"_s});
    QVERIFY2(diagnosis.exitCode == 1, diagnosis.text.constData());
    QVERIFY(!diagnosis.isHealthy);
    const QJsonObject sandbox = diagnosis.controls.value(u"sandbox"_s);
    QVERIFY2(sandbox[u"state"_s] == u"missing"_s, diagnosis.text.constData());
    QVERIFY2(sandbox[u"detail"_s].toString().contains(u"user namespaces"_s),
             diagnosis.text.constData());
    QVERIFY2(sandbox[u"fix"_s].toString().contains(u"user.max_user_namespaces"_s),
             diagnosis.text.constData());
    QVERIFY2(!diagnosis.controls.contains(u"seccomp filter"_s),
             "controls of a sandbox that there is not");
}

void TestDoctor::tellsThatTheLauncherIsMissing()
{
    const Diagnosis diagnosis = examine(m_folder.filePath(u"nothing"_s));
    QVERIFY2(diagnosis.exitCode == 1, diagnosis.text.constData());
    QVERIFY(!diagnosis.isHealthy);
    QVERIFY2(diagnosis.text.contains("nothing"), diagnosis.text.constData());
}

void TestDoctor::triesTheSandboxBesideAStoreThatCannotBeOpened()
{
    const Diagnosis diagnosis = examine(launcherPath(),
                                        u"export SKILLBOX_DATA_DIR=/dev/null/data && "_s);
    QVERIFY2(diagnosis.exitCode == 1, diagnosis.text.constData());
    const QJsonObject store = diagnosis.controls.value(u"store"_s);
    QVERIFY2(store[u"state"_s] == u"missing"_s, diagnosis.text.constData());
    QVERIFY2(store[u"detail"_s].toString().contains(u"/dev/null/data"_s),
             diagnosis.text.constData());
    QVERIFY2(diagnosis.controls.value(u"sandbox"_s).value(u"state"_s) == u"active"_s,
             diagnosis.text.constData());
}

QTEST_GUILESS_MAIN(TestDoctor)
#include "test_doctor.moc"
