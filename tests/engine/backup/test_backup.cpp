#include "engine/backup/backup_reader.h"
#include "engine/backup/backup_writer.h"
#include "engine/backup/tar_archive.h"
#include "engine/storage/directory_blob_store.h"
#include "engine/storage/sqlite_store.h"
#include "engine/storage/store_filling.h"
#include "tests/support/filled_store.h"
#include "tests/support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

namespace {

using Entries = QList<QPair<QByteArray, QByteArray>>;

/// The two stores of an embedded engine.
struct Stores {
    QTemporaryDir directory;
    std::unique_ptr<MetadataStore> metadata = openSqliteStore(directory.filePath(u"skillbox.db"_s))
                                                  .value();
    std::unique_ptr<DirectoryBlobStore> blobs =
        DirectoryBlobStore::open(directory.filePath(u"blobs"_s)).value();
};

Entries entriesOf(QByteArray tar)
{
    QBuffer source(&tar);
    source.open(QIODevice::ReadOnly);
    const auto reader = TarReader::open(source).value();
    Entries entries;
    while (const auto entry = reader->next().value()) {
        QByteArray bytes(static_cast<qsizetype>(entry->size), '\0');
        for (qint64 done = 0; done < entry->size;)
            done += reader->read(bytes.data() + done, entry->size - done).value();
        entries.append({entry->name, bytes});
    }
    return entries;
}

QByteArray tarOf(const Entries &entries)
{
    QByteArray tar;
    QBuffer target(&tar);
    target.open(QIODevice::WriteOnly);
    const auto writer = TarWriter::create(target).value();
    for (const auto &[name, bytes] : entries) {
        must(writer->beginFile(name, bytes.size(), at(0)));
        must(writer->write(bytes));
    }
    must(writer->finish());
    return tar;
}

/// What the manifest says of the entries' digests is made true again.
Entries sealed(Entries entries)
{
    Sha256 digest;
    for (const auto &[name, bytes] : entries) {
        if (name != backup::manifestName)
            digest.add(backup::digestLine(Sha256::of(bytes), name));
    }
    QJsonObject manifest = QJsonDocument::fromJson(entries.last().second).object();
    manifest[u"sha256"_s] = digest.finish();
    entries.last().second = QJsonDocument(manifest).toJson();
    return entries;
}

qsizetype indexOf(const Entries &entries, QByteArrayView part)
{
    for (qsizetype i = 0; i < entries.size(); ++i) {
        if (entries[i].first.contains(part))
            return i;
    }
    return -1;
}

Result<BackupSummary> verifyBytes(QByteArray tar)
{
    QBuffer source(&tar);
    source.open(QIODevice::ReadOnly);
    return verifyBackup(source);
}

Result<BackupSummary> importBytes(Stores &into, QByteArray tar)
{
    QBuffer source(&tar);
    source.open(QIODevice::ReadOnly);
    return importBackup(*into.metadata, *into.blobs, source);
}

bool isEmpty(Stores &stores)
{
    return stores.metadata->beginFilling().has_value();
}

} // namespace

class TestBackup : public QObject
{
    Q_OBJECT

    Stores m_stores;
    QByteArray m_backup;

private Q_SLOTS:
    void initTestCase()
    {
        fillStores(*m_stores.metadata, *m_stores.blobs);
        m_backup = write(m_stores);
    }

