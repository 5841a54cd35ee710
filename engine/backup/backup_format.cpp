#include "engine/backup/backup_format.h"

#include "engine/base/clock.h"
#include "engine/storage/store_snapshot.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr auto kind = "skillbox-backup"_L1;

tl::unexpected<Error> noBackup(const QString &why)
{
    return fail(ErrorCode::BadRequest, u"this is no backup of Skillbox: %1"_s.arg(why));
}

/// As a member name of JSON, a table's and a column's name become part of SQL later: only what a
/// schema of ours could have.
bool isPlainName(const QString &name)
{
    return !name.isEmpty() && name.size() <= 60
        && std::all_of(name.begin(), name.end(), [](QChar c) {
               return (c >= u'a' && c <= u'z') || (c >= u'0' && c <= u'9') || c == u'_';
           });
}

Result<QJsonObject> readBackupObject(const QByteArray &json, QLatin1StringView name)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    if (!document.isObject())
        return noBackup(u"%1 is no JSON object (%2)"_s.arg(name, error.errorString()));
    return document.object();
}

Result<QStringList> readNames(const QJsonValue &value)
{
    QStringList names;
    for (const QJsonValue &entry : value.toArray()) {
        const QString name = entry.toString();
        if (name.size() != 64)
            return noBackup(u"its manifest names a blob that is none"_s);
        names.append(name);
    }
    if (names.size() > backup::mostFaults)
        return noBackup(u"its manifest names too many blobs"_s);
    return names;
}

} // namespace

namespace backup {

QByteArray blobEntry(const BlobId &blob)
{
    const QByteArray name = blob.sha256.toLatin1();
    return "blobs/" + name.first(2) + '/' + name;
}

QByteArray chunkEntry(const QString &table, int number)
{
    return "tables/" + table.toLatin1() + '/' + QByteArray::number(number).rightJustified(8, '0')
        + ".jsonl";
}

QByteArray digestLine(const QString &sha256, const QByteArray &name)
{
    return sha256.toLatin1() + "  " + name + '\n';
}

} // namespace backup

qint64 BackupSummary::allRecords() const
{
    qint64 all = 0;
    for (const qint64 count : records)
        all += count;
    return all;
}

QByteArray headerJson(const BackupHeader &header)
{
    QJsonArray tables;
    for (const BackupTable &table : header.tables) {
        tables.append(QJsonObject{{u"name"_s, table.name},
                                  {u"columns"_s, QJsonArray::fromStringList(table.columns)}});
    }
    const QJsonObject object{{u"kind"_s, QString(kind)},
                             {u"format"_s, backup::format},
                             {u"schema"_s, header.schema},
                             {u"version"_s, header.version},
                             {u"created_at"_s, toRfc3339(header.createdAt)},
                             {u"tables"_s, tables}};
    return QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
}

Result<BackupHeader> readHeader(const QByteArray &json)
{
    const auto object = readBackupObject(json, "backup.json"_L1);
    if (!object)
        return fail(object.error());
    if ((*object)["kind"_L1].toString() != kind)
        return noBackup(u"backup.json does not say so"_s);
    BackupHeader header{.schema = (*object)["schema"_L1].toInt(),
                        .version = (*object)["version"_L1].toString().left(100),
                        .createdAt = fromRfc3339((*object)["created_at"_L1].toString()),
                        .tables = {}};
    const int format = (*object)["format"_L1].toInt();
    if (format > backup::format || header.schema > storeSchema()) {
        return fail(
            ErrorCode::StorageTooNew,
            u"the backup was written by a newer Skillbox (format %1, schema %2; this one knows"
            u" up to %3 and %4): upgrade Skillbox"_s.arg(format)
                .arg(header.schema)
                .arg(backup::format)
                .arg(storeSchema()));
    }
    if (format < 1 || header.schema < backup::oldestSchema)
        return noBackup(u"its format %1 and schema %2 never were"_s.arg(format).arg(header.schema));
    for (const QJsonValue &entry : (*object)["tables"_L1].toArray()) {
        BackupTable table{.name = entry["name"_L1].toString(), .columns = {}};
        for (const QJsonValue &column : entry["columns"_L1].toArray())
            table.columns.append(column.toString());
        QStringList names = table.columns;
        names.removeDuplicates();
        const bool known = std::any_of(header.tables.begin(), header.tables.end(),
                                       [&](const BackupTable &t) { return t.name == table.name; });
        if (known || !isPlainName(table.name) || names.isEmpty()
            || names.size() != table.columns.size()
            || !std::all_of(names.begin(), names.end(), isPlainName))
            return noBackup(u"backup.json describes a table that cannot be"_s);
        header.tables.append(std::move(table));
    }
    if (header.tables.isEmpty())
        return noBackup(u"backup.json names no tables"_s);
    return header;
}

QByteArray manifestJson(const BackupSummary &summary)
{
    QJsonObject records;
    for (auto it = summary.records.begin(); it != summary.records.end(); ++it)
        records[it.key()] = it.value();
    const QJsonObject object{{u"blobs"_s, summary.blobs},
                             {u"blob_bytes"_s, summary.blobBytes},
                             {u"records"_s, records},
                             {u"missing"_s, QJsonArray::fromStringList(summary.missing)},
                             {u"damaged"_s, QJsonArray::fromStringList(summary.damaged)},
                             {u"sha256"_s, summary.digest}};
    return QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
}

Result<BackupSummary> readManifest(const QByteArray &json)
{
    const auto object = readBackupObject(json, "manifest.json"_L1);
    if (!object)
        return fail(object.error());
    const auto missing = readNames((*object)["missing"_L1]);
    if (!missing)
        return fail(missing.error());
    const auto damaged = readNames((*object)["damaged"_L1]);
    if (!damaged)
        return fail(damaged.error());
    BackupSummary summary{.header = {},
                          .blobs = (*object)["blobs"_L1].toInteger(-1),
                          .blobBytes = (*object)["blob_bytes"_L1].toInteger(-1),
                          .missing = *missing,
                          .damaged = *damaged,
                          .digest = (*object)["sha256"_L1].toString()};
    const QJsonObject records = (*object)["records"_L1].toObject();
    for (auto it = records.begin(); it != records.end(); ++it)
        summary.records[it.key()] = it.value().toInteger(-1);
    return summary;
}

} // namespace skillbox
