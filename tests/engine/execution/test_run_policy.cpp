#include "engine/execution/run_policy.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace skillbox;

class RunPolicyTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void usesDefaultsWhereTheSkillAsksForNothing();
    void givesTheSkillWhatItAsksForWithinTheMaximum();
    void clampsToTheMaximumAndSaysSo();
    void defaultsNeverPassTheMaximum();
    void callersTimeoutOnlyShortens();
    void everyLimitComesFromTheOperator();
    void allowedToolsWidenNothing();

    void checksImages_data();
    void checksImages();

    void judgesOutcomes_data();
    void judgesOutcomes();
    void judgesErrors();
};

void RunPolicyTest::usesDefaultsWhereTheSkillAsksForNothing()
{
    const RunPolicy made = makePolicy({}, {}, {});
    QCOMPARE(made.policy.limits.wallClock, std::chrono::milliseconds(120s));
    QCOMPARE(made.policy.limits.memoryBytes, 256LL << 20);
    QCOMPARE(made.policy.limits.milliCpu, 500);
    QVERIFY(made.notes.isEmpty());
}

void RunPolicyTest::givesTheSkillWhatItAsksForWithinTheMaximum()
{
    Manifest manifest;
    manifest.timeout = 600s;
    manifest.memoryBytes = 64LL << 20;
    manifest.milliCpu = 4000;
    const RunPolicy made = makePolicy(manifest, {}, {});
    QCOMPARE(made.policy.limits.wallClock, std::chrono::milliseconds(600s));
    QCOMPARE(made.policy.limits.memoryBytes, 64LL << 20);
    QCOMPARE(made.policy.limits.milliCpu, 4000);
    QVERIFY(made.notes.isEmpty());
}

void RunPolicyTest::clampsToTheMaximumAndSaysSo()
{
    Manifest manifest;
    manifest.timeout = 1h;
    manifest.memoryBytes = 8LL << 30;
    manifest.milliCpu = 16'000;
    const RunPolicy made = makePolicy(manifest, {}, {});
    QCOMPARE(made.policy.limits.wallClock, std::chrono::milliseconds(600s));
    QCOMPARE(made.policy.limits.memoryBytes, 1LL << 30);
    QCOMPARE(made.policy.limits.milliCpu, 4000);
    QCOMPARE(made.notes,
             (QStringList{u"timeout of 1h is over the maximum, 10m applies"_s,
                          u"memory of 8Gi is over the maximum, 1Gi applies"_s,
                          u"cpu of 16 is over the maximum, 4 applies"_s}));
}

void RunPolicyTest::defaultsNeverPassTheMaximum()
{
    RunLimits limits;
    limits.maxTimeout = 1s;
    limits.maxMemoryBytes = 1 << 20;
    limits.maxMilliCpu = 100;
    const RunPolicy made = makePolicy({}, limits, {});
    QCOMPARE(made.policy.limits.wallClock, std::chrono::milliseconds(1s));
    QCOMPARE(made.policy.limits.memoryBytes, 1LL << 20);
    QCOMPARE(made.policy.limits.milliCpu, 100);
    QVERIFY(made.notes.isEmpty());
}

void RunPolicyTest::callersTimeoutOnlyShortens()
{
    Manifest manifest;
    manifest.timeout = 60s;
    const RunPolicy shorter = makePolicy(manifest, {}, 5s);
    QCOMPARE(shorter.policy.limits.wallClock, std::chrono::milliseconds(5s));
    QVERIFY(shorter.notes.isEmpty());
    const RunPolicy longer = makePolicy(manifest, {}, 90s);
    QCOMPARE(longer.policy.limits.wallClock, std::chrono::milliseconds(60s));
    QCOMPARE(longer.notes,
             QStringList{u"the requested timeout of 1m30s can only shorten, 1m applies"_s});
}