    void copiesEverything()
    {
        const auto checked = verifyBytes(m_backup);
        VERIFY_OK(checked);
        QCOMPARE(checked->blobs, 11); // of two tenants five each, and the empty one
        QVERIFY(checked->missing.isEmpty() && checked->damaged.isEmpty());
        Stores copy;
        const auto imported = importBytes(copy, m_backup);
        VERIFY_OK(imported);
        QCOMPARE(imported->digest, checked->digest);
        QCOMPARE(allRowsOf(*copy.metadata), allRowsOf(*m_stores.metadata));
        // All but header and manifest, which have the time.
        const Entries entries = entriesOf(m_backup);
        QCOMPARE(entriesOf(write(copy)).mid(1, entries.size() - 2),
                 entries.mid(1, entries.size() - 2));
        // It is a store like any other: it counts on, searches, and knows what its tenants keep.
        const ExecutionRecord next = someExecution(localTenant(), 1000);
        VERIFY_OK(copy.metadata->insertExecution(next));
        QVERIFY(copy.metadata->findExecution(localTenant(), next.id).value()->seq
                > copy.metadata->listExecutions(localTenant(), {}).value().last().seq);
        VERIFY_OK(copy.metadata->appendAudit({localTenant(), at(9), u"t"_s, u"x"_s, {}, {}}));
        QCOMPARE(copy.metadata->listVersions(localTenant(), {.query = u"zahlen"_s}).value().size(),
                 2);
        QCOMPARE(copy.metadata->findTenant(localTenant()).value()->storedBytes,
                 m_stores.metadata->findTenant(localTenant()).value()->storedBytes);
    }

    void endsWhatHadNotEnded()
    {
        Stores busy;
        const InstanceId server{u"server"_s};
        ExecutionRecord waiting = someExecution(localTenant(), 1);
        waiting.instance = {};
        QVERIFY(busy.metadata->insertQueued(waiting, u"{}"_s, 10).value());
        ExecutionRecord taken = someExecution(localTenant(), 2);
        taken.instance = server;
        QVERIFY(busy.metadata->insertQueued(taken, u"{}"_s, 10).value());
        ExecutionRecord running = someExecution(localTenant(), 3);
        running.instance = server;
        VERIFY_OK(busy.metadata->insertExecution(running));
        QVERIFY(busy.metadata->markRunning(localTenant(), running.id, at(4), server).value());
        QVERIFY(
            busy.metadata
                ->appendLog(localTenant(), running.id, server, {1, u"[[\"stdout\",\"so far\"]]"_s})
                .value());
        const ExecutionRecord over = someExecution(localTenant(), 5);
        VERIFY_OK(busy.metadata->insertExecution(over));
        VERIFY_OK(busy.metadata->finishExecution(finished(over)));
        VERIFY_OK(busy.metadata->claimIdempotency(localTenant(), u"key"_s, u"hash"_s, server, at(6),
                                                  at(1'000'000)));

        Stores copy;
        const auto imported = importBytes(copy, write(busy));
        VERIFY_OK(imported);
        QCOMPARE(imported->unfinished, 3);
        for (const ExecutionRecord &run : {waiting, taken, running}) {
            const auto ended = copy.metadata->findExecution(localTenant(), run.id).value();
            QVERIFY(ended);
            QCOMPARE(ended->status, ExecutionStatus::Failed);
            QCOMPARE(ended->reason, u"lost"_s);
            QCOMPARE(ended->error,
                     run.id == running.id
                         ? u"this execution was under way when the backup was made"_s
                         : u"this execution waited when the backup was made"_s);
            QVERIFY(ended->finishedAt.isValid());
        }
        QCOMPARE(copy.metadata->findExecution(localTenant(), running.id).value()->logs,
                 u"so far"_s);
        QCOMPARE(copy.metadata->findExecution(localTenant(), over.id).value()->status,
                 finished(over).status);
        // Nobody begins them, whoever they were of; each end is audited, and the chain goes on.
        QVERIFY(copy.metadata->claimQueued({u"new"_s}, 10).value().runs.isEmpty());
        QVERIFY(copy.metadata->instancesWithUnfinished().value().isEmpty());
        int ends = 0;
        const QList<AuditRecord> audit = copy.metadata->listAudit(localTenant(), {}).value();
        for (const AuditRecord &record : audit)
            ends += record.action == u"execution.finish"_s;
        QCOMPARE(ends, 3);
        const auto again = verifyBytes(write(copy));
        VERIFY_OK(again);
        // A request that had started nothing is asked anew.
        QCOMPARE(copy.metadata
                     ->claimIdempotency(localTenant(), u"key"_s, u"hash"_s, {u"new"_s}, at(7),
                                        at(1'000'000))
                     .value()
                     .state,
                 IdempotencyClaim::State::Claimed);
        QCOMPARE(importBytes(*std::make_unique<Stores>(), m_backup)->unfinished, 0);
    }

