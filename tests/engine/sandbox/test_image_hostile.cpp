// Images that lie, climb out, or blow up: each is refused in one sentence and leaves nothing, or is
// taken without harm.

#include "tests/engine/sandbox/image_fixture.h"
#include "tests/support/verify_result.h"

#include <sys/stat.h>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

namespace {

constexpr ImageLimits smallLimits{.unpackedBytes = 4LL << 20,
                                  .entries = 50,
                                  .depth = 8,
                                  .pathBytes = 200,
                                  .rootEntries = 8,
                                  .layers = 4,
                                  .ratio = 50,
                                  .ratioFromBytes = 1LL << 20,
                                  .jsonBytes = 64 << 10,
                                  .members = 40};

/// An image of one good layer and one of these entries.
QJsonObject entries(const QByteArray &list)
{
    return json(R"({"names": ["test:1"], "layers": [
        {"entries": [{"path": "etc/", "type": "dir"}, {"path": "etc/file", "text": "x"}]},
        {"entries": [)"
                + list + "]}]}");
}

QJsonObject lying(const QByteArray &lies, const QByteArray &more = "\"os\": \"linux\"")
{
    return json(R"({"names": ["test:1"], "compression": "gzip", )" + more + R"(, "lies": )" + lies
                + R"(, "layers": [{"entries": [{"path": "etc/file", "text": "x"}]}]})");
}

QByteArray manyEntries(int count)
{
    QByteArrayList list;
    for (int i = 0; i < count; ++i)
        list += "{\"path\": \"etc/" + QByteArray::number(i) + "\"}";
    return list.join(',');
}

} // namespace

class TestImageHostile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void refusesImages_data();
    void refusesImages();
    void refusesFiles_data();
    void refusesFiles();
    void refusesAPipe();
    void linksLeadNowhereOutside();
    void whiteoutsReachNothingOutside();
    void replacesLinksInsteadOfWritingThroughThem();
    void replacesFoldersByFilesAndBack();
    void takesNamesOfAnyBytes();
    void overwritesDoNotReachHardLinks();
    void deepChainsOfLinksAreBounded();
};

