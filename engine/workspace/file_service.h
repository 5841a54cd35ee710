#pragma once

#include "engine/base/origin.h"
#include "engine/base/result.h"
#include "engine/storage/blob_store.h"
#include "engine/storage/metadata_store.h"

#include <memory>

namespace skillbox {

/// File objects with versions: uploads and artifacts (contract §7). Thread-safe.
class FileService
{
public:
    FileService(MetadataStore &metadata, BlobStore &blobs, qint64 maxBytes);

    struct Upload {
        QString name; ///< what people see; made safe as a file name when placed in a sandbox
        QString contentType;
        QString session; ///< empty: none
    };
    /// BadRequest for a name that is none, TooLarge past the limit. Audited as `file.create`.
    Result<FileRecord> create(const TenantId &tenant, const Upload &upload, QIODevice &content,
                              const Origin &by);
    /// A new version with a new id; parent is the root of the chain. NotFound.
    Result<FileRecord> addVersion(const TenantId &tenant, const FileId &id, const Upload &upload,
                                  QIODevice &content, const Origin &by);
    Result<FileRecord> find(const TenantId &tenant, const FileId &id);
    /// Newest first.
    Result<QList<FileRecord>> list(const TenantId &tenant, const FileFilter &filter);
    /// From any member of the chain, highest version first.
    Result<QList<FileRecord>> versions(const TenantId &tenant, const FileId &id);
    Result<std::unique_ptr<QIODevice>> open(const FileRecord &file);
    /// That version only. NotFound.
    Result<void> remove(const TenantId &tenant, const FileId &id, const Origin &by);

private:
    MetadataStore &m_metadata;
    BlobStore &m_blobs;
    qint64 m_maxBytes;
};

} // namespace skillbox
