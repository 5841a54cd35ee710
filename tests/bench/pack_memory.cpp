// Peak memory and time of packing, unpacking, copying and describing a 50 MiB skill, each in a
// process of its own.
//   bench_pack_memory [MiB]

#include "engine/skill/archive.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>

using namespace skillbox;
using namespace Qt::StringLiterals;

namespace {

constexpr double goalMiB = 64; // peak, for a skill of 50 MiB

/// Half noise, which stays as large when packed, half text, in one large and many small files.
bool makeSkill(const QString &folder, qint64 bytes)
{
    std::mt19937_64 random(1);
    const auto writeFile = [&random](const QString &path, qint64 size) {
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly))
            return false;
        QByteArray block(65536, Qt::Uninitialized);
        for (qint64 done = 0; done < size; done += block.size()) {
            const bool isNoise = (done / block.size()) % 2 == 0;
            for (char &byte : block)
                byte = static_cast<char>(isNoise ? random() & 0xff : 'a' + random() % 4);
            block.truncate(std::min<qint64>(block.size(), size - done));
            if (file.write(block) != block.size())
                return false;
            block.resize(65536);
        }
        return true;
    };
    QDir().mkpath(folder + u"/data"_s);
    bool good = writeFile(folder + u"/SKILL.md"_s, 2000)
        && writeFile(folder + u"/data/large.bin"_s, bytes / 2);
    for (int i = 0; i < 100; ++i)
        good = good && writeFile(folder + u"/data/%1.bin"_s.arg(i), bytes / 200);
    return good;
}

bool measure(const char *name, const std::function<Result<SkillContent>()> &work)
{
    const auto start = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child == 0) {
        const auto content = work();
        if (!content)
            std::fprintf(stderr, "%s: %s\n", name, qPrintable(content.error().message));
        std::fflush(stderr);
        _exit(content ? 0 : 1);
    }
    int status = 1;
    rusage usage = {};
    if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0)
        return false;
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    std::printf("%-10s %8.0f ms  peak %6.1f MiB  (goal %.0f MiB)\n", name, time.count(),
                static_cast<double>(usage.ru_maxrss) / 1024, goalMiB);
    std::fflush(stdout);
    return true;
}

} // namespace

int main(int argc, char **argv)
{
    const int size = argc > 1 ? std::atoi(argv[1]) : 50;
    if (size < 1 || size > 200) {
        std::fprintf(stderr, "usage: bench_pack_memory [MiB, 1 to 200]\n");
        return 1;
    }
    const QTemporaryDir dir;
    const QString skill = dir.filePath(u"skill"_s);
    const QString archive = dir.filePath(u"skill.zip"_s);
    ArchiveLimits limits;
    limits.archiveBytes = 256LL << 20;
    if (!dir.isValid() || !makeSkill(skill, qint64(size) << 20)) {
        std::fprintf(stderr, "cannot write a skill to %s\n", qPrintable(dir.path()));
        return 1;
    }
    std::printf("a skill of %d MiB in 102 files\n", size);
    std::fflush(stdout);
    const bool good = measure("describe", [&] { return describeDirectory(skill, limits); })
        && measure("pack", [&] { return packDirectory(skill, archive, limits); })
        && measure("unpack", [&] { return unpackArchive(archive, dir.filePath(u"out"_s), limits); })
        && measure("copy", [&] { return copyTree(skill, dir.filePath(u"copy"_s), limits); });
    return good ? 0 : 1;
}
