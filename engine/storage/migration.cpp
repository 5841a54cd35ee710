#include "engine/storage/migration.h"

#include "engine/storage/sql_store.h"

#include <QDir>
#include <QFile>

using namespace Qt::StringLiterals;

/// A static library's resources are dropped by the linker unless something asks for them; the macro
/// must stand outside of any namespace.
static void keepMigrationResources()
{
    Q_INIT_RESOURCE(migrations);
}

namespace skillbox {
namespace {

constexpr int auditChainMigration = 2;

} // namespace

QList<Migration> migrationsFor(const QString &database)
{
    keepMigrationResources();
    QList<Migration> migrations;
    const QDir folder(u":/skillbox/migrations/"_s + database);
    for (const QString &name : folder.entryList(QDir::Files, QDir::Name)) {
        QFile file(folder.filePath(name));
        if (!file.open(QIODevice::ReadOnly))
            continue;
        migrations.append({name.left(4).toInt(), name, QString::fromUtf8(file.readAll())});
        if (migrations.constLast().number == auditChainMigration)
            migrations.last().then = chainOldAudit;
    }
    return migrations;
}

Result<void> applyMigrations(SqlConnection &connection, const QList<Migration> &migrations,
                             qint64 version)
{
    for (const Migration &migration : migrations) {
        if (migration.number <= version)
            continue;
        for (const QString &statement : splitSqlScript(migration.sql)) {
            if (auto done = connection.change(statement); !done) {
                Error error = done.error();
                error.detail = migration.name + u": "_s + error.detail;
                // The disk, a lock or a lost connection say so themselves.
                return fail(error.code == ErrorCode::Internal
                                ? otherSchema(connection.dialect(), error.detail)
                                : std::move(error));
            }
        }
        if (migration.then) {
            if (auto done = migration.then(connection); !done)
                return fail(done.error());
        }
    }
    return {};
}

Error otherSchema(const SqlDialect &dialect, const QString &detail)
{
    return {
        ErrorCode::StorageCorrupt,
        u"The tables of the store %1 are not those of the schema that it says it has; restore it"
        u" from a backup, or move it away to begin with an empty one."_s.arg(dialect.storeName()),
        detail};
}

Error newerSchema(const SqlDialect &dialect, qint64 found, int known)
{
    return {ErrorCode::StorageTooNew,
            u"The store %1 was written by a newer Skillbox (its schema is %2, this one knows up to"
            u" %3); upgrade Skillbox or choose another data directory."_s.arg(dialect.storeName())
                .arg(found)
                .arg(known)};
}

QStringList splitSqlScript(const QString &script)
{
    QStringList statements;
    QString statement;
    const auto at = [&](qsizetype i) { return i < script.size() ? script[i] : QChar(); };
    for (qsizetype i = 0; i < script.size(); ++i) {
        const QChar c = script[i];
        if (c == u'-' && at(i + 1) == u'-') {
            while (i + 1 < script.size() && at(i + 1) != u'\n')
                ++i;
        } else if (c == u'\'' || c == u'"') {
            // A doubled quote inside reads as two strings side by side, which is as good here.
            const qsizetype end = script.indexOf(c, i + 1);
            statement += script.mid(i, end < 0 ? -1 : end - i + 1);
            i = end < 0 ? script.size() : end;
        } else if (c == u';') {
            const QString text = statement.trimmed();
            // SQLite's triggers have a body; those of Postgres name a function.
            const bool insideTrigger = text.startsWith("CREATE TRIGGER"_L1, Qt::CaseInsensitive)
                && text.contains("BEGIN"_L1, Qt::CaseInsensitive)
                && !text.endsWith("\nEND"_L1, Qt::CaseInsensitive);
            if (insideTrigger) {
                statement += c;
            } else {
                if (!text.isEmpty())
                    statements.append(text);
                statement.clear();
            }
        } else {
            statement += c;
        }
    }
    if (const QString text = statement.trimmed(); !text.isEmpty())
        statements.append(text);
    return statements;
}

} // namespace skillbox
