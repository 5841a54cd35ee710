// Where a store cannot be: every case is one clear sentence, and nothing is left half done.

#include "engine/storage/directory_blob_store.h"
#include "engine/storage/sqlite_migrations.h"
#include "engine/storage/sqlite_store.h"
#include "tests/support/private_mounts.h"
#include "tests/support/store_helper_process.h"
#include "tests/support/store_records.h"
#include "tests/support/tree_fixture.h"
#include "tests/support/verify_result.h"

#include <QBuffer>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

#include <thread>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestBadPlaces : public QObject
{
    Q_OBJECT

public:
    explicit TestBadPlaces(QString noMounts) : m_noMounts(std::move(noMounts)) { }

private:
    static bool sql(const QString &path, const QStringList &statements)
    {
        const QString name = u"raw"_s;
        bool ok = false;
        {
            auto database = QSqlDatabase::addDatabase(u"QSQLITE"_s, name);
            database.setDatabaseName(path);
            ok = database.open();
            for (const QString &statement : statements)
                ok = ok && QSqlQuery(database).exec(statement);
        }
        QSqlDatabase::removeDatabase(name);
        return ok;
    }
    static Result<StoredBlob> put(BlobStore &blobs, QByteArray bytes)
    {
        QBuffer source(&bytes);
        source.open(QIODevice::ReadOnly);
        return blobs.put(source, 1 << 30);
    }

    const QString m_noMounts;
    std::unique_ptr<QTemporaryDir> m_directory;
    QString m_folder;
    QString m_path;

private Q_SLOTS:
    void init()
    {
        m_directory = std::make_unique<QTemporaryDir>();
        QVERIFY(m_directory->isValid());
        m_folder = m_directory->path();
        m_path = m_directory->filePath(u"skillbox.db"_s);
    }

    void refusesAMissingFolder()
    {
        const QString path = m_folder + u"/none/skillbox.db"_s;
        const auto store = openSqliteStore(path);
        VERIFY_FAILS(store, ErrorCode::StorageUnavailable, path);
        VERIFY_FAILS(store, ErrorCode::StorageUnavailable, u"does not exist"_s);
        QVERIFY(allEntries(m_folder).isEmpty());
    }

    void refusesAFileWhereAFolderIsNeeded()
    {
        writeFile(m_folder + u"/file"_s, "x");
        VERIFY_FAILS(openSqliteStore(m_folder + u"/file/skillbox.db"_s),
                     ErrorCode::StorageUnavailable, u"is not a folder"_s);
        VERIFY_FAILS(DirectoryBlobStore::open(m_folder + u"/file"_s), ErrorCode::StorageUnavailable,
                     m_folder + u"/file"_s);
        VERIFY_FAILS(DirectoryBlobStore::open(m_folder + u"/file/blobs"_s),
                     ErrorCode::StorageUnavailable, u"a file is where a folder is needed"_s);
    }

    void refusesAFolderWhereAFileIsNeeded()
    {
        QVERIFY(QDir().mkdir(m_path));
        const auto store = openSqliteStore(m_path);
        VERIFY_FAILS(store, ErrorCode::StorageUnavailable, m_path);
        VERIFY_FAILS(store, ErrorCode::StorageUnavailable, u"it is a folder"_s);
    }

    void refusesAnEmptyPath()
    {
        VERIFY_FAILS(openSqliteStore({}), ErrorCode::BadRequest, u"path"_s);
    }

    void refusesWhatIsNoDatabase_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("text") << QByteArray("this is not a database\n");
        QTest::newRow("long text") << QByteArray(100'000, 'x');
        QTest::newRow("zeros") << QByteArray(8192, '\0');
        QTest::newRow("a header and nothing") << "SQLite format 3"_ba + '\0' + QByteArray(84, 'z');
    }
    void refusesWhatIsNoDatabase()
    {
        QFETCH(QByteArray, content);
        writeFile(m_path, content);
        VERIFY_FAILS(openSqliteStore(m_path), ErrorCode::StorageCorrupt, m_path);
        QCOMPARE(readFile(m_path), content); // untouched
    }

    void acceptsAnEmptyFile()
    {
        writeFile(m_path, {});
        VERIFY_OK(openSqliteStore(m_path));
    }

    void refusesTheDatabaseOfAnotherProgram()
    {
        QVERIFY(sql(m_path, {u"CREATE TABLE bookmarks (url TEXT)"_s}));
        VERIFY_FAILS(openSqliteStore(m_path), ErrorCode::StorageCorrupt, u"another program"_s);
        QVERIFY(sql(m_path, {u"INSERT INTO bookmarks VALUES ('x')"_s}));
    }

    void saysThatAStoreIsDamaged_data()
    {
        QTest::addColumn<int>("keptPages");
        QTest::newRow("all but the first page") << 1;
        QTest::newRow("the rows") << 60; // the schema is whole, so that opening works
    }
    void saysThatAStoreIsDamaged()
    {
        QFETCH(int, keptPages);
        {
            auto store = openSqliteStore(m_path).value();
            for (int i = 0; i < 500; ++i)
                VERIFY_OK(store->insertExecution(someExecution(localTenant())));
        }
        QFile file(m_path);
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.seek(keptPages * 4096));
        QVERIFY(file.write(QByteArray(file.size() - keptPages * 4096, '\x55')) > 0);
        file.close();
        const auto store = openSqliteStore(m_path);
        if (keptPages == 1) {
            VERIFY_FAILS(store, ErrorCode::StorageCorrupt, m_path);
            return;
        }
        VERIFY_OK(store);
        const auto rows = (*store)->listExecutions(localTenant(), {.limit = 1000});
        VERIFY_FAILS(rows, ErrorCode::StorageCorrupt, m_path);
    }

    void refusesAStoreOfANewerVersion()
    {
        VERIFY_OK(openSqliteStore(m_path));
        QVERIFY(sql(m_path, {u"PRAGMA user_version = 4711"_s, u"CREATE TABLE future (x)"_s}));
        const auto store = openSqliteStore(m_path);
        VERIFY_FAILS(store, ErrorCode::StorageTooNew, m_path);
        VERIFY_FAILS(store, ErrorCode::StorageTooNew, u"4711"_s);
        VERIFY_FAILS(store, ErrorCode::StorageTooNew,
                     u"up to %1)"_s.arg(migrationsFor(u"sqlite"_s).size()));
        QVERIFY(sql(m_path, {u"INSERT INTO future VALUES (1)"_s})); // still there
    }

    void saysThatTheSchemaIsAnotherThanItSays_data()
    {
        QTest::addColumn<int>("version");
        QTest::newRow("older than its tables") << 3;
        QTest::newRow("none, but the tables are there") << 0;
        QTest::newRow("less than none") << -1;
        QTest::newRow("as it should be, but tables are missing")
            << static_cast<int>(migrationsFor(u"sqlite"_s).size());
    }

    void saysThatTheSchemaIsAnotherThanItSays()
    {
        QFETCH(int, version);
        VERIFY_OK(openSqliteStore(m_path));
        QVERIFY(sql(m_path, {u"PRAGMA user_version = %1"_s.arg(version), u"DROP TABLE tags"_s}));
        const auto listed = openSqliteStore(m_path).and_then(
            [](const auto &store) { return store->listTags(localTenant(), u"x"_s); });
        VERIFY_FAILS(listed, ErrorCode::StorageCorrupt, m_path);
        VERIFY_FAILS(listed, ErrorCode::StorageCorrupt, u"restore it from a backup"_s);
    }

    void saysThatAnotherProcessHoldsTheLock()
    {
        const auto store = openSqliteStore(m_path, 100ms).value();
        HelperProcess holder({u"sqlite"_s, m_path, u"lock-database"_s, u"0"_s});
        QVERIFY2(holder.saysLines(1), qPrintable(holder.complaint()));
        const ExecutionRecord record = someExecution(localTenant());
        const auto inserted = store->insertExecution(record);
        VERIFY_FAILS(inserted, ErrorCode::StorageUnavailable, m_path);
        VERIFY_FAILS(inserted, ErrorCode::StorageUnavailable, u"locked by another process"_s);
        VERIFY_OK(store->listExecutions(localTenant(), {})); // readers do not wait for writers
        VERIFY_OK(openSqliteStore(m_path, 100ms));           // nor does opening
        holder.kill();
        VERIFY_OK(store->insertExecution(record)); // nothing of the first try is in the way
    }

    void saysThatAFreshStoreIsLocked()
    {
        HelperProcess holder({u"sqlite"_s, m_path, u"lock-database"_s, u"0"_s});
        QVERIFY2(holder.saysLines(1), qPrintable(holder.complaint()));
        VERIFY_FAILS(openSqliteStore(m_path, 100ms), ErrorCode::StorageUnavailable,
                     u"locked by another process"_s);
        holder.kill();
        VERIFY_OK(openSqliteStore(m_path));
    }

    void waitsForALockThatIsReleasedInTime()
    {
        const auto store = openSqliteStore(m_path).value();
        HelperProcess holder({u"sqlite"_s, m_path, u"lock-database"_s, u"0"_s});
        QVERIFY2(holder.saysLines(1), qPrintable(holder.complaint()));
        Result<void> inserted;
        std::jthread writer(
            [&] { inserted = store->insertExecution(someExecution(localTenant())); });
        holder.kill();
        writer.join();
        VERIFY_OK(inserted);
    }

    void refusesAReadOnlyFileSystem()
    {
        if (!m_noMounts.isEmpty())
            QSKIP(qPrintable(u"cannot mount here: "_s + m_noMounts));
        SmallFileSystem disk(m_folder, "size=4m");
        QVERIFY(disk.isMounted());
        VERIFY_OK(openSqliteStore(m_path));
        VERIFY_OK(DirectoryBlobStore::open(m_folder + u"/blobs"_s));
        const QStringList before = allEntries(m_folder);
        QVERIFY(disk.remount(MS_RDONLY));

        const auto store = openSqliteStore(m_path);
        VERIFY_FAILS(store, ErrorCode::StorageUnavailable, m_path);
        VERIFY_FAILS(store, ErrorCode::StorageUnavailable, u"read-only"_s);
        VERIFY_FAILS(openSqliteStore(m_folder + u"/fresh.db"_s), ErrorCode::StorageUnavailable,
                     u"read-only"_s);
        for (const QString &blobs : {m_folder + u"/blobs"_s, m_folder + u"/fresh/blobs"_s}) {
            VERIFY_FAILS(DirectoryBlobStore::open(blobs), ErrorCode::StorageUnavailable, blobs);
            VERIFY_FAILS(DirectoryBlobStore::open(blobs), ErrorCode::StorageUnavailable,
                         u"read-only"_s);
        }
        QCOMPARE(allEntries(m_folder), before);
    }

    void saysThatTheFileSystemBecameReadOnly()
    {
        if (!m_noMounts.isEmpty())
            QSKIP(qPrintable(u"cannot mount here: "_s + m_noMounts));
        SmallFileSystem disk(m_folder, "size=4m");
        QVERIFY(disk.isMounted());
        auto blobs = DirectoryBlobStore::open(m_folder + u"/blobs"_s).value();
        const auto kept = put(*blobs, "kept");
        VERIFY_OK(kept);
        QVERIFY(disk.remount(MS_RDONLY));
        VERIFY_FAILS(put(*blobs, "new"), ErrorCode::StorageUnavailable, u"read-only"_s);
        VERIFY_FAILS(blobs->remove(kept->id), ErrorCode::StorageUnavailable, u"read-only"_s);
        QCOMPARE(blobs->open(kept->id).value()->readAll(), "kept");
    }

    void keepsWhatItHasOnAFullDisk()
    {
        if (!m_noMounts.isEmpty())
            QSKIP(qPrintable(u"cannot mount here: "_s + m_noMounts));
        SmallFileSystem disk(m_folder, "size=2m");
        QVERIFY(disk.isMounted());
        auto store = openSqliteStore(m_path).value();
        QStringList kept;
        Result<void> inserted;
        ExecutionRecord record;
        for (int i = 0; i < 1000; ++i) {
            record = someExecution(localTenant());
            record.logs = QString(50'000, u'l');
            inserted = store->insertExecution(record);
            if (!inserted)
                break;
            kept.append(record.id.value);
        }
        VERIFY_FAILS(inserted, ErrorCode::StorageUnavailable, m_path);
        VERIFY_FAILS(inserted, ErrorCode::StorageUnavailable, u"the disk is full"_s);
        QVERIFY(!kept.isEmpty());
        for (const QString &id : kept)
            QVERIFY(store->findExecution(localTenant(), {id}).value());
        QVERIFY(!store->findExecution(localTenant(), record.id).value());
        QVERIFY(disk.remount(0, "size=16m")); // somebody frees space
        VERIFY_OK(store->insertExecution(record));
        store.reset();
        store = openSqliteStore(m_path).value();
        QCOMPARE(store->listExecutions(localTenant(), {.limit = 1000}).value().size(),
                 kept.size() + 1);
    }

    void makesNoHalfStoreOnAFullDisk_data()
    {
        QTest::addColumn<QByteArray>("size");
        QTest::addColumn<bool>("fits"); // may it?
        for (const int kib : {4, 8, 16, 32, 64, 128, 192, 256, 384, 512}) {
            QTest::addRow("%d KiB", kib)
                << QByteArray("size=" + QByteArray::number(kib) + 'k') << (kib >= 128);
        }
    }
    void makesNoHalfStoreOnAFullDisk()
    {
        QFETCH(QByteArray, size);
        QFETCH(bool, fits);
        if (!m_noMounts.isEmpty())
            QSKIP(qPrintable(u"cannot mount here: "_s + m_noMounts));
        SmallFileSystem disk(m_folder, size);
        QVERIFY(disk.isMounted());
        if (const auto store = openSqliteStore(m_path); !store)
            VERIFY_FAILS(store, ErrorCode::StorageUnavailable, u"the disk is full"_s);
        else
            QVERIFY(fits);
        QVERIFY(disk.remount(0, "size=16m"));
        const auto store = openSqliteStore(m_path);
        VERIFY_OK(store);
        VERIFY_OK((*store)->insertExecution(someExecution(localTenant())));
    }

    void keepsNoHalfBlobOnAFullDisk()
    {
        if (!m_noMounts.isEmpty())
            QSKIP(qPrintable(u"cannot mount here: "_s + m_noMounts));
        SmallFileSystem disk(m_folder, "size=1m");
        QVERIFY(disk.isMounted());
        auto blobs = DirectoryBlobStore::open(m_folder + u"/blobs"_s).value();
        VERIFY_OK(put(*blobs, "small"));
        const QStringList before = allEntries(m_folder);
        const auto stored = put(*blobs, QByteArray(2'000'000, 'x'));
        VERIFY_FAILS(stored, ErrorCode::StorageUnavailable, m_folder);
        VERIFY_FAILS(stored, ErrorCode::StorageUnavailable, u"the disk is full"_s);
        QCOMPARE(allEntries(m_folder), before);
    }

    void refusesAPlaceWithoutPermission()
    {
        // As root permissions say nothing, so another user tries.
        writeFile(m_folder + u"/x"_s, {});
        QVERIFY(QFile::setPermissions(
            m_folder, QFile::ReadOwner | QFile::ExeOwner | QFile::ReadOther | QFile::ExeOther));
        const bool root = ::getuid() == 0;
        for (const auto &[backend, place] :
             {std::pair(u"sqlite"_s, m_path), std::pair(u"directory"_s, m_folder + u"/blobs"_s)}) {
            HelperProcess helper({backend, place, u"put-blobs"_s, u"1"_s}, root ? 65534 : 0);
            if (!helper.starts())
                QSKIP("another user cannot run the helper program where it lies");
            QVERIFY(!helper.succeeds());
            const QString complaint = helper.complaint();
            QVERIFY2(complaint.contains(m_folder), qPrintable(complaint));
            QVERIFY2(complaint.contains(u"there is no permission"_s), qPrintable(complaint));
        }
        QCOMPARE(allEntries(m_folder), QStringList({u"x"_s}));
        QFile::setPermissions(m_folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    }
};

int main(int argc, char **argv)
{
    const QString noMounts = enterPrivateMounts();
    QCoreApplication app(argc, argv);
    TestBadPlaces test(noMounts);
    return QTest::qExec(&test, argc, argv);
}
#include "test_bad_places.moc"