void TestImageHostile::refusesImages_data()
{
    QTest::addColumn<QString>("form");
    QTest::addColumn<QJsonObject>("spec");
    QTest::addColumn<ErrorCode>("code");
    QTest::addColumn<QString>("message");
    const auto bad = [](const char *row, const char *form, const QJsonObject &spec,
                        const char *message, ErrorCode code = ErrorCode::BadRequest) {
        QTest::newRow(row) << QString::fromLatin1(form) << spec << code
                           << QString::fromUtf8(message);
    };
    const auto tooLarge = ErrorCode::TooLarge;

    bad("parent path", "oci-tar", entries(R"({"path": "../evil"})"),
        R"(layer 2: entry "../evil" has a ".." component)");
    bad("parent path inside", "oci-tar", entries(R"({"path": "etc/../../evil"})"),
        "\"..\" component");
    bad("absolute path", "oci-tar", entries(R"({"path": "/etc/evil"})"), "has an absolute path");
    bad("empty component", "oci-tar", entries(R"({"path": "etc//evil"})"), "empty component");
    bad("long component", "docker", entries("{\"path\": \"" + QByteArray(256, 'a') + "\"}"),
        "over the limit of 200", tooLarge);
    bad("deep path", "docker", entries(R"({"path": "a/b/c/d/e/f/g/h/i"})"),
        "lies 9 levels deep, over the limit of 8", tooLarge);
    bad("below a file", "docker", entries(R"({"path": "etc/file/evil"})"),
        "lies below something that is not a folder");
    bad("below a link to outside", "docker",
        entries(R"({"path": "l", "type": "symlink", "target": "/nowhere/at/all"},
                   {"path": "l/evil", "text": "x"})"),
        R"(entry "l" lies below a link that leads nowhere)");
    bad("links in a circle", "docker", entries(R"({"path": "a", "type": "symlink", "target": "b"},
                   {"path": "b", "type": "symlink", "target": "a"}, {"path": "a/evil"})"),
        "lies below links that lead in a circle");
    bad("link to nothing", "docker", entries(R"({"path": "l", "type": "symlink", "target": ""})"),
        "is a symbolic link to nothing");
    bad("hard link out", "docker",
        entries(R"({"path": "h", "type": "hardlink", "target": "../../../etc/passwd"})"),
        "is a hard link to a place that is refused");
    bad("hard link to the host", "docker",
        entries(R"({"path": "h", "type": "hardlink", "target": "/etc/passwd"})"),
        "has an absolute path");
    bad("hard link through a link", "docker",
        entries(R"({"path": "l", "type": "symlink", "target": "/usr"},
                   {"path": "h", "type": "hardlink", "target": "l/bin/env"})"),
        R"(is a hard link to "l/bin/env", which is not in the image)");
    bad("hard link to a folder", "docker",
        entries(R"({"path": "h", "type": "hardlink", "target": "etc"})"), "hard link to a folder");
    bad("whiteout of nothing", "docker", entries(R"({"path": "etc/.wh."})"), "whiteout of no name");
    bad("whiteout of the folder", "docker", entries(R"({"path": "etc/.wh.."})"),
        "whiteout of no name");
    bad("whiteout of the parent", "docker", entries(R"({"path": "etc/.wh..."})"),
        "whiteout of no name");
    bad("whiteout outside", "docker", entries(R"({"path": "../.wh.etc"})"), "\"..\" component");
    bad("below a whiteout", "docker", entries(R"({"path": "etc/.wh.x/y"})"), "below a whiteout");

    bad("too many entries", "docker", entries(manyEntries(49)), "more than 50 entries", tooLarge);
    bad("too many at the root", "docker", entries(manyEntries(9).replace("etc/", "top")),
        "its root has 10 entries", tooLarge);
    bad("too large", "docker", entries(R"({"path": "etc/big", "zeros": 5000000})"),
        "unpacks to more than 4194304 bytes", tooLarge);
    bad("too large in sum", "docker",
        json(R"({"layers": [{"entries": [{"path": "etc/a", "zeros": 3000000}]},
                            {"entries": [{"path": "etc/a", "zeros": 3000000}]}]})"),
        "unpacks to more than 4194304 bytes", tooLarge);
    bad("a file of holes", "docker", entries(R"({"path": "etc/holes", "text": "abc", "pax": {
            "GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.numblocks": "1",
            "GNU.sparse.map": "0,3", "GNU.sparse.size": "1099511627776"}})"),
        "unpacks to more than 4194304 bytes", tooLarge);
    bad("bomb in gzip", "oci-tar",
        json(
            R"({"compression": "gzip", "layers": [{"entries": [{"path": "a", "zeros": 3000000}]}]})"),
        "more than 50 times its size", tooLarge);
    bad("bomb in zstd", "oci-dir",
        json(
            R"({"compression": "zstd", "layers": [{"entries": [{"path": "a", "zeros": 3000000}]}]})"),
        "more than 50 times its size", tooLarge);
    bad("bomb around it", "rootfs",
        json(
            R"({"outer": "gzip", "layers": [{"entries": [{"path": "etc/a", "zeros": 3000000}]}]})"),
        "more than 50 times its size", tooLarge);
    bad("too many layers", "oci-tar",
        json(R"({"layers": [{"entries": []}, {"entries": []}, {"entries": []}, {"entries": []},
                            {"entries": []}]})"),
        "over the limit of 4", tooLarge);
    bad("no layers", "docker", json(R"({"layers": []})"), "it has no layers");

    const QByteArray zeros = "\"sha256:" + QByteArray(64, '0') + '"';
    bad("layer of another digest", "oci-tar", lying("{\"layer_digest\": " + zeros + "}"),
        "it is not what its digest says");
    bad("layer of another size", "oci-tar", lying(R"({"layer_size": 7})"),
        "but its manifest says 7");
    bad("layer cut off", "oci-dir", lying(R"({"layer_bytes": 9})"), "is damaged or cut off");
    bad("manifest of another digest", "oci-tar", lying("{\"manifest_digest\": " + zeros + "}"),
        "its manifest is not what its digest says");
    bad("content of another digest", "oci-tar", lying("{\"diff_ids\": [" + zeros + "]}"),
        "it is not what its digest says");
    bad("content of another digest, docker", "docker", lying("{\"diff_ids\": [" + zeros + "]}"),
        "it is not what its digest says");
    bad("digests of fewer layers", "docker", lying(R"({"diff_ids": []})"),
        "it has 1 layers, but its configuration has digests of 0");
    bad("digest of another kind", "oci-tar", lying(R"({"diff_ids": ["sha512:00"]})"),
        "that is not SHA-256");
    bad("digest that climbs", "oci-tar",
        lying(
            R"({"index_json": "{\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"size\":2,\"digest\":\"sha256:../../../../etc/passwd\"}]}"})"),
        "its index has a digest that is not SHA-256");
    bad("blob that climbs", "oci-tar", lying(R"({"layer_digest": "sha256:../../../etc/passwd"})"),
        "\"..\" component");
    bad("configuration of another digest", "docker",
        lying("{\"config_name\": \"" + QByteArray(64, '0') + ".json\"}"),
        "has not the digest that its name says");
    bad("unknown media type", "oci-tar", lying(R"({"media_type": "application/x-evil"})"),
        R"(layer 1 has the unknown media type "application/x-evil")");
    bad("media type that lies", "oci-tar",
        lying(R"({"media_type": "application/vnd.oci.image.layer.v1.tar+zstd"})"),
        "its media type says zstd, its content gzip");
    bad("not a container image", "oci-tar", lying(R"({"config_type": "application/x-chart"})"),
        "it is not a container image");
    bad("another architecture", "docker", lying("{}", R"("architecture": "s390y")"),
        R"(it is for the architecture "s390y")");
    bad("another system", "oci-tar", lying("{}", R"("os": "windows")"), R"(it is for "windows")");
    bad("no system", "docker", lying("{}", R"("os": "")"), "does not say for which system");
    bad("index of other machines", "oci-tar", lying(R"({"index": "others"})"),
        R"(it has no image for linux/)");
    bad("deep JSON", "oci-tar", lying("{\"index_json\": \"" + QByteArray(50'000, '[') + "\"}"),
        "its index.json is not usable");
    bad("large JSON", "oci-tar", lying("{\"index_json\": \"" + QByteArray(70'000, ' ') + "\"}"),
        "over the limit of 65536", tooLarge);
    bad("no JSON", "oci-tar", lying(R"({"index_json": "<xml/>"})"), "its index.json is not usable");
    bad("index of nothing", "oci-tar", lying(R"({"index_json": "[1]"})"), "names no image");
    bad("index of a file that is missing", "oci-dir",
        lying(
            R"({"index_json": "{\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"size\":2,\"digest\":\"sha256:)"
            + QByteArray(64, '1') + R"(\"}]}"})"),
        "is missing");
    bad("unusable PATH", "docker", lying("{}", "\"path\": \"/" + QByteArray(5000, 'a') + '"'),
        "unusable PATH");

    bad("cut archive", "docker", lying(R"({"cut": 8000})"), "cut off");
    bad("cut root, in a file", "rootfs", lying(R"({"cut": 9500})"),
        "its tar is damaged or cut off");
    bad("cut root, after a file", "rootfs", lying(R"({"cut": 9216})"),
        "its tar is cut off: the mark of its end is missing");
    bad("cut gzip", "rootfs", lying(R"({"cut": 20})", R"("outer": "gzip")"), "damaged or cut off");
    bad("cut zstd", "docker", lying(R"({"cut": 20})", R"("outer": "zstd")"), "damaged or cut off");
}

void TestImageHostile::refusesImages()
{
    QFETCH(QString, form);
    QFETCH(QJsonObject, spec);
    QFETCH(ErrorCode, code);
    QFETCH(QString, message);
    ImageFixture images(smallLimits);
    const auto imported = images.importMade(form, spec);
    QVERIFY(!imported);
    QVERIFY2(imported.error().message.contains(message), qPrintable(imported.error().message));
    QVERIFY2(imported.error().message.contains(u"made\" cannot be imported: "_s),
             qPrintable(imported.error().message));
    QVERIFY(!imported.error().message.contains(u'\n'));
    QCOMPARE(imported.error().code, code);
    QVERIFY2(images.foldersInStore().isEmpty(), qPrintable(images.foldersInStore().join(u' ')));
    QVERIFY(images.store->list()->isEmpty());
}

void TestImageHostile::refusesFiles_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("message");
    QTest::newRow("empty") << QByteArray() << u"it is not a tar archive"_s;
    QTest::newRow("text") << QByteArray("hello\n").repeated(1000) << u"it is not a tar archive"_s;
    QTest::newRow("a zip") << QByteArray("PK\3\4").leftJustified(2000, 'x')
                           << u"it is not a tar archive"_s;
    QTest::newRow("zeros") << QByteArray(10240, '\0') << u""_s;
    QTest::newRow("xz") << QByteArray("\xfd"
                                      "7zXZ\0\0\0",
                                      8)
                               .leftJustified(600, 'x')
                        << u"it is compressed with xz; use gzip, zstd or nothing"_s;
    QTest::newRow("bzip2") << QByteArray("BZh9").leftJustified(600, 'x')
                           << u"it is compressed with bzip2; use gzip, zstd or nothing"_s;
    QTest::newRow("gzip of nothing known") << QByteArray("\x1f\x8b").leftJustified(600, 'x')
                                           << u"its gzip data is damaged or cut off"_s;
    QTest::newRow("zstd of nothing known") << QByteArray("\x28\xb5\x2f\xfd").leftJustified(600, 'x')
                                           << u"its zstd data is damaged or cut off"_s;
}

void TestImageHostile::refusesFiles()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, message);
    ImageFixture images;
    QFile file(images.path(u"file"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
    file.close();
    const auto imported = images.importFile(u"file"_s, u"test:1"_s);
    QVERIFY(!imported);
    QCOMPARE(imported.error().code, ErrorCode::BadRequest);
    QVERIFY2(imported.error().message.contains(message), qPrintable(imported.error().message));
    QVERIFY(images.foldersInStore().isEmpty());
}

void TestImageHostile::refusesAPipe()
{
    ImageFixture images;
    QVERIFY(::mkfifo(QFile::encodeName(images.path(u"pipe"_s)).constData(), 0600) == 0);
    const auto pipe = images.importFile(u"pipe"_s, u"test:1"_s);
    QVERIFY(!pipe);
    QVERIFY(pipe.error().message.contains(u"it is neither a file nor a folder"_s));
    const auto folder = images.store->import(
        {.path = images.directory.path(), .name = u"test:1"_s});
    QVERIFY(!folder);
    QVERIFY(folder.error().message.contains(u"is not an OCI image layout"_s));
    const auto missing = images.importFile(u"missing"_s, u"test:1"_s);
    QVERIFY(!missing);
    QCOMPARE(missing.error().code, ErrorCode::Io);
    // A blob that is a link could be any file of the host.
    images.make(u"oci-dir"_s, entries(R"({"path": "etc/x"})"), u"layout"_s);
    const QString index = images.path(u"layout/index.json"_s);
    QVERIFY(QFile::rename(index, images.path(u"elsewhere"_s)));
    QVERIFY(QFile::link(images.path(u"elsewhere"_s), index));
    QVERIFY(!images.importFile(u"layout"_s, u"test:1"_s));
    QVERIFY(images.foldersInStore().isEmpty());
}

void TestImageHostile::linksLeadNowhereOutside()
{
    ImageFixture images;
    const QByteArray outside = images.path(u"outside"_s).toUtf8();
    QVERIFY(QDir().mkpath(QString::fromUtf8(outside)));
    // Inside the image the absolute path is one of the image, and `..` ends at its root.
    const auto imported = images.importMade(
        u"docker"_s,
        entries(
            "{\"path\": \"" + outside.mid(1)
            + "/\", \"type\": \"dir\"},"
              "{\"path\": \"abs\", \"type\": \"symlink\", \"target\": \""
            + outside
            + "\"},"
              "{\"path\": \"up\", \"type\": \"symlink\", \"target\": \"../../../../../..\"},"
              "{\"path\": \"abs/evil\", \"text\": \"1\"}, {\"path\": \"up/evil\", \"text\": \"2\"},"
              "{\"path\": \"abs/.wh.nothing\"},"
              "{\"path\": \"hard\", \"type\": \"hardlink\", \"target\": \"up/evil\"}"));
    VERIFY_OK(imported);
    QVERIFY(QDir(QString::fromUtf8(outside)).isEmpty());
    QCOMPARE(images.content(imported->record, QString::fromUtf8(outside.mid(1)) + u"/evil"_s), "1");
    QCOMPARE(images.content(imported->record, u"evil"_s), "2");
    QCOMPARE(images.content(imported->record, u"hard"_s), "2");
}

void TestImageHostile::whiteoutsReachNothingOutside()
{
    ImageFixture images;
    const QString outside = images.path(u"outside"_s);
    QVERIFY(QDir().mkpath(outside));
    QFile canary(outside + u"/canary"_s);
    QVERIFY(canary.open(QIODevice::WriteOnly));
    canary.close();
    const QByteArray target = outside.toUtf8();
    const auto imported = images.importMade(u"docker"_s,
                                            json(R"({"layers": [
        {"entries": [{"path": "abs", "type": "symlink", "target": ")"
                                                 + target + R"("},
                     {"path": "up", "type": "symlink", "target": "../../.."},
                     {"path": "etc/file", "text": "x"}, {"path": "etc/kept", "text": "y"}]},
        {"entries": [{"path": "abs/.wh.canary"}, {"path": "abs/.wh..wh..opq"},
                     {"path": "up/etc/.wh.file"}]}]})"));
    VERIFY_OK(imported);
    QVERIFY(canary.exists());
    QVERIFY(!QFile::exists(images.inImage(imported->record, u"etc/file"_s)));
    QCOMPARE(images.content(imported->record, u"etc/kept"_s), "y");
    // An opaque root takes everything below it, and nothing of its own layer.
    const auto emptied = images.importMade(u"docker"_s, json(R"({"layers": [
        {"entries": [{"path": "etc/old", "text": "x"}]},
        {"entries": [{"path": "etc/new", "text": "y"}, {"path": ".wh..wh..opq"}]}]})"),
                                           u"b:1"_s);
    VERIFY_OK(emptied);
    QCOMPARE(QDir(images.inImage(emptied->record, u"etc"_s)).entryList(QDir::Files),
             QStringList{u"new"_s});
    QVERIFY(canary.exists());
}

