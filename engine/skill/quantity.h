#pragma once

#include "engine/base/result.h"

#include <QStringView>

#include <chrono>

namespace skillbox {

/// `60s`, `1m30s`, `1.5s`, `100ms`, `2h`: units in falling order, each at most once; a bare number
/// is seconds. Must be over zero and a whole number of milliseconds.
Result<std::chrono::milliseconds> parseDuration(QStringView text);
/// The canonical text, which parseDuration reads back to the same value: `5s`, `1m30s`, `1.5s`,
/// `100ms`.
QString formatDuration(std::chrono::milliseconds duration);

/// `256Mi`, `1Gi`, `512Ki`, `100M`, `1G`, or plain bytes (Kubernetes quantities). Over zero.
Result<qint64> parseBytes(QStringView text);
/// With a binary unit where it divides, else bytes: `256Mi`, `1000`.
QString formatBytes(qint64 bytes);

/// CPU cores as thousandths: `0.5` and `500m` are 500, `2` is 2000. Over zero.
Result<int> parseMilliCpu(QStringView text);
QString formatMilliCpu(int milliCpu);

} // namespace skillbox
