#pragma once

#include "engine/backup/backup_format.h"

#include <QHash>

#include <array>
#include <vector>

namespace skillbox {

/// What the parts of a backup must be to each other. Keeps 32 bytes for each blob and little else.
class BackupCheck
{
public:
    explicit BackupCheck(BackupHeader header) : m_header(std::move(header)) { }

    /// In ascending order; BadRequest else.
    Result<void> blob(const BlobId &blob);
    /// Tables in the order of the header. `blobColumns` are those that name one.
    Result<void> row(const QString &table, const QStringList &blobColumns, const QJsonObject &row);
    /// Everything has been read: is it what the manifest says? `found` is what was counted.
    Result<void> finish(const BackupSummary &found, const BackupSummary &manifest) const;

private:
    using Digest = std::array<char, 32>;
    Result<void> auditRow(const QJsonObject &row);
    Result<void> headRow(const QJsonObject &row);

    struct ChainEnd {
        qint64 seq = 0;
        QString hash;
        bool confirmed = false; ///< by the tenant's row in audit_heads
    };
    const BackupHeader m_header;
    std::vector<Digest> m_blobs;
    QStringList m_unmet; ///< blobs that rows refer to and that did not come; each once
    QHash<QString, ChainEnd> m_chains; ///< by tenant
};

} // namespace skillbox
