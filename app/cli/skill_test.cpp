#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/format.h"
#include "app/cli/json_writer.h"
#include "app/cli/junit_report.h"
#include "app/cli/scratch_engine.h"
#include "app/cli/text.h"
#include "engine/skill/manifest.h"
#include "engine/skill/test_case.h"

#include <QBuffer>
#include <QDir>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QSaveFile>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 maxCaseBytes = 16 << 20;
constexpr qint64 maxArtifactBytes = 16 << 20;

struct TestArguments {
    std::vector<std::string> paths;
    std::vector<std::string> only;
    std::string junit;
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
        QStringList cases = folder.entryList({u"*.json"_s}, QDir::Files, QDir::Name);
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
        const auto engine = engineFor(directory);
        if (!engine)
            return fail(engine.error());
        for (const QString &file : std::as_const(cases)) {
            QElapsedTimer timer;
            timer.start();
            CaseResult result{name, file.chopped(5), {}, {}};
            auto problems = runCase(**engine, directory, folder.filePath(file));
            result.problems = problems ? *problems : QStringList{problems.error().message};
            result.duration = std::chrono::milliseconds(timer.elapsed());
            if (!m_context.wantsJson())
                print(result);
            m_results += std::move(result);
        }
        return {};
    }

    /// A store of its own, so that tests are nobody's history; the person's own where a skill needs
    /// an image, which is imported there.
    Result<Engine *> engineFor(const QString &directory)
    {
        QFile manifest(directory + u"/SKILL.md"_s);
        if (manifest.open(QIODevice::ReadOnly)) {
            const ParsedManifest parsed = parseManifest(manifest.read(maxManifestBytes + 1));
            if (parsed.manifest && !parsed.manifest->image.isEmpty())
                return m_context.engine();
        }
        if (!m_scratch) {
            auto scratch = ScratchEngine::create(m_context);
            if (!scratch)
                return fail(scratch.error());
            m_scratch = std::move(*scratch);
        }
        return &m_scratch->engine();
    }

    Result<QStringList> runCase(Engine &engine, const QString &directory, const QString &path)
    {
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly))
            return fail(ErrorCode::Io, u"the test case cannot be read: "_s + file.errorString());
        const auto testCase = parseTestCase(file.read(maxCaseBytes));
        if (!testCase)
            return fail(testCase.error());

        ExecutionRequest request;
        request.tenant = localTenant();
        request.origin = CliContext::origin();
        request.directory = directory;
        request.input = testCase->input;
        for (const auto &[name, content] : testCase->files) {
            QBuffer buffer;
            buffer.setData(content);
            buffer.open(QIODevice::ReadOnly);
            const auto stored = engine.files().create(localTenant(), {name, {}, {}}, buffer,
                                                      request.origin);
            if (!stored)
                return fail(stored.error());
            request.inputFiles += stored->id;
        }
        const auto submitted = engine.executions().submit(request);
        if (!submitted && submitted.error().code == ErrorCode::InvalidInput) {
            // The skill's own schema keeps such input away from it; to a caller that is a failure.
            TestObservation refused;
            refused.status = u"refused"_s;
            refused.error = submitted.error().message;
            return testProblems(*testCase, refused);
        }
        if (!submitted)
            return fail(submitted.error());
        const auto record = engine.executions().wait(localTenant(), *submitted);
        if (!record)
            return fail(record.error());

        TestObservation observed;
        observed.succeeded = record->status == ExecutionStatus::Success;
        observed.status = executionStatusName(record->status);
        observed.error = record->error;
        observed.output = record->output;
        observed.logs = record->logs;
        for (const ArtifactRecord &artifact : record->artifacts)
            observed.files += artifact.path;
        observed.fileContent = [&](const QString &name) {
            for (const ArtifactRecord &artifact : record->artifacts) {
                if (artifact.path != name)
                    continue;
                const auto content = engine.executions().openArtifact(artifact);
                return content ? (*content)->read(maxArtifactBytes) : QByteArray();
            }
            return QByteArray();
        };
        return testProblems(*testCase, observed);
    }

    void print(const CaseResult &result)
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
    }

    void printResults()
    {
        JsonWriter json;
        json.beginObject().key(u"cases"_s).beginArray();
        for (const CaseResult &result : std::as_const(m_results)) {
            json.beginObject()
                .member(u"skill"_s, result.skill)
                .member(u"name"_s, result.name)
                .member(u"passed"_s, result.problems.isEmpty())
                .member(u"duration_ms"_s, qint64{result.duration.count()})
                .key(u"problems"_s)
                .beginArray();
            for (const QString &problem : result.problems)
                json.value(problem);
            json.endArray().endObject();
        }
        json.endArray().endObject();
        m_context.printJson(json.bytes());
    }

    CliContext &m_context;
    const TestArguments &m_arguments;
    std::unique_ptr<ScratchEngine> m_scratch;
    QList<CaseResult> m_results;
};

} // namespace

void registerSkillTest(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"test", "Run the test cases of skill folders in the sandbox",
         "Each tests/NAME.json is one run with what should come of it. Ends with exit code 1 if a "
         "case fails. The runs leave no trace in the store.",
         "skillbox skill test .\n"
         "skillbox skill test skills/* --junit report.xml\n"
         "skillbox skill test my-skill --case empty-text"});
    const auto arguments = std::make_shared<TestArguments>();
    addArguments(*command, "DIR", arguments->paths, "Skill folders", value::directory,
                 Presence::Required);
    addOption(*command, "--case", arguments->only, "Only the case of this name; may be repeated",
              value::text);
    addOption(*command, "--junit", arguments->junit, "Also write the results as JUnit XML",
              value::file);
    onChosen(*command, context,
             [arguments, &context] { return TestRun(context, *arguments).run(); });
}

} // namespace skillbox
