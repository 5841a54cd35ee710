#include "tests/engine/execution/service_fixture.h"
#include "tests/support/forwarding_store.h"

#include <QTest>

#include <fcntl.h>

#include <atomic>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace skillbox;

namespace {

/// Refuses the first `refusals` results, as a full disk would.
class FullStore final : public ForwardingStore
{
public:
    FullStore(MetadataStore &store, int refusals) : ForwardingStore(store), m_refusals(refusals) { }
    Result<bool> finishExecution(const ExecutionRecord &record, const AuditRecord *audit) override
    {
        if (m_refusals.fetch_sub(1) > 0)
            return fail(ErrorCode::StorageUnavailable, u"the disk is full"_s);
        return m_store.finishExecution(record, audit);
    }

private:
    std::atomic<int> m_refusals;
};

class FullBlobStore final : public BlobStore
{
public:
    Result<StoredBlob> put(QIODevice &, qint64) override
    {
        return fail(ErrorCode::StorageUnavailable, u"the disk is full"_s);
    }
    Result<std::unique_ptr<QIODevice>> open(const BlobId &) override { return nullptr; }
    Result<bool> remove(const BlobId &) override { return false; }
    Result<bool> contains(const BlobId &) override { return false; }
    QString localFile(const BlobId &) const override { return {}; }
    Result<QList<BlobId>> listPutBefore(QLatin1StringView, const QDateTime &) override
    {
        return QList<BlobId>();
    }
};

} // namespace

class ExecutionFailuresTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m = std::make_unique<ServiceFixture>(); }
    void cleanup() { m.reset(); }

    void namedVersionThatDoesNotExistIsRecorded();
    void latestOfNothingIsNotFoundAndNotRecorded();
    void badNamesAndVersionsAreRefused();
    void forbiddenVariableIsRecorded();
    void forbiddenImageIsRecorded();
    void instructionsOnlyCannotRunUnlessAScriptIsNamed();
    void yankedVersionCannotRun();
    void badTimeoutIsRefused();
    void clampsAreInTheLog();
    void absentInputIsAnEmptyObject();
    void refusedRunsTellTheirObserver();

    void runtimeFailureIsRecorded();
    void exceptionInAWorkerIsRecorded();
    void observerThatThrowsDoesNotHarmTheRun();
    void resultTheStoreRefusesOnceEndsAsFailed();
    void resultTheStoreRefusesTwiceIsToldToWhoWaits();
    void artifactsThatCannotBeStoredFailTheRun();
    void idsThatNameNothingAreNotFound();
    void artifactWhoseBytesAreGoneIsSaidToBeSo();

private:
    std::unique_ptr<ServiceFixture> m;
};

void ExecutionFailuresTest::namedVersionThatDoesNotExistIsRecorded()
{
    m->start();
    for (const QString &skill : {u"held"_s, u"unknown"_s}) {
        ExecutionRequest request = m->request(skill);
        request.version = u"9.9.9"_s;
        const ExecutionRecord record = m->runOne(request);
        QCOMPARE(record.status, ExecutionStatus::Failed);
        QCOMPARE(record.reason, u"version_not_found"_s);
        QCOMPARE(record.skillName, skill);
        QCOMPARE(record.skillVersion, u"9.9.9"_s);
        QVERIFY2(record.error.contains(u"9.9.9"_s), qPrintable(record.error));
        QVERIFY(!record.startedAt.isValid());
    }
    QVERIFY(m->runtime.inputs().isEmpty());
}

void ExecutionFailuresTest::latestOfNothingIsNotFoundAndNotRecorded()
{
    m->start();
    for (const QString &version : {QString(), u"latest"_s}) {
        ExecutionRequest request = m->request(u"unknown"_s);
        request.version = version;
        const auto refused = m->service->submit(request);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::NotFound);
    }
    ExecutionRequest folder = m->request();
    folder.directory = u"/nowhere/at/all"_s;
    QVERIFY(!m->service->submit(folder));
    QCOMPARE(m->recorded(), 0);
}

void ExecutionFailuresTest::badNamesAndVersionsAreRefused()
{
    m->start();
    ExecutionRequest badName = m->request(u"../etc"_s);
    ExecutionRequest badVersion = m->request();
    badVersion.version = u"not a version"_s;
    for (const ExecutionRequest &request : {badName, badVersion}) {
        const auto refused = m->service->submit(request);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::BadRequest);
    }
    QCOMPARE(m->recorded(), 0);
}

void ExecutionFailuresTest::forbiddenVariableIsRecorded()
{
    m->start();
    ExecutionRequest request = m->request();
    request.environment = {{u"FINE"_s, u"1"_s}, {u"LD_PRELOAD"_s, u"x.so"_s}};
    const ExecutionRecord record = m->runOne(request);
    QCOMPARE(record.status, ExecutionStatus::Failed);
    QCOMPARE(record.reason, u"env_not_allowed"_s);
    QCOMPARE(record.error, u"env var \"LD_PRELOAD\" is not allowed"_s);
    QVERIFY(!record.skillDigest.isEmpty());
    QVERIFY(m->runtime.inputs().isEmpty());
}

