// How long a key takes in a SKILL.md of 2,000 lines: the key itself, with colouring, marks and what
// schedules the checker, and the painting after it. Goal: 16 ms, a frame at 60 Hz. Run it with
// QT_QPA_PLATFORM=offscreen.

#include "app/desktop/editor/open_files.h"
#include "app/desktop/editor/problems_panel.h"
#include "app/desktop/editor/skill_check.h"
#include "app/desktop/text/syntax.h"

#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QStyleFactory>
#include <QTemporaryDir>
#include <QTest>

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <vector>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

constexpr int lines = 2000;
constexpr double goalMilliseconds = 16;

QByteArray longSkill()
{
    QByteArray text =
        "---\nname: long-skill\ndescription: Explains many things at length. Use when "
        "something long is wanted.\nmetadata:\n  skillbox.timeout: 30s\n---\n\n";
    for (int i = 0; text.count('\n') < lines; ++i) {
        text += "## Section " + QByteArray::number(i)
            + "\n\nRun `python scripts/step.py --n 1` with *care*, see [the "
              "notes](references/n.md)\n"
              "and mind https://example.com/a/long/address for the rest of this paragraph.\n\n"
              "| a | b |\n|---|---|\n| 1 | `x` |\n\n```python\nimport json\nfor item in "
              "range(10):\n"
              "    print(json.dumps({\"item\": item}))  # comment\n```\n\n- one\n- two\n\n";
    }
    return text;
}

double threadMilliseconds()
{
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

struct Sample {
    double key = 0;
    double whole = 0; ///< with the painting and all that was posted
    double work = 0;  ///< of the thread alone: what a busy machine adds is not in it
};

void report(const char *name, std::vector<Sample> samples)
{
    const auto percentile = [&samples](double Sample::*part, double share) {
        std::sort(samples.begin(), samples.end(),
                  [part](const Sample &a, const Sample &b) { return a.*part < b.*part; });
        const auto at = static_cast<size_t>(share * static_cast<double>(samples.size() - 1));
        return samples[at].*part;
    };
    const double worst = percentile(&Sample::work, 1);
    std::printf("%-30s key: median %5.2f ms, p99 %5.2f; with painting: median %5.2f, p99 %5.2f, "
                "worst %5.2f; of its own work: median %5.2f, worst %5.2f (%.0f %% of a frame)\n",
                name, percentile(&Sample::key, 0.5), percentile(&Sample::key, 0.99),
                percentile(&Sample::whole, 0.5), percentile(&Sample::whole, 0.99),
                percentile(&Sample::whole, 1), percentile(&Sample::work, 0.5), worst,
                100 * worst / goalMilliseconds);
}

} // namespace

int main(int argc, char *argv[])
{
    QApplication::setStyle(QStyleFactory::create(u"Fusion"_s));
    QApplication app(argc, argv);
    const auto theme = Theme::load(u"light"_s);
    if (!theme)
        return 1;
    QApplication::setPalette(theme->palette());
    app.setStyleSheet(theme->styleSheet());
    QTemporaryDir directory;
    const QString project = directory.filePath(u"long-skill"_s);
    QDir().mkpath(project);
    QFile file(project + u"/SKILL.md"_s);
    if (!file.open(QIODevice::WriteOnly))
        return 1;
    file.write(longSkill());
    file.close();

    DraftFiles io;
    OpenFiles files(io);
    ProblemsPanel problems;
    EngineThread engine; // never opened: parsers run elsewhere and are not what is measured
    SkillCheck check(files, problems, engine, &files);
    QObject::connect(&files, &OpenFiles::edited, &check, &SkillCheck::schedule);
    files.applyTheme(*theme);
    check.applyTheme(*theme);
    files.resize(1000, 800);
    files.show();
    DocumentView *view = files.open(project, u"SKILL.md"_s);
    check.setProject(project);
    if (!QTest::qWaitFor([&] { return check.report() && check.isCurrent(); }, 30'000))
        return 1;
    QTest::qWait(500); // the colouring of the whole text is done
    CodeEditor &editor = view->editor();
    std::printf("%d lines, highlighting %s\n", editor.blockCount(),
                Syntax::available() ? "on" : "not built in");

    const auto type = [&](const QString &text, int line, int pause) {
        editor.goTo(line, 1);
        QTest::qWait(100);
        std::vector<Sample> samples;
        for (const QChar c : text) {
            QElapsedTimer timer;
            timer.start();
            const double before = threadMilliseconds();
            if (c == u'\n')
                QTest::keyClick(&editor, Qt::Key_Return);
            else
                QTest::sendKeyEvent(QTest::Click, &editor, Qt::Key_unknown, QString(c),
                                    Qt::NoModifier);
            const double key = static_cast<double>(timer.nsecsElapsed()) / 1e6;
            QCoreApplication::processEvents();
            samples.push_back({key, static_cast<double>(timer.nsecsElapsed()) / 1e6,
                               threadMilliseconds() - before});
            QTest::qWait(pause); // as between keys; the checker runs meanwhile
        }
        return samples;
    };
    const QString prose =
        u"Some more words that explain a thing, with `code` and [a link](x.md)."_s;
    report("prose in the middle", type(prose, lines / 2, 20));
    report("prose, checker busy", type(prose + prose, lines / 2 + 10, 60));
    report("front matter", type(u"license: MIT"_s, 5, 40));
    report("a fence at the top, then away", type(u"```\ntext\n```\n"_s, 8, 40));
    report("new lines", type(QString(40, u'\n'), lines / 2, 20));
    return 0;
}
