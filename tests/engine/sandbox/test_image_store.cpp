// Images made by a script, imported for real: what comes out of the layers, and what is kept.

#include "tests/engine/sandbox/image_fixture.h"
#include "tests/support/verify_result.h"

#include <fcntl.h>
#include <sys/stat.h>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

namespace {

const QJsonObject twoLayers = json(R"({
    "names": ["tools:1"], "path": "/opt/bin:/usr/bin",
    "layers": [
        {"entries": [
            {"path": "./", "type": "dir"},
            {"path": "etc/", "type": "dir"},
            {"path": "etc/kept", "text": "kept"},
            {"path": "etc/replaced", "text": "old"},
            {"path": "etc/removed", "text": "gone"},
            {"path": "var/cleared/one", "text": "1"},
            {"path": "var/cleared/sub/two", "text": "2"},
            {"path": "var/folder/inner", "text": "x"},
            {"path": "lib", "type": "symlink", "target": "usr/lib"},
            {"path": "usr/lib/below", "text": "lower"},
            {"path": "usr/bin/tool", "text": "#!", "mode": 493}]},
        {"entries": [
            {"path": "etc/replaced", "text": "new"},
            {"path": "var/cleared/three", "text": "3"},
            {"path": "var/cleared/.wh..wh..opq"},
            {"path": "var/.wh.folder"},
            {"path": "etc/.wh.removed"},
            {"path": "etc/.wh.never-there"},
            {"path": ".wh..wh.plnk/1.2", "text": "of AUFS"},
            {"path": "lib/above", "text": "through the link"},
            {"path": "usr/bin/same", "type": "hardlink", "target": "usr/bin/tool"}]}]
})");

QJsonObject with(QJsonObject spec, const QString &key, const QJsonValue &value)
{
    spec[key] = value;
    return spec;
}

} // namespace

class TestImageStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void importsEveryForm_data();
    void importsEveryForm();
    void namesImagesByTheirContent_data();
    void namesImagesByTheirContent();
    void choosesThisMachinesImage();
    void normalisesModesAndOwners();
    void keepsTheTimesOfFiles();
    void keepsHolesOfSparseFiles();
    void leavesOutDevicesAndSaysSo();
    void readsALayerThatIsUsedTwice();
    void takesTheNameOfTheArchive();
    void asksForANameWhereThereIsNone();
    void movesANameToAnotherImage();
    void keepsAnImageThatHasAnotherName();
    void removesImages();
    void keepsAnImageThatARunUses();
    void removesWhatADeadImportLeft();
    void keepsWhatALivingImportMakes();
    void forgetsACancelledImport();
    void tellsProgress();
    void replacesADamagedRecord();
    void saysWhenNamesAreDamaged();
    void saysWhenTheStoreIsNewer();
    void saysWhenItCannotWrite();
};

void TestImageStore::importsEveryForm_data()
{
    QTest::addColumn<QString>("form");
    QTest::addColumn<QString>("compression");
    QTest::addColumn<QString>("outer");
    for (const char *form : {"docker", "oci-tar", "oci-dir"}) {
        for (const char *compression : {"none", "gzip", "zstd"}) {
            for (const char *outer : {"none", "gzip", "zstd"}) {
                if (QByteArray(form) == "oci-dir" && QByteArray(outer) != "none")
                    continue;
                QTest::addRow("%s, %s layers in %s", form, compression, outer)
                    << QString::fromLatin1(form) << QString::fromLatin1(compression)
                    << QString::fromLatin1(outer);
            }
        }
    }
}

