#include "engine/skill/archive.h"

#include "tests/support/tree_fixture.h"
#include "tests/support/zip_builder.h"

#include <QTemporaryDir>
#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

Q_DECLARE_METATYPE(skillbox::ErrorCode)

/// Each way to break a rule is refused with a sentence that names the entry, and leaves nothing.
class TestHostileArchives : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void refuses_data();
    void refuses();
    void refusesEveryTruncation();
    void neverDisagreesWithAFlippedBit();
};

namespace {

ZipEntry manifest()
{
    return {"SKILL.md", "---\nname: a\n---\n"};
}

void row(const char *name, const QByteArray &zip, const char *message,
         ErrorCode code = ErrorCode::InvalidSkill)
{
    QTest::newRow(name) << zip << QString::fromUtf8(message) << code;
}

void nameRows()
{
    const auto named = [](const QByteArray &name) { return buildZip({manifest(), {name, "x"}}); };
    row("parent component", named("../evil"), "\"../evil\" has a \"..\" component");
    row("parent component inside", named("a/../../evil"), "\"a/../../evil\" has a \"..\"");
    row("parent component at the end", named("a/.."), "\"a/..\" has a \"..\"");
    row("parent folder entry",
        buildZip({manifest(), {.name = "a/../", .mode = S_IFDIR | 0755, .method = 0}}), "\"..\"");
    row("parent component in litter", named("__MACOSX/../evil"), "\"__MACOSX/../evil\" has a");
    row("absolute", named("/etc/passwd"), "\"/etc/passwd\" has an absolute path");
    row("double slash in front", named("//host/share"), "has an absolute path");
    row("drive letter", named("C:/x"), "\"C:/x\" begins with a drive letter");
    row("drive letter without slash", named("c:x"), "\"c:x\" begins with a drive letter");
    row("backslash", named("..\\evil"), "has a backslash");
    row("UNC path", named("\\\\host\\share"), "has a backslash");
    row("empty component", named("a//b"), "\"a//b\" has an empty component");
    row("NUL", named("a\0b"_ba), "\"a\\u{0}b\" has a NUL");
    row("newline", named("a\nb"), "\"a\\u{a}b\" has a control character");
    row("escape", named("a\x1b[31mb"), "has a control character");
    row("C1 control", named("a\xc2\x9b"), "has a control character");
    row("delete character", named("a\x7f"), "has a control character");
    row("Latin-1 name", named("caf\xe9"), "\"caf\\xe9\" has a name that is not UTF-8");
    row("overlong UTF-8", named("a\xc0\xae\xc0\xae"), "not UTF-8");
    row("surrogate in UTF-8", named("a\xed\xa0\x80"), "not UTF-8");
    row("empty name", named(""), "an entry has an empty name");
    row("file called dot", named("."), "\".\" has no name");
    row("component too long", named(QByteArray(256, 'n')), "component of 256 bytes");
}

void conflictRows()
{
    const auto both = [](const QByteArray &a, const QByteArray &b) {
        return buildZip({manifest(), {a, "x"}, {b, "y"}});
    };
    row("twice the same", both("a", "a"), "\"a\" is there twice");
    row("twice after a dot component", both("a", "./a"), "is there twice");
    row("two manifests", both("b", "SKILL.md"), "\"SKILL.md\" is there twice");
    row("twice the same folder",
        buildZip({manifest(),
                  {.name = "d/", .mode = S_IFDIR | 0755, .method = 0},
                  {.name = "d/", .mode = S_IFDIR | 0755, .method = 0}}),
        "\"d\" is there twice");
    row("case", both("Readme.md", "README.md"), "\"README.md\" differs only in case");
    row("case of a folder", both("Docs/a", "docs/b"),
        "differs only in case or composition from \"Docs\"");
    row("case beyond ASCII", both("Straße", "STRASSE"), "differs only in case");
    row("case of the manifest", both("a", "skill.md"), "\"skill.md\" differs only in case");
    row("composition", both("caf\xc3\xa9", "cafe\xcc\x81"), "differs only in case or composition");
    row("file and folder", both("a", "a/b"), "makes \"a\" both a file and a folder");
    row("folder and file", both("a/b", "a"), "makes \"a\" both a file and a folder");
    row("file and folder of other case", both("A", "a/b"), "differs only in case");
}

void kindRows()
{
    const auto ofMode = [](quint32 mode, int host = 3) {
        return buildZip(
            {manifest(), {.name = "thing", .content = "/etc/passwd", .mode = mode, .host = host}});
    };
    row("symbolic link", ofMode(S_IFLNK | 0777), "\"thing\" is a symbolic link");
    row("symbolic link from a host without", ofMode(S_IFLNK | 0777, 0), "is a symbolic link");
    row("character device", ofMode(S_IFCHR | 0600), "\"thing\" is a device");
    row("block device", ofMode(S_IFBLK | 0600), "is a device");
    row("named pipe", ofMode(S_IFIFO | 0600), "is a named pipe");
    row("socket", ofMode(S_IFSOCK | 0600), "is a socket");
    row("unknown type", ofMode(0170000 | 0600), "is neither a file nor a folder");
    row("set-user-id", ofMode(S_IFREG | 04755), "\"thing\" has a set-user-id");
    row("set-group-id", ofMode(S_IFREG | 02755), "has a set-user-id or set-group-id");
    row("set-user-id without a type", ofMode(04755), "has a set-user-id");
    row("folder by mode only", ofMode(S_IFDIR | 0755),
        "is a file by its name and a folder by its attributes");
    row("folder by DOS attribute only",
        buildZip({manifest(), {.name = "d", .content = "x", .host = 0, .attributes = 0x10}}),
        "is a file by its name and a folder by its attributes");
    row("folder by name only",
        buildZip({manifest(), {.name = "d/", .mode = S_IFREG | 0644, .method = 0}}),
        "is a folder by its name and a file by its attributes");
    row("folder with content",
        buildZip({manifest(), {.name = "d/", .content = "x", .mode = S_IFDIR | 0755, .method = 0}}),
        "\"d/\" is a folder with content");
    const auto withExtra = [](quint16 id, const QByteArray &data) {
        return buildZip(
            {manifest(), {.name = "e", .content = "x", .localExtra = extraField(id, data)}});
    };
    row("hard link in a Unix field", withExtra(0x000d, QByteArray(12, '\0') + "/etc/passwd"),
        "\"e\" carries link or device data");
    row("second attributes (ASi)", withExtra(0x756e, QByteArray(14, '\0')),
        "second set of Unix attributes");
    row("second attributes (libarchive)", withExtra(0x6c78, QByteArray(4, '\0')),
        "second set of Unix");
    row("second name", withExtra(0x7075, "\1\0\0\0\0evil"_ba), "carries a second, different name");
    row("extra field too long",
        buildZip({manifest(), {.name = "e", .content = "x", .localExtra = "\1\2\xff\0z"_ba}}),
        "\"e\" has a malformed extra field");
    row("extra field cut",
        buildZip({manifest(), {.name = "e", .content = "x", .centralExtra = "\1\2"_ba}}),
        "malformed extra field");
}

void packingRows()
{
    row("encrypted", buildZip({manifest(), {.name = "e", .content = "x", .flags = 0x0801}}),
        "\"e\" is encrypted");
    row("strongly encrypted",
        buildZip({manifest(), {.name = "e", .content = "x", .flags = 0x0840}}), "is encrypted");
    row("AES field",
        buildZip({manifest(),
                  {.name = "e",
                   .content = "x",
                   .centralExtra = extraField(0x9901, QByteArray(7, 'a'))}}),
        "\"e\" is encrypted");
    row("patch data", buildZip({manifest(), {.name = "e", .content = "x", .flags = 0x0820}}),
        "holds patch data");
    row("bzip2", buildZip({manifest(), {.name = "e", .content = "x", .method = 12}}),
        "\"e\" is packed by method 12; only stored and deflated are read");
    row("LZMA", buildZip({manifest(), {.name = "e", .content = "x", .method = 14}}), "method 14");
    row("deflate64", buildZip({manifest(), {.name = "e", .content = "x", .method = 9}}),
        "method 9");
    row("wrong checksum", buildZip({manifest(), {.name = "e", .content = "x", .crc = 7}}),
        "\"e\" is damaged");
    row("wrong checksum behind the data",
        buildZip({manifest(), {.name = "e", .content = "x", .descriptor = true, .crc = 7}}),
        "\"e\" is damaged");
    row("wrong checksum in litter",
        buildZip({manifest(), {.name = "__MACOSX/e", .content = "x", .crc = 7}}),
        "\"__MACOSX/e\" is damaged");
    row("not deflate at all",
        buildZip({manifest(), {.name = "e", .content = "x", .packed = "\xff\xff\xff\xff"}}),
        "\"e\" is damaged");
    row("stored with two sizes",
        buildZip({manifest(), {.name = "e", .content = "xyz", .method = 0, .size = 2}}),
        "is stored but claims");
}

void bombRows()
{
    const QByteArray zeros(2'000'000, '\0');
    row("ratio as declared", buildZip({manifest(), {"zeros", zeros}}),
        "\"zeros\" unpacks 2000000 bytes from", ErrorCode::TooLarge);
    row("size lies low", buildZip({manifest(), {.name = "zeros", .content = zeros, .size = 1000}}),
        "\"zeros\"");
    row("size lies low behind the data",
        buildZip(
            {manifest(), {.name = "zeros", .content = zeros, .descriptor = true, .size = 1000}}),
        "\"zeros\" unpacks to more than the 1000 bytes it declares");
    row("size lies high", buildZip({manifest(), {.name = "few", .content = "few", .size = 4}}),
        "\"few\"");
    row("size lies high behind the data",
        buildZip({manifest(), {.name = "few", .content = "few", .descriptor = true, .size = 4}}),
        "\"few\"");
    row("total as declared",
        buildZip({manifest(), {.name = "big", .content = "x", .size = 300u << 20}}),
        "the first over it is \"big\" with 314572800 bytes", ErrorCode::TooLarge);
    QList<ZipEntry> many{manifest()};
    for (int i = 0; i < 500; ++i)
        many.append({.name = QByteArray::number(i), .method = 0});
    row("too many entries", buildZip(many), "has 501 entries, over the limit of 500",
        ErrorCode::TooLarge);
    row("too deep", buildZip({manifest(), {QByteArray("d/").repeated(32) + "x", "x"}}),
        "lies 33 levels deep, over the limit of 32", ErrorCode::TooLarge);
    row("placeholders in the name", buildZip({manifest(), {"%1%2%3%4", zeros}}),
        "entry \"%1%2%3%4\" unpacks 2000000 bytes from", ErrorCode::TooLarge);
    row("path too long",
        buildZip({manifest(),
                  {QByteArray(200, 'a') + '/' + QByteArray(200, 'b') + '/' + QByteArray(200, 'c'),
                   "x"}}),
        "has 602 bytes, over the limit of 512", ErrorCode::TooLarge);

    // All entries share one body, each with a header of its own (Fifield, "A better zip bomb").
    const ZipEntry kernel{"b", "kernel"};
    ZipEntry overlapping{.name = "b", .content = "kernel", .centralOffset = 0};
    overlapping.name = "SKILL.md";
    row("overlap", buildZip({kernel, overlapping}), "\"");
    const QByteArray inner = buildZip({manifest()})
                                 .first(30 + 8 + deflated(manifest().content).size());
    ZipEntry outer{.name = "outer", .content = inner, .method = 0};
    ZipEntry nested = manifest();
    nested.centralOffset = 30 + 5;
    row("entry within an entry", buildZip({outer, nested}), "\"outer\" overlaps another entry");
}

void disagreementRows()
{
    row("other name in front",
        buildZip({manifest(), {.name = "safe", .content = "x", .localName = "evil"}}),
        "\"safe\" is called \"evil\" in its own header");
    row("name with a link's case in front",
        buildZip({manifest(), {.name = "safe", .content = "x", .localName = "Safe"}}),
        "is called \"Safe\"");
    row("other method in front",
        buildZip({manifest(), {.name = "e", .content = "x", .localMethod = 0}}),
        "\"e\" is packed otherwise");
    row("other flags in front",
        buildZip({manifest(), {.name = "e", .content = "x", .localFlags = 0x0808}}),
        "\"e\" is packed otherwise");
    row("encrypted in front only",
        buildZip({manifest(), {.name = "e", .content = "x", .localFlags = 0x0801}}),
        "\"e\" is packed otherwise");
    row("other size in front",
        buildZip({manifest(), {.name = "e", .content = "x", .localSize = 2}}),
        "\"e\" has other sizes in its own header");
    row("other packed size in front",
        buildZip({manifest(), {.name = "e", .content = "x", .localPackedSize = 1}}),
        "\"e\" has other sizes in its own header");
    row("other size behind",
        buildZip(
            {manifest(), {.name = "e", .content = "x", .descriptor = true, .descriptorSize = 2}}),
        "\"e\" has other sizes behind its data");
    row("Zip64 size in front only",
        buildZip({manifest(),
                  {.name = "e",
                   .content = "x",
                   .localExtra = extraField(1, QByteArray(16, '\0')),
                   .centralExtra = extraField(1, QByteArray(16, '\0'))}}),
        "\"e\" uses Zip64 sizes");

    // A reader that streams would unpack the second header; the directory hides it in a gap, in
    // packed data behind the end of the deflate stream, or in stored data without a length.
    const ZipEntry hidden{"scripts/main.py", "evil"};
    const QByteArray hiddenLocal = buildZip({hidden}).first(30 + 15 + deflated("evil").size());
    row("hidden entry in a gap",
        buildZip({{.name = "SKILL.md", .content = "x", .after = hiddenLocal}, {"z", "z"}}),
        "\"SKILL.md\" is followed by bytes that belong to no entry");
    row("hidden entry before the directory",
        buildZip({{.name = "SKILL.md", .content = "x", .after = hiddenLocal}}),
        "is followed by bytes that belong to no entry");
    row("hidden entry behind a descriptor",
        buildZip({{.name = "SKILL.md", .content = "x", .descriptor = true, .after = hiddenLocal}}),
        "is followed by bytes that belong to no entry");
    const QByteArray body = deflated("x");
    const QByteArray earlyEnd = "PK\7\10" + littleEndian(crc32Of("x"))
        + littleEndian(static_cast<quint32>(body.size())) + littleEndian<quint32>(1);
    row("hidden entry behind the deflate stream",
        buildZip({{.name = "SKILL.md",
                   .content = "x",
                   .descriptor = true,
                   .packed = body + earlyEnd + hiddenLocal}}),
        "\"SKILL.md\"");
    row("hidden bytes behind the deflate stream",
        buildZip({{.name = "SKILL.md", .content = "x", .packed = body + hiddenLocal}}),
        "\"SKILL.md\"");
    const QByteArray storedEnd = "PK\7\10" + littleEndian(crc32Of("x")) + littleEndian<quint32>(1)
        + littleEndian<quint32>(1);
    row("hidden entry in stored data",
        buildZip({{.name = "SKILL.md",
                   .content = "x" + storedEnd + hiddenLocal,
                   .method = 0,
                   .descriptor = true}}),
        "\"SKILL.md\" is stored without its length in front and holds the mark of an end");
    row("hidden entry in a folder",
        buildZip({manifest(), {.name = "d/", .mode = S_IFDIR | 0755, .packed = hiddenLocal}}),
        "\"d/\" is a folder with content");
    row("entry the directory leaves out", buildZip({manifest(), hidden}, {.entries = 1}),
        "holds more than the end record says");
}

void frameRows()
{
    const QByteArray good = buildZip({manifest()});
    row("empty file", {}, "the archive is an empty file");
    row("not a zip", "#!/bin/sh\nexit\n", "this is not a zip archive");
    row("gzip", "\x1f\x8b\x08\0\0\0\0\0"_ba, "this is not a zip archive");
    row("one byte", "P", "this is not a zip archive");
    row("no entries", buildZip({}), "the archive has no entries");
    row("script in front", buildZip({manifest()}, {.prefix = "#!/bin/sh\n"}),
        "does not begin with its first entry");
    row("script in front, offsets not moved", "#!/bin/sh\n" + good,
        "does not begin with its first entry");
    row("another zip in front", good + buildZip({manifest()}),
        "does not end where its end record begins");
    row("another zip in front, offsets moved", buildZip({manifest()}, {.prefix = good}),
        "does not begin with its first entry");
    row("bytes behind", good + "trailing", "has 8 bytes after its end");
    row("NUL bytes behind", good + QByteArray(512, '\0'), "has 512 bytes after its end");
    row("end record in the comment",
        buildZip({manifest()}, {.comment = buildZip({{"SKILL.md", "other"}})}),
        "the archive's directory does not end");
    row("long comment", buildZip({manifest()}, {.comment = QByteArray(2000, 'c')}),
        "comment has 2000 bytes");
    row("bytes before the end record",
        buildZip({manifest()}, {.beforeEnd = "PK\6\7" + QByteArray(16, '\0')}),
        "does not end where its end record begins");
    row("more entries promised", buildZip({manifest()}, {.entries = 2}), "directory is damaged");
    row("directory elsewhere", buildZip({manifest()}, {.directoryOffset = 1}),
        "does not end where");
    row("several volumes", buildZip({manifest()}, {.disk = 1}), "several volumes");
    row("Zip64 counts", buildZip({manifest()}, {.entries = 0xffff}), "Zip64");

    row("no manifest", buildZip({{"main.py", "x"}}), "there is no SKILL.md at the root");
    row("manifest in one of two folders", buildZip({{"a/SKILL.md", "x"}, {"b/x", "x"}}),
        "there is no SKILL.md");
    row("manifest too deep", buildZip({{"a/b/SKILL.md", "x"}}), "there is no SKILL.md");
    row("manifest in litter only", buildZip({{"__MACOSX/SKILL.md", "x"}}), "there is no SKILL.md");
    row("manifest is a folder",
        buildZip({{.name = "SKILL.md/", .mode = S_IFDIR | 0755, .method = 0}}),
        "there is no SKILL.md");
    row("manifest in mixed case", buildZip({{"Skill.md", "x"}}),
        "there is no SKILL.md; entry \"Skill.md\" must be called so in capitals");
}

} // namespace

