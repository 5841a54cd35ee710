#pragma once

#include "engine/base/result.h"
#include "engine/sandbox/sandbox_runtime.h"

#include <QByteArrayList>

namespace skillbox {

/// What the input files of a job are called in /sandbox/input, in their order. What a name may be
/// is decided by the kernel, not by us: any bytes. BadRequest: no file can have it, or two do.
Result<QByteArrayList> inputFileNames(const QList<SandboxInputFile> &files);

} // namespace skillbox