void TestImageStore::importsEveryForm()
{
    QFETCH(QString, form);
    QFETCH(QString, compression);
    QFETCH(QString, outer);
    ImageFixture images;
    const auto spec = with(with(twoLayers, u"compression"_s, compression), u"outer"_s, outer);
    const auto imported = images.importMade(form, spec, {});
    VERIFY_OK(imported);
    const ImageRecord &image = imported->record;
    QVERIFY(imported->unpacked);
    QCOMPARE(image.name, u"tools:1"_s);
    QCOMPARE(image.searchPath, u"/opt/bin:/usr/bin"_s);
    QCOMPARE(image.created.toUTC().date(), QDate(2026, 1, 2));
    QVERIFY(!image.architecture.isEmpty());
    QCOMPARE(images.content(image, u"etc/kept"_s), "kept");
    QCOMPARE(images.content(image, u"etc/replaced"_s), "new");
    QVERIFY(!QFile::exists(images.inImage(image, u"etc/removed"_s)));
    QVERIFY(!QFile::exists(images.inImage(image, u"var/cleared/one"_s)));
    QVERIFY(!QFile::exists(images.inImage(image, u"var/cleared/sub"_s)));
    QCOMPARE(images.content(image, u"var/cleared/three"_s), "3");
    QVERIFY(!QFile::exists(images.inImage(image, u"var/folder"_s)));
    QCOMPARE(images.content(image, u"usr/lib/above"_s), "through the link");
    QCOMPARE(QFile::symLinkTarget(images.inImage(image, u"lib"_s)),
             images.inImage(image, u"usr/lib"_s));
    QCOMPARE(images.content(image, u"usr/bin/same"_s), "#!");
    const QStringList etc = QDir(images.inImage(image, u"etc"_s))
                                .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
    QCOMPARE(etc, (QStringList{u"kept"_s, u"replaced"_s}));
    const QStringList top = QDir(images.inImage(image, {}))
                                .entryList(QDir::AllEntries | QDir::Hidden | QDir::System
                                           | QDir::NoDotAndDotDot);
    QCOMPARE(top, (QStringList{u"etc"_s, u"lib"_s, u"usr"_s, u"var"_s}));
    QCOMPARE(images.foldersInStore(), QStringList{image.digest.mid(7)});
}

void TestImageStore::namesImagesByTheirContent_data()
{
    QTest::addColumn<QString>("form");
    QTest::addColumn<QString>("member");
    QTest::newRow("docker-save: the configuration") << u"docker"_s << u"config"_s;
    QTest::newRow("OCI: the manifest") << u"oci-tar"_s << u"manifest"_s;
}

void TestImageStore::namesImagesByTheirContent()
{
    QFETCH(QString, form);
    QFETCH(QString, member);
    ImageFixture images;
    const QJsonObject digests = images.make(form, twoLayers, u"first"_s);
    const auto first = images.importFile(u"first"_s);
    VERIFY_OK(first);
    QCOMPARE(first->record.digest, digests[member].toString());
    images.make(form, with(twoLayers, u"outer"_s, u"gzip"_s), u"second"_s);
    const auto second = images.importFile(u"second"_s);
    QVERIFY(second);
    QVERIFY(!second->unpacked);
    QCOMPARE(second->record.digest, first->record.digest);
    QCOMPARE(second->record.importedAt, first->record.importedAt);

    // A plain tar is named by what it unpacks to, however it was packed.
    const QJsonObject plain = images.make(u"rootfs"_s, twoLayers, u"plain"_s);
    images.make(u"rootfs"_s, with(twoLayers, u"outer"_s, u"zstd"_s), u"packed"_s);
    const auto third = images.importFile(u"plain"_s, u"plain:1"_s);
    const auto fourth = images.importFile(u"packed"_s, u"plain:1"_s);
    VERIFY_OK(third);
    VERIFY_OK(fourth);
    QCOMPARE(third->record.digest, plain[u"diff_ids"_s].toArray().at(0).toString());
    QCOMPARE(fourth->record.digest, third->record.digest);
    QVERIFY(!fourth->unpacked);
}

void TestImageStore::choosesThisMachinesImage()
{
    ImageFixture images;
    const auto spec = with(twoLayers, u"lies"_s, QJsonObject{{u"index"_s, u"both"_s}});
    const QJsonObject digests = images.make(u"oci-tar"_s, spec, u"multi"_s);
    const auto imported = images.importFile(u"multi"_s);
    VERIFY_OK(imported);
    QCOMPARE(imported->record.digest, digests[u"manifest"_s].toString());
    QCOMPARE(imported->record.name, u"tools:1"_s);
}

void TestImageStore::normalisesModesAndOwners()
{
    ImageFixture images;
    const auto imported = images.importMade(u"rootfs"_s, json(R"({"layers": [{"entries": [
        {"path": "usr/", "type": "dir", "mode": 448},
        {"path": "usr/secret", "text": "x", "mode": 256},
        {"path": "usr/suid", "text": "x", "mode": 3565},
        {"path": "usr/open", "text": "x", "mode": 438}]}]})"));
    VERIFY_OK(imported);
    const auto mode = [&](const QString &file) {
        struct stat info {
        };
        const int failed = ::stat(
            QFile::encodeName(images.inImage(imported->record, file)).constData(), &info);
        return failed ? 0U : info.st_uid == ::geteuid() ? info.st_mode & 07777 : 1U;
    };
    QCOMPARE(mode({}), 0755U);
    QCOMPARE(mode(u"usr"_s), 0755U);
    QCOMPARE(mode(u"usr/secret"_s), 0644U);
    QCOMPARE(mode(u"usr/suid"_s), 0755U);
    QCOMPARE(mode(u"usr/open"_s), 0644U);
}