void TestHostileArchives::refuses_data()
{
    QTest::addColumn<QByteArray>("zip");
    QTest::addColumn<QString>("message");
    QTest::addColumn<ErrorCode>("code");
    nameRows();
    conflictRows();
    kindRows();
    packingRows();
    bombRows();
    disagreementRows();
    frameRows();
}

void TestHostileArchives::refuses()
{
    QFETCH(QByteArray, zip);
    QFETCH(QString, message);
    QFETCH(ErrorCode, code);
    QTemporaryDir dir;
    writeFile(dir.filePath(u"skill.zip"_s), zip);
    const auto content = unpackArchive(dir.filePath(u"skill.zip"_s), dir.filePath(u"out"_s));
    QVERIFY2(!content, "was accepted");
    QVERIFY2(content.error().message.contains(message), qPrintable(content.error().message));
    QCOMPARE(content.error().code, code);
    QCOMPARE(allEntries(dir.path()), QStringList({u"skill.zip"_s}));
}

void TestHostileArchives::refusesEveryTruncation()
{
    const QByteArray zip = buildZip(
        {manifest(), {.name = "a/b", .content = "text", .descriptor = true}});
    QTemporaryDir dir;
    for (qsizetype length = 0; length < zip.size(); ++length) {
        writeFile(dir.filePath(u"skill.zip"_s), zip.first(length));
        const auto content = unpackArchive(dir.filePath(u"skill.zip"_s), dir.filePath(u"out"_s));
        QVERIFY2(!content, qPrintable(QString::number(length)));
        QCOMPARE(allEntries(dir.path()), QStringList({u"skill.zip"_s}));
    }
}

