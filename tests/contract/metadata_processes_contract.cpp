#include "tests/contract/metadata_store_contract.h"

#include "tests/support/store_helper_process.h"
#include "tests/support/store_records.h"
#include "tests/support/verify_result.h"

#include <QTest>

#include <atomic>
#include <thread>

using namespace Qt::StringLiterals;

namespace skillbox::test {
namespace {

const TenantId local = localTenant();
const TenantId other{u"other"_s};

} // namespace

void MetadataStoreContract::keepsEverythingAcrossReopening()
{
    const ExecutionRecord run = someExecution(local);
    VERIFY_OK(m_store->insertExecution(run));
    m_store.reset();
    auto again = openStore();
    VERIFY_OK(again);
    QVERIFY((*again)->findExecution(local, run.id).value());
    auto second = openStore(); // two at once in one process, too
    VERIFY_OK(second);
    QVERIFY((*second)->findExecution(local, run.id).value());
}

void MetadataStoreContract::eightThreadsWriteAndRead()
{
    constexpr int threads = 8;
    constexpr int runs = 25;
    std::atomic<int> failures = 0;
    std::vector<std::jthread> workers;
    for (int t = 0; t < threads; ++t) {
        workers.emplace_back([&, t] {
            const TenantId tenant = t % 2 == 0 ? local : other;
            for (int i = 0; i < runs; ++i) {
                ExecutionRecord record = someExecution(tenant, i);
                bool ok = m_store->insertExecution(record).has_value();
                ok = ok && m_store->markRunning(tenant, record.id, at(i)).value_or(false);
                record = finished(record);
                record.artifacts = {someArtifact(u"f"_s)};
                ok = ok && m_store->finishExecution(record).value_or(false);
                const auto found = m_store->findExecution(tenant, record.id);
                ok = ok && found && *found && (*found)->artifacts.size() == 1;
                ok = ok && m_store->listExecutions(tenant, {.limit = 5}).has_value();
                failures += ok ? 0 : 1;
            }
        });
    }
    workers.clear(); // joins
    QCOMPARE(failures.load(), 0);
    QCOMPARE(m_store->listExecutions(local, {.limit = 1000}).value().size(), threads / 2 * runs);
    QCOMPARE(m_store->listExecutions(other, {.limit = 1000}).value().size(), threads / 2 * runs);
}

void MetadataStoreContract::oneOfManyThreadsFinishes()
{
    for (int round = 0; round < 10; ++round) {
        const ExecutionRecord record = someExecution(local);
        VERIFY_OK(m_store->insertExecution(record));
        std::atomic<int> winners = 0;
        std::vector<std::jthread> workers;
        for (int t = 0; t < 8; ++t) {
            workers.emplace_back([&] {
                if (m_store->finishExecution(finished(record)).value_or(false))
                    ++winners;
            });
        }
        workers.clear();
        QCOMPARE(winners.load(), 1);
    }
}

void MetadataStoreContract::twoProcessesOpenAFreshStoreAtOnce()
{
    for (int round = 0; round < 5; ++round) {
        m_store.reset();
        makeEmptyStore();
        std::vector<std::unique_ptr<HelperProcess>> helpers;
        for (int i = 0; i < 4; ++i) {
            helpers.push_back(std::make_unique<HelperProcess>(
                helperArguments() + QStringList{u"insert-executions"_s, u"3"_s}));
        }
        for (auto &helper : helpers)
            QVERIFY2(helper->succeeds(), qPrintable(helper->complaint()));
        auto store = openStore();
        VERIFY_OK(store);
        QCOMPARE((*store)->listExecutions(local, {.limit = 100}).value().size(), 12);
    }
}

void MetadataStoreContract::twoProcessesWriteAtOnce()
{
    HelperProcess a(helperArguments() + QStringList{u"insert-executions"_s, u"200"_s});
    HelperProcess b(helperArguments() + QStringList{u"insert-executions"_s, u"200"_s});
    for (int i = 0; i < 100; ++i)
        VERIFY_OK(m_store->insertExecution(someExecution(local)));
    QVERIFY2(a.succeeds(), qPrintable(a.complaint()));
    QVERIFY2(b.succeeds(), qPrintable(b.complaint()));
    QCOMPARE(m_store->listExecutions(local, {.limit = 1000}).value().size(), 500);
}

void MetadataStoreContract::survivesTheDeathOfAWriter()
{
    for (int round = 0; round < 3; ++round) {
        HelperProcess writer(helperArguments() + QStringList{u"finish-executions"_s, u"0"_s});
        QVERIFY2(writer.saysLines(20 + round * 7), qPrintable(writer.complaint()));
        writer.kill(); // SIGKILL, in the middle of whatever it does
        // The helper says the id of each execution after it was told that it is finished.
        for (const QByteArray &id : writer.lines()) {
            const auto found = m_store->findExecution(local, {QString::fromLatin1(id)});
            VERIFY_OK(found);
            QVERIFY(found->has_value());
            QCOMPARE((*found)->status, ExecutionStatus::Success);
            QCOMPARE((*found)->artifacts.size(), 3);
        }
        // And whatever else is there is whole: queued without, or final with its artifacts.
        const auto rows = m_store->listExecutions(local, {.limit = 10'000}).value();
        for (const auto &row : rows) {
            const auto whole = m_store->findExecution(local, row.id).value();
            QCOMPARE(whole->artifacts.size(), isFinal(whole->status) ? 3 : 0);
        }
        m_store.reset();
        auto store = openStore();
        VERIFY_OK(store);
        m_store = std::move(*store);
        VERIFY_OK(m_store->insertExecution(someExecution(local)));
    }
}

} // namespace skillbox::test