void TestImageStore::keepsTheTimesOfFiles()
{
    ImageFixture images;
    const auto imported = images.importMade(u"rootfs"_s, json(R"({"layers": [{"entries": [
        {"path": "usr/lib/module.py", "text": "x", "mtime": 1234567890}]}]})"));
    VERIFY_OK(imported);
    const QFileInfo module(images.inImage(imported->record, u"usr/lib/module.py"_s));
    QCOMPARE(module.lastModified().toSecsSinceEpoch(), 1234567890);
}

void TestImageStore::keepsHolesOfSparseFiles()
{
    ImageFixture images;
    // Three bytes at the beginning of a file of a mebibyte (GNU tar's format 0.1).
    const auto imported = images.importMade(u"rootfs"_s, json(R"({"layers": [{"entries": [
        {"path": "usr/sparse", "text": "abc", "pax": {"GNU.sparse.major": "0",
         "GNU.sparse.minor": "1", "GNU.sparse.numblocks": "1", "GNU.sparse.map": "0,3",
         "GNU.sparse.size": "1048576"}}]}]})"));
    VERIFY_OK(imported);
    const QByteArray content = images.content(imported->record, u"usr/sparse"_s);
    QCOMPARE(content.size(), 1 << 20);
    QVERIFY(content.startsWith(QByteArrayView("abc\0", 4)));
    QCOMPARE(imported->record.sizeBytes, 1 << 20);
}

void TestImageStore::leavesOutDevicesAndSaysSo()
{
    ImageFixture images;
    const auto imported = images.importMade(u"rootfs"_s, json(R"({"layers": [{"entries": [
        {"path": "dev/sda", "type": "block"}, {"path": "dev/mem", "type": "char"},
        {"path": "run/pipe", "type": "fifo"}, {"path": "usr/file", "text": "x"}]}]})"));
    VERIFY_OK(imported);
    QCOMPARE(imported->leftOut, 3);
    QCOMPARE(imported->leftOutNames,
             (QStringList{u"\"dev/sda\""_s, u"\"dev/mem\""_s, u"\"run/pipe\""_s}));
    QVERIFY(!QFile::exists(images.inImage(imported->record, u"dev"_s)));
}

void TestImageStore::readsALayerThatIsUsedTwice()
{
    ImageFixture images;
    const auto imported = images.importMade(u"docker"_s, json(R"({"layers": [
        {"entries": [{"path": "etc/a", "text": "a"}]}, {"entries": [{"path": "etc/a", "text": "b"}]},
        {"entries": [{"path": "etc/a", "text": "a"}]}]})"));
    VERIFY_OK(imported);
    QCOMPARE(images.content(imported->record, u"etc/a"_s), "a");
}

void TestImageStore::takesTheNameOfTheArchive()
{
    ImageFixture images;
    auto spec = with(twoLayers, u"names"_s, QJsonArray{u"docker.io/library/python:3.12-slim"_s});
    QCOMPARE(images.importMade(u"docker"_s, spec, {})->record.name, u"python:3.12-slim"_s);
    QCOMPARE(images.importMade(u"oci-dir"_s, spec, {})->record.name, u"python:3.12-slim"_s);
    QCOMPARE(images.importMade(u"docker"_s, spec, u"mine:1"_s)->record.name, u"mine:1"_s);
}

void TestImageStore::asksForANameWhereThereIsNone()
{
    ImageFixture images;
    for (const QString &form : {u"docker"_s, u"oci-tar"_s, u"rootfs"_s}) {
        const auto imported = images.importMade(form, with(twoLayers, u"names"_s, QJsonArray()),
                                                {});
        QVERIFY(!imported);
        QVERIFY2(imported.error().message.contains(u"give it one with --name"_s),
                 qPrintable(imported.error().message));
    }
    // skopeo writes only the tag, which is no name.
    const auto tag = images.importMade(u"oci-tar"_s,
                                       with(twoLayers, u"names"_s, QJsonArray{u"latest"_s}), {});
    QVERIFY(!tag);
    const auto odd = images.importMade(u"rootfs"_s, twoLayers, u"../etc"_s);
    QVERIFY(!odd);
    QCOMPARE(odd.error().code, ErrorCode::BadRequest);
    QVERIFY(images.foldersInStore().isEmpty());
}

