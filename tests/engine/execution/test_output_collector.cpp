#include "engine/execution/output_collector.h"
#include "engine/storage/directory_blob_store.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <condition_variable>
#include <fcntl.h>
#include <mutex>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

/// A blob store that nothing is asked of but to take blobs.
class TakingStore : public BlobStore
{
public:
    Result<std::unique_ptr<QIODevice>> open(const BlobId &) override { return nullptr; }
    Result<bool> remove(const BlobId &) override { return false; }
    Result<bool> contains(const BlobId &) override { return false; }
    QString localFile(const BlobId &) const override { return {}; }
    Result<QList<BlobId>> listPutBefore(QLatin1StringView, const QDateTime &) override
    {
        return QList<BlobId>();
    }
};

/// A blob store whose disk is full from the second blob on.
class FullStore final : public TakingStore
{
public:
    Result<StoredBlob> put(QIODevice &source, qint64) override
    {
        if (m_puts++ > 0)
            return fail(ErrorCode::StorageUnavailable, u"no space left"_s);
        return StoredBlob{{u"00"_s}, source.readAll().size()};
    }

private:
    int m_puts = 0;
};

/// A blob store in which, of `count` puts, the one that came first ends last: none ends before all
/// are there. The name of a blob is what is in it.
class SlowestFirstStore final : public TakingStore
{
public:
    explicit SlowestFirstStore(int count) : m_left(count) { }
    int putsAtOnce() const override { return 4; }
    Result<StoredBlob> put(QIODevice &source, qint64) override
    {
        const QByteArray bytes = source.readAll();
        std::unique_lock lock(m_mutex);
        const int mine = m_left--;
        m_changed.notify_all();
        if (!m_changed.wait_for(lock, std::chrono::seconds(60),
                                [&] { return m_left == 0 && m_ended + 1 == mine; }))
            return fail(ErrorCode::Internal, u"they come one after the other"_s);
        ++m_ended;
        m_changed.notify_all();
        return StoredBlob{{QString::fromLatin1(bytes)}, bytes.size()};
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    int m_left;
    int m_ended = 0;
};

} // namespace

class OutputCollectorTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void collectsNothingFromNothing();
    void collectsOutputAndArtifacts();
    void storesTheBytesOfArtifacts();
    void sortsByPathBytes();
    void acceptsAnyJsonValue_data();
    void acceptsAnyJsonValue();
    void ignoresBadOutputJsonWithAWarning_data();
    void ignoresBadOutputJsonWithAWarning();
    void refusesOutputJsonOverTheLimit();
    void refusesOutputJsonThatIsNotAFile_data();
    void refusesOutputJsonThatIsNotAFile();

    void leavesOutWhatIsNotARegularFile();
    void neverReadsThroughLinks();
    void refusesAFilesFolderThatIsALink();
    void refusesAFilesFolderThatIsAFile();
    void leavesOutHostileNames();
    void boundsDepth();
    void boundsPathLength();
    void boundsCountByPathOrder();
    void boundsBytes();
    void aSparseFileCountsWithItsHoles();
    void boundsEntriesLookedAt();
    void manySkippedEntriesAreSummedUp();
    void readsWhatTheSkillMadeUnreadable();
    void tellsWhenTheStoreFails();
    void tellsWhenThisMachineDoesNotLetItRead();
    void keepsTheOrderOfWhatIsPutSideBySide();
    void leaksNoDescriptors();
    void knowsContentTypes_data();
    void knowsContentTypes();

