#pragma once

#include <QtGlobal>

namespace skillbox {

/// What this process uses, from proc(5) and getrusage(2).
struct ProcessUsage {
    double cpuSeconds = 0; ///< user and system together
    qint64 residentBytes = 0;
    qint64 openFiles = 0;
    qint64 maxOpenFiles = 0;
    double startedAt = 0; ///< seconds since 1970
};
ProcessUsage processUsage();

} // namespace skillbox