void TestHostileArchives::neverDisagreesWithAFlippedBit()
{
    // Times, version numbers and owners have no part in a skill; any other flipped bit must be
    // refused or change nothing of what comes out.
    const QByteArray zip = buildZip({manifest(), {"main.py", "print('hello')\n"}});
    QTemporaryDir dir;
    const auto unpack = [&dir](const QByteArray &bytes) {
        QDir(dir.filePath(u"out"_s)).removeRecursively();
        writeFile(dir.filePath(u"skill.zip"_s), bytes);
        return unpackArchive(dir.filePath(u"skill.zip"_s), dir.filePath(u"out"_s));
    };
    const auto honest = unpack(zip);
    QVERIFY(honest);
    int accepted = 0;
    for (qsizetype bit = 0; bit < zip.size() * 8; ++bit) {
        QByteArray changed = zip;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        const auto content = unpack(changed);
        if (!content) {
            QCOMPARE(allEntries(dir.path()), QStringList({u"skill.zip"_s}));
            continue;
        }
        ++accepted;
        QList<PackedFile> files = content->files;
        for (PackedFile &file : files)
            file.executable = false; // the mode is nobody's checksum
        QCOMPARE(files.size(), honest->files.size());
        for (qsizetype i = 0; i < files.size(); ++i) {
            QCOMPARE(files[i].path, honest->files[i].path);
            QCOMPARE(files[i].sha256, honest->files[i].sha256);
        }
    }
    QVERIFY(accepted > 0);
    QVERIFY(accepted < zip.size() * 8 / 2);
}

QTEST_GUILESS_MAIN(TestHostileArchives)
#include "test_hostile_archives.moc"
