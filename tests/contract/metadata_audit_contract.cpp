#include "tests/contract/metadata_store_contract.h"

#include "engine/storage/audit_chain.h"
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

/// Each record follows from the one before it, and the head is the last.
void verifyChain(MetadataStore &store, const TenantId &tenant, qsizetype expected)
{
    const auto records = store.listAudit(tenant, {.limit = 10'000}).value();
    QCOMPARE(records.size(), expected);
    QString previous;
    for (const AuditRecord &record : records) {
        QCOMPARE(record.previousHash, previous);
        QCOMPARE(record.hash, auditHash(record));
        QCOMPARE(record.hash.size(), 64);
        previous = record.hash;
    }
    const auto head = store.auditHead(tenant);
    VERIFY_OK(head);
    QVERIFY(*head);
    QCOMPARE((*head)->hash, previous);
    QCOMPARE((*head)->seq, records.constLast().seq);
}

} // namespace

void MetadataStoreContract::writesTheAuditRecordWithTheChangeOnly()
{
    const auto audit = [](const QString &action) {
        return AuditRecord{local, at(1), u"me"_s, action, u"a@1.0.0"_s, {{u"k"_s, 1}}};
    };
    const AuditRecord publish = audit(u"skill.publish"_s);
    const AuditRecord yank = audit(u"skill.yank"_s);
    const AuditRecord remove = audit(u"skill.delete"_s);
    const SkillVersionRecord record = someVersion(local, u"a"_s, u"1.0.0"_s);
    VERIFY_OK(m_store->setYanked(local, u"a"_s, u"1.0.0"_s, at(1), {}, &yank)); // nothing there
    VERIFY_OK(m_store->deleteVersion(local, u"a"_s, u"1.0.0"_s, &remove));
    VERIFY_OK(m_store->insertVersion(record, &publish));
    VERIFY_OK(m_store->insertVersion(record, &publish)); // the second changes nothing
    VERIFY_OK(m_store->setYanked(local, u"a"_s, u"1.0.0"_s, at(1), {}, &yank));
    VERIFY_OK(m_store->deleteVersion(local, u"a"_s, u"1.0.0"_s, &remove));
    QStringList actions;
    const auto entries = m_store->listAudit(local, {}).value();
    for (const auto &entry : entries)
        actions.append(entry.action);
    QCOMPARE(actions, QStringList({u"skill.publish"_s, u"skill.yank"_s, u"skill.delete"_s}));

    // An audit record that cannot be written takes the change with it.
    AuditRecord impossible = publish;
    impossible.tenant = {u"nobody"_s};
    QVERIFY(!m_store->insertVersion(record, &impossible));
    QVERIFY(!m_store->findVersion(local, u"a"_s, u"1.0.0"_s).value());
}

void MetadataStoreContract::keepsAuditInOrder()
{
    for (int i = 0; i < 5; ++i) {
        VERIFY_OK(m_store->appendAudit(
            {local, at(10 - i), u"me"_s, u"a%1"_s.arg(i), u"t"_s, {{u"n"_s, i}}}));
    }
    const auto all = m_store->listAudit(local, {}).value();
    QCOMPARE(all.size(), 5);
    QCOMPARE(all[4].action, u"a4"_s);
    QCOMPARE(all[4].at, at(6));
    QCOMPARE(all[4].details, QJsonObject({{u"n"_s, 4}}));
    const auto page = m_store->listAudit(local, {.afterSeq = all[2].seq, .limit = 1}).value();
    QCOMPARE(page.size(), 1);
    QCOMPARE(page[0].action, u"a3"_s);
    QVERIFY(m_store->listAudit(local, {.afterSeq = all[4].seq}).value().isEmpty());
    QVERIFY(m_store->listAudit(local, {.limit = -1}).value().isEmpty());
    // Of the five, the last three were written about earlier moments.
    const auto lately = m_store->listAudit(local, {.since = at(9)}).value();
    QCOMPARE(lately.size(), 2);
    QCOMPARE(lately[1].action, u"a1"_s);
}
void MetadataStoreContract::chainsTheAuditOfEachTenant()
{
    QVERIFY(!m_store->auditHead(local).value());
    AuditRecord record{local,          at(1).addMSecs(5),
                       u"m\"e\n"_s,    u"skill.publish"_s,
                       u"a@1.0.0 é"_s, {{u"n"_s, 1}, {u"digest"_s, u"sha256:aa"_s}},
                       u"127.0.0.1"_s, u"r-1"_s};
    record.previousHash = u"not what the store believes"_s;
    record.hash = u"nor this"_s;
    VERIFY_OK(m_store->appendAudit(record));
    AuditRecord foreign = record;
    foreign.tenant = other;
    VERIFY_OK(m_store->appendAudit(foreign));
    VERIFY_OK(m_store->appendAudit(record));

    const auto records = m_store->listAudit(local, {}).value();
    QCOMPARE(records.size(), 2);
    QCOMPARE(records[0].address, u"127.0.0.1"_s);
    QCOMPARE(records[0].requestId, u"r-1"_s);
    QCOMPARE(records[0].at, record.at);
    const QByteArray canonical =
        "{\"action\":\"skill.publish\",\"actor\":\"m\\\"e\\n\",\"address\":\"127.0.0.1\","
        "\"at\":\"2023-11-14T22:13:21.005Z\",\"details\":{\"digest\":\"sha256:aa\",\"n\":1},"
        "\"request_id\":\"r-1\",\"target\":\"a@1.0.0 é\",\"tenant\":\"local\"}";
    QCOMPARE(records[0].previousHash, QString());
    QCOMPARE(records[0].hash, Sha256::of(canonical));
    QCOMPARE(records[1].previousHash, records[0].hash);
    QCOMPARE(records[1].hash, Sha256::of(records[0].hash.toLatin1() + canonical));
    verifyChain(*m_store, local, 2);
    verifyChain(*m_store, other, 1);
}

void MetadataStoreContract::chainsWhatIsReadBack_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QJsonValue>("detail");
    QTest::newRow("nothing") << QString() << QJsonValue();
    QTest::newRow("lone surrogate") << QString(QChar(0xd800)) << QJsonValue(QString(QChar(0xdc00)));
    QTest::newRow("NUL") << QString(u"a\0b"_s) << QJsonValue(QString(u"a\0b"_s));
    QTest::newRow("control characters") << u"\x01\x1f\x7f\r\t\\\""_s << QJsonValue(u"\x01"_s);
    QTest::newRow("beyond the BMP") << u"😀\u2028"_s << QJsonValue(u"😀"_s);
    QTest::newRow("fraction") << u"x"_s << QJsonValue(0.1);
    QTest::newRow("whole double") << u"x"_s << QJsonValue(1.0);
    QTest::newRow("large") << u"x"_s << QJsonValue(1e300);
    QTest::newRow("beyond 2^53") << u"x"_s << QJsonValue(qint64(9007199254740993));
    QTest::newRow("negative zero") << u"x"_s << QJsonValue(-0.0);
    QTest::newRow("nested") << u"x"_s << QJsonValue(QJsonArray{QJsonObject{{u"b"_s, 1}}, true});
}

