#include "engine/access/audit_log.h"

#include "engine/storage/audit_chain.h"
#include "engine/storage/sqlite_store.h"
#include "tests/support/store_records.h"
#include "tests/support/verify_result.h"

#include <QBuffer>
#include <QElapsedTimer>
#include <QJsonDocument>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

class TestAuditLog : public QObject
{
    Q_OBJECT

    QTemporaryDir m_directory;
    int m_stores = 0;
    QString m_path;
    std::unique_ptr<MetadataStore> m_store;

    static AuditRecord record(int i, const TenantId &tenant = localTenant())
    {
        return {tenant,
                at(i),
                u"me"_s,
                u"skill.publish"_s,
                u"a@1.0.%1"_s.arg(i),
                {{u"digest"_s, u"sha256:aa"_s}, {u"n"_s, i}},
                u"192.0.2.7"_s,
                u"r-%1"_s.arg(i)};
    }
    void append(int count)
    {
        for (int i = 1; i <= count; ++i)
            VERIFY_OK(m_store->appendAudit(record(i)));
    }
    /// What somebody with the database in hands can do.
    QString tamper(const QStringList &statements)
    {
        QString complaint;
        {
            auto database = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"tamper"_s);
            database.setDatabaseName(m_path);
            if (!database.open())
                complaint = database.lastError().text();
            QSqlQuery query(database);
            for (const QString &statement : statements) {
                if (!query.exec(statement))
                    complaint += query.lastError().text();
            }
        }
        QSqlDatabase::removeDatabase(u"tamper"_s);
        return complaint;
    }