    void needsAnEmptyStore()
    {
        Stores used;
        VERIFY_OK(used.metadata->addTenant({u"other"_s}, at(0)));
        const auto imported = importBytes(used, m_backup);
        QVERIFY(!imported);
        QCOMPARE(imported.error().code, ErrorCode::Conflict);
        QVERIFY2(imported.error().message.contains(u"not empty"_s),
                 qPrintable(imported.error().message));
    }

    void readsABackupOfAnOlderSchema()
    {
        // As the store was with schema 5: without the columns and tables that came later.
        Entries old = entriesOf(m_backup);
        QJsonObject header = QJsonDocument::fromJson(old[0].second).object();
        QJsonArray tables;
        for (const QJsonValue &value : header[u"tables"_s].toArray()) {
            QJsonObject table = value.toObject();
            const QString name = table[u"name"_s].toString();
            if (name == u"tenant_settings"_s || name == u"retention_tallies"_s)
                continue;
            const QString later = name == u"executions"_s ? u"task"_s
                : name == u"artifacts"_s                  ? u"created_at"_s
                                                          : QString();
            if (!later.isEmpty()) {
                QJsonArray columns = table[u"columns"_s].toArray();
                columns.erase(std::find(columns.begin(), columns.end(), QJsonValue(later)));
                table[u"columns"_s] = columns;
                QByteArray &rows = old[indexOf(old, "tables/" + name.toUtf8())].second;
                QByteArrayList lines = rows.trimmed().split('\n');
                for (QByteArray &line : lines) {
                    QJsonObject row = QJsonDocument::fromJson(line).object();
                    row.remove(later);
                    line = QJsonDocument(row).toJson(QJsonDocument::Compact);
                }
                rows = lines.join('\n') + '\n';
            }
            tables.append(table);
        }
        header[u"tables"_s] = tables;
        header[u"schema"_s] = 5;
        old[0].second = QJsonDocument(header).toJson();
        old.removeAt(indexOf(old, "tables/tenant_settings"));
        Stores copy;
        VERIFY_OK(importBytes(copy, tarOf(sealed(old))));
        QCOMPARE(copy.metadata->listExecutions({u"acme"_s}, {}).value().size(), 1);
        QCOMPARE(copy.metadata->findTenant({u"acme"_s}).value()->settings.logDays, std::nullopt);
    }

    void seesOneMoment()
    {
        Stores busy;
        fillStores(*busy.metadata, *busy.blobs);
        const QByteArrayList before = allRowsOf(*busy.metadata);
        int written = 0;
        BackupOptions options;
        options.progress = [&](const BackupProgress &) {
            must(busy.metadata->insertExecution(someExecution(localTenant())));
            ++written;
        };
        Stores copy;
        VERIFY_OK(importBytes(copy, write(busy, options)));
        QVERIFY(written > 5);
        QCOMPARE(allRowsOf(*copy.metadata), before);
    }

    void noticesACut()
    {
        Stores copy;
        const qsizetype whole = m_backup.size();
        // The last 1024 bytes are the archive's own end, after the manifest.
        QList<qsizetype> places{0, 1, 511, 512, 1024};
        for (int i = 1; i < 60; ++i)
            places.append((whole - 1536) * i / 60);
        for (const qsizetype place : places)
            QVERIFY2(!verifyBytes(m_backup.first(place)), qPrintable(QString::number(place)));
        for (const qsizetype part : {3, 30, 50, 57}) {
            QVERIFY(!importBytes(copy, m_backup.first((whole - 1536) * part / 60)));
            QVERIFY(isEmpty(copy));
        }
        VERIFY_OK(importBytes(copy, m_backup)); // another attempt finds what the first have put
        QCOMPARE(allRowsOf(*copy.metadata), allRowsOf(*m_stores.metadata));
    }