void TestImageStore::movesANameToAnotherImage()
{
    ImageFixture images;
    const auto first = images.importMade(u"docker"_s, twoLayers, u"tools:1"_s);
    const auto second = images.importMade(u"rootfs"_s, twoLayers, u"tools:1"_s);
    QVERIFY(first && second);
    QVERIFY(first->record.digest != second->record.digest);
    QCOMPARE((*images.store->find(u"tools:1"_s))->digest, second->record.digest);
    QCOMPARE(images.foldersInStore(), QStringList{second->record.digest.mid(7)});
}

void TestImageStore::keepsAnImageThatHasAnotherName()
{
    ImageFixture images;
    const auto first = images.importMade(u"docker"_s, twoLayers, u"a:1"_s);
    QVERIFY(images.importMade(u"docker"_s, twoLayers, u"b:1"_s));
    QCOMPARE(images.store->list()->size(), 2);
    QCOMPARE(images.foldersInStore().size(), 1);
    QVERIFY(images.store->remove(u"a:1"_s));
    QVERIFY(!*images.store->find(u"a:1"_s));
    QCOMPARE((*images.store->find(u"b:1"_s))->digest, first->record.digest);
    QVERIFY(images.store->use(u"b:1"_s));
}

void TestImageStore::removesImages()
{
    ImageFixture images;
    const auto missing = images.store->remove(u"tools:1"_s);
    QCOMPARE(missing.error().code, ErrorCode::NotFound);
    QVERIFY(!QFile::exists(images.storePath()));
    QVERIFY(images.importMade(u"docker"_s, twoLayers, {}));
    QVERIFY(images.store->remove(u"tools:1"_s));
    QVERIFY(images.foldersInStore().isEmpty());
    QVERIFY(images.store->list()->isEmpty());
    QCOMPARE(images.store->remove(u"tools:1"_s).error().code, ErrorCode::NotFound);
    const auto used = images.store->use(u"tools:1"_s);
    QCOMPARE(used.error().code, ErrorCode::NotFound);
    QVERIFY(used.error().message.contains(u"skillbox image import FILE --name tools:1"_s));
}

void TestImageStore::keepsAnImageThatARunUses()
{
    ImageFixture images;
    QVERIFY(images.importMade(u"docker"_s, twoLayers, {}));
    {
        const auto first = images.store->use(u"tools:1"_s);
        const auto second = images.store->use(u"tools:1"_s);
        QVERIFY(first && second);
        const auto removed = images.store->remove(u"tools:1"_s);
        QVERIFY(!removed);
        QCOMPARE(removed.error().code, ErrorCode::Busy);
        QVERIFY(*images.store->find(u"tools:1"_s));
        QVERIFY(QFile::exists(first->rootDirectory + u"/etc/kept"_s));
        // A name that moves does not take the files away either.
        QVERIFY(images.importMade(u"rootfs"_s, twoLayers, u"tools:1"_s));
        QVERIFY(QFile::exists(first->rootDirectory + u"/etc/kept"_s));
        QCOMPARE(images.foldersInStore().size(), 2);
    }
    QVERIFY(images.store->remove(u"tools:1"_s));
    QVERIFY(images.foldersInStore().isEmpty());
}

void TestImageStore::removesWhatADeadImportLeft()
{
    ImageFixture images;
    QVERIFY(images.importMade(u"docker"_s, twoLayers, {}));
    const QString left = images.storePath() + u"/.tmp-0a2b"_s;
    QVERIFY(QDir().mkpath(left + u"/image/rootfs/etc"_s));
    // Names that are not UTF-8 are bytes like any others.
    const QByteArray odd = QFile::encodeName(left) + "/image/rootfs/caf\xe9";
    const int file = ::open(odd.constData(), O_CREAT | O_WRONLY, 0600);
    QVERIFY(file >= 0);
    ::close(file);
    images.reopen();
    QCOMPARE(images.foldersInStore().size(), 1);
    QVERIFY(*images.store->find(u"tools:1"_s));
}

