#include "engine/backup/backup_check.h"

#include "engine/base/quoted_name.h"
#include "engine/storage/audit_chain.h"
#include "engine/storage/blob_spool.h"

#include <QJsonDocument>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

tl::unexpected<Error> wrongBackup(const QString &what)
{
    return fail(ErrorCode::BadRequest, u"the backup is damaged: %1"_s.arg(what));
}

std::array<char, 32> digestOf(const QString &sha256)
{
    std::array<char, 32> digest{};
    const QByteArray bytes = QByteArray::fromHex(sha256.toLatin1());
    std::copy_n(bytes.constData(), qMin<qsizetype>(bytes.size(), 32), digest.begin());
    return digest;
}

/// By the value of each byte, as names in hex are ordered.
bool isBefore(const std::array<char, 32> &a, const std::array<char, 32> &b)
{
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return static_cast<unsigned char>(x) < static_cast<unsigned char>(y);
    });
}

QDateTime timeOf(const QJsonValue &value)
{
    return QDateTime::fromMSecsSinceEpoch(value.toInteger(), Qt::UTC);
}

} // namespace

Result<void> BackupCheck::blob(const BlobId &blob)
{
    const Digest digest = digestOf(blob.sha256);
    if (!m_blobs.empty() && !isBefore(m_blobs.back(), digest))
        return wrongBackup(u"its blobs are not in order"_s);
    m_blobs.push_back(digest);
    return {};
}

Result<void> BackupCheck::row(const QString &table, const QStringList &blobColumns,
                              const QJsonObject &row)
{
    for (const QString &column : blobColumns) {
        const BlobId blob{row[column].toString()};
        if (blob.isEmpty())
            continue;
        if (!isBlobName(blob))
            return wrongBackup(u"a row of \"%1\" names a blob that is none"_s.arg(table));
        if (std::binary_search(m_blobs.begin(), m_blobs.end(), digestOf(blob.sha256), isBefore)
            || m_unmet.contains(blob.sha256))
            continue;
        m_unmet.append(blob.sha256);
        if (m_unmet.size() > backup::mostFaults)
            return wrongBackup(u"contents that records refer to are not in it"_s);
    }
    if (table == "audit"_L1)
        return auditRow(row);
    if (table == "audit_heads"_L1)
        return headRow(row);
    return {};
}

Result<void> BackupCheck::auditRow(const QJsonObject &row)
{
    const QString details = row["details"_L1].toString();
    const AuditRecord record{
        .tenant = {row["tenant"_L1].toString()},
        .at = timeOf(row["at"_L1]),
        .actor = row["actor"_L1].toString(),
        .action = row["action"_L1].toString(),
        .target = row["target"_L1].toString(),
        .details = QJsonDocument::fromJson(details.toUtf8()).object(),
        .address = row["address"_L1].toString(),
        .requestId = row["request_id"_L1].toString(),
        .seq = row["seq"_L1].toInteger(),
        .previousHash = row["prev_hash"_L1].toString(),
        .hash = row["hash"_L1].toString(),
    };
    ChainEnd &end = m_chains[record.tenant.value];
    if (record.seq <= end.seq || record.previousHash != end.hash
        || record.hash != auditHash(record)) {
        return wrongBackup(u"the audit of the tenant %1 is broken at its record %2"_s.arg(
            quotedName(record.tenant.value), QString::number(record.seq)));
    }
    end = {record.seq, record.hash, false};
    return {};
}

Result<void> BackupCheck::headRow(const QJsonObject &row)
{
    const QString tenant = row["tenant"_L1].toString();
    const auto end = m_chains.find(tenant);
    if (end == m_chains.end() || end->seq != row["seq"_L1].toInteger()
        || end->hash != row["hash"_L1].toString()) {
        return wrongBackup(
            u"the audit of the tenant %1 lacks records at its end"_s.arg(quotedName(tenant)));
    }
    end->confirmed = true;
    return {};
}

Result<void> BackupCheck::finish(const BackupSummary &found, const BackupSummary &manifest) const
{
    if (found.digest != manifest.digest)
        return wrongBackup(u"its parts are not those that its manifest speaks of"_s);
    if (found.blobs != manifest.blobs || found.blobBytes != manifest.blobBytes)
        return wrongBackup(
            u"it has %1 blobs, but its manifest says %2"_s.arg(found.blobs).arg(manifest.blobs));
    for (const BackupTable &table : m_header.tables) {
        const qint64 count = found.records.value(table.name);
        if (count != manifest.records.value(table.name)) {
            return wrongBackup(u"it has %1 rows of \"%2\", but its manifest says %3"_s.arg(count)
                                   .arg(table.name)
                                   .arg(manifest.records.value(table.name)));
        }
    }
    for (const QString &damaged : found.damaged) {
        if (!manifest.damaged.contains(damaged))
            return wrongBackup(u"the blob %1 is not what its name says"_s.arg(damaged));
    }
    for (const QString &unmet : m_unmet) {
        if (!manifest.missing.contains(unmet))
            return wrongBackup(u"the blob %1, to which a record refers, is not in it"_s.arg(unmet));
    }
    for (auto end = m_chains.begin(); end != m_chains.end(); ++end) {
        if (!end->confirmed) {
            return wrongBackup(
                u"nothing says where the audit of the tenant %1 ends"_s.arg(quotedName(end.key())));
        }
    }
    return {};
}

} // namespace skillbox
