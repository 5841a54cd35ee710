// What a large content costs on its way to a real S3 store and back: memory and time.
// Goal: memory that does not grow with the content, some MiB over an idle program.

#include "engine/backup/backup_reader.h"
#include "engine/backup/backup_writer.h"
#include "engine/storage/s3_blob_store.h"
#include "engine/storage/sqlite_store.h"
#include "tests/support/ceph_server.h"
#include "tests/support/store_records.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>

#include <cstdio>
#include <sys/resource.h>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

namespace {

/// Bytes that nobody has to keep.
class Flow final : public QIODevice
{
public:
    explicit Flow(qint64 size) : m_left(size) { open(QIODevice::ReadOnly | QIODevice::Unbuffered); }
    bool isSequential() const override { return true; }

protected:
    qint64 readData(char *data, qint64 most) override
    {
        if (m_left == 0)
            return -1;
        const qint64 now = qMin(most, m_left);
        for (qint64 i = 0; i < now; ++i)
            data[i] = static_cast<char>((m_state = m_state * 1664525 + 1013904223) >> 24);
        m_left -= now;
        return now;
    }
    qint64 writeData(const char *, qint64) override { return -1; }

private:
    qint64 m_left;
    quint32 m_state = 1;
};

double peakMiB()
{
    rusage usage = {};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

void tell(const char *what, qint64 bytes, const QElapsedTimer &timer, double before)
{
    std::printf("%-28s %6.1f s  %6.1f MiB/s  peak %+.1f MiB\n", what, timer.elapsed() / 1000.0,
                static_cast<double>(bytes) / 1048.576
                    / static_cast<double>(qMax<qint64>(1, timer.elapsed())),
                peakMiB() - before);
    std::fflush(stdout);
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    const qint64 bytes = (argc > 1 ? QByteArray(argv[1]).toLongLong() : 50) << 20;
    CephServer server;
    if (server.start() != CephServer::Start::Running) {
        std::fprintf(stderr, "no S3 store to measure with: %s\n", qPrintable(server.complaint()));
        return 77;
    }
    const QTemporaryDir directory;
    const auto store = openS3BlobStore(server.config(u"bench"_s), directory.filePath(u"spool"_s))
                           .value();
    double idle = peakMiB();
    std::printf("%lld MiB; the idle program has %.1f MiB\n", static_cast<long long>(bytes >> 20),
                idle);

    QElapsedTimer timer;
    timer.start();
    Flow source(bytes);
    const StoredBlob stored = store->put(source, bytes).value();
    tell("put", bytes, timer, idle);
    idle = peakMiB();
    timer.start();
    {
        const auto opened = store->open(stored.id).value();
        QByteArray piece(256 * 1024, Qt::Uninitialized);
        while (opened->read(piece.data(), piece.size()) > 0) { }
    }
    tell("get", bytes, timer, idle);
    idle = peakMiB();
    timer.start();
    Flow again(bytes);
    store->put(again, bytes).value();
    tell("put what is there", bytes, timer, idle);

    const auto metadata = openSqliteStore(directory.filePath(u"skillbox.db"_s)).value();
    FileRecord file;
    file.id = {newUuid()};
    file.tenant = localTenant();
    file.name = u"large"_s;
    file.blob = stored.id;
    file.contentType = u"application/octet-stream"_s;
    file.sizeBytes = stored.size;
    file.createdAt = file.updatedAt = at(0);
    (void)metadata->insertFile(file);
    QFile backup(directory.filePath(u"backup.tar"_s));
    if (!backup.open(QIODevice::ReadWrite))
        return 1;
    idle = peakMiB();
    timer.start();
    (void)writeBackup(*metadata, *store, backup, u"bench"_s);
    tell("admin export", bytes, timer, idle);
    idle = peakMiB();
    backup.seek(0);
    timer.start();
    const auto verified = verifyBackup(backup);
    tell(verified ? "admin verify" : "admin verify FAILED", bytes, timer, idle);
    return verified ? 0 : 1;
}
