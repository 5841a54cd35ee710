// How long the checker takes: a large skill, the text of an editor, and many skills.

#include "engine/skill/lint.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>

#include <algorithm>
#include <cstdio>
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

template<typename Work>
double milliseconds(int times, Work work)
{
    std::vector<double> values;
    for (int i = 0; i < times; ++i) {
        QElapsedTimer timer;
        timer.start();
        work();
        values.push_back(double(timer.nsecsElapsed()) / 1e6);
    }
    return median(values);
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
    std::printf("100 files, 1 MB       %8.1f ms   goal 150\n",
                milliseconds(9, [&] { lintSkill(large); }));

    const QByteArray text = manifest + filled(markdownLines, 500 * 45);
    std::printf("SKILL.md, %3d lines   %8.2f ms   goal 5\n", int(text.count('\n')),
                milliseconds(50, [&] { lintText(text); }));

    const long before = residentKilobytes();
    QStringList skills;
    for (int i = 0; i < 1000; ++i) {
        const QString folder = temporary.filePath(u"many/s%1"_s.arg(i));
        write(folder + u"/SKILL.md"_s, manifest + filled(markdownLines, 6'000));
        write(folder + u"/scripts/main.py"_s, filled(pythonLines, 5'000));
        write(folder + u"/references/a.md"_s, filled(markdownLines, 4'000));
        skills += folder;
    }
    const double all = milliseconds(1, [&] {
        std::vector<std::jthread> threads;
        for (int half = 0; half < 2; ++half) {
            threads.emplace_back([&skills, half] {
                for (qsizetype i = half; i < skills.size(); i += 2)
                    lintSkill(skills[i]);
            });
        }
    });
    std::printf("1,000 skills          %8.1f s    goal 20, on 2 threads\n", all / 1000);
    std::printf("memory grew by        %8ld KiB over these\n", residentKilobytes() - before);
}