void MetadataStoreContract::chainsWhatIsReadBack()
{
    QFETCH(QString, text);
    QFETCH(QJsonValue, detail);
    for (int i = 0; i < 2; ++i)
        VERIFY_OK(m_store->appendAudit(
            {local, at(0), text, u"x"_s, text, {{text, detail}, {u"a"_s, 1}}, text, text}));
    verifyChain(*m_store, local, 2);
}

void MetadataStoreContract::auditsTheFinishOnce()
{
    const ExecutionRecord run = someExecution(local);
    VERIFY_OK(m_store->insertExecution(run));
    const AuditRecord audit{local, at(2), u"me"_s, u"execution.finish"_s, run.id.value, {}};
    QVERIFY(m_store->finishExecution(finished(run), &audit).value());
    QVERIFY(!m_store->finishExecution(finished(run), &audit).value());
    const auto records = m_store->listAudit(local, {}).value();
    QCOMPARE(records.size(), 1);
    QCOMPARE(records[0].target, run.id.value);

    const ExecutionRecord second = someExecution(local);
    VERIFY_OK(m_store->insertExecution(second));
    AuditRecord impossible = audit;
    impossible.tenant = {u"nobody"_s};
    QVERIFY(!m_store->finishExecution(finished(second), &impossible));
    QCOMPARE(m_store->findExecution(local, second.id).value()->status, ExecutionStatus::Queued);
}

void MetadataStoreContract::manyWritersMakeOneChain()
{
    constexpr int each = 100;
    HelperProcess a(helperArguments() + QStringList{u"append-audit"_s, QString::number(each)});
    HelperProcess b(helperArguments() + QStringList{u"append-audit"_s, QString::number(each)});
    std::atomic<int> failures = 0;
    {
        std::vector<std::jthread> workers;
        for (int t = 0; t < 2; ++t) {
            workers.emplace_back([&] {
                for (int i = 0; i < each; ++i) {
                    failures += m_store->appendAudit({local, at(i), u"me"_s, u"x"_s, u"y"_s, {}})
                        ? 0
                        : 1;
                }
            });
        }
    }
    QVERIFY2(a.succeeds(), qPrintable(a.complaint()));
    QVERIFY2(b.succeeds(), qPrintable(b.complaint()));
    QCOMPARE(failures.load(), 0);
    verifyChain(*m_store, local, 4 * each);
}

} // namespace skillbox::test
