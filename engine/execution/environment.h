#pragma once

#include "engine/base/json_text.h"

#include <QMap>
#include <QString>

#include <optional>

namespace skillbox {

/// The kernel refuses an environment string over 128 KiB (MAX_ARG_STRLEN, execve(2)), name
/// included. A value longer than this is not put into the environment at all: a cut JSON text or a
/// cut instruction would be worse than none. The input is always in /sandbox/input.json, the
/// instructions in /sandbox/scripts/SKILL.md.
inline constexpr qsizetype maxVariableBytes = 96 * 1024;

/// What a caller may add in all: with our own variables it stays below the quarter of an 8 MiB
/// stack that execve(2) allows for arguments and environment together.
inline constexpr qsizetype maxCallerEnvironmentBytes = 512 * 1024;

/// Why a caller's variables are refused, or nothing. Names that steer interpreters, loaders and
/// shells, our own prefixes and names that are not `[A-Za-z_][A-Za-z0-9_]*` are not allowed.
std::optional<QString> environmentRefusal(const QMap<QString, QString> &callerEnvironment);

/// The environment a skill sees, beside the runtime's PATH and LANG. `callerEnvironment` must have
/// passed environmentRefusal(); our own variables win over it.
QMap<QString, QString> skillEnvironment(const JsonText &input, const QString &instructions,
                                        const QMap<QString, QString> &callerEnvironment);

} // namespace skillbox
