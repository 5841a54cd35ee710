#pragma once

#include "engine/storage/blob_store.h"
#include "engine/storage/metadata_store.h"
#include "engine/storage/store_snapshot.h"
#include "tests/support/store_records.h"

#include <QBuffer>
#include <QJsonDocument>

namespace skillbox::test {

/// What makes a fixture cannot fail.
template<typename T>
void must(const Result<T> &result)
{
    if (!result)
        qFatal("%s | %s", qPrintable(result.error().message), qPrintable(result.error().detail));
}

inline BlobId putBlob(BlobStore &blobs, QByteArray bytes)
{
    QBuffer source(&bytes);
    source.open(QIODevice::ReadOnly);
    return blobs.put(source, 1LL << 30).value().id;
}

/// A little of everything that a store holds, for two tenants, with the bytes that belong to it.
inline void fillStores(MetadataStore &metadata, BlobStore &blobs)
{
    for (const QString &name : {QStringLiteral("local"), QStringLiteral("acme")}) {
        const TenantId tenant{name};
        const AuditRecord audit{tenant,
                                at(1),
                                QStringLiteral("tester"),
                                QStringLiteral("key.create"),
                                QStringLiteral("ci \u00e9"),
                                {{QStringLiteral("n"), 1.5}, {QStringLiteral("big"), 1LL << 60}}};
        must(metadata.insertKey({.id = {newUuid()},
                                 .tenant = tenant,
                                 .name = QStringLiteral("ci"),
                                 .role = QStringLiteral("admin"),
                                 .createdAt = at(1),
                                 .createdBy = QStringLiteral("tester"),
                                 .expiresAt = at(1'000'000)},
                                Sha256::of(name.toUtf8()), &audit));
        for (const QString &version : {QStringLiteral("1.0.0"), QStringLiteral("1.1.0-rc.1")}) {
            SkillVersionRecord record = someVersion(tenant, QStringLiteral("word-counter"), version,
                                                    2);
            record.archive = putBlob(blobs,
                                     QByteArray("zip of " + name.toUtf8() + version.toUtf8()));
            record.instructions = QStringLiteral(
                "# Z\u00e4hlen\n\u65e5\u672c\u8a9e \U0001F600 \"quoted\" \\ \t");
            must(metadata.insertVersion(record, &audit));
        }
        must(metadata.setTag(tenant, QStringLiteral("word-counter"),
                             {QStringLiteral("stable"), QStringLiteral("1.0.0"),
                              QStringLiteral("tester"), at(3)}));
        ExecutionRecord run = someExecution(tenant, 4);
        must(metadata.insertExecution(run));
        run = finished(run);
        run.artifacts = {{QStringLiteral("a/b c.txt"),
                          {newUuid()},
                          putBlob(blobs, "artifact of " + name.toUtf8()),
                          16,
                          QStringLiteral("text/plain")},
                         {QStringLiteral("empty"),
                          {newUuid()},
                          putBlob(blobs, {}),
                          0,
                          QStringLiteral("text/plain")}};
        run.artifacts.front().sizeBytes = 12 + name.size();
        must(metadata.finishExecution(run, &audit));
        FileRecord file;
        file.id = {newUuid()};
        file.tenant = tenant;
        file.name = QStringLiteral("r\u00e9sum\u00e9.bin");
        file.blob = putBlob(blobs, QByteArray(300'000, name[0].toLatin1()));
        file.contentType = QStringLiteral("application/octet-stream");
        file.sizeBytes = 300'000;
        file.createdAt = file.updatedAt = at(5);
        must(metadata.insertFile(file, &audit));
        const SessionFileRecord session{QStringLiteral("deep/er/notes.md"),
                                        putBlob(blobs, "notes of " + name.toUtf8()),
                                        9 + name.size(), true, at(6)};
        must(metadata.changeSession(tenant, QStringLiteral("s-1"), {session}, {}, {1 << 20, 10},
                                    nullptr));
        must(metadata.claimIdempotency(tenant, QStringLiteral("key-1"), QStringLiteral("hash"),
                                       {QStringLiteral("instance-a")}, at(7), at(1'000'000)));
        must(metadata.completeIdempotency(tenant, QStringLiteral("key-1"), 201, "{\"ok\":true}"));
        must(metadata.changeTenant(tenant, at(8), QStringLiteral("tester"),
                                   [&](TenantSettings &settings) {
                                       settings.logDays = 30;
                                       return std::optional(audit);
                                   }));
    }
}

/// Every row of every table that is copied, as text.
inline QByteArrayList allRowsOf(MetadataStore &metadata)
{
    QByteArrayList rows;
    const auto snapshot = metadata.snapshot().value();
    for (const StoredTable &table : snapshot->tables()) {
        rows.append(table.name.toUtf8());
        must(snapshot->eachRow(table, [&](const QJsonObject &row) -> Result<void> {
            rows.append(QJsonDocument(row).toJson(QJsonDocument::Compact));
            return {};
        }));
    }
    return rows;
}

} // namespace skillbox::test