void ExecutionFailuresTest::forbiddenImageIsRecorded()
{
    m->publish(u"pictured"_s, "image: evil:latest\n");
    m->start();
    const ExecutionRecord record = m->runOne(m->request(u"pictured"_s));
    QCOMPARE(record.status, ExecutionStatus::Failed);
    QCOMPARE(record.reason, u"image_not_allowed"_s);
    QVERIFY2(record.error.contains(u"evil:latest"_s), qPrintable(record.error));
    QVERIFY(m->runtime.inputs().isEmpty());
}

void ExecutionFailuresTest::instructionsOnlyCannotRunUnlessAScriptIsNamed()
{
    m->publish(u"reader"_s, {}, u"tools/helper.py"_s);
    m->start();
    const auto refused = m->service->submit(m->request(u"reader"_s));
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::NotExecutable);

    ExecutionRequest named = m->request(u"reader"_s);
    named.entrypoint = u"tools/helper.py"_s;
    const ExecutionRecord record = m->runOne(named);
    QCOMPARE(record.status, ExecutionStatus::Success);
    QCOMPARE(record.entrypoint, u"tools/helper.py"_s);

    named.entrypoint = u"tools/other.py"_s;
    const auto missing = m->service->submit(named);
    QVERIFY(!missing);
    QCOMPARE(missing.error().code, ErrorCode::NotFound);
    QCOMPARE(m->recorded(), 1);
}

void ExecutionFailuresTest::yankedVersionCannotRun()
{
    m->must(m->registry->yank({localTenant(), u"held"_s, u"1.0.0"_s}, u"broken"_s, {u"tester"_s}));
    m->start();
    ExecutionRequest request = m->request();
    request.version = u"1.0.0"_s;
    const auto refused = m->service->submit(request);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::SkillNotAvailable);
    QCOMPARE(m->recorded(), 0);
}

void ExecutionFailuresTest::badTimeoutIsRefused()
{
    m->start();
    ExecutionRequest request = m->request();
    request.timeout = 0ms;
    const auto refused = m->service->submit(request);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::BadRequest);
}

void ExecutionFailuresTest::clampsAreInTheLog()
{
    m->publish(u"greedy"_s, "timeout: 2h\n");
    m->start();
    const ExecutionRecord record = m->runOne(m->request(u"greedy"_s));
    QCOMPARE(record.logs,
             u"skillbox: timeout of 2h is over the maximum, 10m applies\nstarted {}\n"_s);
}

void ExecutionFailuresTest::absentInputIsAnEmptyObject()
{
    m->start();
    QCOMPARE(m->runOne(m->request()).input.bytes(), "{}"_ba);
    ExecutionRequest null = m->request();
    null.input = *JsonText::parse("null");
    QCOMPARE(m->runOne(null).input.bytes(), "{}"_ba);
    QCOMPARE(m->runtime.inputs(), (QByteArrayList{"{}"_ba, "{}"_ba}));
}

void ExecutionFailuresTest::refusedRunsTellTheirObserver()
{
    m->start();
    ExecutionRequest request = m->request();
    request.environment = {{u"PATH"_s, u"/"_s}};
    QList<ExecutionEvent> events;
    m->wait(m->submit(request, [&events](const ExecutionEvent &event) { events += event; }));
    QCOMPARE(events.size(), 1);
    QCOMPARE(events[0].kind, ExecutionEvent::Kind::Finished);
    QCOMPARE(events[0].status, ExecutionStatus::Failed);
    QCOMPARE(events[0].seq, 1);
}

void ExecutionFailuresTest::runtimeFailureIsRecorded()
{
    m->runtime.setBody([](const SandboxJob &, OutputSink &) -> Result<Outcome> {
        return fail(ErrorCode::SandboxUnavailable, u"user namespaces are not allowed here"_s);
    });
    m->start();
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"user namespaces"_s));
    const ExecutionRecord record = m->runOne(m->request());
    QCOMPARE(record.status, ExecutionStatus::Failed);
    QCOMPARE(record.reason, u"setup"_s);
    QCOMPARE(record.error, u"user namespaces are not allowed here"_s);
    QCOMPARE(record.logs, u"started {}\n"_s);
}

void ExecutionFailuresTest::exceptionInAWorkerIsRecorded()
{
    m->runtime.setBody([](const SandboxJob &, OutputSink &) -> Result<Outcome> {
        throw std::runtime_error("surprise");
    });
    RunLimits limits;
    limits.maxConcurrent = 1;
    m->start(limits);
    const ExecutionRecord record = m->runOne(m->request());
    QCOMPARE(record.status, ExecutionStatus::Failed);
    QCOMPARE(record.reason, u"internal"_s);
    QVERIFY2(record.error.contains(u"surprise"_s), qPrintable(record.error));
    // The worker goes on.
    m->runtime.setBody({});
    QCOMPARE(m->runOne(m->request()).status, ExecutionStatus::Success);
}

