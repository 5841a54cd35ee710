#pragma once

#include "engine/base/sha256.h"
#include "engine/storage/directory_blob_store.h"
#include "engine/storage/sqlite_store.h"
#include "tests/support/store_records.h"
#include "tests/support/verify_result.h"

#include <QBuffer>
#include <QTemporaryDir>
#include <QTest>

namespace skillbox {

/// The real stores in a folder of their own.
struct WorkspaceFixture {
    QTemporaryDir directory;
    std::unique_ptr<MetadataStore> metadata;
    std::unique_ptr<DirectoryBlobStore> blobs;

    WorkspaceFixture()
    {
        metadata = must(openSqliteStore(directory.filePath(QStringLiteral("skillbox.db"))));
        blobs = must(DirectoryBlobStore::open(directory.filePath(QStringLiteral("blobs"))));
        must(metadata->addTenant(TenantId{QStringLiteral("other")}, test::at(0)));
    }

    bool keeps(const QByteArray &content)
    {
        return must(blobs->contains(BlobId{Sha256::of(content)}));
    }
    BlobId put(QByteArray content)
    {
        QBuffer buffer(&content);
        buffer.open(QIODevice::ReadOnly);
        return must(blobs->put(buffer, 1 << 30)).id;
    }
    QStringList auditedActions(const TenantId &tenant = localTenant())
    {
        QStringList actions;
        const QList<AuditRecord> records = must(metadata->listAudit(tenant, {}));
        for (const AuditRecord &record : records)
            actions.append(record.action);
        return actions;
    }

    template<typename T>
    static T must(Result<T> result)
    {
        if (!result)
            qFatal("%s %s", qPrintable(result.error().message), qPrintable(result.error().detail));
        return std::move(*result);
    }
};

/// A stream that cannot be read twice.
class OneWay final : public QIODevice
{
public:
    explicit OneWay(QByteArray content) : m_content(std::move(content)) { open(ReadOnly); }
    bool isSequential() const override { return true; }

protected:
    qint64 readData(char *data, qint64 most) override
    {
        const qint64 size = qMin<qint64>(most, m_content.size());
        std::copy_n(m_content.constData(), size, data);
        m_content.remove(0, size);
        return size;
    }
    qint64 writeData(const char *, qint64) override { return -1; }

private:
    QByteArray m_content;
};

} // namespace skillbox
