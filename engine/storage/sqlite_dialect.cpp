#include "engine/storage/sqlite_dialect.h"

#include "engine/storage/migration.h"

#include <QFile>
#include <QFileInfo>
#include <QSqlDriver>
#include <QSqlQuery>

#include <sqlite3.h>
#include <sys/statvfs.h>
#include <thread>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

// Primary result codes, https://www.sqlite.org/rescode.html; an extended code carries its primary
// one in the low byte.
enum SqliteCode {
    Perm = 3,
    Busy = 5,
    Locked = 6,
    NoMemory = 7,
    ReadOnly = 8,
    IoError = 10,
    Corrupt = 11,
    Full = 13,
    CannotOpen = 14,
    TooBig = 18,
    Constraint = 19,
    NotADatabase = 26,
};
constexpr int constraintForeignKey = Constraint | (3 << 8);

/// The write-ahead log that a process may leave behind. The next one to open the store reads it
/// once, a few milliseconds per MiB; emptying it takes some ten milliseconds of syncs.
constexpr qint64 maxLogLeftBytes = 1 << 20;

int primaryCode(const QSqlError &error)
{
    return error.nativeErrorCode().toInt() & 0xff;
}

bool isFull(const QString &path)
{
    struct statvfs info = {};
    const QByteArray folder = QFile::encodeName(QFileInfo(path).path());
    constexpr unsigned long aFewPages = 64 * 1024;
    return ::statvfs(folder.constData(), &info) == 0
        && (info.f_bavail * info.f_frsize < aFewPages || (info.f_files > 0 && info.f_favail == 0));
}

bool hasSearchableCharacter(const QString &word)
{
    // What the unicode61 tokenizer indexes, roughly: letters and numbers of any script. A word
    // without one would become an empty phrase, which FTS5 quietly matches with nothing.
    const auto characters = word.toUcs4();
    return std::any_of(characters.begin(), characters.end(),
                       [](char32_t c) { return QChar::isLetterOrNumber(c); });
}

/// The last connection to close normally copies the write-ahead log into the store and deletes it:
/// three syncs, some ten milliseconds, at the end of every run of the command line. The log may as
/// well stay, it is part of the store; see closing().
void keepLogOnClose(const QSqlDatabase &database)
{
    const QVariant handle = database.driver()->handle();
    if (!handle.isValid() || qstrcmp(handle.typeName(), "sqlite3*") != 0)
        return;
    // A Qt with an SQLite of its own inside has other structures behind the pointer.
    QSqlQuery query(u"SELECT sqlite_source_id()"_s, database);
    if (!query.next() || query.value(0).toString() != QLatin1StringView(sqlite3_sourceid()))
        return;
    if (auto *connection = *static_cast<sqlite3 *const *>(handle.constData()))
        sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

} // namespace

Result<QSqlDatabase> SqliteDialect::connect(const QString &connectionName) const
{
    auto database = QSqlDatabase::addDatabase(u"QSQLITE"_s, connectionName);
    const auto giveUp = [&](Error error) {
        database.close();
        database = {};
        QSqlDatabase::removeDatabase(connectionName);
        return fail(std::move(error));
    };
    if (!database.isValid()) {
        return giveUp({ErrorCode::StorageUnavailable,
                       u"Qt's SQLite driver is not installed; install the package"
                       u" libqt6sql6-sqlite."_s});
    }
    database.setDatabaseName(m_path);
    database.setConnectOptions(u"QSQLITE_BUSY_TIMEOUT=%1"_s.arg(m_busyTimeout.count()));
    if (!database.open())
        return giveUp(translate(database.lastError()));

    if (auto ready = prepareSession(database); !ready)
        return giveUp(ready.error());
    keepLogOnClose(database);
    return database;
}

