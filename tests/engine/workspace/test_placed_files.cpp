#include "engine/workspace/placed_files.h"

#include "tests/engine/workspace/workspace_fixture.h"

#include <sys/stat.h>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

FileRecord named(const QString &name, const BlobId &blob = {})
{
    FileRecord record;
    record.id = {newUuid()};
    record.name = name;
    record.blob = blob;
    return record;
}

/// A store whose blobs are no files of this machine.
class FarStore final : public BlobStore
{
public:
    explicit FarStore(BlobStore &store) : m_store(store) { }
    Result<StoredBlob> put(QIODevice &source, qint64 maxBytes) override
    {
        return m_store.put(source, maxBytes);
    }
    Result<std::unique_ptr<QIODevice>> open(const BlobId &blob) override
    {
        return m_store.open(blob);
    }
    Result<bool> remove(const BlobId &blob) override { return m_store.remove(blob); }
    Result<bool> contains(const BlobId &blob) override { return m_store.contains(blob); }
    QString localFile(const BlobId &) const override { return {}; }
    Result<QList<BlobId>> listPutBefore(QLatin1StringView, const QDateTime &) override
    {
        return QList<BlobId>();
    }

private:
    BlobStore &m_store;
};

} // namespace

class PlacedFilesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void makesNamesSafe_data();
    void makesNamesSafe();
    void givesEachFileItsOwnName();
    void usesTheStoresOwnFiles();
    void copiesWhereTheStoreHasNoFiles();
    void saysWhichContentIsGone();
};

void PlacedFilesTest::makesNamesSafe_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("expected");
    QTest::newRow("plain") << u"data.csv"_s << u"data.csv"_s;
    QTest::newRow("unicode") << u"数 – ü.csv"_s << u"数 – ü.csv"_s;
    QTest::newRow("path") << u"deep/er/a.txt"_s << u"a.txt"_s;
    QTest::newRow("windows path") << u"C:\\x\\a.txt"_s << u"a.txt"_s;
    QTest::newRow("parent") << u"../../etc/passwd"_s << u"passwd"_s;
    QTest::newRow("dots") << u"a/.."_s << u"file"_s;
    QTest::newRow("dot") << u"."_s << u"file"_s;
    QTest::newRow("ends with a slash") << u"a/"_s << u"file"_s;
    QTest::newRow("spaces") << u"  "_s << u"file"_s;
    QTest::newRow("line feed") << u"a\nb"_s << u"a_b"_s;
    QTest::newRow("NUL") << u"a"_s + QChar(u'\0') + u"b"_s << u"a_b"_s;
    QTest::newRow("long") << QString(300, u'x') + u".csv"_s << QString(196, u'x') + u".csv"_s;
    QTest::newRow("long characters")
        << u"😀"_s.repeated(80) + u".csv"_s << u"😀"_s.repeated(49) + u".csv"_s;
}

void PlacedFilesTest::makesNamesSafe()
{
    QFETCH(QString, name);
    QFETCH(QString, expected);
    QCOMPARE(nameFiles({named(name)}).first().name, expected);
}

void PlacedFilesTest::givesEachFileItsOwnName()
{
    QStringList names;
    for (const PlacedFile &file :
         nameFiles({named(u"a.tar.gz"_s), named(u"x/a.tar.gz"_s), named(u"A.TAR.GZ"_s),
                    named(u"a.tar-2.gz"_s), named(u"plain"_s), named(u"plain"_s)}))
        names.append(file.name);
    QCOMPARE(names,
             (QStringList{u"a.tar.gz"_s, u"a.tar-2.gz"_s, u"A.TAR-3.GZ"_s, u"a.tar-2-2.gz"_s,
                          u"plain"_s, u"plain-2"_s}));
}

void PlacedFilesTest::usesTheStoresOwnFiles()
{
    WorkspaceFixture m;
    QList<PlacedFile> files = nameFiles({named(u"a"_s, m.put("text"))});
    std::optional<Scratch> scratch;
    VERIFY_OK(placeFiles(files, *m.blobs, m.directory.path(), scratch));
    QVERIFY(!scratch);
    QFile file(files.first().hostPath);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), "text"_ba);
}

void PlacedFilesTest::copiesWhereTheStoreHasNoFiles()
{
    WorkspaceFixture m;
    FarStore far(*m.blobs);
    const FileRecord twice = named(u"a"_s, m.put("text"));
    QList<PlacedFile> files = nameFiles({twice, twice, named(u"b"_s, m.put("more"))});
    QStringList paths;
    {
        std::optional<Scratch> scratch;
        VERIFY_OK(placeFiles(files, far, m.directory.path(), scratch));
        QVERIFY(scratch);
        for (const PlacedFile &placed : std::as_const(files)) {
            QFile file(placed.hostPath);
            QVERIFY(file.open(QIODevice::ReadOnly));
            QCOMPARE(file.readAll(), placed.name == u"b"_s ? "more"_ba : "text"_ba);
            struct stat status {
            };
            QCOMPARE(::fstat(file.handle(), &status), 0);
            QCOMPARE(status.st_mode & 0777, mode_t(0444));
            paths.append(placed.hostPath);
        }
    }
    for (const QString &path : std::as_const(paths))
        QVERIFY(!QFile::exists(path));
}

void PlacedFilesTest::saysWhichContentIsGone()
{
    WorkspaceFixture m;
    QList<PlacedFile> files = nameFiles({named(u"a.csv"_s, BlobId{Sha256::of("never")})});
    std::optional<Scratch> scratch;
    const auto placed = placeFiles(files, *m.blobs, m.directory.path(), scratch);
    QVERIFY(!placed);
    QCOMPARE(placed.error().code, ErrorCode::StorageCorrupt);
    QVERIFY(placed.error().message.contains(u"a.csv"_s));
}

QTEST_GUILESS_MAIN(PlacedFilesTest)
#include "test_placed_files.moc"
