#pragma once

#include "engine/base/language.h"
#include "engine/base/result.h"

#include <QStringList>

namespace skillbox {

/// The host's program for a language.
struct Interpreter {
    QString program;       ///< resolved: no symbolic links, so no version manager's shim
    QStringList arguments; ///< before the script
};

/// Looks in /usr/bin, /usr/local/bin and /bin, never in PATH: what runs must not depend on the
/// caller's shell. SandboxUnavailable says what to install.
Result<Interpreter> findInterpreter(Language language);

} // namespace skillbox
