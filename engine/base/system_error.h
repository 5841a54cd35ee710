#pragma once

#include "engine/base/result.h"

#include <cerrno>
#include <system_error>

namespace skillbox {

/// `cannot read "a/b": Permission denied`, from an errno value. Thread-safe, unlike strerror.
inline tl::unexpected<Error> failedCall(const QString &what, int errorNumber = errno)
{
    return fail(ErrorCode::Io,
                what + QStringLiteral(": ")
                    + QString::fromStdString(std::generic_category().message(errorNumber)));
}

} // namespace skillbox
