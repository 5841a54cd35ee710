#include "engine/workspace/blob_sweep.h"

namespace skillbox {

Result<qint64> sweepBlobs(MetadataStore &metadata, BlobStore &blobs, const QDateTime &until,
                          const std::stop_token &stop)
{
    constexpr auto digits = "0123456789abcdef";
    qint64 removed = 0;
    // In 256 parts, so that the list in memory stays short and a stop is soon heard.
    for (int part = 0; part < 256 && !stop.stop_requested(); ++part) {
        const char prefix[] = {digits[part >> 4], digits[part & 15]};
        const auto old = blobs.listPutBefore(QLatin1StringView(prefix, 2), until);
        if (!old)
            return fail(old.error());
        for (const BlobId &blob : *old) {
            if (stop.stop_requested())
                return removed;
            // Asked without telling anybody first: nearly all are in use.
            const Result<bool> used = metadata.isBlobReferenced(blob);
            if (!used)
                return fail(used.error());
            if (*used)
                continue;
            const Result<bool> released = metadata.releaseBlob(blob, [&]() -> Result<void> {
                return blobs.remove(blob).map([](bool) {});
            });
            if (!released)
                return fail(released.error());
            removed += *released ? 1 : 0;
        }
    }
    if (auto tidied = blobs.tidy(until); !tidied && !stop.stop_requested())
        return fail(tidied.error());
    return removed;
}

} // namespace skillbox
