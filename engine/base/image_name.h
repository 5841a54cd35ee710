#pragma once

#include <QString>

namespace skillbox {

/// Whether the text is a reference to an image, such as `tools:1` or `example.org:5000/team/tools`,
/// by the grammar of github.com/distribution/reference.
bool isImageName(const QString &text);

} // namespace skillbox
