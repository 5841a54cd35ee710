#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/format.h"
#include "app/cli/json_writer.h"
#include "app/cli/junit_report.h"
#include "app/cli/refused_calls_view.h"
#include "app/cli/skill_runner.h"
#include "app/cli/text.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QJsonDocument>
#include <QSaveFile>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct TestArguments {
    std::vector<std::string> paths;
    std::vector<std::string> only;
    std::string junit;
    bool observe = false;
};

/// Runs the cases of skills; see docs/skill-format.md.
class TestRun
{
public:
    TestRun(CliContext &context, const TestArguments &arguments)
        : m_context(context)
        , m_arguments(arguments)
    {
    }

    ExitCode run()
    {
        for (const std::string &path : m_arguments.paths) {
            if (const auto done = testSkill(toText(path)); !done)
                return m_context.reportError(done.error());
        }
        if (!m_arguments.junit.empty()) {
            QSaveFile file(toText(m_arguments.junit));
            const QByteArray xml = junitReport(m_results);
            if (!file.open(QIODevice::WriteOnly) || file.write(xml) != xml.size()
                || !file.commit()) {
                return m_context.reportError({ErrorCode::Io,
                                              u"cannot write '%1': %2"_s.arg(
                                                  toText(m_arguments.junit), file.errorString())});
            }
        }
        const auto failed = std::count_if(m_results.cbegin(), m_results.cend(),
                                          [](const CaseResult &result) {
                                              return !result.problems.isEmpty();
                                          });
        if (m_context.wantsJson()) {
            printResults();
        } else {
            m_context.out().writeLine(
                u"%1 passed, %2 failed"_s.arg(m_results.size() - failed).arg(failed));
        }
        return failed == 0 ? ExitCode::Success : ExitCode::Error;
    }

private:
    Result<void> testSkill(const QString &path)
    {
        const QFileInfo info(path);
        const QString directory = info.isDir() ? info.absoluteFilePath() : QString();
        if (directory.isEmpty() || !QFileInfo::exists(directory + u"/SKILL.md"_s))
            return fail(ErrorCode::NotFound, u"'%1' is not a skill's folder"_s.arg(path));
        const QString name = QDir(directory).dirName();
        const QDir folder(directory + u"/tests"_s);
        QStringList cases = testCaseFiles(directory);
        if (!m_arguments.only.empty()) {
            cases.removeIf([this](const QString &file) {
                return std::none_of(m_arguments.only.begin(), m_arguments.only.end(),
                                    [&](const std::string &wanted) {
                                        return file.chopped(5) == toText(wanted);
                                    });
            });
        }
        if (cases.isEmpty()) {
            return fail(ErrorCode::NotFound,
                        u"'%1' has no test case; write one as tests/NAME.json"_s.arg(path));
        }
        const auto observation = m_arguments.observe ? Observation::RefusedCalls
                                                     : Observation::None;
        for (const QString &file : std::as_const(cases)) {
            QElapsedTimer timer;
            timer.start();
            CaseResult result{name, file.chopped(5), {}, {}};
            auto run = m_runner.runCase(directory, folder.filePath(file), observation);
            result.problems = run ? run->problems : QStringList{run.error().message};
            result.duration = std::chrono::milliseconds(timer.elapsed());
            const QJsonArray refused = run ? run->refused : QJsonArray();
            if (!m_context.wantsJson())
                print(result, refused);
            m_refused += refused;
            m_results += std::move(result);
        }
        return {};
    }

    void print(const CaseResult &result, const QJsonArray &refused)
    {
        Terminal &out = m_context.out();
        const bool passed = result.problems.isEmpty();
        out.writeLine(out.painted(passed ? Paint::Green : Paint::Red, passed ? u"✔"_s : u"✘"_s)
                      + u' ' + printableLine(result.skill + u'/' + result.name) + u' '
                      + out.painted(Paint::Dim, humanDuration(result.duration)));
        for (const QString &problem : result.problems) {
            for (const QString &line : problem.split(u'\n')) {
                const Paint paint = line.startsWith(u"- ") ? Paint::Red
                    : line.startsWith(u"+ ")               ? Paint::Green
                                                           : Paint::Plain;
                out.writeLine(u"    "_s + out.painted(paint, out.foreign(line)));
            }
        }
        for (const QString &line : refusedCallLines(refused))
            out.writeLine(u"    "_s
                          + out.painted(Paint::Yellow, u"refused "_s + out.foreign(line)));
    }

    void printResults()
    {
        JsonWriter json;
        json.beginObject().key(u"cases"_s).beginArray();
        for (qsizetype i = 0; i < m_results.size(); ++i) {
            const CaseResult &result = m_results[i];
            json.beginObject()
                .member(u"skill"_s, result.skill)
                .member(u"name"_s, result.name)
                .member(u"passed"_s, result.problems.isEmpty())
                .member(u"duration_ms"_s, qint64{result.duration.count()})
                .key(u"problems"_s)
                .beginArray();
            for (const QString &problem : result.problems)
                json.value(problem);
            json.endArray();
            if (m_arguments.observe)
                json.key(u"refused"_s)
                    .raw(QJsonDocument(m_refused[i]).toJson(QJsonDocument::Compact));
            json.endObject();
        }
        json.endArray().endObject();
        m_context.printJson(json.bytes());
    }

    CliContext &m_context;
    const TestArguments &m_arguments;
    SkillRunner m_runner{m_context};
    QList<CaseResult> m_results;
    QList<QJsonArray> m_refused; ///< of each
};

} // namespace

void registerSkillTest(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"test", "Run the test cases of skill folders in the sandbox",
         "Each tests/NAME.json is one run with what should come of it. The output of a run that "
         "succeeds must match schemas/output.json, where the skill has one. Ends with exit code 1 "
         "if a case fails. The runs leave no trace in the store.",
         "skillbox skill test .\n"
         "skillbox skill test skills/* --junit report.xml\n"
         "skillbox skill test my-skill --case empty-text"});
    const auto arguments = std::make_shared<TestArguments>();
    addArguments(*command, "DIR", arguments->paths, "Skill folders", value::directory,
                 Presence::Required);
    addOption(*command, "--case", arguments->only, "Only the case of this name; may be repeated",
              value::text);
    addFlag(*command, "--observe", arguments->observe,
            "Also show the system calls that the sandbox refused");
    addOption(*command, "--junit", arguments->junit, "Also write the results as JUnit XML",
              value::file);
    onChosen(*command, context,
             [arguments, &context] { return TestRun(context, *arguments).run(); });
}

} // namespace skillbox
