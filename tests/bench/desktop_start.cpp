// How long the desktop takes from its start to a filled catalog that answers, with 1,000 skills and
// a warm disk, and what it costs while nothing happens.
//   bench_desktop_start [SKILLS]
// QT_QPA_PLATFORM=offscreen is set unless another platform is named.

#include "app/desktop/desktop.h"
#include "engine/engine.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QStyleFactory>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <cstdio>

#include <time.h>
#include <unistd.h>

using namespace skillbox;
using namespace Qt::StringLiterals;

namespace {

constexpr int rounds = 7;
constexpr double goalMs = 500;
constexpr int idleSeconds = 10;

qint64 nowMs()
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

/// Processor time of this thread, or of this process with all its threads.
double cpuMs(clockid_t clock)
{
    timespec used{};
    clock_gettime(clock, &used);
    return static_cast<double>(used.tv_sec) * 1000 + static_cast<double>(used.tv_nsec) / 1e6;
}

bool fillStore(const QString &data, int skills)
{
    EngineConfig config;
    config.dataDirectory = data;
    const auto engine = Engine::create(config);
    if (!engine)
        return false;
    const QTemporaryDir folder;
    const QString path = folder.filePath(u"skill"_s);
    for (int i = 0; i < skills; ++i) {
        const QString name = u"skill-%1"_s.arg(i);
        const QString skill = folder.filePath(name);
        QDir().mkpath(skill);
        QFile text(skill + u"/SKILL.md"_s);
        QFile script(skill + u"/main.py"_s);
        if (!text.open(QIODevice::WriteOnly) || !script.open(QIODevice::WriteOnly))
            return false;
        text.write(u"---\nname: %1\ndescription: Counts things of kind %2 in a text. Use when "
                   "somebody asks how many there are.\nversion: 1.0.%2\n---\n\n# Counting\n\nGive "
                   "it a text.\n"_s.arg(name)
                       .arg(i)
                       .toUtf8());
        script.write("print('counted')\n");
        text.close();
        script.close();
        const auto published = (*engine)->registry().publishDirectory(
            localTenant(), skill, {.actor = u"bench"_s, .address = {}, .requestId = {}});
        if (!published) {
            std::fprintf(stderr, "%s\n", qPrintable(published.error().message));
            return false;
        }
        QDir(skill).removeRecursively();
    }
    return true;
}

/// The desktop as main() starts it; prints when its catalog is filled, and then what idling costs.
int child(int argc, char *argv[], int skills, bool idle)
{
    QApplication::setStyle(QStyleFactory::create(u"Fusion"_s));
    QApplication app(argc, argv);
    const double libraries = cpuMs(CLOCK_THREAD_CPUTIME_ID);
    Desktop desktop(QProcessEnvironment::systemEnvironment(), QApplication::applicationDirPath(),
                    qEnvironmentVariable("BENCH_SETTINGS"));
    const double made = cpuMs(CLOCK_THREAD_CPUTIME_ID);
    desktop.start();
    const double shown = cpuMs(CLOCK_THREAD_CPUTIME_ID);
    QWidget &window = desktop.window();
    const auto *cards = window.findChild<QAbstractItemView *>(u"catalog.cardsView"_s);
    const auto isFilled = [&] {
        return cards->isVisible() && cards->model()->rowCount() >= skills;
    };
    QTimer poll;
    poll.setInterval(1);
    QObject::connect(&poll, &QTimer::timeout, &app, [&] {
        if (!isFilled())
            return;
        poll.stop();
        window.repaint();
        const double filled = cpuMs(CLOCK_THREAD_CPUTIME_ID);
        std::printf("%lld\n%.0f\n%.0f\n%.0f + %.0f + %.0f + %.0f\n",
                    static_cast<long long>(nowMs()), filled, cpuMs(CLOCK_PROCESS_CPUTIME_ID),
                    libraries, made - libraries, shown - made, filled - shown);
        std::fflush(stdout);
        if (!idle) {
            QApplication::quit();
            return;
        }
        // What was begun shall be over: the other pages, the sandbox's probe, the server's start,
        // the blinking of the cursor.
        QTimer::singleShot(8000, &app, [&app] {
            const double before = cpuMs(CLOCK_PROCESS_CPUTIME_ID);
            QTimer::singleShot(idleSeconds * 1000, &app, [before] {
                std::printf("%.2f\n", cpuMs(CLOCK_PROCESS_CPUTIME_ID) - before);
                std::fflush(stdout);
                QApplication::quit();
            });
        });
    });
    poll.start();
    return QApplication::exec();
}

QList<QByteArray> runChild(const QString &program, const QString &data, int skills, bool idle)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"SKILLBOX_DATA_DIR"_s, data + u"/store"_s);
    environment.insert(u"BENCH_SETTINGS"_s, data + u"/desktop.ini"_s);
    if (!environment.contains(u"QT_QPA_PLATFORM"_s))
        environment.insert(u"QT_QPA_PLATFORM"_s, u"offscreen"_s);
    QProcess process;
    process.setProcessEnvironment(environment);
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(program, {u"--child"_s, QString::number(skills), idle ? u"idle"_s : u"start"_s});
    process.waitForFinished(60'000);
    return process.readAllStandardOutput().split('\n');
}

} // namespace

int main(int argc, char *argv[])
{
    QStringList arguments;
    for (int i = 1; i < argc; ++i)
        arguments.append(QString::fromLocal8Bit(argv[i]));
    if (arguments.value(0) == "--child"_L1)
        return child(argc, argv, arguments.value(1).toInt(), arguments.value(2) == "idle"_L1);

    const int skills = arguments.isEmpty() ? 1000 : arguments.constFirst().toInt();
    const QTemporaryDir folder;
    std::printf("publishing %d skills …\n", skills);
    if (!fillStore(folder.filePath(u"store"_s), skills))
        return 1;
    {
        Settings settings(folder.filePath(u"desktop.ini"_s));
        settings.setWelcomed(true);
        settings.setServerPort(0);
    }
    QList<qint64> times;
    QList<qint64> threadTimes;
    QList<qint64> processTimes;
    for (int i = 0; i <= rounds; ++i) {
        const qint64 start = nowMs();
        const auto lines = runChild(QString::fromLocal8Bit(argv[0]), folder.path(), skills, false);
        if (i == 0)
            continue; // it warms up
        times.append(lines.value(0).toLongLong() - start);
        threadTimes.append(lines.value(1).toLongLong());
        processTimes.append(lines.value(2).toLongLong());
    }
    for (QList<qint64> *all : {&times, &threadTimes, &processTimes})
        std::sort(all->begin(), all->end());
    std::printf(
        "start to a filled catalog of %d skills: median %lld ms, from %lld to %lld (goal %.0f)\n",
        skills, static_cast<long long>(times.at(times.size() / 2)),
        static_cast<long long>(times.first()), static_cast<long long>(times.last()), goalMs);
    // On a machine with other work the time above says little; what it takes of the processor does.
    std::printf("processor time till then: GUI thread %lld ms, all threads %lld ms (medians)\n",
                static_cast<long long>(threadTimes.at(times.size() / 2)),
                static_cast<long long>(processTimes.at(times.size() / 2)));
    const auto lines = runChild(QString::fromLocal8Bit(argv[0]), folder.path(), skills, true);
    std::printf(
        "the GUI thread's parts (one run): libraries + settings + first page + list: %s ms\n",
        lines.value(3).constData());
    std::printf("idle: %s ms of processor time in %d s (goal 0)\n", lines.value(4).constData(),
                idleSeconds);
    return 0;
}
