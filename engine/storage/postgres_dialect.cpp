#include "engine/storage/postgres_dialect.h"

#include "engine/storage/migration.h"
#include "engine/storage/postgres_watch.h"

#include <QSqlQuery>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// The first halves of our advisory locks (`Sklb` and the number after it); the database may have
/// other users, with locks of their own.
constexpr int writersLock = 0x536b6c62;
constexpr int auditLock = 0x536b6c63;
constexpr int runCountLock = 0x536b6c64;
constexpr int secondsToConnect = 5;
/// A connection whose other end is silent for so long is given up, where the system can tell: by
/// us, and by the database, which would keep what such a connection holds for hours else.
constexpr int secondsOfSilence = 15;
constexpr int secondsBetweenProbes = 5;
/// Of a transaction that is under way. One whose engine was cut off keeps its locks so long.
constexpr int secondsToGoOn = 10;
const auto newsChannel = u"skillbox_news"_s;

/// The words of a text as the index has them: lower case, without accents, parted by whatever is no
/// letter or number.
QStringList indexedWords(const QString &text)
{
    const QString plain = text.toLower().normalized(QString::NormalizationForm_KD);
    QStringList words;
    QString word;
    const auto take = [&] {
        if (!word.isEmpty())
            words.append(word);
        word.clear();
    };
    for (const char32_t c : plain.toUcs4()) {
        if (c >= 0x300 && c <= 0x36f)
            continue;
        // Marks of other scripts are parts of their words; [:alnum:] of ICU takes them so.
        if (QChar::isLetterOrNumber(c) || QChar::category(c) == QChar::Mark_SpacingCombining
            || QChar::category(c) == QChar::Mark_NonSpacing)
            word.append(QStringView(QChar::fromUcs4(c)));
        else
            take();
    }
    take();
    return words;
}

} // namespace

Result<QSqlDatabase> PostgresDialect::connect(const QString &connectionName) const
{
    auto database = QSqlDatabase::addDatabase(u"QPSQL"_s, connectionName);
    const auto giveUp = [&](Error error) {
        database.close();
        database = {};
        QSqlDatabase::removeDatabase(connectionName);
        return fail(std::move(error));
    };
    if (!database.isValid()) {
        return giveUp({ErrorCode::StorageUnavailable,
                       u"Qt's PostgreSQL driver is not installed; install the package"
                       u" libqt6sql6-psql."_s});
    }
    database.setHostName(m_dsn.host);
    database.setPort(m_dsn.port);
    database.setDatabaseName(m_dsn.database);
    database.setUserName(m_dsn.user);
    database.setPassword(m_dsn.password);
    QStringList options{u"application_name=skillbox"_s};
    if (!m_dsn.parameters.contains(u"connect_timeout"_s))
        options.append(u"connect_timeout=%1"_s.arg(secondsToConnect));
    // A cut cable is not told to anybody (PostgreSQL documentation, 34.1.2).
    options.append(u"tcp_user_timeout=%1"_s.arg(secondsOfSilence * 1000));
    options.append(u"keepalives_idle=%1;keepalives_interval=%1;keepalives_count=2"_s.arg(
        secondsBetweenProbes));
    for (auto it = m_dsn.parameters.begin(); it != m_dsn.parameters.end(); ++it)
        options.append(u"%1='%2'"_s.arg(it.key(), it.value()));
    database.setConnectOptions(options.join(u';'));
    if (!database.open()) {
        const QSqlError error = database.lastError();
        // libpq names the address and the user, never the password.
        return giveUp({ErrorCode::StorageUnavailable,
                       u"The database %1 cannot be reached; check that Postgres runs there and lets"
                       u" this user in."_s.arg(storeName()),
                       error.databaseText().simplified()});
    }
    QSqlQuery query(database);
    // Read committed: what must not run side by side takes a lock. The last ones are the database's
    // own looks at us; on a socket of the file system they are without effect.
    if (!query.exec(u"SET statement_timeout = %1; SET idle_in_transaction_session_timeout = '%2s';"
                    u" SET default_transaction_isolation = 'read committed';"
                    u" SET client_min_messages = warning;"
                    u" SET tcp_user_timeout = '%3s'; SET tcp_keepalives_idle = %4;"
                    u" SET tcp_keepalives_interval = %4; SET tcp_keepalives_count = 2"_s
                        .arg(m_statementTimeout.count())
                        .arg(secondsToGoOn)
                        .arg(secondsOfSilence)
                        .arg(secondsBetweenProbes)))
        return giveUp(translate(query.lastError()));
    return database;
}

QString PostgresDialect::beginWrite() const
{
    return u"BEGIN; SELECT pg_advisory_xact_lock_shared(%1, 0)"_s.arg(writersLock);
}

QString PostgresDialect::beginExclusive() const
{
    return u"BEGIN; SELECT pg_advisory_xact_lock(%1, 0)"_s.arg(writersLock);
}

QString PostgresDialect::lockAuditChain() const
{
    // Two tenants whose names hash alike merely wait for each other.
    return u"SELECT pg_advisory_xact_lock(%1, hashtext(?))"_s.arg(auditLock);
}

QString PostgresDialect::lockRunCount() const
{
    return u"SELECT pg_advisory_xact_lock(%1, hashtext(?))"_s.arg(runCountLock);
}

QString PostgresDialect::takeUnlocked() const
{
    return u" FOR UPDATE SKIP LOCKED"_s;
}

