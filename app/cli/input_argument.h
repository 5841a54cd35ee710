#pragma once

#include "engine/base/json_text.h"

namespace skillbox {

/// Most that is read for one input.
inline constexpr qint64 maxInputBytes = 64LL << 20;

/// The value of `--input`: JSON text, `@file`, or `-` for standard input. Errors name the option or
/// the file and the place in it, with the line in question.
Result<JsonText> readInputArgument(const QString &argument);

} // namespace skillbox
