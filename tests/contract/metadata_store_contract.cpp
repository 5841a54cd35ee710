#include "tests/contract/metadata_store_contract.h"

#include "tests/support/store_records.h"
#include "tests/support/verify_result.h"

#include <QTest>

using namespace Qt::StringLiterals;

namespace skillbox::test {
namespace {

const TenantId local = localTenant();
const TenantId other{u"other"_s};

} // namespace

void MetadataStoreContract::init()
{
    // QtSql complains on the console of connections that are shared between threads or left open.
    QTest::failOnWarning(QRegularExpression(u".*"_s));
    makeEmptyStore();
    auto store = openStore();
    VERIFY_OK(store);
    m_store = std::move(*store);
    VERIFY_OK(m_store->addTenant(other, at(0)));
}

void MetadataStoreContract::cleanup()
{
    m_store.reset();
}

void MetadataStoreContract::hasTheLocalTenantFromTheStart()
{
    const auto added = m_store->addTenant(local, at(0));
    VERIFY_OK(added);
    QVERIFY(!*added);
}

void MetadataStoreContract::addsATenantOnce()
{
    QVERIFY(m_store->addTenant({u"acme"_s}, at(0)).value());
    QVERIFY(!m_store->addTenant({u"acme"_s}, at(1)).value());
}

void MetadataStoreContract::refusesRecordsOfUnknownTenants()
{
    const TenantId nobody{u"nobody"_s};
    QVERIFY(!m_store->insertVersion(someVersion(nobody, u"a"_s, u"1.0.0"_s)));
    QVERIFY(!m_store->insertExecution(someExecution(nobody)));
    QVERIFY(!m_store->appendAudit({nobody, at(0), u"me"_s, u"x"_s, u"y"_s, {}}));
}

void MetadataStoreContract::knowsWhichBlobsAreReferred()
{
    const SkillVersionRecord version = someVersion(other, u"a"_s, u"1.0.0"_s);
    VERIFY_OK(m_store->insertVersion(version));
    QVERIFY(m_store->isBlobReferenced(version.archive).value());
    QVERIFY(!m_store->isBlobReferenced(blobNamed(u"nothing"_s)).value());
    SkillVersionRecord twin = version;
    twin.tenant = local;
    VERIFY_OK(m_store->insertVersion(twin));
    VERIFY_OK(m_store->deleteVersion(other, u"a"_s, u"1.0.0"_s));
    QVERIFY(m_store->isBlobReferenced(version.archive).value());
    VERIFY_OK(m_store->deleteVersion(local, u"a"_s, u"1.0.0"_s));
    QVERIFY(!m_store->isBlobReferenced(version.archive).value());

    ExecutionRecord run = someExecution(local);
    VERIFY_OK(m_store->insertExecution(run));
    run = finished(run);
    run.artifacts = {someArtifact(u"a"_s)};
    VERIFY_OK(m_store->finishExecution(run));
    QVERIFY(m_store->isBlobReferenced(run.artifacts[0].blob).value());
}

void MetadataStoreContract::releasesOnlyUnreferredBlobs()
{
    const SkillVersionRecord version = someVersion(local, u"a"_s, u"1.0.0"_s);
    VERIFY_OK(m_store->insertVersion(version));
    int calls = 0;
    const auto count = [&]() -> Result<void> {
        ++calls;
        return {};
    };
    QVERIFY(!m_store->releaseBlob(version.archive, count).value());
    QCOMPARE(calls, 0);
    QVERIFY(m_store->releaseBlob(blobNamed(u"nothing"_s), count).value());
    QCOMPARE(calls, 1);
    const auto failed = m_store->releaseBlob(blobNamed(u"nothing"_s), []() -> Result<void> {
        return fail(ErrorCode::StorageUnavailable, u"Not now."_s);
    });
    VERIFY_FAILS(failed, ErrorCode::StorageUnavailable, u"Not now"_s);
    // Nobody knows whether that request is not carried out all the same.
    QVERIFY(m_store->isBlobBeingReleased(blobNamed(u"nothing"_s)).value());
    QVERIFY(!m_store->isBlobBeingReleased(version.archive).value());
}

void MetadataStoreContract::keepsNobodyWaitingForARelease()
{
    const auto elsewhere = openStore();
    VERIFY_OK(elsewhere);
    const SkillVersionRecord version = someVersion(local, u"a"_s, u"1.0.0"_s);
    bool looked = false;
    const auto released = m_store->releaseBlob(version.archive, [&]() -> Result<void> {
        MetadataStore &store = **elsewhere;
        // A record of it can be made; whoever makes it sees that it may have lost its bytes.
        const auto inserted = store.insertVersion(version);
        const auto seen = store.isBlobBeingReleased(version.archive);
        const auto another = store.isBlobBeingReleased(blobNamed(u"another"_s));
        const auto again = store.releaseBlob(version.archive, [&]() -> Result<void> {
            return fail(ErrorCode::Internal, u"Called."_s);
        });
        looked = inserted.has_value() && seen.value_or(false) && !another.value_or(true)
            && !again.value_or(true);
        return {};
    });
    QVERIFY(released.value());
    QVERIFY(looked);
    QVERIFY(!m_store->isBlobBeingReleased(version.archive).value());
    QVERIFY(!m_store->releaseBlob(version.archive, [] { return Result<void>(); }).value());
    QVERIFY(!m_store->isBlobBeingReleased(version.archive).value());
}

void MetadataStoreContract::separatesTenants()
{
    ExecutionRecord run = someExecution(local);
    VERIFY_OK(m_store->insertExecution(run));
    VERIFY_OK(m_store->insertVersion(someVersion(local, u"a"_s, u"1.0.0"_s)));
    VERIFY_OK(m_store->appendAudit({local, at(0), u"me"_s, u"x"_s, u"y"_s, {}}));

    QVERIFY(!m_store->findVersion(other, u"a"_s, u"1.0.0"_s).value());
    QVERIFY(m_store->availableVersions(other, u"a"_s).value().isEmpty());
    QVERIFY(m_store->listVersions(other, {}).value().isEmpty());
    QVERIFY(!m_store->setYanked(other, u"a"_s, u"1.0.0"_s, at(1), {}).value());
    QVERIFY(!m_store->deleteVersion(other, u"a"_s, u"1.0.0"_s).value());
    QVERIFY(!m_store->findExecution(other, run.id).value());
    QVERIFY(m_store->listExecutions(other, {}).value().isEmpty());
    QVERIFY(!m_store->markRunning(other, run.id, at(1)).value());
    QVERIFY(!m_store->requestCancel(other, run.id).value());
    ExecutionRecord stolen = finished(run);
    stolen.tenant = other;
    stolen.artifacts = {someArtifact(u"a"_s)};
    QVERIFY(!m_store->finishExecution(stolen).value());
    QVERIFY(m_store->listAudit(other, {}).value().isEmpty());

    run = finished(run);
    run.artifacts = {someArtifact(u"a"_s)};
    VERIFY_OK(m_store->finishExecution(run));
    QVERIFY(!m_store->findFile(other, run.artifacts[0].file).value());
    // Another tenant may have the same names with other content.
    SkillVersionRecord theirs = someVersion(other, u"a"_s, u"1.0.0"_s);
    theirs.digest = u"sha256:dd"_s;
    QCOMPARE(m_store->insertVersion(theirs).value(), InsertOutcome::Inserted);
}

} // namespace skillbox::test