private:
    QString at(const QString &path) const { return m_directory->filePath(u"out/"_s + path); }
    QByteArray native(const QString &path) const { return QFile::encodeName(at(path)); }
    void put(const QString &path, const QByteArray &bytes) const
    {
        QDir().mkpath(QFileInfo(at(path)).path());
        QFile file(at(path));
        QVERIFY2(file.open(QIODevice::WriteOnly), qPrintable(file.errorString()));
        file.write(bytes);
    }
    CollectedOutput collect(const CollectLimits &limits = {})
    {
        const UniqueFd out(::open(native(u""_s).constData(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        return collectOutputs(out.get(), *m_blobs, limits);
    }
    static QStringList pathsOf(const CollectedOutput &collected)
    {
        QStringList paths;
        for (const ArtifactRecord &artifact : collected.artifacts)
            paths += artifact.path;
        return paths;
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<BlobStore> m_blobs;
};

void OutputCollectorTest::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(QDir().mkpath(at(u"files"_s)));
    auto blobs = DirectoryBlobStore::open(m_directory->filePath(u"blobs"_s));
    QVERIFY2(blobs, blobs ? "" : qPrintable(blobs.error().message));
    m_blobs = std::move(*blobs);
}

void OutputCollectorTest::cleanup()
{
    m_blobs.reset();
    m_directory.reset();
}

void OutputCollectorTest::collectsNothingFromNothing()
{
    const CollectedOutput empty = collect();
    QVERIFY(empty.output.isEmpty() && empty.artifacts.isEmpty() && empty.warnings.isEmpty());
    QVERIFY(QDir().rmdir(at(u"files"_s)));
    const CollectedOutput none = collect();
    QVERIFY(none.output.isEmpty() && none.artifacts.isEmpty() && none.warnings.isEmpty());
    QVERIFY(!none.failure);
}

void OutputCollectorTest::collectsOutputAndArtifacts()
{
    put(u"output.json"_s, " {\"a\" : 1.0}\n");
    put(u"files/chart.svg"_s, "<svg/>");
    put(u"files/deep/er/ü b.txt"_s, "text");
    put(u"files/empty"_s, "");
    put(u"elsewhere.txt"_s, "not an artifact");
    const CollectedOutput collected = collect();
    QCOMPARE(collected.output.bytes(), R"({"a":1.0})"_ba);
    QCOMPARE(pathsOf(collected), (QStringList{u"chart.svg"_s, u"deep/er/ü b.txt"_s, u"empty"_s}));
    QVERIFY2(collected.warnings.isEmpty(), qPrintable(collected.warnings.join(u'\n')));
    QCOMPARE(collected.artifacts[0].sizeBytes, 6);
    QCOMPARE(collected.artifacts[0].contentType, u"image/svg+xml"_s);
    QVERIFY(isUuid(collected.artifacts[0].file.value));
    QVERIFY(!(collected.artifacts[0].file == collected.artifacts[1].file));
}

void OutputCollectorTest::storesTheBytesOfArtifacts()
{
    QByteArray bytes;
    for (int i = 0; i < 300'000; ++i)
        bytes += QByteArray::number(i);
    put(u"files/numbers.bin"_s, bytes);
    const CollectedOutput collected = collect();
    QCOMPARE(collected.artifacts.size(), 1);
    QCOMPARE(collected.artifacts[0].sizeBytes, bytes.size());
    const auto device = m_blobs->open(collected.artifacts[0].blob);
    QVERIFY(device && *device);
    QCOMPARE((*device)->readAll(), bytes);
}

void OutputCollectorTest::sortsByPathBytes()
{
    for (const auto &name : {u"b"_s, u"a/z"_s, u"a.txt"_s, u"B"_s, u"\uFFFD"_s, u"😀"_s})
        put(u"files/"_s + name, "x");
    QCOMPARE(pathsOf(collect()),
             (QStringList{u"B"_s, u"a.txt"_s, u"a/z"_s, u"b"_s, u"\uFFFD"_s, u"😀"_s}));
}

void OutputCollectorTest::acceptsAnyJsonValue_data()
{
    QTest::addColumn<QByteArray>("json");
    for (const char *json : {"null", "true", "-1.50", "\"text\"", "[]", "[1,2]", "{}"})
        QTest::newRow(json) << QByteArray(json);
}

void OutputCollectorTest::acceptsAnyJsonValue()
{
    QFETCH(QByteArray, json);
    put(u"output.json"_s, json + '\n');
    const CollectedOutput collected = collect();
    QCOMPARE(collected.output.bytes(), json);
    QVERIFY(collected.warnings.isEmpty());
}

void OutputCollectorTest::ignoresBadOutputJsonWithAWarning_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("empty") << ""_ba;
    QTest::newRow("text") << "done\n"_ba;
    QTest::newRow("cut") << R"({"a":)"_ba;
    QTest::newRow("binary") << QByteArray("\0\1\2\xff", 4);
    QTest::newRow("two values") << "{}{}"_ba;
    QTest::newRow("bottomless") << QByteArray(1'000'000, '[');
}

void OutputCollectorTest::ignoresBadOutputJsonWithAWarning()
{
    QFETCH(QByteArray, bytes);
    put(u"output.json"_s, bytes);
    put(u"files/kept.txt"_s, "x");
    const CollectedOutput collected = collect();
    QVERIFY(collected.output.isEmpty());
    QCOMPARE(collected.warnings.size(), 1);
    QVERIFY2(collected.warnings[0].startsWith(u"output.json is ignored: it is "_s),
             qPrintable(collected.warnings[0]));
    QCOMPARE(pathsOf(collected), QStringList{u"kept.txt"_s});
}

void OutputCollectorTest::refusesOutputJsonOverTheLimit()
{
    put(u"output.json"_s, '"' + QByteArray(98, 'x') + '"');
    CollectLimits limits;
    limits.outputJsonBytes = 100;
    QVERIFY(!collect(limits).output.isEmpty());
    limits.outputJsonBytes = 99;
    const CollectedOutput collected = collect(limits);
    QVERIFY(collected.output.isEmpty());
    QVERIFY2(collected.warnings.value(0).contains(u"100 bytes"_s),
             qPrintable(collected.warnings.join(u'\n')));

    // A sparse terabyte costs nothing to make and must cost nothing to refuse.
    QCOMPARE(::truncate(native(u"output.json"_s).constData(), 1LL << 40), 0);
    QVERIFY(collect().output.isEmpty());
}

void OutputCollectorTest::refusesOutputJsonThatIsNotAFile_data()
{
    QTest::addColumn<QString>("kind");
    for (const char *kind : {"symlink", "hardlink", "fifo", "folder"})
        QTest::newRow(kind) << QString::fromLatin1(kind);
}

void OutputCollectorTest::refusesOutputJsonThatIsNotAFile()
{
    QFETCH(QString, kind);
    put(u"files/target"_s, "{}");
    const QByteArray name = native(u"output.json"_s);
    if (kind == u"symlink"_s)
        QCOMPARE(::symlink("files/target", name.constData()), 0);
    else if (kind == u"hardlink"_s)
        QCOMPARE(::link(native(u"files/target"_s).constData(), name.constData()), 0);
    else if (kind == u"fifo"_s)
        QCOMPARE(::mkfifo(name.constData(), 0666), 0);
    else
        QCOMPARE(::mkdir(name.constData(), 0777), 0);
    const CollectedOutput collected = collect();
    QVERIFY(collected.output.isEmpty());
    QVERIFY2(collected.warnings.value(0).startsWith(u"output.json is ignored"_s),
             qPrintable(collected.warnings.join(u'\n')));
}

void OutputCollectorTest::leavesOutWhatIsNotARegularFile()
{
    put(u"files/good"_s, "x");
    put(u"files/twice"_s, "x");
    QCOMPARE(::link(native(u"files/twice"_s).constData(), native(u"files/again"_s).constData()), 0);
    QCOMPARE(::mkfifo(native(u"files/pipe"_s).constData(), 0666), 0);
    QCOMPARE(::symlink("good", native(u"files/link"_s).constData()), 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const QByteArray name = native(u"files/sock"_s);
    QVERIFY(name.size() < static_cast<qsizetype>(sizeof address.sun_path));
    std::copy(name.begin(), name.end(), address.sun_path);
    const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    QCOMPARE(::bind(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
    const bool device = ::mknod(native(u"files/zero"_s).constData(), S_IFCHR | 0666, makedev(1, 5))
        == 0; // needs privilege

    const CollectedOutput collected = collect();
    QCOMPARE(pathsOf(collected), QStringList{u"good"_s});
    QStringList warnings = collected.warnings;
    warnings.sort();
    QStringList expected{u"\"again\" is left out: it has more than one hard link"_s,
                         u"\"link\" is left out: it is a symbolic link"_s,
                         u"\"pipe\" is left out: it is a named pipe"_s,
                         u"\"sock\" is left out: it is a socket"_s,
                         u"\"twice\" is left out: it has more than one hard link"_s};
    if (device)
        expected += u"\"zero\" is left out: it is a device"_s;
    QCOMPARE(warnings, expected);
}

void OutputCollectorTest::neverReadsThroughLinks()
{
    QTemporaryDir secret;
    QFile file(secret.filePath(u"shadow"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("secret");
    file.close();
    const QByteArray outside = QFile::encodeName(secret.path());
    QCOMPARE(::symlink(outside.constData(), native(u"files/folder"_s).constData()), 0);
    QCOMPARE(::symlink("..", native(u"files/up"_s).constData()), 0);
    QCOMPARE(::symlink(".", native(u"files/self"_s).constData()), 0);
    QCOMPARE(::symlink("/proc/self/root/etc/passwd", native(u"files/magic"_s).constData()), 0);
    const CollectedOutput collected = collect();
    QVERIFY2(collected.artifacts.isEmpty(), qPrintable(pathsOf(collected).join(u' ')));
    QCOMPARE(collected.warnings.size(), 4);
}

void OutputCollectorTest::refusesAFilesFolderThatIsALink()
{
    QVERIFY(QDir().rmdir(at(u"files"_s)));
    put(u"real/a"_s, "x");
    QCOMPARE(::symlink("real", native(u"files"_s).constData()), 0);
    const CollectedOutput collected = collect();
    QVERIFY(collected.artifacts.isEmpty());
    QCOMPARE(collected.warnings.size(), 1);
}

void OutputCollectorTest::refusesAFilesFolderThatIsAFile()
{
    QVERIFY(QDir().rmdir(at(u"files"_s)));
    put(u"files"_s, "x");
    const CollectedOutput collected = collect();
    QVERIFY(collected.artifacts.isEmpty());
    QCOMPARE(collected.warnings, QStringList{u"\"files\" is left out: it is not a folder"_s});
}

void OutputCollectorTest::leavesOutHostileNames()
{
    const QByteArray files = native(u"files/"_s);
    for (const QByteArray &name : {"new\nline"_ba, "esc\x1b[2J"_ba, "back\\slash"_ba, "\xff\xfe"_ba,
                                   "\xc2\x9b"
                                   "31m"_ba,
                                   "del\x7f"_ba, "ok name"_ba, "..."_ba, ".hidden"_ba, "-rf"_ba}) {
        const UniqueFd file(::open((files + name).constData(), O_CREAT | O_WRONLY, 0644));
        QVERIFY(file);
    }
    QCOMPARE(::mkdir((files + "bad\rfolder").constData(), 0755), 0);
    const UniqueFd inside(::open((files + "bad\rfolder/x").constData(), O_CREAT | O_WRONLY, 0644));
    const CollectedOutput collected = collect();
    ::unlink((files + "\xff\xfe").constData()); // QTemporaryDir cannot name it
    QCOMPARE(pathsOf(collected), (QStringList{u"-rf"_s, u"..."_s, u".hidden"_s, u"ok name"_s}));
    QCOMPARE(collected.warnings.size(), 7);
    for (const QString &warning : collected.warnings) {
        for (const QChar c : warning)
            QVERIFY2(c.category() != QChar::Other_Control, qPrintable(warning));
    }
}

void OutputCollectorTest::boundsDepth()
{
    QString folder = u"files"_s;
    for (int i = 0; i < 40; ++i) {
        put(folder + u"/f"_s, "x");
        folder += u"/d"_s;
    }
    const CollectedOutput collected = collect();
    QCOMPARE(collected.artifacts.size(), 33); // the root's and one in each of 32 folders
    QCOMPARE(collected.warnings.size(), 1);
    QVERIFY(collected.warnings[0].endsWith(u"it is more than 32 folders deep"_s));
}

void OutputCollectorTest::boundsPathLength()
{
    const QString folder = QString(250, u'd');
    put(u"files/%1/%1/%1/short"_s.arg(folder), "x");
    put(u"files/%1/%1/%1/%2"_s.arg(folder, QString(250, u'x')), "x");
    put(u"files/%1/%1/%1/%1/%1/f"_s.arg(folder), "x");
    CollectLimits limits;
    limits.tree.pathBytes = 1000;
    const CollectedOutput collected = collect(limits);
    QCOMPARE(pathsOf(collected), QStringList{u"%1/%1/%1/short"_s.arg(folder)});
    QCOMPARE(collected.warnings.size(), 2);
}

void OutputCollectorTest::boundsCountByPathOrder()
{
    for (int i = 0; i < 30; ++i)
        put(u"files/%1"_s.arg(i, 3, 10, QChar(u'0')), "x");
    CollectLimits limits;
    limits.artifacts = 10;
    const CollectedOutput collected = collect(limits);
    QCOMPARE(collected.artifacts.size(), 10);
    QCOMPARE(collected.artifacts.last().path, u"009"_s);
    QCOMPARE(collected.warnings,
             QStringList{u"output files over the limit of 10 are left out: 20"_s});
}

void OutputCollectorTest::boundsBytes()
{
    put(u"files/a"_s, QByteArray(60, 'x'));
    put(u"files/b"_s, QByteArray(50, 'x'));
    put(u"files/c"_s, QByteArray(40, 'x'));
    CollectLimits limits;
    limits.filesBytes = 100;
    const CollectedOutput collected = collect(limits);
    QCOMPARE(pathsOf(collected), (QStringList{u"a"_s, u"c"_s}));
    QCOMPARE(collected.warnings,
             QStringList{
                 u"output files over the limit of 100 for all together are left out: 1 with 50 "
                 "bytes"_s});
}

void OutputCollectorTest::aSparseFileCountsWithItsHoles()
{
    put(u"files/a-sparse"_s, "");
    QCOMPARE(::truncate(native(u"files/a-sparse"_s).constData(), 1LL << 40), 0);
    put(u"files/b"_s, "x");
    const CollectedOutput collected = collect();
    QCOMPARE(pathsOf(collected), QStringList{u"b"_s});
    QCOMPARE(collected.warnings.size(), 1);
}

void OutputCollectorTest::boundsEntriesLookedAt()
{
    for (int i = 0; i < 50; ++i)
        put(u"files/%1"_s.arg(i), "x");
    CollectLimits limits;
    limits.tree.entries = 20;
    const CollectedOutput collected = collect(limits);
    QCOMPARE(collected.artifacts.size(), 20);
    QCOMPARE(collected.warnings.size(), 1);
    QVERIFY(collected.warnings[0].contains(u"first 20 entries"_s));
}

void OutputCollectorTest::manySkippedEntriesAreSummedUp()
{
    for (int i = 0; i < 500; ++i)
        QCOMPARE(::symlink("x", native(u"files/%1"_s.arg(i)).constData()), 0);
    const CollectedOutput collected = collect();
    QCOMPARE(collected.warnings.size(), 21);
    QVERIFY(collected.warnings.last().startsWith(u"480 more entries"_s));
}

void OutputCollectorTest::readsWhatTheSkillMadeUnreadable()
{
    put(u"output.json"_s, "{}");
    put(u"files/locked/secret.txt"_s, "x");
    put(u"files/unsearchable/a"_s, "y");
    put(u"files/plain"_s, "z");
    const QStringList all{u"files/locked/secret.txt"_s,
                          u"files/locked"_s,
                          u"files/unsearchable/a"_s,
                          u"files/unsearchable"_s,
                          u"files/plain"_s,
                          u"files"_s,
                          u"output.json"_s,
                          u""_s};
    // As root nothing is unreadable: be somebody else for the reading.
    const bool isRoot = ::geteuid() == 0;
    if (isRoot) {
        for (const QString &path : all)
            QCOMPARE(::chown(native(path).constData(), 65534, 65534), 0);
        QCOMPARE(::chmod(QFile::encodeName(m_directory->path()).constData(), 0777), 0);
        const QString blobs = m_directory->filePath(u"blobs"_s);
        m_blobs.reset();
        QVERIFY(QDir(blobs).removeRecursively());
    }
    for (const QString &path : all)
        QCOMPARE(::chmod(native(path).constData(), path.contains(u"unsearch"_s) ? 0444 : 0), 0);
    const UniqueFd out(::open(native(u""_s).constData(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (isRoot) {
        QCOMPARE(::seteuid(65534), 0);
        ::prctl(PR_SET_DUMPABLE, 1); // a change of uid hides /proc/self
    }
    auto blobs = DirectoryBlobStore::open(m_directory->filePath(u"blobs"_s));
    CollectedOutput collected;
    if (blobs)
        collected = collectOutputs(out.get(), **blobs, {});
    if (isRoot)
        QCOMPARE(::seteuid(0), 0);
    QVERIFY2(blobs, blobs ? "" : qPrintable(blobs.error().message));
    QVERIFY2(collected.warnings.isEmpty(), qPrintable(collected.warnings.join(u'\n')));
    QCOMPARE(pathsOf(collected),
             (QStringList{u"locked/secret.txt"_s, u"plain"_s, u"unsearchable/a"_s}));
    QCOMPARE(collected.output.bytes(), "{}"_ba);
}

void OutputCollectorTest::tellsWhenTheStoreFails()
{
    put(u"output.json"_s, "1");
    put(u"files/a"_s, "x");
    put(u"files/b"_s, "x");
    m_blobs = std::make_unique<FullStore>();
    const CollectedOutput collected = collect();
    QVERIFY(collected.failure);
    QCOMPARE(collected.failure->message, u"no space left"_s);
    QCOMPARE(pathsOf(collected), QStringList{u"a"_s});
    QCOMPARE(collected.output.bytes(), "1"_ba);
}

void OutputCollectorTest::tellsWhenThisMachineDoesNotLetItRead()
{
    put(u"output.json"_s, "{}");
    put(u"files/a.txt"_s, "a");
    const UniqueFd out(::open(native(u""_s).constData(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    rlimit usual{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &usual), 0);
    rlimit none = usual;
    none.rlim_cur = 0; // no descriptor more; a filter of system calls without openat2 ends alike
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const CollectedOutput collected = collectOutputs(out.get(), *m_blobs, {});
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &usual), 0);

    QVERIFY(collected.failure);
    QCOMPARE(collected.failure->code, ErrorCode::Internal);
    QVERIFY2(collected.failure->message.contains(u"cannot be read here"_s),
             qPrintable(collected.failure->message));
}

void OutputCollectorTest::keepsTheOrderOfWhatIsPutSideBySide()
{
    SlowestFirstStore blobs(4);
    for (int i = 0; i < 4; ++i)
        put(u"files/%1"_s.arg(i), QByteArray::number(i));
    const UniqueFd out(::open(native(u""_s).constData(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    const CollectedOutput collected = collectOutputs(out.get(), blobs, {});
    QVERIFY(!collected.failure);
    QCOMPARE(pathsOf(collected), QStringList({u"0"_s, u"1"_s, u"2"_s, u"3"_s}));
    for (int i = 0; i < 4; ++i)
        QCOMPARE(collected.artifacts[i].blob.sha256, QString::number(i));
    QCOMPARE(collected.bytesKept, 4);
}

void OutputCollectorTest::leaksNoDescriptors()
{
    for (int i = 0; i < 50; ++i)
        put(u"files/d%1/f"_s.arg(i), "x");
    put(u"output.json"_s, "1");
    QCOMPARE(::symlink("x", native(u"files/link"_s).constData()), 0);
    const auto open = [] { return QDir(u"/proc/self/fd"_s).entryList(QDir::System).size(); };
    collect();
    const qsizetype before = open();
    collect();
    QCOMPARE(open(), before);
}

void OutputCollectorTest::knowsContentTypes_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("expected");
    QTest::newRow("png") << u"a/b.png"_s << u"image/png"_s;
    QTest::newRow("upper case") << u"CHART.SVG"_s << u"image/svg+xml"_s;
    QTest::newRow("csv") << u"a.csv"_s << u"text/csv; charset=utf-8"_s;
    QTest::newRow("last extension") << u"a.tar.gz"_s << u"application/gzip"_s;
    QTest::newRow("none") << u"README"_s << u"application/octet-stream"_s;
    QTest::newRow("of the folder only") << u"a.png/b"_s << u"application/octet-stream"_s;
    QTest::newRow("unknown") << u"a.xyz"_s << u"application/octet-stream"_s;
    QTest::newRow("ends with a dot") << u"a."_s << u"application/octet-stream"_s;
}

void OutputCollectorTest::knowsContentTypes()
{
    QFETCH(QString, path);
    QTEST(contentTypeOf(path), "expected");
}

QTEST_GUILESS_MAIN(OutputCollectorTest)
#include "test_output_collector.moc"
