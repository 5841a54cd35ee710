#include "engine/workspace/stored_content.h"

#include "engine/storage/blob_release.h"

using namespace Qt::StringLiterals;

namespace skillbox {

Result<void> keepStored(MetadataStore &metadata, BlobStore &blobs, const StoredBlob &stored,
                        QIODevice &content, qint64 start)
{
    const Result<bool> there = isStillThere(metadata, blobs, stored.id);
    if (!there)
        return fail(there.error());
    if (*there)
        return {};
    if (content.isSequential() || !content.seek(start)) {
        return fail(ErrorCode::StorageUnavailable,
                    u"the content was removed by somebody else while it was stored, try again"_s,
                    stored.id.sha256);
    }
    const Result<StoredBlob> again = blobs.put(content, stored.size);
    if (!again)
        return fail(again.error());
    return {};
}

Result<void> checkRoom(MetadataStore &metadata, const TenantId &tenant, const QIODevice &content)
{
    const auto room = metadata.storageRoom(tenant);
    if (!room)
        return fail(room.error());
    const qint64 used = room->used + (content.isSequential() ? 0 : content.size() - content.pos());
    if (room->limit > 0 && used > room->limit)
        return fail(storageIsFull(tenant, used, room->limit));
    return {};
}

void releaseBlobs(MetadataStore &metadata, BlobStore &blobs, const QList<BlobId> &given)
{
    for (const BlobId &blob : given) {
        (void)metadata.releaseBlob(blob, [&]() -> Result<void> {
            return blobs.remove(blob).map([](bool) {});
        });
    }
}

Result<std::unique_ptr<QIODevice>> openStored(BlobStore &blobs, const BlobId &blob,
                                              const QString &what)
{
    Result<std::unique_ptr<QIODevice>> device = blobs.open(blob);
    if (device && !*device) {
        return fail(ErrorCode::StorageCorrupt,
                    u"the content of \"%1\" is not in the store any more"_s.arg(what), blob.sha256);
    }
    return device;
}

} // namespace skillbox
