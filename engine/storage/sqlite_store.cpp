#include "engine/storage/sqlite_store.h"

#include "engine/base/unique_fd.h"
#include "engine/storage/sql_store.h"
#include "engine/storage/sqlite_dialect.h"
#include "engine/storage/sqlite_migrations.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// What the file system already says better than SQLite would ("unable to open database file").
Result<void> checkPlace(const QString &path)
{
    const QFileInfo file(path);
    const QString folder = file.absolutePath();
    const auto unavailable = [](const QString &sentence, int error = 0) {
        return fail(ErrorCode::StorageUnavailable, sentence,
                    error == 0 ? QString() : QString::fromLocal8Bit(std::strerror(error)));
    };
    if (!QFileInfo(folder).isDir()) {
        return unavailable(
            QFileInfo::exists(folder)
                ? u"The store %1 cannot be opened: %2 is not a folder."_s.arg(path, folder)
                : u"The store %1 cannot be opened: the folder %2 does not exist;"
                  u" create it."_s.arg(path, folder));
    }
    if (file.isDir()) {
        return unavailable(
            u"The store %1 cannot be opened: it is a folder where a file is expected."_s.arg(path));
    }
    // SQLite writes its -wal and -shm files beside the store, so the folder counts as well.
    for (const QString &place : {folder, path}) {
        if (place == path && !file.exists())
            continue;
        if (::access(QFile::encodeName(place).constData(), R_OK | W_OK) == 0)
            continue;
        const int error = errno;
        return unavailable(
            error == EROFS
                ? u"The store %1 cannot be written: the file system of %2 is read-only; choose"
                  u" another data directory."_s.arg(path, place)
                : u"The store %1 cannot be written: there is no permission to write %2; change its"
                  u" owner or mode, or choose another data directory."_s.arg(path, place),
            error);
    }
    return {};
}

} // namespace

Result<std::unique_ptr<MetadataStore>> openSqliteStore(const QString &path,
                                                       std::chrono::milliseconds busyTimeout)
{
    // SQLite gives empty names and names like ":memory:" a meaning of their own; an absolute path
    // has none.
    if (path.isEmpty())
        return fail(ErrorCode::BadRequest, u"The store needs a path."_s);
    const QString absolute = QFileInfo(path).absoluteFilePath();
    if (auto place = checkPlace(absolute); !place)
        return fail(place.error());

    // Inputs and logs are in it. SQLite would make it readable for everybody, and gives its other
    // files the mode of this one; an empty file is a new database to it, and what keeps us from
    // making one it will say itself.
    const UniqueFd made(::open(QFile::encodeName(absolute).constData(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
                    0600));

    auto dialect = std::make_unique<const SqliteDialect>(absolute, busyTimeout);
    auto store = std::make_unique<SqlStore>(std::move(dialect));
    // The opener's own connection stays for its later calls.
    auto prepared = store->prepare(
        [](SqlConnection &connection) { return migrateSqlite(connection, migrationsFor(u"sqlite"_s)); });
    if (!prepared)
        return fail(prepared.error());
    return store;
}

} // namespace skillbox
