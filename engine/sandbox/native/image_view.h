#pragma once

#include "engine/base/result.h"
#include "engine/sandbox/protocol/messages.h"

#include <QByteArray>

#include <vector>

namespace skillbox {

/// The read-only part of an image that a run sees: everything at the top of its root file system
/// but what the sandbox makes itself. A link there becomes the same link in the sandbox and is not
/// followed on the host.
Result<std::vector<protocol::RootEntry>> imageView(const QString &rootDirectory);

/// Whether a name at the top of an image is part of that view.
bool isVisibleInImage(const QByteArray &topName);

} // namespace skillbox