QString PostgresDialect::isAmong(const QString &query) const
{
    // Where it cannot know how many rows a query gives, it would read the whole table for IN.
    return u" = ANY (ARRAY("_s + query + u"))"_s;
}

QString PostgresDialect::keepUnchanged() const
{
    return u" FOR SHARE"_s;
}

QString PostgresDialect::announcement() const
{
    return u"SELECT pg_notify('%1', ?)"_s.arg(newsChannel);
}

std::unique_ptr<StoreWatch> PostgresDialect::watch(StoreNewsHandler handler) const
{
    return watchPostgres(*this, newsChannel, std::move(handler));
}

bool PostgresDialect::mayRepeat(const QSqlError &error) const
{
    const QString state = error.nativeErrorCode();
    return state == "40001"_L1 || state == "40P01"_L1; // serialization failure, deadlock
}

std::chrono::milliseconds PostgresDialect::patience() const
{
    // A restart takes a few seconds; whoever waits for an answer should not wait much longer.
    return std::chrono::seconds(15);
}

bool PostgresDialect::isConnectionLost(const QSqlError &error) const
{
    // Every error that the server tells has an SQLSTATE; one of libpq alone has none. 57P01 to
    // 57P03: the server shuts down or starts (PostgreSQL documentation, appendix A).
    const QString state = error.nativeErrorCode();
    return state.isEmpty() || state.startsWith("08"_L1) || state.startsWith("57P0"_L1)
        || state == "25P03"_L1;
}

QString PostgresDialect::beginSnapshot() const
{
    return u"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "_s + liftTimeouts();
}

QString PostgresDialect::liftTimeouts() const
{
    return u"SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"_s;
}

QString PostgresDialect::columnsQuery() const
{
    return u"SELECT column_name, data_type, CASE is_nullable WHEN 'NO' THEN 1 ELSE 0 END"
           u" FROM information_schema.columns WHERE table_schema = current_schema()"
           u" AND table_name = ? AND is_generated = 'NEVER' ORDER BY ordinal_position"_s;
}

QString PostgresDialect::continueNumbers(const QString &table, const QString &column) const
{
    return u"SELECT setval(pg_get_serial_sequence('%1', '%2'),"
           u" (SELECT coalesce(max(%2), 0) + 1 FROM %1), false)"_s.arg(table, column);
}

QString PostgresDialect::nowMilliseconds() const
{
    return u"CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"_s;
}

QString PostgresDialect::searchCondition() const
{
    return u"v.search @@ to_tsquery('simple', ?)"_s;
}

std::optional<QString> PostgresDialect::searchArgument(const QString &typed) const
{
    // As SQLite's: what stands between blanks is one phrase, all must match, and the very last word
    // may be half typed. Words are letters and numbers alone here, so nothing in them is syntax.
    QStringList phrases;
    QString clean = typed;
    clean.replace(QChar(u'\0'), u' ');
    for (const QString &part : clean.simplified().split(u' ', Qt::SkipEmptyParts)) {
        const QStringList words = indexedWords(part);
        if (!words.isEmpty())
            phrases.append(words.join(u" <-> "_s));
    }
    if (phrases.isEmpty())
        return std::nullopt;
    const QString query = phrases.join(u" & "_s) + u":*"_s;
    // A lexeme has less than 2 KiB; one longer is in no index.
    constexpr qsizetype longest = 2000;
    return query.size() > longest ? std::nullopt : std::optional(query);
}

Error PostgresDialect::translate(const QSqlError &error) const
{
    const QString state = error.nativeErrorCode();
    const QString detail = u"%1 (SQLSTATE %2)"_s.arg(error.databaseText().simplified(),
                                                     state.isEmpty() ? u"none"_s : state);
    const auto made = [&](ErrorCode code, const QString &sentence) {
        return Error{code, sentence.arg(storeName()), detail};
    };
    if (isConnectionLost(error))
        return made(ErrorCode::StorageUnavailable,
                    u"The connection to the database %1 is lost; it is made again with the next"
                    u" request."_s);
    if (state == "23503"_L1) {
        return {ErrorCode::NotFound,
                u"The record refers to something the store does not have, such as an unknown"
                u" tenant."_s,
                detail};
    }
    if (state.startsWith("23"_L1))
        return made(ErrorCode::Internal,
                    u"The store %1 refused a record that contradicts another."_s);
    if (state == "57014"_L1 || state == "55P03"_L1)
        return made(ErrorCode::StorageUnavailable,
                    u"The database %1 took too long; try again later."_s);
    if (state.startsWith("53"_L1))
        return made(ErrorCode::StorageUnavailable,
                    u"The database %1 is out of connections, memory or disk space."_s);
    if (state.startsWith("28"_L1) || state == "42501"_L1)
        return made(ErrorCode::StorageUnavailable,
                    u"The database %1 does not allow this user to do that; it needs the right to"
                    u" create and use tables."_s);
    if (state == "25006"_L1)
        return made(ErrorCode::StorageUnavailable,
                    u"The database %1 can only be read; connect to the primary server."_s);
    if (state == "54000"_L1 || state == "22001"_L1)
        return made(ErrorCode::TooLarge, u"A text is too large for the store %1."_s);
    if (state.startsWith("XX"_L1))
        return made(ErrorCode::StorageCorrupt,
                    u"The database %1 is damaged; restore it from a backup."_s);
    if (state == "42P01"_L1 || state == "42703"_L1)
        return otherSchema(*this, detail); // no such table or column
    return made(ErrorCode::Internal, u"The store %1 failed unexpectedly."_s);
}

} // namespace skillbox