private Q_SLOTS:
    void init()
    {
        m_path = m_directory.filePath(u"%1.db"_s.arg(++m_stores));
        m_store = openSqliteStore(m_path).value();
        VERIFY_OK(m_store->addTenant({u"other"_s}, at(0)));
    }

    void anUntouchedAuditIsInOrder()
    {
        const auto none = verifyAudit(*m_store, localTenant());
        VERIFY_OK(none);
        QVERIFY2(none->broken.isEmpty(), qPrintable(none->broken));
        QCOMPARE(none->checked, 0);
        append(2500); // several pages
        VERIFY_OK(m_store->appendAudit(record(1, {u"other"_s})));
        const auto all = verifyAudit(*m_store, localTenant());
        VERIFY_OK(all);
        QVERIFY2(all->broken.isEmpty(), qPrintable(all->broken));
        QCOMPARE(all->checked, 2500);
        QCOMPARE(all->lastHash, m_store->auditHead(localTenant()).value()->hash);
    }

    void namesTheRecordThatWasTamperedWith_data()
    {
        QTest::addColumn<QStringList>("statements");
        QTest::addColumn<qint64>("seq");
        QTest::addColumn<QString>("mention");
        const QString changed = u"the audit record 3 was changed"_s;
        const auto set = [](const QString &what) {
            return QStringList{u"UPDATE audit SET %1 WHERE seq = 3"_s.arg(what)};
        };
        QTest::newRow("actor") << set(u"actor = 'somebody'"_s) << qint64(3) << changed;
        QTest::newRow("action") << set(u"action = 'skill.yank'"_s) << qint64(3) << changed;
        QTest::newRow("target") << set(u"target = 'b@1.0.3'"_s) << qint64(3) << changed;
        QTest::newRow("time") << set(u"at = at + 1"_s) << qint64(3) << changed;
        QTest::newRow("address") << set(u"address = ''"_s) << qint64(3) << changed;
        QTest::newRow("request") << set(u"request_id = 'r-4'"_s) << qint64(3) << changed;
        QTest::newRow("details") << set(u"details = replace(details, 'aa', 'ab')"_s) << qint64(3)
                                 << changed;
        QTest::newRow("hash") << set(u"hash = upper(hash)"_s) << qint64(3) << changed;
        QTest::newRow("hash emptied") << set(u"hash = ''"_s) << qint64(3) << changed;
        QTest::newRow("link") << set(u"prev_hash = ''"_s) << qint64(3)
                              << u"3 does not follow the record 2"_s;
        QTest::newRow("removed") << QStringList{u"DELETE FROM audit WHERE seq = 3"_s} << qint64(4)
                                 << u"4 does not follow the record 2"_s;
        QTest::newRow("first removed") << QStringList{u"DELETE FROM audit WHERE seq = 1"_s}
                                       << qint64(2) << u"2 is not the first"_s;
        QTest::newRow("last removed") << QStringList{u"DELETE FROM audit WHERE seq = 5"_s}
                                      << qint64(5) << u"ends with the record 4, but the record 5"_s;
        QTest::newRow("all removed") << QStringList{u"DELETE FROM audit"_s} << qint64(5)
                                     << u"the record 5 was written last"_s;
        QTest::newRow("moved to another tenant")
            << set(u"tenant = 'other'"_s) << qint64(4) << u"4 does not follow the record 2"_s;
        QTest::newRow("swapped") << QStringList{u"UPDATE audit SET seq = 99 WHERE seq = 2"_s,
                                                u"UPDATE audit SET seq = 2 WHERE seq = 3"_s,
                                                u"UPDATE audit SET seq = 3 WHERE seq = 99"_s}
                                 << qint64(2) << u"2 does not follow the record 1"_s;
        QTest::newRow("invented")
            << QStringList{u"INSERT INTO audit (tenant, at, actor, action, target, details)"
                           u" SELECT tenant, at, actor, action, target, details FROM audit"
                           u" WHERE seq = 3"_s}
            << qint64(6) << u"6 does not follow the record 5"_s;
        QTest::newRow("end forgotten") << QStringList{u"DELETE FROM audit_heads"_s} << qint64(5)
                                       << u"nothing says that the audit record 5 is the last"_s;
        QTest::newRow("end moved back") << QStringList{u"UPDATE audit_heads SET hash = 'x'"_s}
                                        << qint64(5) << u"5 is not the one that was written last"_s;
    }
    void namesTheRecordThatWasTamperedWith()
    {
        QFETCH(QStringList, statements);
        QFETCH(qint64, seq);
        QFETCH(QString, mention);
        append(5);
        QCOMPARE(tamper(statements), QString());
        const auto verdict = verifyAudit(*m_store, localTenant());
        VERIFY_OK(verdict);
        QCOMPARE(verdict->brokenSeq, seq);
        QVERIFY2(verdict->broken.contains(mention), qPrintable(verdict->broken));
    }

    void namesARecordThatCannotBeRead()
    {
        append(3);
        QCOMPARE(tamper({u"UPDATE audit SET details = 'no JSON' WHERE seq = 2"_s}), QString());
        VERIFY_FAILS(verifyAudit(*m_store, localTenant()), ErrorCode::StorageCorrupt, u"(2)"_s);
    }

    void exportsJsonLines()
    {
        append(1200);
        QBuffer buffer;
        QVERIFY(buffer.open(QIODevice::WriteOnly));
        const auto written = exportAudit(*m_store, localTenant(), {}, buffer);
        VERIFY_OK(written);
        QCOMPARE(*written, 1200);
        QList<QByteArray> lines = buffer.data().split('\n');
        QCOMPARE(lines.takeLast(), QByteArray());
        QCOMPARE(lines.size(), 1200);
        const auto records = m_store->listAudit(localTenant(), {.limit = 2}).value();
        const QByteArray expected = "{\"seq\":2,\"at\":\"2023-11-14T22:13:22.000Z\","
                                    "\"tenant\":\"local\",\"actor\":\"me\","
                                    "\"address\":\"192.0.2.7\",\"request_id\":\"r-2\","
                                    "\"action\":\"skill.publish\",\"target\":\"a@1.0.2\","
                                    "\"details\":{\"digest\":\"sha256:aa\",\"n\":2},"
                                    "\"prev_hash\":\""
            + records[0].hash.toLatin1() + "\",\"hash\":\"" + records[1].hash.toLatin1() + "\"}";
        QCOMPARE(lines[1], expected);
        for (const QByteArray &line : std::as_const(lines))
            QVERIFY2(QJsonDocument::fromJson(line).isObject(), line.constData());

        QBuffer late;
        QVERIFY(late.open(QIODevice::WriteOnly));
        QCOMPARE(exportAudit(*m_store, localTenant(), {.since = at(1199)}, late).value(), 2);
        QVERIFY(late.data().startsWith("{\"seq\":1199,"));
    }

    void saysThatItCannotWrite()
    {
        append(1);
        QBuffer closed;
        const auto written = [&] {
            QTest::ignoreMessage(QtWarningMsg, "QIODevice::write (QBuffer): device not open");
            return exportAudit(*m_store, localTenant(), {}, closed);
        }();
        QVERIFY(!written);
        QCOMPARE(written.error().code, ErrorCode::Io);
    }

    void verifiesAHundredThousandRecordsFast()
    {
        // The store's own way takes a transaction each; the chain does not care how it got there.
        constexpr int count = 100'000;
        QElapsedTimer timer;
        timer.start();
        {
            auto database = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"fill"_s);
            database.setDatabaseName(m_path);
            QVERIFY(database.open() && database.transaction());
            QSqlQuery query(database);
            QVERIFY(query.prepare(u"INSERT INTO audit (tenant, at, actor, action, target, details,"
                                  u" address, request_id, prev_hash, hash)"
                                  u" VALUES ('local', ?, ?, ?, ?, ?, ?, ?, ?, ?)"_s));
            AuditRecord link;
            link.hash = QString(u""_s); // a null text would become NULL
            for (int i = 1; i <= count; ++i) {
                const QString previous = link.hash;
                link = record(i);
                link.previousHash = previous;
                link.hash = auditHash(link);
                query.bindValue(0, link.at.toMSecsSinceEpoch());
                query.bindValue(1, link.actor);
                query.bindValue(2, link.action);
                query.bindValue(3, link.target);
                query.bindValue(4,
                                QString::fromUtf8(
                                    QJsonDocument(link.details).toJson(QJsonDocument::Compact)));
                query.bindValue(5, link.address);
                query.bindValue(6, link.requestId);
                query.bindValue(7, link.previousHash);
                query.bindValue(8, link.hash);
                QVERIFY2(query.exec(), qPrintable(query.lastError().text()));
            }
            QVERIFY(query.exec(u"INSERT INTO audit_heads SELECT tenant, seq, hash FROM audit"
                               u" ORDER BY seq DESC LIMIT 1"_s));
            QVERIFY(database.commit());
        }
        QSqlDatabase::removeDatabase(u"fill"_s);
        qInfo("filled %d records in %lld ms", count, timer.restart());
        const auto verdict = verifyAudit(*m_store, localTenant());
        qInfo("verified them in %lld ms", timer.elapsed());
        VERIFY_OK(verdict);
        QVERIFY2(verdict->broken.isEmpty(), qPrintable(verdict->broken));
        QCOMPARE(verdict->checked, count);
        QVERIFY(timer.elapsed() < 20'000); // a bound for slow machines and sanitizers
    }
};

QTEST_GUILESS_MAIN(TestAuditLog)
#include "test_audit_log.moc"
