#include "app/desktop/console/run_gauges.h"

#include "app/desktop/console/history_model.h"
#include "app/desktop/session/run_target.h"
#include "app/desktop/widgets/controls.h"
#include "app/desktop/widgets/elided_label.h"

#include <QLocale>
#include <QProgressBar>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr int gaugeSteps = 1000;
/// A share of the processor over less than this says little.
constexpr qint64 leastSpanMs = 200;

} // namespace

RunGauges::RunGauges(QWidget *parent) : QWidget(parent)
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(16);
    m_time = addGauge(*row, u"runs.gauge.time"_s, tr("Time"));
    m_memory = addGauge(*row, u"runs.gauge.memory"_s, tr("Memory"));
    m_cpu = addGauge(*row, u"runs.gauge.cpu"_s, tr("CPU"));
    clear();
}

RunGauges::Gauge RunGauges::addGauge(QHBoxLayout &row, const QString &name, const QString &title)
{
    Gauge gauge{new ElidedLabel, new QProgressBar};
    auto *column = new QVBoxLayout;
    column->setSpacing(3);
    auto *label = new QLabel(title);
    label->setProperty("textRole", u"muted"_s);
    gauge.value->setObjectName(name);
    gauge.bar->setRange(0, gaugeSteps);
    gauge.bar->setTextVisible(false);
    gauge.bar->setAccessibleName(title);
    auto *texts = new QHBoxLayout;
    texts->addWidget(label);
    gauge.value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    texts->addWidget(gauge.value, 1);
    column->addLayout(texts);
    column->addWidget(gauge.bar);
    row.addLayout(column, 1);
    return gauge;
}

/// `part` of the limit; negative: not known.
void RunGauges::set(const Gauge &gauge, const QString &text, double part)
{
    gauge.value->setText(text);
    gauge.value->setToolTip(plainToolTip(text)); // in a narrow window a part of it is seen
    gauge.bar->setValue(part < 0 ? 0 : qBound(0, static_cast<int>(part * gaugeSteps), gaugeSteps));
    gauge.bar->setAccessibleDescription(text);
}

void RunGauges::clear()
{
    m_timeoutMs = m_memoryBytes = m_milliCpu = 0;
    m_elapsedMs = m_lastCpuMs = m_lastElapsedMs = 0;
    for (const Gauge &gauge : {m_time, m_memory, m_cpu})
        set(gauge, u"–"_s, -1);
}

void RunGauges::setLimits(const RunTarget &target)
{
    m_timeoutMs = target.timeout.count();
    m_memoryBytes = target.memoryBytes;
    m_milliCpu = target.milliCpu;
    setTime(m_elapsedMs);
}

void RunGauges::setTime(qint64 elapsedMs)
{
    m_elapsedMs = elapsedMs;
    QString time = shortDuration(elapsedMs);
    double part = -1;
    if (m_timeoutMs > 0) {
        time += tr(" of %1").arg(shortDuration(m_timeoutMs));
        part = static_cast<double>(elapsedMs) / static_cast<double>(m_timeoutMs);
    }
    set(m_time, time, part);
}

void RunGauges::setUsage(const std::optional<RunUsage> &usage)
{
    if (!usage) {
        if (m_lastElapsedMs > 0)
            return; // it has just ended: what was read last stays until its record comes
        set(m_memory, tr("measured at the end"), -1);
        set(m_cpu, tr("measured at the end"), -1);
        return;
    }
    showMemory(usage->memoryBytes);
    const qint64 cpuMs = usage->cpuTime / 1ms;
    const qint64 span = m_elapsedMs - m_lastElapsedMs;
    if (span < leastSpanMs)
        return;
    showProcessor(cpuMs, static_cast<double>(cpuMs - m_lastCpuMs) / static_cast<double>(span));
    m_lastCpuMs = cpuMs;
    m_lastElapsedMs = m_elapsedMs;
}

void RunGauges::setFinal(qint64 peakBytes, std::optional<qint64> cpuMs, qint64 durationMs)
{
    setTime(durationMs);
    if (!cpuMs) {
        set(m_memory, u"–"_s, -1);
        set(m_cpu, u"–"_s, -1);
        return;
    }
    showMemory(peakBytes);
    showProcessor(
        *cpuMs, durationMs > 0 ? static_cast<double>(*cpuMs) / static_cast<double>(durationMs) : 0);
}

void RunGauges::showMemory(qint64 bytes)
{
    const QLocale locale;
    QString memory = locale.formattedDataSize(bytes, 0);
    double part = -1;
    if (m_memoryBytes > 0) {
        memory += tr(" of %1").arg(locale.formattedDataSize(m_memoryBytes, 0));
        part = static_cast<double>(bytes) / static_cast<double>(m_memoryBytes);
    }
    set(m_memory, memory, part);
}

/// The bar shows the part of the processor time that the run may have.
void RunGauges::showProcessor(qint64 cpuMs, double share)
{
    const double allowed = m_milliCpu > 0 ? static_cast<double>(m_milliCpu) / 1000 : 1;
    set(m_cpu, tr("%1, %2 %").arg(shortDuration(cpuMs)).arg(qRound(share * 100)), share / allowed);
}

} // namespace skillbox