void RunPolicyTest::everyLimitComesFromTheOperator()
{
    RunLimits limits;
    limits.maxFilesBytes = 12'345;
    limits.maxLogBytes = 128LL << 20;
    const SandboxLimits made = makePolicy({}, limits, {}).policy.limits;
    QCOMPARE(made.outputBytes, 12'345);
    QCOMPARE(made.logBytes, 128LL << 20);
    QVERIFY(made.logKillBytes >= made.logBytes);
}

/// The field is shown to agents, and is no wish that the sandbox hears.
void RunPolicyTest::allowedToolsWidenNothing()
{
    Manifest manifest;
    manifest.allowedTools = {u"Bash"_s, u"network"_s, u"*"_s};
    manifest.metadata = {{u"sandbox"_s, u"off"_s}, {u"privileged"_s, u"true"_s}};
    RunLimits limits;
    limits.requiredControls.controlGroup = true;
    const SandboxPolicy made = makePolicy(manifest, limits, {}).policy;
    const SandboxPolicy plain = makePolicy({}, limits, {}).policy;
    QVERIFY(made.limits == plain.limits);
    QVERIFY(made.required == limits.requiredControls);
}

void RunPolicyTest::checksImages_data()
{
    QTest::addColumn<QString>("image");
    QTest::addColumn<QStringList>("allowlist");
    QTest::addColumn<QString>("reason");
    QTest::newRow("none") << QString() << defaultImages() << QString();
    QTest::newRow("a default one") << u"python:3.11-slim"_s << defaultImages() << QString();
    QTest::newRow("unknown") << u"evil:latest"_s << defaultImages() << u"image_not_allowed"_s;
    QTest::newRow("allowed but not here")
        << u"tools:1"_s << QStringList{u"tools:1"_s} << u"image_not_available"_s;
    QTest::newRow("language taken off the list")
        << QString() << QStringList{u"bash:5"_s} << u"image_not_allowed"_s;
    QTest::newRow("empty list") << QString() << QStringList() << u"image_not_allowed"_s;
}

void RunPolicyTest::checksImages()
{
    QFETCH(QString, image);
    QFETCH(QStringList, allowlist);
    Manifest manifest;
    manifest.image = image;
    const RunImage chosen = chooseImage(manifest, Language::Python, allowlist, nullptr);
    const auto &refusal = chosen.refusal;
    QCOMPARE(chosen.name, QString()); // nothing was imported: this machine's interpreter or none
    QTEST(refusal ? refusal->reason : QString(), "reason");
    if (refusal) {
        const QString named = image.isEmpty() ? u"python:3.12-slim"_s : image;
        QVERIFY2(refusal->error.contains(named), qPrintable(refusal->error));
        QCOMPARE(refusal->status, ExecutionStatus::Failed);
    }
}

void RunPolicyTest::judgesOutcomes_data()
{
    QTest::addColumn<OutcomeKind>("kind");
    QTest::addColumn<int>("number");
    QTest::addColumn<ExecutionStatus>("status");
    QTest::addColumn<QString>("reason");
    QTest::addColumn<QString>("error");
    using Status = ExecutionStatus;
    QTest::newRow("success") << OutcomeKind::Exited << 0 << Status::Success << QString()
                             << QString();
    QTest::newRow("exit code") << OutcomeKind::Exited << 3 << Status::Failed << u"exit_code"_s
                               << u"command exited with code 3"_s;
    QTest::newRow("signal") << OutcomeKind::Signaled << 11 << Status::Failed << u"signal"_s
                            << u"command was ended by signal 11 (SIGSEGV)"_s;
    QTest::newRow("real-time signal") << OutcomeKind::Signaled << 40 << Status::Failed
                                      << u"signal"_s << u"command was ended by signal 40"_s;
    QTest::newRow("timeout") << OutcomeKind::TimedOut << 0 << Status::Timeout << u"wall_clock"_s
                             << u"execution timed out after 5s"_s;
    QTest::newRow("cancelled") << OutcomeKind::Cancelled << 0 << Status::Cancelled << u"cancelled"_s
                               << u"execution was cancelled"_s;
    QTest::newRow("log flood") << OutcomeKind::OutputTooLarge << 0 << Status::Failed
                               << u"output_too_large"_s
                               << u"execution wrote more than 64Mi to its log"_s;
    QTest::newRow("memory") << OutcomeKind::OutOfMemory << 0 << Status::Failed << u"oom"_s
                            << u"execution ran out of memory (limit 256Mi)"_s;
    QTest::newRow("setup") << OutcomeKind::SetupFailed << 0 << Status::Failed << u"setup"_s
                           << u"sandbox could not be set up: no python3"_s;
}

void RunPolicyTest::judgesOutcomes()
{
    QFETCH(OutcomeKind, kind);
    QFETCH(int, number);
    Outcome outcome;
    outcome.kind = kind;
    outcome.exitCode = kind == OutcomeKind::Exited ? number : 0;
    outcome.signal = number;
    outcome.message = u"no python3"_s;
    SandboxLimits limits;
    limits.wallClock = 5s;
    const Verdict verdict = verdictOn(outcome, limits);
    QTEST(verdict.status, "status");
    QTEST(verdict.reason, "reason");
    QTEST(verdict.error, "error");
    QCOMPARE(verdict.exitCode.has_value(), kind == OutcomeKind::Exited);
    QCOMPARE(verdict.exitCode.value_or(number), number);
}

void RunPolicyTest::judgesErrors()
{
    const Verdict setup = verdictOn(Error{ErrorCode::SandboxUnavailable, u"no namespaces"_s});
    QCOMPARE(setup.reason, u"setup"_s);
    QCOMPARE(setup.error, u"no namespaces"_s);
    QCOMPARE(verdictOn(Error{ErrorCode::Internal, u"x"_s}).reason, u"internal"_s);
    QCOMPARE(verdictOn(Error{ErrorCode::Cancelled, u"x"_s}).status, ExecutionStatus::Cancelled);
}

QTEST_GUILESS_MAIN(RunPolicyTest)
#include "test_run_policy.moc"
