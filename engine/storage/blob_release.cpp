#include "engine/storage/blob_release.h"

#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {

Result<bool> isStillThere(MetadataStore &metadata, BlobStore &blobs, const BlobId &blob)
{
    constexpr auto patience = 30s;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (auto pause = 5ms;; pause = std::min(pause * 2, 500ms)) {
        const auto released = metadata.isBlobBeingReleased(blob);
        if (!released)
            return fail(released.error());
        if (!*released)
            break;
        if (std::chrono::steady_clock::now() >= deadline) {
            return fail(ErrorCode::StorageUnavailable,
                        u"the same content is being removed from the store, try again later"_s,
                        blob.sha256);
        }
        std::this_thread::sleep_for(pause);
    }
    return blobs.contains(blob);
}

} // namespace skillbox
