#include "server/observability/metrics.h"

#include "server/observability/process_usage.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace skillbox {
namespace {

using prometheus::Counter;
using prometheus::Histogram;
using Buckets = Histogram::BucketBoundaries;

const Buckets &requestBuckets()
{
    static const Buckets seconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                    0.25,  0.5,    1,     2.5,  5,     10,   60};
    return seconds;
}

const Buckets &runBuckets()
{
    static const Buckets seconds = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
                                    2.5,  5,     10,   30,  60,   120, 600};
    return seconds;
}

const Buckets &startBuckets()
{
    static const Buckets seconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5};
    return seconds;
}

double seconds(std::chrono::microseconds time)
{
    return static_cast<double>(time.count()) / 1e6;
}

/// What a client may send as a method is endless; a label must not be.
std::string methodLabel(const QByteArray &method)
{
    static const QList<QByteArray> known = {"GET",   "HEAD",    "POST",  "PUT",
                                            "PATCH", "OPTIONS", "DELETE"};
    return known.contains(method) ? method.toStdString() : "other";
}

prometheus::MetricFamily single(const std::string &name, const std::string &help,
                                prometheus::MetricType type, double value)
{
    prometheus::ClientMetric metric;
    if (type == prometheus::MetricType::Counter)
        metric.counter.value = value;
    else
        metric.gauge.value = value;
    return {name, help, type, {metric}};
}

prometheus::MetricFamily removedAfterTheirTime(const Metrics::Gauges &gauges)
{
    prometheus::MetricFamily family{"skillbox_retention_removed_total",
                                    "What was removed after its time, by what it was",
                                    prometheus::MetricType::Counter,
                                    {}};
    for (const auto &[what, count] :
         {std::pair{"log", gauges.logsRemoved}, std::pair{"artifact", gauges.artifactsRemoved},
          std::pair{"execution", gauges.executionsRemoved},
          std::pair{"blob", gauges.blobsRemoved}}) {
        prometheus::ClientMetric metric;
        metric.label.push_back({"what", what});
        metric.counter.value = static_cast<double>(count);
        family.metric.push_back(metric);
    }
    return family;
}

} // namespace

class Metrics::Private
{
public:
    prometheus::Registry registry;
    prometheus::Family<Counter> &requests = counters(
        "skillbox_http_requests_total", "HTTP requests answered, by route, method and status");
    prometheus::Family<Histogram> &requestSeconds = histograms(
        "skillbox_http_request_duration_seconds",
        "Time from a request's head to the end of its answer, by route and method");
    Counter &requestBytes = counters("skillbox_http_request_bytes_total",
                                     "Bytes of requests received, with heads")
                                .Add({});
    Counter &responseBytes =
        counters("skillbox_http_response_bytes_total", "Bytes of answers sent, with heads").Add({});
    prometheus::Family<Counter> &runs = counters("skillbox_executions_total",
                                                 "Runs that are over, by status and reason");
    Histogram &runSeconds = histograms("skillbox_execution_duration_seconds",
                                       "Time a run held its slot")
                                .Add({}, runBuckets());
    Histogram &queueSeconds = histograms("skillbox_execution_queue_seconds",
                                         "Time a run waited for its slot")
                                  .Add({}, runBuckets());
    Histogram &startSeconds = histograms("skillbox_sandbox_start_seconds",
                                         "Time to make a sandbox, until the script's interpreter"
                                         " begins")
                                  .Add({}, startBuckets());

private:
    prometheus::Family<Counter> &counters(const char *name, const char *help)
    {
        return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
    }
    prometheus::Family<Histogram> &histograms(const char *name, const char *help)
    {
        return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
    }
};

Metrics::Metrics(const QString &version, const QString &commit) : d(std::make_unique<Private>())
{
    prometheus::BuildGauge()
        .Name("skillbox_build_info")
        .Help("Always 1; the labels say what is running")
        .Register(d->registry)
        .Add({{"version", version.toStdString()}, {"commit", commit.toStdString()}})
        .Set(1);
}

Metrics::~Metrics() = default;

void Metrics::countRequest(const RequestSummary &request)
{
    const std::string route = request.routePattern.isEmpty() ? "none"
                                                             : request.routePattern.toStdString();
    const std::string method = methodLabel(request.method);
    d->requests
        .Add({{"route", route}, {"method", method}, {"status", std::to_string(request.status)}})
        .Increment();
    d->requestSeconds.Add({{"route", route}, {"method", method}}, requestBuckets())
        .Observe(seconds(request.duration));
    d->requestBytes.Increment(static_cast<double>(qMax<qint64>(0, request.requestBytes)));
    d->responseBytes.Increment(static_cast<double>(qMax<qint64>(0, request.responseBytes)));
}

void Metrics::countRun(const RunMeasures &run)
{
    d->runs
        .Add({{"status", executionStatusName(run.status).latin1()},
              {"reason", run.reason.toStdString()}})
        .Increment();
    d->runSeconds.Observe(seconds(run.duration));
    d->queueSeconds.Observe(seconds(run.queued));
    if (run.setup.count() > 0)
        d->startSeconds.Observe(seconds(run.setup));
}

QByteArray Metrics::scrape(const Gauges &gauges) const
{
    using prometheus::MetricType;
    std::vector<prometheus::MetricFamily> families = d->registry.Collect();
    families.push_back(single("skillbox_executions_queued", "Runs that wait for a slot",
                              MetricType::Gauge, gauges.queued));
    families.push_back(single("skillbox_executions_running", "Runs that hold a slot",
                              MetricType::Gauge, gauges.running));
    families.push_back(single("skillbox_http_connections", "Open connections", MetricType::Gauge,
                              gauges.connections));
    families.push_back(removedAfterTheirTime(gauges));
    families.push_back(single("skillbox_retention_failures_total",
                              "Passes of the retention that did not come to their end",
                              MetricType::Counter, static_cast<double>(gauges.retentionFailures)));
    families.push_back(single("skillbox_retention_last_pass_timestamp_seconds",
                              "When this process last removed all whose time was over, in seconds"
                              " since 1970; 0: never",
                              MetricType::Gauge,
                              static_cast<double>(gauges.retentionPassMs) / 1000));
    const ProcessUsage usage = processUsage();
    families.push_back(single("process_cpu_seconds_total", "CPU time used, user and system",
                              MetricType::Counter, usage.cpuSeconds));
    families.push_back(single("process_resident_memory_bytes", "Memory in use", MetricType::Gauge,
                              static_cast<double>(usage.residentBytes)));
    families.push_back(single("process_open_fds", "Open file descriptors", MetricType::Gauge,
                              static_cast<double>(usage.openFiles)));
    families.push_back(single("process_max_fds", "Most file descriptors that may be open",
                              MetricType::Gauge, static_cast<double>(usage.maxOpenFiles)));
    families.push_back(single("process_start_time_seconds",
                              "When the process began, in seconds since 1970", MetricType::Gauge,
                              usage.startedAt));
    return QByteArray::fromStdString(prometheus::TextSerializer().Serialize(families));
}

} // namespace skillbox
