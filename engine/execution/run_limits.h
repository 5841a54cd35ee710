#pragma once

#include <QStringList>

#include <chrono>

namespace skillbox {

/// The operator's limits for runs; see the configuration table in docs/configuration.md.
struct RunLimits {
    std::chrono::milliseconds defaultTimeout{120'000};
    std::chrono::milliseconds maxTimeout{600'000};
    qint64 defaultMemoryBytes = 256LL << 20;
    qint64 maxMemoryBytes = 1LL << 30;
    int defaultMilliCpu = 500;
    int maxMilliCpu = 4000;
    qint64 maxLogBytes = 1LL << 20;
    qint64 maxFilesBytes = 256LL << 20;
    int maxArtifacts = 1000;
    int maxConcurrent = 8;
    int maxQueue = 1000;
    QStringList imageAllowlist;
};

} // namespace skillbox
