#pragma once

#include "engine/sandbox/run_usage.h"

#include <QWidget>

class QHBoxLayout;
class QLabel;
class QProgressBar;

namespace skillbox {

struct RunTarget;

/// How much of its time, memory and processor a run has used, each against its limit.
class RunGauges : public QWidget
{
    Q_OBJECT

public:
    explicit RunGauges(QWidget *parent = nullptr);

    /// Of the skill; without them the bars stay empty.
    void setLimits(const RunTarget &target);
    /// Another run: nothing is known of it.
    void clear();
    void setTime(qint64 elapsedMs);
    /// While it runs; nothing: it cannot be told before the end.
    void setUsage(const std::optional<RunUsage> &usage);
    /// At the end, as its record has it; no processor time: it is not known.
    void setFinal(qint64 peakBytes, std::optional<qint64> cpuMs, qint64 durationMs);

private:
    struct Gauge {
        QLabel *value = nullptr;
        QProgressBar *bar = nullptr;
    };
    Gauge addGauge(QHBoxLayout &row, const QString &name, const QString &title);
    static void set(const Gauge &gauge, const QString &text, double part);
    void showMemory(qint64 bytes);
    void showProcessor(qint64 cpuMs, double share);

    Gauge m_time;
    Gauge m_memory;
    Gauge m_cpu;
    qint64 m_timeoutMs = 0; ///< of the limits; 0: not known
    qint64 m_memoryBytes = 0;
    qint64 m_milliCpu = 0;
    qint64 m_elapsedMs = 0;
    qint64 m_lastCpuMs = 0; ///< of the reading before, and when that was
    qint64 m_lastElapsedMs = 0;
};

} // namespace skillbox