void ExecutionFailuresTest::observerThatThrowsDoesNotHarmTheRun()
{
    m->start();
    m->runtime.release();
    std::atomic<int> told = 0;
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"observer threw"_s));
    const ExecutionId id = m->submit(m->request(), [&told](const ExecutionEvent &) {
        ++told;
        throw std::runtime_error("bad observer");
    });
    QCOMPARE(m->wait(id).status, ExecutionStatus::Success);
    QCOMPARE(told.load(), 1);
}

void ExecutionFailuresTest::resultTheStoreRefusesOnceEndsAsFailed()
{
    FullStore store(*m->metadata, 1);
    m->start({}, &store);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"cannot be recorded"_s));
    ExecutionStatus told = ExecutionStatus::Queued;
    m->runtime.release();
    const ExecutionRecord record = m->wait(
        m->submit(m->request(), [&](const ExecutionEvent &event) { told = event.status; }));
    QCOMPARE(record.status, ExecutionStatus::Failed);
    QCOMPARE(record.reason, u"internal"_s);
    QVERIFY2(record.error.contains(u"the disk is full"_s), qPrintable(record.error));
    QCOMPARE(told, ExecutionStatus::Failed);
    m->service.reset();
}

void ExecutionFailuresTest::resultTheStoreRefusesTwiceIsToldToWhoWaits()
{
    FullStore store(*m->metadata, 2);
    m->start({}, &store);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"cannot be recorded"_s));
    m->runtime.release();
    const ExecutionId id = m->submit(m->request());
    const auto record = m->service->wait(localTenant(), id);
    QVERIFY(!record);
    QCOMPARE(record.error().code, ErrorCode::StorageUnavailable);
    QVERIFY2(record.error().message.contains(id.value)
                 && record.error().message.contains(u"the disk is full"_s),
             qPrintable(record.error().message));
    // The next instance to look finds it unfinished and ends it.
    QCOMPARE(m->must(m->metadata->instancesWithUnfinished()), QList{m->instance->id()});
    m->service.reset();
}

void ExecutionFailuresTest::artifactsThatCannotBeStoredFailTheRun()
{
    const QString out = m->directory.filePath(u"out"_s);
    test::writeFile(out + u"/files/a.txt"_s, "x");
    test::writeFile(out + u"/output.json"_s, "[1]");
    m->runtime.setBody([out](const SandboxJob &, OutputSink &) -> Result<Outcome> {
        Outcome outcome;
        outcome.outDirectory.reset(
            ::open(QFile::encodeName(out).constData(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        return outcome;
    });
    FullBlobStore blobs;
    m->start({}, nullptr, &blobs);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"could not be stored"_s));
    const ExecutionRecord record = m->runOne(m->request());
    QCOMPARE(record.status, ExecutionStatus::Failed);
    QCOMPARE(record.reason, u"internal"_s);
    QVERIFY2(record.error.contains(u"the disk is full"_s), qPrintable(record.error));
    QCOMPARE(record.output.bytes(), "[1]"_ba);
    m->service.reset();
}

void ExecutionFailuresTest::idsThatNameNothingAreNotFound()
{
    m->start();
    for (const QString &unknown : {newUuid(), u"no-uuid"_s, QString(), u"../x"_s}) {
        const ExecutionId id{unknown};
        QCOMPARE(m->service->find(localTenant(), id).error().code, ErrorCode::NotFound);
        QCOMPARE(m->service->wait(localTenant(), id).error().code, ErrorCode::NotFound);
        QCOMPARE(m->service->logs(localTenant(), id).error().code, ErrorCode::NotFound);
    }
    const ExecutionId mine = m->submit(m->request());
    QCOMPARE(m->service->find({u"somebody-else"_s}, mine).error().code, ErrorCode::NotFound);
    QCOMPARE(m->service->wait({u"somebody-else"_s}, mine).error().code, ErrorCode::NotFound);
}

void ExecutionFailuresTest::artifactWhoseBytesAreGoneIsSaidToBeSo()
{
    m->start();
    ArtifactRecord artifact;
    artifact.path = u"chart.png"_s;
    artifact.blob = {QString(64, u'0')};
    const auto device = m->service->openArtifact(artifact);
    QVERIFY(!device);
    QCOMPARE(device.error().code, ErrorCode::StorageCorrupt);
    QVERIFY(device.error().message.contains(u"chart.png"_s));
}

QTEST_GUILESS_MAIN(ExecutionFailuresTest)
#include "test_execution_failures.moc"