    void noticesAChange_data()
    {
        QTest::addColumn<QByteArray>("what");
        QTest::newRow("a blob") << "artifact of acme"_ba;
        QTest::newRow("a record") << "word-counter"_ba;
        QTest::newRow("an audit record") << "key.create"_ba;
        QTest::newRow("the header") << "skill_versions"_ba;
        QTest::newRow("the manifest") << "blob_bytes"_ba;
    }
    void noticesAChange()
    {
        QFETCH(QByteArray, what);
        QByteArray changed = m_backup;
        const qsizetype place = changed.indexOf(what);
        QVERIFY(place > 0);
        changed[place] = static_cast<char>(changed[place] ^ 1);
        QVERIFY(!verifyBytes(changed));
        Stores copy;
        QVERIFY(!importBytes(copy, changed));
        QVERIFY(isEmpty(copy));
    }

    void trustsNothing_data();
    void trustsNothing();

    void tellsWhatTheStoreLacks()
    {
        Stores poor;
        fillStores(*poor.metadata, *poor.blobs);
        const BlobId lost = blobNamed(u"notes of acme"_s);
        QVERIFY(poor.blobs->remove(lost).value());
        const BlobId damaged = blobNamed(u"notes of local"_s);
        QFile file(poor.blobs->pathOf(damaged));
        QVERIFY(file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner));
        QVERIFY(file.open(QIODevice::ReadWrite));
        QCOMPARE(file.write("X"), 1);
        file.close();

        QByteArray tar;
        QBuffer target(&tar);
        QVERIFY(target.open(QIODevice::WriteOnly));
        const auto written = writeBackup(*poor.metadata, *poor.blobs, target, u"1"_s);
        VERIFY_OK(written);
        QCOMPARE(written->missing, QStringList{lost.sha256});
        QCOMPARE(written->lost, 1);
        QCOMPARE(written->damaged, QStringList{damaged.sha256});
        const auto checked = verifyBytes(tar);
        VERIFY_OK(checked);
        QCOMPARE(checked->missing, written->missing);
        QCOMPARE(checked->damaged, written->damaged);
        Stores copy;
        VERIFY_OK(importBytes(copy, tar));
        QVERIFY(!copy.blobs->contains(damaged).value());
    }

    void stopsWhenItIsTold()
    {
        std::stop_source stop;
        BackupOptions options{.stop = stop.get_token()};
        options.progress = [&](const BackupProgress &progress) {
            if (progress.blobs == 2)
                stop.request_stop();
        };
        QByteArray tar;
        QBuffer target(&tar);
        QVERIFY(target.open(QIODevice::WriteOnly));
        const auto written = writeBackup(*m_stores.metadata, *m_stores.blobs, target, u"1"_s,
                                         options);
        QVERIFY(!written && written.error().code == ErrorCode::Cancelled);
        QVERIFY(!verifyBytes(tar));
        Stores copy;
        QBuffer source(&m_backup);
        QVERIFY(source.open(QIODevice::ReadOnly));
        stop = {};
        options.stop = stop.get_token();
        const auto imported = importBackup(*copy.metadata, *copy.blobs, source, options);
        QVERIFY(!imported && imported.error().code == ErrorCode::Cancelled);
        QVERIFY(isEmpty(copy));
    }

    void saysWhenItsTargetIsFull()
    {
        QFile full(u"/dev/full"_s);
        QVERIFY(full.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
        const auto written = writeBackup(*m_stores.metadata, *m_stores.blobs, full, u"1"_s);
        QVERIFY(!written);
        QCOMPARE(written.error().code, ErrorCode::Io);
    }

private:
    static QByteArray write(Stores &stores, const BackupOptions &options = {})
    {
        QByteArray tar;
        QBuffer target(&tar);
        target.open(QIODevice::WriteOnly);
        const auto written = writeBackup(*stores.metadata, *stores.blobs, target, u"1.2.3"_s,
                                         options);
        return written ? tar : QByteArray();
    }
};

