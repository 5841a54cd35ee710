#pragma once

#include "app/cli/json_writer.h"
#include "engine/sandbox/images/image_record.h"

namespace skillbox {

/// {name, digest, architecture?, size_bytes, created?, imported_at} into an object that is open.
void writeImageMembers(JsonWriter &json, const ImageRecord &image);

} // namespace skillbox
