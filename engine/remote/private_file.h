#pragma once

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"

#include <QByteArray>
#include <QString>

#include <optional>

namespace skillbox {

// Files that are for one person only: what servers they use, and what lets them in.

/// A folder of mode 0700; one that is there stays as it is.
Result<void> makePrivateFolder(const QString &path);
/// Whole or not at all, of mode 0600.
Result<void> writePrivateFile(const QString &path, const QByteArray &bytes);
/// Nothing: there is no such file. TooLarge with more than `most` bytes.
Result<std::optional<QByteArray>> readPrivateFile(const QString &path, qint64 most);
/// Whether others on this machine can read or change it.
bool isOpenToOthers(const QString &path);
/// Waits for whoever has it; held until the descriptor goes, also with its process.
Result<UniqueFd> lockFile(const QString &path);

} // namespace skillbox
