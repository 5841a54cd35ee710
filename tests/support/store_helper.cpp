// A second process for tests of the stores: store_helper BACKEND LOCATION ACTION COUNT.
// COUNT 0 means until killed. Each finished step is a line on standard output.

#include "engine/storage/directory_blob_store.h"
#include "engine/storage/postgres_store.h"
#include "engine/storage/s3_blob_store.h"
#include "engine/storage/sqlite_store.h"
#include "tests/support/store_records.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>

#include <cstdio>
#include <unistd.h>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

namespace {

int complain(const Error &error)
{
    std::fprintf(stderr, "%s | %s\n", qPrintable(error.message), qPrintable(error.detail));
    return 1;
}

void say(const QString &line)
{
    std::puts(qPrintable(line));
    std::fflush(stdout);
}

int insertExecutions(MetadataStore &store, int count)
{
    for (int i = 0; count == 0 || i < count; ++i) {
        const ExecutionRecord record = someExecution(localTenant());
        if (auto inserted = store.insertExecution(record); !inserted)
            return complain(inserted.error());
        say(record.id.value);
    }
    return 0;
}

int finishExecutions(MetadataStore &store, int count)
{
    for (int i = 0; count == 0 || i < count; ++i) {
        const ExecutionRecord record = someExecution(localTenant());
        if (auto inserted = store.insertExecution(record); !inserted)
            return complain(inserted.error());
        ExecutionRecord done = finished(record);
        done.artifacts = {someArtifact(u"a"_s), someArtifact(u"b"_s), someArtifact(u"c"_s)};
        if (auto ended = store.finishExecution(done); !ended)
            return complain(ended.error());
        say(record.id.value);
    }
    return 0;
}

int appendAudit(MetadataStore &store, int count)
{
    for (int i = 0; count == 0 || i < count; ++i) {
        const AuditRecord record{localTenant(), at(i), u"helper"_s, u"x"_s, newUuid(), {}};
        if (auto appended = store.appendAudit(record); !appended)
            return complain(appended.error());
        say(record.target);
    }
    return 0;
}

/// Removes old runs until killed.
int reapRuns(MetadataStore &store)
{
    for (;;) {
        const auto reaped = store.reap(localTenant(), Retained::Executions, at(10'000), 3);
        if (!reaped)
            return complain(reaped.error());
        if (reaped->steps == 0)
            ::pause();
        say(QString::number(reaped->executions));
    }
}

/// Holds the right to write until killed, without any of our own code.
int lockDatabase(const QString &path)
{
    auto database = QSqlDatabase::addDatabase(u"QSQLITE"_s);
    database.setDatabaseName(path);
    QSqlQuery query;
    if (!database.open() || !(query = QSqlQuery(database)).exec(u"BEGIN EXCLUSIVE"_s)) {
        std::fprintf(stderr, "%s\n", qPrintable(database.lastError().text()));
        return 1;
    }
    say(u"locked"_s);
    ::pause();
    return 0;
}

int putBlobs(BlobStore &blobs, int count)
{
    for (int i = 0; count == 0 || i < count; ++i) {
        QByteArray bytes = "blob " + QByteArray::number(i) + ' ' + QByteArray(100'000, 'b');
        QBuffer source(&bytes);
        source.open(QIODevice::ReadOnly);
        const auto stored = blobs.put(source, bytes.size());
        if (!stored)
            return complain(stored.error());
        say(stored->id.sha256);
    }
    return 0;
}

/// Never ends, so that a put is always half done.
class Endless : public QIODevice
{
public:
    bool isSequential() const override { return false; }

protected:
    qint64 readData(char *data, qint64 size) override
    {
        std::fill_n(data, size, 'e');
        m_total += size;
        if (m_total > 1'000'000)
            ::usleep(1000); // enough is on the disk; now wait to be killed
        if (!m_said && m_total > 1'000'000) {
            m_said = true;
            say(u"half"_s);
        }
        return size;
    }
    qint64 writeData(const char *, qint64) override { return -1; }

private:
    qint64 m_total = 0;
    bool m_said = false;
};

int putEndlessly(BlobStore &blobs)
{
    Endless source;
    source.open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    const auto stored = blobs.put(source, 200'000'000);
    return stored ? 0 : complain(stored.error());
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication app(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() != 5)
        return 64;
    const QString &backend = arguments[1];
    const QString &location = arguments[2];
    const QString &action = arguments[3];
    const int count = arguments[4].toInt();

    if (action == u"lock-database"_s)
        return lockDatabase(location);
    if (backend == u"sqlite"_s || backend == u"postgres"_s) {
        auto store = backend == u"sqlite"_s ? openSqliteStore(location)
                                            : openPostgresStore(location);
        if (!store)
            return complain(store.error());
        if (action == u"append-audit"_s)
            return appendAudit(**store, count);
        if (action == u"reap"_s)
            return reapRuns(**store);
        return action == u"insert-executions"_s ? insertExecutions(**store, count)
                                                : finishExecutions(**store, count);
    }
    Result<std::unique_ptr<BlobStore>> blobs = nullptr;
    if (backend == u"s3"_s) {
        const QStringList parts = location.split(u'|');
        blobs = openS3BlobStore({.endpoint = parts.value(0),
                                 .accessKey = parts.value(1),
                                 .secretKey = parts.value(2),
                                 .bucket = parts.value(3)},
                                parts.value(4));
    } else {
        blobs = DirectoryBlobStore::open(location);
    }
    if (!blobs)
        return complain(blobs.error());
    return action == u"put-blobs"_s ? putBlobs(**blobs, count) : putEndlessly(**blobs);
}
