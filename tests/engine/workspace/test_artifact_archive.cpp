#include "engine/workspace/artifact_archive.h"

#include "engine/files/archive_library.h"
#include "tests/engine/workspace/workspace_fixture.h"

#include <archive.h>
#include <archive_entry.h>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

struct Entry {
    QByteArray content;
    mode_t mode = 0;
    qint64 time = 0;
};

/// What a reader of the tar.gz finds; empty where it is no whole archive.
QMap<QString, Entry> unpacked(const QByteArray &bytes)
{
    const Utf8Locale locale;
    QMap<QString, Entry> entries;
    const ArchiveHandle handle(archive_read_new(), {archive_read_free});
    archive_read_support_filter_gzip(handle.get());
    archive_read_support_format_tar(handle.get());
    if (archive_read_open_memory(handle.get(), bytes.constData(), static_cast<size_t>(bytes.size()))
        != ARCHIVE_OK)
        return {};
    for (;;) {
        struct archive_entry *entry = nullptr;
        const int next = archive_read_next_header(handle.get(), &entry);
        if (next == ARCHIVE_EOF)
            return entries;
        if (next != ARCHIVE_OK)
            return {};
        QByteArray content(static_cast<qsizetype>(archive_entry_size(entry)), '\0');
        const auto size = static_cast<size_t>(content.size());
        if (archive_read_data(handle.get(), content.data(), size) != content.size())
            return {};
        entries.insert(QString::fromUtf8(archive_entry_pathname_utf8(entry)),
                       {content, archive_entry_mode(entry),
                        static_cast<qint64>(archive_entry_mtime(entry))});
    }
}

} // namespace

class ArtifactArchiveTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m = std::make_unique<WorkspaceFixture>(); }
    void cleanup() { m.reset(); }

    void holdsEveryArtifact();
    void givesTheSameBytesAgain();
    void isReadInPiecesOfAnySize();
    void streamsMoreThanItHolds();
    void ofNothingIsAnEmptyArchive();
    void saysWhichContentIsGone();
    void endsWithAnErrorWhenContentGoesMeanwhile();

private:
    ExecutionRecord run(const QMap<QString, QByteArray> &files)
    {
        ExecutionRecord record = test::finished(test::someExecution(localTenant()));
        for (auto it = files.begin(); it != files.end(); ++it) {
            record.artifacts.append({.path = it.key(),
                                     .file = {newUuid()},
                                     .blob = m->put(it.value()),
                                     .sizeBytes = it.value().size(),
                                     .contentType = u"text/plain"_s});
        }
        return record;
    }
    QByteArray archive(const ExecutionRecord &record)
    {
        QBuffer target;
        target.open(QIODevice::WriteOnly);
        const auto size = writeArtifactArchive(*m->blobs, record, target);
        return size && *size == target.data().size() ? target.data() : QByteArray();
    }
    std::unique_ptr<WorkspaceFixture> m;
};