Result<void> SqliteDialect::prepareSession(const QSqlDatabase &database) const
{
    // NORMAL: in WAL mode a commit survives the death of the process, and a power cut costs at most
    // the last commits, never the store's consistency.
    QSqlQuery query(database);
    for (const QString &pragma :
         {u"PRAGMA synchronous = NORMAL"_s, u"PRAGMA foreign_keys = ON"_s}) {
        if (!query.exec(pragma))
            return fail(translate(query.lastError()));
    }
    // WAL is a property of the file and stays. While another process is switching the same fresh
    // file, SQLite answers "busy" at once instead of waiting, so the waiting is done here.
    const auto deadline = std::chrono::steady_clock::now() + m_busyTimeout;
    while (!query.exec(u"PRAGMA journal_mode = WAL"_s)) {
        const QSqlError error = query.lastError();
        if (primaryCode(error) != Busy || std::chrono::steady_clock::now() >= deadline)
            return fail(translate(error));
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const QString mode = query.next() ? query.value(0).toString() : QString();
    if (mode != u"wal"_s) {
        return fail(ErrorCode::StorageUnavailable,
                    u"The store %1 is on a file system where processes cannot share it; choose a"
                    u" data directory on a local disk."_s.arg(m_path),
                    u"journal mode %1"_s.arg(mode));
    }
    return {};
}

void SqliteDialect::closing(const QSqlDatabase &database) const
{
    // SQLite empties the log by itself only when one process commits often enough; many short
    // processes would let it grow for ever.
    if (QFileInfo(m_path + u"-wal"_s).size() <= maxLogLeftBytes)
        return;
    QSqlQuery query(database);
    if (query.exec(u"PRAGMA busy_timeout = 0"_s)) // whoever is at work will do it at its own end
        (void)query.exec(u"PRAGMA wal_checkpoint(TRUNCATE)"_s);
}

QString SqliteDialect::beginWrite() const
{
    // A deferred transaction that turns into a writer later can fail at once instead of waiting.
    return u"BEGIN IMMEDIATE"_s;
}

QString SqliteDialect::beginSnapshot() const
{
    return u"BEGIN"_s; // in WAL mode a reader sees what was there at its first read
}

QString SqliteDialect::columnsQuery() const
{
    return u"SELECT name, type, \"notnull\" OR pk > 0 FROM pragma_table_xinfo(?)"
           u" WHERE hidden = 0 ORDER BY cid"_s;
}

QString SqliteDialect::nowMilliseconds() const
{
    // Days since 4714 BC; 2440587.5 of them were over in 1970. Exact to some hundredths of a
    // millisecond.
    return u"CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"_s;
}

QString SqliteDialect::searchCondition() const
{
    return u"v.id IN (SELECT rowid FROM skill_search WHERE skill_search MATCH ?)"_s;
}

std::optional<QString> SqliteDialect::searchArgument(const QString &typed) const
{
    // Each word becomes a quoted phrase, so that AND, NEAR, column names, stars and brackets are
    // plain text (https://www.sqlite.org/fts5.html#fts5_strings). All must match; the last may be
    // half typed.
    QStringList phrases;
    QString clean = typed;
    clean.replace(QChar(u'\0'), u' ');
    for (QString &word : clean.simplified().split(u' ', Qt::SkipEmptyParts)) {
        if (hasSearchableCharacter(word))
            phrases.append(u'"' + word.replace(u'"', u"\"\""_s) + u'"');
    }
    if (phrases.isEmpty())
        return std::nullopt;
    return phrases.join(u' ') + u'*';
}

Error SqliteDialect::translate(const QSqlError &error) const
{
    const int extended = error.nativeErrorCode().toInt();
    const QString detail = u"%1 (SQLite code %2)"_s.arg(error.databaseText()).arg(extended);
    const auto unavailable = [&](const QString &sentence) {
        return Error{ErrorCode::StorageUnavailable, sentence.arg(m_path), detail};
    };
    int code = primaryCode(error);
    // Some of the files beside the store answer a full disk with an I/O error.
    if (code == IoError && isFull(m_path))
        code = Full;
    switch (code) {
    case Busy:
    case Locked:
        return unavailable(u"The store %1 is locked by another process; end that process or try"
                           u" again later."_s);
    case ReadOnly:
        return unavailable(u"The store %1 cannot be written: it is read-only; make the file and"
                           u" its folder writable or choose another data directory."_s);
    case Full:
        return unavailable(u"The store %1 cannot be written: the disk is full; free some space and"
                           u" try again."_s);
    case IoError:
        return unavailable(
            u"The store %1 could not be read or written; check the disk it is on."_s);
    case CannotOpen:
    case Perm:
        return unavailable(u"The store %1 cannot be opened; check that its folder exists and may be"
                           u" written."_s);
    case NoMemory: return unavailable(u"There is not enough memory to use the store %1."_s);
    case Corrupt:
        return {ErrorCode::StorageCorrupt,
                u"The store %1 is damaged; restore it from a backup or move it away."_s.arg(m_path),
                detail};
    case NotADatabase:
        return {ErrorCode::StorageCorrupt,
                u"%1 is not a Skillbox store; move it away or choose another data directory."_s.arg(
                    m_path),
                detail};
    case TooBig:
        return {ErrorCode::TooLarge, u"A text is too large for the store %1."_s.arg(m_path),
                detail};
    case Constraint:
        if (extended == constraintForeignKey) {
            return {ErrorCode::NotFound,
                    u"The record refers to something the store does not have, such as an unknown"
                    u" tenant."_s,
                    detail};
        }
        return {ErrorCode::Internal,
                u"The store %1 refused a record that contradicts another."_s.arg(m_path), detail};
    default: break;
    }
    // The plain SQLITE_ERROR says more in its text only (sqlite3's resolve.c and insert.c).
    for (const QLatin1StringView lacking :
         {"no such table: "_L1, "no such column: "_L1, "has no column named "_L1}) {
        if (error.databaseText().contains(lacking))
            return otherSchema(*this, detail);
    }
    return {ErrorCode::Internal, u"The store %1 failed unexpectedly."_s.arg(m_path), detail};
}

} // namespace skillbox
