#pragma once

#include "engine/base/result.h"

#include <QByteArray>
#include <QByteArrayView>

namespace skillbox {

/// How the runtime's fields are spelled in SKILL.md.
enum class Dialect {
    Specification, ///< under metadata, as `skillbox.timeout: 60s`
    Runtime,       ///< at the top level, as `timeout: 60s`
};

/// The text with every runtime field in the other spelling. Comments, unknown keys, quotes and line
/// ends stay as they are; so does the meaning, which is checked by reading both. An InvalidSkill
/// error where the header has errors or writes a field in a way that cannot be moved (over several
/// lines, or given in both spellings).
Result<QByteArray> convertDialect(QByteArrayView text, Dialect dialect);

} // namespace skillbox
