// How long the checker takes: a large skill, the text of an editor, and many skills.

#include "engine/skill/lint.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <thread>
#include <vector>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

void write(const QString &path, const QByteArray &bytes)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write %s", qPrintable(path));
}

const QByteArray manifest =
    "---\nname: bench\ndescription: Counts words. Use it when somebody asks how "
    "long a text is.\n---\n\n# Words\n\n";

const QByteArray pythonLines =
    "def count(text, minimum=3):\n    # words of some length\n    words = re.findall(r'\\w+', "
    "text)\n"
    "    result = {w: words.count(w) for w in set(words) if len(w) >= minimum}\n"
    "    with open(os.path.join(folder, 'out.json'), 'w') as out:\n        json.dump(result, out)\n"
    "    return result\n\n";
const QByteArray markdownLines =
    "- Read the file first, then decide what to count and ignore the rest of it.\n"
    "- Send the result to the user and include a table, see [the guide](references/a.md).\n\n"
    "```python\nimport json\nprint(json.dumps({'a': 1}))\n```\n\n";

QByteArray filled(const QByteArray &lines, qsizetype bytes)
{
    return lines.repeated(bytes / lines.size() + 1).first(bytes);
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

struct Cost {
    double elapsed;   ///< ms
    double processor; ///< ms of this process, which a busy machine does not change much
};

template<typename Work>
Cost costOf(int times, Work work)
{
    std::vector<double> elapsed, processor;
    for (int i = 0; i < times; ++i) {
        QElapsedTimer timer;
        timer.start();
        const std::clock_t begin = std::clock();
        work();
        processor.push_back(double(std::clock() - begin) * 1000 / CLOCKS_PER_SEC);
        elapsed.push_back(double(timer.nsecsElapsed()) / 1e6);
    }
    return {median(elapsed), median(processor)};
}

long residentKilobytes()
{
    QFile status(u"/proc/self/status"_s);
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    for (const QByteArray &line : status.readAll().split('\n')) {
        if (line.startsWith("VmHWM:"))
            return line.sliced(6).trimmed().split(' ').constFirst().toLong();
    }
    return 0;
}

} // namespace

int main()
{
    const QTemporaryDir temporary;
    const QString large = temporary.filePath(u"large"_s);
    write(large + u"/SKILL.md"_s, manifest + filled(markdownLines, 10'000));
    for (int i = 0; i < 70; ++i)
        write(large + u"/scripts/s%1.py"_s.arg(i), filled(pythonLines, 10'000));
    for (int i = 0; i < 29; ++i)
        write(large + u"/references/a%1.md"_s.arg(i), filled(markdownLines, 10'000));
    lintSkill(large); // compiles the patterns
    const Cost folder = costOf(9, [&] { lintSkill(large); });
    std::printf("100 files, 1 MB       %8.1f ms, processor %8.1f   goal 150\n", folder.elapsed,
                folder.processor);

    const QByteArray text = manifest + filled(markdownLines, 500 * 45);
    const Cost key = costOf(50, [&] { lintText(text); });
    std::printf("SKILL.md, %3d lines   %8.2f ms, processor %8.2f   goal 5\n", int(text.count('\n')),
                key.elapsed, key.processor);

    const long before = residentKilobytes();
    QStringList skills;
    for (int i = 0; i < 1000; ++i) {
        const QString one = temporary.filePath(u"many/s%1"_s.arg(i));
        write(one + u"/SKILL.md"_s, manifest + filled(markdownLines, 6'000));
        write(one + u"/scripts/main.py"_s, filled(pythonLines, 5'000));
        write(one + u"/references/a.md"_s, filled(markdownLines, 4'000));
        skills += one;
    }
    const Cost all = costOf(1, [&] {
        std::vector<std::jthread> threads;
        for (int half = 0; half < 2; ++half) {
            threads.emplace_back([&skills, half] {
                for (qsizetype i = half; i < skills.size(); i += 2)
                    lintSkill(skills[i]);
            });
        }
    });
    std::printf("1,000 skills          %8.1f s,  processor %8.1f   goal 20, on 2 threads\n",
                all.elapsed / 1000, all.processor / 1000);
    std::printf("memory grew by        %8ld KiB over these\n", residentKilobytes() - before);
}