void TestBackup::trustsNothing_data()
{
    using Change = std::function<void(Entries &)>;
    QTest::addColumn<Change>("change");
    QTest::addColumn<ErrorCode>("code");
    QTest::addColumn<QString>("mention");
    const auto row = [](const char *name, Change change, const QString &mention,
                        ErrorCode code = ErrorCode::BadRequest) {
        QTest::newRow(name) << std::move(change) << code << mention;
    };
    const auto inTable = [](const char *table, const QByteArray &from, const QByteArray &to) {
        return [=](Entries &entries) {
            QByteArray &bytes = entries[indexOf(entries, QByteArray("tables/") + table + '/')]
                                    .second;
            const qsizetype place = bytes.indexOf(from);
            Q_ASSERT(place >= 0);
            bytes.replace(place, from.size(), to);
        };
    };
    const auto inHeader = [](const QByteArray &from, const QByteArray &to) {
        return [=](Entries &entries) { entries[0].second.replace(from, to); };
    };
    row(
        "no header", [](Entries &e) { e.removeFirst(); }, u"does not begin with backup.json"_s);
    row("not ours", inHeader("skillbox-backup", "otherbox-backup"), u"no backup of Skillbox"_s);
    row("newer", inHeader("\"schema\":", "\"schema\":9"), u"newer Skillbox"_s,
        ErrorCode::StorageTooNew);
    row(
        "older than any",
        [](Entries &e) {
            QJsonObject header = QJsonDocument::fromJson(e[0].second).object();
            header[u"schema"_s] = 1;
            e[0].second = QJsonDocument(header).toJson();
        },
        u"never were"_s);
    row("SQL for a table", inHeader("\"name\":\"tags\"", "\"name\":\"tags; DROP\""),
        u"cannot be"_s);
    row(
        "a column unknown",
        [](Entries &e) {
            for (auto &[name, bytes] : e)
                bytes.replace("\"set_by\"", "\"set_bi\"");
        },
        u"set_bi"_s);
    row(
        "a deep header", [](Entries &e) { e[0].second = QByteArray(200'000, '['); }, u"no JSON"_s);
    row(
        "a large header", [](Entries &e) { e[0].second = QByteArray((1 << 20) + 1, ' '); },
        u"too large"_s);
    row(
        "an escaping name", [](Entries &e) { e[1].first = "blobs/../../../../etc/passwd"; },
        u"no place"_s);
    row(
        "an absolute name", [](Entries &e) { e[1].first = "/etc/passwd"; }, u"no place"_s);
    row(
        "a blob twice", [](Entries &e) { e.insert(1, e[1]); }, u"not in order"_s);
    row(
        "a blob too many",
        [](Entries &e) {
            const QByteArray bytes = "stowaway";
            const QByteArray name = backup::blobEntry({Sha256::of(bytes)});
            qsizetype at = 1;
            while (e[at].first.startsWith("blobs/") && e[at].first < name)
                ++at;
            e.insert(at, {name, bytes});
        },
        u"blobs, but its manifest says"_s);
    row(
        "a blob too few",
        [](Entries &e) {
            const qsizetype at = indexOf(e, backup::blobEntry(blobNamed(u"notes of acme"_s)));
            QJsonObject manifest = QJsonDocument::fromJson(e.last().second).object();
            manifest[u"blobs"_s] = manifest[u"blobs"_s].toInt() - 1;
            manifest[u"blob_bytes"_s] = manifest[u"blob_bytes"_s].toInt() - e[at].second.size();
            e.last().second = QJsonDocument(manifest).toJson();
            e.removeAt(at);
        },
        u"to which a record refers"_s);
    row(
        "rows before blobs", [](Entries &e) { e.move(indexOf(e, "tables/tenants"), 1); },
        u"no place"_s);
    row(
        "tables in another order",
        [](Entries &e) { e.move(indexOf(e, "tables/files"), indexOf(e, "tables/tenants")); },
        u"no place"_s);
    row(
        "a chunk missing",
        [](Entries &e) { e[indexOf(e, "tables/tags")].first.replace("00000001", "00000002"); },
        u"no place"_s);
    row(
        "a table missing", [](Entries &e) { e.removeAt(indexOf(e, "tables/tags")); },
        u"rows of \"tags\""_s);
    row("a row that is no object", inTable("tags", "{", "["), u"no JSON object"_s);
    row(
        "a row without end", [](Entries &e) { e[indexOf(e, "tables/tags")].second.chop(1); },
        u"has no end"_s);
    row("a column too many", inTable("tags", "{", "{\"x\":1,"), u"other columns"_s);
    row("text for a number", inTable("tags", "\"set_at\":", "\"set_at\":\"1\",\"x\":"),
        u"other columns"_s);
    row("a fraction", inTable("files", "\"version\":1", "\"version\":1.5"), u"wrong kind"_s);
    row("a number for text", inTable("tags", "\"tag\":\"stable\"", "\"tag\":1"), u"wrong kind"_s);
    row("null where none may be", inTable("tags", "\"tag\":\"stable\"", "\"tag\":null"),
        u"wrong kind"_s);
    row(
        "a blob's name with a path",
        [](Entries &e) {
            QByteArray &bytes = e[indexOf(e, "tables/files")].second;
            const qsizetype at = bytes.indexOf("\"blob\":\"") + 8;
            bytes.replace(at, 64, QByteArray("../").repeated(21) + 'x');
        },
        u"names a blob that is none"_s);
    row("an unknown tenant", inTable("tags", "\"tenant\":\"acme\"", "\"tenant\":\"nobody\""),
        u"contradict"_s);
    row(
        "a key's hash twice",
        [](Entries &e) {
            QByteArray &bytes = e[indexOf(e, "tables/keys")].second;
            bytes.replace(Sha256::of("acme").toLatin1(), Sha256::of("local").toLatin1());
        },
        u"contradict"_s);
    row(
        "no tenant of its own",
        [](Entries &e) {
            for (auto &[name, bytes] : e) {
                if (name.startsWith("tables/"))
                    bytes.replace("\"tenant\":\"local\"", "\"tenant\":\"loc\"")
                        .replace("\"id\":\"local\"", "\"id\":\"loc\"");
            }
        },
        u"damaged"_s);
    row("another actor", inTable("audit", "\"actor\":\"tester\"", "\"actor\":\"nobody\""),
        u"audit of the tenant"_s);
    row(
        "an audit cut short",
        [](Entries &e) {
            QByteArray &bytes = e[indexOf(e, "tables/audit/")].second;
            bytes.truncate(bytes.lastIndexOf('\n', bytes.size() - 2) + 1);
        },
        u"lacks records at its end"_s);
    row(
        "something after the manifest",
        [](Entries &e) { e.append(qMakePair(QByteArray("more"), QByteArray("x"))); },
        u"follows its manifest"_s);
    row(
        "a count that is wrong",
        [](Entries &e) { e.last().second.replace("\"tags\":2", "\"tags\":3"); },
        u"manifest says 3"_s);
}

void TestBackup::trustsNothing()
{
    QFETCH(std::function<void(Entries &)>, change);
    QFETCH(ErrorCode, code);
    QFETCH(QString, mention);
    Entries entries = entriesOf(m_backup);
    QVERIFY(entries.size() > 20);
    change(entries);
    const bool manifestLast = entries.last().first == backup::manifestName;
    if (manifestLast)
        entries = sealed(std::move(entries));
    const QByteArray tar = tarOf(entries);
    Stores copy;
    auto imported = verifyBytes(tar);
    if (imported) // what only a store can know
        imported = importBytes(copy, tar);
    QVERIFY(!imported);
    QVERIFY2(imported.error().code == code,
             qPrintable(imported.error().message + u" | "_s + imported.error().detail));
    QVERIFY2(imported.error().message.contains(mention), qPrintable(imported.error().message));
    QVERIFY(isEmpty(copy));
}

QTEST_GUILESS_MAIN(TestBackup)
#include "test_backup.moc"
