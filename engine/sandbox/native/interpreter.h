#pragma once

#include "engine/base/language.h"
#include "engine/base/result.h"

#include <QStringList>

namespace skillbox {

/// The program for a language.
struct Interpreter {
    QString program; ///< on the host resolved: no symbolic links, so no version manager's shim
    QStringList arguments; ///< before the script
};

/// Looks in /usr/bin, /usr/local/bin and /bin, never in PATH: what runs must not depend on the
/// caller's shell. SandboxUnavailable says what to install.
Result<Interpreter> findInterpreter(Language language);

/// The same inside an image, of which `rootDirectory` is the root file system on the host: looks in
/// the folders of `searchPath`, or the usual ones if it is empty. The program is a path of the
/// image as it was found, because a Python environment knows its home by the link it was started
/// through; where the link ends is a program of the image that a run can see. SandboxUnavailable:
/// there is none.
Result<Interpreter> findInterpreterInImage(Language language, const QString &rootDirectory,
                                           const QString &searchPath);

/// What PATH is in an image that does not say.
QString usualSearchPath();

} // namespace skillbox
