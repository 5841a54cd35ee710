#pragma once

#include "engine/base/result.h"

#include <QByteArrayList>

namespace skillbox {

/// The names in an open folder but `.` and `..`, sorted by bytes. The descriptor's own read
/// position is not touched. `shownAs` is the folder's name for messages. TooLarge over 100,000.
Result<QByteArrayList> namesIn(int folder, QByteArrayView shownAs);

} // namespace skillbox
