#include "server/observability/process_usage.h"

#include <QDir>
#include <QFile>

#include <sys/resource.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

double secondsOf(const timeval &time)
{
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// The kernel says when a process began in ticks since boot, and when it booted in /proc/stat.
double startTime()
{
    const QByteArray stat = contentOf(u"/proc/self/stat"_s);
    // The command may hold spaces and brackets; the third field follows its last bracket.
    const QByteArrayList fields = stat.sliced(stat.lastIndexOf(')') + 1).simplified().split(' ');
    constexpr int startTicks = 22 - 3;
    const double ticks = fields.value(startTicks).toDouble();
    const QByteArray system = contentOf(u"/proc/stat"_s);
    const qsizetype boot = system.indexOf("\nbtime ");
    if (boot < 0)
        return 0;
    const qsizetype from = boot + 7;
    const double booted = system.sliced(from, system.indexOf('\n', from) - from).toDouble();
    return booted + ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

} // namespace

ProcessUsage processUsage()
{
    ProcessUsage usage;
    rusage own{};
    if (::getrusage(RUSAGE_SELF, &own) == 0)
        usage.cpuSeconds = secondsOf(own.ru_utime) + secondsOf(own.ru_stime);
    const QByteArrayList pages = contentOf(u"/proc/self/statm"_s).split(' ');
    usage.residentBytes = pages.value(1).toLongLong() * ::sysconf(_SC_PAGESIZE);
    // One of them is the folder being read.
    usage.openFiles = qMax<qsizetype>(0,
                                      QDir(u"/proc/self/fd"_s)
                                              .entryList(QDir::AllEntries | QDir::System
                                                         | QDir::NoDotAndDotDot)
                                              .size()
                                          - 1);
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0)
        usage.maxOpenFiles = static_cast<qint64>(files.rlim_cur);
    static const double started = startTime();
    usage.startedAt = started;
    return usage;
}

} // namespace skillbox
