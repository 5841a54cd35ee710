#pragma once

#include "engine/base/result.h"

#include <string>

class QFile;

namespace skillbox {

/// Opens a backup for reading; `-` is standard input, if that is not the terminal.
Result<void> openBackup(QFile &file, const std::string &path);

} // namespace skillbox
