#pragma once

#include "engine/sandbox/sandbox_policy.h"

#include <QStringList>

#include <chrono>

namespace skillbox {

/// The images that stand for the host's own interpreters on the native runtime, and the allowlist
/// unless the operator sets another one.
inline QStringList defaultImages()
{
    return {QStringLiteral("python:3.12-slim"), QStringLiteral("python:3.11-slim"),
            QStringLiteral("node:20-slim"), QStringLiteral("node:18-slim"),
            QStringLiteral("bash:5")};
}

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
    QStringList imageAllowlist = defaultImages();
    RequiredControls requiredControls; ///< a run does not start without them
};

} // namespace skillbox