void TestImageHostile::replacesLinksInsteadOfWritingThroughThem()
{
    ImageFixture images;
    QFile canary(images.path(u"canary"_s));
    QVERIFY(canary.open(QIODevice::WriteOnly));
    canary.write("unchanged");
    canary.close();
    const QByteArray target = images.path(u"canary"_s).toUtf8();
    const auto imported = images.importMade(
        u"docker"_s,
        entries(
            "{\"path\": \"l\", \"type\": \"symlink\", \"target\": \"" + target
            + "\"},"
              "{\"path\": \"l\", \"text\": \"changed\"},"
              "{\"path\": \"d\", \"type\": \"symlink\", \"target\": \"etc\"},"
              "{\"path\": \"d/\", \"type\": \"dir\"}, {\"path\": \"d/file\", \"text\": \"new\"}"));
    VERIFY_OK(imported);
    QVERIFY(canary.open(QIODevice::ReadOnly));
    QCOMPARE(canary.readAll(), "unchanged");
    QCOMPARE(images.content(imported->record, u"l"_s), "changed");
    QCOMPARE(images.content(imported->record, u"d/file"_s), "new");
    QCOMPARE(images.content(imported->record, u"etc/file"_s), "x");
}

void TestImageHostile::replacesFoldersByFilesAndBack()
{
    ImageFixture images;
    const auto imported = images.importMade(u"docker"_s, entries(R"(
        {"path": "etc", "text": "a file now"}, {"path": "x/y/z", "text": "1"},
        {"path": "x", "type": "symlink", "target": "v"}, {"path": "v/", "type": "dir"},
        {"path": "x/y/z", "text": "2"}, {"path": "etc", "type": "dir"})"));
    VERIFY_OK(imported);
    QVERIFY(QFileInfo(images.inImage(imported->record, u"etc"_s)).isDir());
    QVERIFY(!QFile::exists(images.inImage(imported->record, u"etc/file"_s)));
    QCOMPARE(images.content(imported->record, u"v/y/z"_s), "2");
}

void TestImageHostile::takesNamesOfAnyBytes()
{
    ImageFixture images;
    const auto imported = images.importMade(u"docker"_s, entries(R"(
        {"path": "etc/a\nb", "text": "1"}, {"path": "etc/\u001b[31m", "text": "2"},
        {"path": "etc/Főtanúsítvány", "text": "3"}, {"path": "etc/back\\slash", "text": "4"},
        {"path": "etc/\udce9", "text": "5"})"));
    VERIFY_OK(imported);
    QCOMPARE(images.content(imported->record, u"etc/a\nb"_s), "1");
    QCOMPARE(images.content(imported->record, u"etc/Főtanúsítvány"_s), "3");
    QVERIFY(images.store->remove(u"test:1"_s));
    QVERIFY(images.foldersInStore().isEmpty());
}

void TestImageHostile::overwritesDoNotReachHardLinks()
{
    ImageFixture images;
    const auto imported = images.importMade(u"docker"_s, entries(R"(
        {"path": "etc/twin", "type": "hardlink", "target": "etc/file"},
        {"path": "etc/twin", "type": "hardlink", "target": "etc/twin"},
        {"path": "etc/file", "text": "new"})"));
    VERIFY_OK(imported);
    QCOMPARE(images.content(imported->record, u"etc/twin"_s), "x");
    QCOMPARE(images.content(imported->record, u"etc/file"_s), "new");
}

void TestImageHostile::deepChainsOfLinksAreBounded()
{
    // Each name is short and shallow; through the links they go ever deeper.
    ImageFixture images(smallLimits);
    QByteArrayList list;
    for (int i = 0; i < 4; ++i) {
        const QByteArray from = i == 0 ? "" : "l" + QByteArray::number(i) + '/';
        list += "{\"path\": \"" + from + "a/b/c/d/\", \"type\": \"dir\"}";
        QByteArray target;
        for (int depth = 0; depth <= i; ++depth)
            target += "/a/b/c/d";
        list += "{\"path\": \"l" + QByteArray::number(i + 1)
            + "\", \"type\": \"symlink\", "
              "\"target\": \""
            + target + "\"}";
    }
    const auto imported = images.importMade(u"docker"_s, entries(list.join(',')));
    QVERIFY(!imported);
    QCOMPARE(imported.error().code, ErrorCode::TooLarge);
    QVERIFY2(imported.error().message.contains(u"lies too deep"_s),
             qPrintable(imported.error().message));
    QVERIFY(images.foldersInStore().isEmpty());
}

QTEST_GUILESS_MAIN(TestImageHostile)
#include "test_image_hostile.moc"