void TestImageStore::keepsWhatALivingImportMakes()
{
    ImageFixture images;
    images.make(u"docker"_s, twoLayers, u"made"_s);
    int seen = 0;
    const auto imported = images.store->import(
        {.path = images.path(u"made"_s), .progress = [&](const ImageProgress &progress) {
             if (progress.layer == 0)
                 return;
             ++seen;
             const auto other = ImageStore::open(images.storePath());
             QVERIFY(other);
             QVERIFY((*other)->list()->isEmpty());
             QCOMPARE(images.foldersInStore().size(), 1);
         }});
    VERIFY_OK(imported);
    QVERIFY(seen > 0);
}

void TestImageStore::forgetsACancelledImport()
{
    ImageFixture images;
    images.make(u"docker"_s, twoLayers, u"made"_s);
    std::stop_source stop;
    const auto imported = images.store->import({.path = images.path(u"made"_s),
                                                .progress =
                                                    [&](const ImageProgress &progress) {
                                                        if (progress.layer == 2)
                                                            stop.request_stop();
                                                    },
                                                .stop = stop.get_token()});
    QVERIFY(!imported);
    QCOMPARE(imported.error().code, ErrorCode::Cancelled);
    QVERIFY(images.foldersInStore().isEmpty());
    QVERIFY(images.store->list()->isEmpty());
}

void TestImageStore::tellsProgress()
{
    ImageFixture images;
    images.make(u"docker"_s, twoLayers, u"made"_s);
    QList<int> layers;
    qint64 bytes = 0;
    const auto imported = images.store->import(
        {.path = images.path(u"made"_s), .progress = [&](const ImageProgress &progress) {
             if (layers.isEmpty() || layers.last() != progress.layer)
                 layers += progress.layer;
             QVERIFY(progress.bytes >= bytes);
             bytes = progress.bytes;
         }});
    QVERIFY(imported);
    QCOMPARE(layers, (QList<int>{0, 1, 2}));
    QCOMPARE(bytes, imported->record.sizeBytes);
}

void TestImageStore::replacesADamagedRecord()
{
    ImageFixture images;
    const auto first = images.importMade(u"docker"_s, twoLayers, {});
    const QString record = images.storePath() + u'/' + first->record.digest.mid(7)
        + u"/image.json"_s;
    QFile file(record);
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    file.close();
    const auto found = images.store->find(u"tools:1"_s);
    QCOMPARE(found.error().code, ErrorCode::StorageCorrupt);
    const auto again = images.importMade(u"docker"_s, twoLayers, {});
    VERIFY_OK(again);
    QVERIFY(again->unpacked);
    QCOMPARE((*images.store->find(u"tools:1"_s))->digest, first->record.digest);
}

void TestImageStore::saysWhenNamesAreDamaged()
{
    ImageFixture images;
    QVERIFY(images.importMade(u"docker"_s, twoLayers, {}));
    QFile file(images.storePath() + u"/names.json"_s);
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    file.write(R"({"format":1,"names":{"tools:1":"../../etc"}})");
    file.close();
    for (const Error &error :
         {images.store->find(u"tools:1"_s).error(), images.store->list().error(),
          images.store->use(u"tools:1"_s).error(), images.store->remove(u"tools:1"_s).error()}) {
        QCOMPARE(error.code, ErrorCode::StorageCorrupt);
        QVERIFY2(error.message.contains(u"names.json"_s), qPrintable(error.message));
    }
}

void TestImageStore::saysWhenTheStoreIsNewer()
{
    ImageFixture images;
    QVERIFY(images.importMade(u"docker"_s, twoLayers, {}));
    QFile file(images.storePath() + u"/names.json"_s);
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    file.write(R"({"format":2,"names":{}})");
    file.close();
    QCOMPARE(images.store->list().error().code, ErrorCode::StorageTooNew);
}

void TestImageStore::saysWhenItCannotWrite()
{
    ImageFixture images;
    QFile file(images.storePath()); // where the folder should be
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    const auto imported = images.importMade(u"docker"_s, twoLayers, {});
    QVERIFY(!imported);
    QCOMPARE(imported.error().code, ErrorCode::StorageUnavailable);
    QVERIFY2(imported.error().message.contains(images.storePath()),
             qPrintable(imported.error().message));
}

QTEST_GUILESS_MAIN(TestImageStore)
#include "test_image_store.moc"
