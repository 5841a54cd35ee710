#include "app/cli/image_json.h"

#include "engine/base/clock.h"

using namespace Qt::StringLiterals;

namespace skillbox {

void writeImageMembers(JsonWriter &json, const ImageRecord &image)
{
    json.member(u"name"_s, image.name)
        .member(u"digest"_s, image.digest)
        .memberIfAny(u"architecture"_s, image.architecture)
        .member(u"size_bytes"_s, image.sizeBytes)
        .memberIfAny(u"created"_s, toRfc3339(image.created))
        .member(u"imported_at"_s, toRfc3339(image.importedAt));
}

} // namespace skillbox