void ArtifactArchiveTest::holdsEveryArtifact()
{
    const QString longPath = QString(200, u'd') + u"/ü "_s + QString(200, u'f');
    const QMap<QString, QByteArray> files{{u"a.csv"_s, "1,2"},
                                          {u"deep/er/b.bin"_s, QByteArray(300'000, '\x7f')},
                                          {u"empty"_s, {}},
                                          {longPath, "long"}};
    const ExecutionRecord record = run(files);
    const auto entries = unpacked(archive(record));
    QCOMPARE(entries.keys(), files.keys());
    for (auto it = files.begin(); it != files.end(); ++it) {
        QCOMPARE(entries[it.key()].content, it.value());
        QCOMPARE(entries[it.key()].mode, mode_t(S_IFREG | 0644));
        QCOMPARE(entries[it.key()].time, record.finishedAt.toSecsSinceEpoch());
    }
}

void ArtifactArchiveTest::givesTheSameBytesAgain()
{
    const ExecutionRecord record = run({{u"a"_s, "1"}, {u"b"_s, QByteArray(100'000, 'b')}});
    const QByteArray first = archive(record);
    QVERIFY(!first.isEmpty());
    QCOMPARE(archive(record), first);
}

void ArtifactArchiveTest::isReadInPiecesOfAnySize()
{
    const ExecutionRecord record = run({{u"a"_s, "1"}, {u"b"_s, QByteArray(100'000, 'b')}});
    const QByteArray whole = archive(record);
    for (const qint64 piece : {1, 7, 511, 100'000}) {
        const auto device = openArtifactArchive(*m->blobs, record);
        VERIFY_OK(device);
        QVERIFY((*device)->isSequential());
        QByteArray bytes;
        while (!(*device)->atEnd())
            bytes += (*device)->read(piece);
        QCOMPARE(bytes, whole);
        QVERIFY((*device)->read(1).isEmpty());
    }
    // And left in the middle.
    const auto device = openArtifactArchive(*m->blobs, record);
    VERIFY_OK(device);
    QCOMPARE((*device)->read(5).size(), 5);
}

void ArtifactArchiveTest::streamsMoreThanItHolds()
{
    QByteArray noise(4'000'000, Qt::Uninitialized); // does not compress
    QRandomGenerator random(7);
    random.fillRange(reinterpret_cast<quint32 *>(noise.data()), noise.size() / 4);
    const auto device = openArtifactArchive(*m->blobs, run({{u"noise"_s, noise}}));
    VERIFY_OK(device);
    QByteArray bytes;
    qint64 most = 0;
    while (!(*device)->atEnd()) {
        bytes += (*device)->read(1000);
        most = qMax(most, (*device)->bytesAvailable());
    }
    QVERIFY2(most < 300'000, qPrintable(QString::number(most)));
    QVERIFY(unpacked(bytes)[u"noise"_s].content == noise);
}

void ArtifactArchiveTest::ofNothingIsAnEmptyArchive()
{
    const QByteArray bytes = archive(run({}));
    QVERIFY(bytes.startsWith("\x1f\x8b"));
    QVERIFY(unpacked(bytes).isEmpty());
}

void ArtifactArchiveTest::saysWhichContentIsGone()
{
    ExecutionRecord record = run({{u"a"_s, "1"}});
    record.artifacts.append({.path = u"gone.txt"_s,
                             .file = {newUuid()},
                             .blob = {Sha256::of("never")},
                             .sizeBytes = 5,
                             .contentType = {}});
    const auto device = openArtifactArchive(*m->blobs, record);
    QVERIFY(!device);
    QCOMPARE(device.error().code, ErrorCode::StorageCorrupt);
    QVERIFY(device.error().message.contains(u"gone.txt"_s));
}

void ArtifactArchiveTest::endsWithAnErrorWhenContentGoesMeanwhile()
{
    QByteArray noise(1'000'000, Qt::Uninitialized);
    QRandomGenerator random(8);
    random.fillRange(reinterpret_cast<quint32 *>(noise.data()), noise.size() / 4);
    const ExecutionRecord record = run({{u"a"_s, noise}, {u"b"_s, "last"}});
    const auto device = openArtifactArchive(*m->blobs, record);
    VERIFY_OK(device);
    QByteArray bytes = (*device)->read(1000);
    VERIFY_OK(m->blobs->remove(record.artifacts[1].blob));
    QByteArray piece(100'000, Qt::Uninitialized);
    qint64 got = 0;
    while ((got = (*device)->read(piece.data(), piece.size())) > 0)
        bytes += piece.first(got);
    QCOMPARE(got, -1);
    QVERIFY((*device)->errorString().contains(u"\"b\""_s));
    QVERIFY(unpacked(bytes).isEmpty());
    QBuffer target;
    target.open(QIODevice::WriteOnly);
    QVERIFY(!writeArtifactArchive(*m->blobs, record, target));
}

QTEST_GUILESS_MAIN(ArtifactArchiveTest)
#include "test_artifact_archive.moc"
