#include "app/cli/script_parser.h"

#include "app/cli/scratch_engine.h"
#include "engine/base/ids.h"
#include "engine/base/language.h"
#include "engine/skill/archive.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QScopeGuard>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 maxScriptBytes = 1 << 20;
constexpr qsizetype maxScripts = 1000;
constexpr qsizetype maxReportBytes = 1 << 20;

/// Where the copies of the scripts stand inside a run.
constexpr auto scriptRoot = "/sandbox/scripts/skill/"_L1;

struct ParserProgram {
    Language language;
    const char *name;
    const char *code;
};

// They print an object a line: file, line, column, message. Nothing of a skill is run.
constexpr ParserProgram parserPrograms[] = {
    {Language::Python, "check.py",
     "import json\n"
     "for path in json.load(open('/sandbox/input.json')):\n"
     "    try:\n"
     "        with open('/sandbox/scripts/skill/' + path, 'rb') as file:\n"
     "            compile(file.read(), path, 'exec', dont_inherit=True)\n"
     "    except SyntaxError as e:\n"
     "        print(json.dumps({'file': path, 'line': e.lineno or 0, 'column': e.offset or 0,\n"
     "                          'message': e.msg}), flush=True)\n"
     "    except (ValueError, MemoryError, RecursionError) as e:\n"
     "        print(json.dumps({'file': path, 'line': 0, 'column': 0, 'message': str(e)}),\n"
     "              flush=True)\n"},
    {Language::Node, "check.js",
     "const fs = require('fs'), vm = require('vm'), { spawnSync } = require('child_process');\n"
     "const report = (file, line, message) =>\n"
     "  console.log(JSON.stringify({ file, line, column: 0, message }));\n"
     "const asModule = (path, code) => {\n"
     "  fs.writeFileSync('/tmp/check.mjs', code);\n"
     "  const done = spawnSync(process.execPath, ['--check', '/tmp/check.mjs'], { encoding: 'utf8' "
     "});\n"
     "  if (done.status === 0) return;\n"
     "  const line = /check\\.mjs:(\\d+)/.exec(done.stderr), text = /^\\w*Error: "
     ".*$/m.exec(done.stderr);\n"
     "  report(path, line ? Number(line[1]) : 0, text ? text[0] : 'it cannot be parsed');\n"
     "};\n"
     "for (const path of JSON.parse(fs.readFileSync('/sandbox/input.json', 'utf8'))) {\n"
     "  const code = fs.readFileSync('/sandbox/scripts/skill/' + path, 'utf8').replace(/^\\uFEFF/, "
     "'')\n"
     "    .replace(/^#!/, '//');\n"
     "  if (path.endsWith('.mjs')) { asModule(path, code); continue; }\n"
     "  try {\n"
     "    new vm.Script('(function (exports, require, module, __filename, __dirname) {' + code + "
     "'\\n})',\n"
     "                  { filename: 'script' });\n"
     "  } catch (e) {\n"
     "    if (/import|export|await/.test(e.message)) { asModule(path, code); continue; }\n"
     "    const line = /^script:(\\d+)/.exec(e.stack || '');\n"
     "    report(path, line ? Number(line[1]) : 0, e.name + ': ' + e.message);\n"
     "  }\n"
     "}\n"},
    {Language::Bash, "check.sh",
     "shopt -s globstar nullglob dotglob\n"
     "for file in /sandbox/scripts/skill/**/*; do\n"
     "    [[ -f $file ]] && bash -n \"$file\" 2>&1\n"
     "done\n"
     "exit 0\n"},
};

/// Keeps what a parser prints on its standard output, up to a bound.
class ReportSink : public OutputSink
{
public:
    void write(LogStreamKind stream, QByteArrayView bytes) override
    {
        if (stream == LogStreamKind::Stdout && report.size() < maxReportBytes)
            report += bytes;
    }
    QByteArray report;
};

Result<void> copyScript(const QString &from, const QString &to)
{
    if (!QDir().mkpath(QFileInfo(to).path()) || !QFile::copy(from, to))
        return fail(ErrorCode::Io, u"cannot copy the script %1"_s.arg(from));
    return {};
}

/// The lines that a parser printed.
QList<ScriptProblem> problemsIn(const QByteArray &report, Language language)
{
    static const QRegularExpression bashLine(
        u"\\A%1(.+?): line (\\d+): (.*)\\z"_s.arg(QRegularExpression::escape(scriptRoot)));
    QList<ScriptProblem> problems;
    QString lastFile;
    for (const QByteArray &line : report.split('\n')) {
        ScriptProblem problem;
        if (language == Language::Bash) {
            const auto match = bashLine.match(QString::fromUtf8(line));
            if (!match.hasMatch())
                continue;
            problem = {match.captured(1), match.captured(2).toInt(), 0, match.captured(3)};
        } else {
            const QJsonObject object = QJsonDocument::fromJson(line).object();
            if (object.isEmpty())
                continue;
            problem = {object[u"file"].toString(), object[u"line"].toInt(),
                       object[u"column"].toInt(), object[u"message"].toString()};
        }
        // What follows the first problem of a file is mostly the same one again.
        if (problem.file == lastFile)
            continue;
        lastFile = problem.file;
        problem.message = problem.message.left(300);
        problems += problem;
    }
    return problems;
}

/// Parses the copies below `job`/skill of one language in one run.
Result<QList<ScriptProblem>> parseLanguage(ScratchEngine &scratch, const ParserProgram &program,
                                           const QString &job, const QStringList &scripts)
{
    QFile driver(job + u'/' + QLatin1StringView(program.name));
    if (!driver.open(QIODevice::WriteOnly) || driver.write(program.code) < 0)
        return fail(ErrorCode::Io, u"cannot write %1"_s.arg(driver.fileName()));
    driver.close();

    SandboxJob run;
    run.id = ExecutionId{newUuid()};
    run.language = program.language;
    run.skillDirectory = job;
    run.entrypoint = QLatin1StringView(program.name);
    run.inputJson = QJsonDocument(QJsonArray::fromStringList(scripts)).toJson();
    run.policy.limits.wallClock = std::chrono::seconds(60);
    ReportSink sink;
    const auto outcome = scratch.engine().sandbox().run(run, sink, {});
    if (!outcome)
        return fail(outcome.error());
    if (outcome->kind != OutcomeKind::Exited || outcome->exitCode != 0) {
        return fail(ErrorCode::SandboxUnavailable,
                    u"the parser for %1 did not finish%2"_s.arg(
                        languageName(program.language),
                        outcome->message.isEmpty() ? QString() : u": "_s + outcome->message));
    }
    return problemsIn(sink.report, program.language);
}

} // namespace

SandboxedScriptParser::SandboxedScriptParser(CliContext &context) : m_context(context) { }

SandboxedScriptParser::~SandboxedScriptParser() = default;

void SandboxedScriptParser::prime(const QStringList &directories)
{
    m_primed.clear();
    QList<Script> scripts;
    for (const QString &directory : directories) {
        const auto content = describeDirectory(directory);
        if (!content)
            continue;
        for (const QString &path : scriptsToParse(content->paths()))
            scripts += {directory, path};
    }
    if (scripts.isEmpty() || scripts.size() > maxScripts)
        return;
    if (auto problems = parseAll(scripts)) {
        for (const QString &directory : directories)
            m_primed.insert(directory, problems->value(directory));
    }
}

ScriptParser SandboxedScriptParser::parser()
{
    return [this](const QString &directory, const QStringList &scripts) {
        return parse(directory, scripts);
    };
}

Result<QList<ScriptProblem>> SandboxedScriptParser::parse(const QString &directory,
                                                          const QStringList &scripts)
{
    if (const auto known = m_primed.constFind(directory); known != m_primed.cend())
        return *known;
    QList<Script> list;
    for (const QString &script : scripts)
        list += {directory, script};
    return parseAll(list).map([&directory](const QHash<QString, QList<ScriptProblem>> &problems) {
        return problems.value(directory);
    });
}

Result<QHash<QString, QList<ScriptProblem>>>
SandboxedScriptParser::parseAll(const QList<Script> &scripts)
{
    if (!m_scratch) {
        auto made = ScratchEngine::create(m_context);
        if (!made)
            return fail(made.error());
        m_scratch = std::move(*made);
    }
    // Readable for the run's own user, unlike the folder it stands in. Each script keeps its name
    // below a number of its own: two skills may have the same one.
    const QString job = m_scratch->folder() + u"/parse-"_s + newUuid();
    const auto removal = qScopeGuard([&job] { QDir(job).removeRecursively(); });
    QHash<QString, QList<ScriptProblem>> found;
    for (const ParserProgram &program : parserPrograms) {
        QHash<QString, const Script *> copies;
        for (const Script &script : scripts) {
            const QString source = script.directory + u'/' + script.path;
            if (languageOfScript(script.path) != program.language || copies.size() >= maxScripts
                || QFileInfo(source).size() > maxScriptBytes) {
                continue;
            }
            const QString copy = QString::number(copies.size()) + u'/' + script.path;
            if (auto copied = copyScript(source, job + u"/skill/"_s + copy); !copied)
                return fail(copied.error());
            copies.insert(copy, &script);
        }
        if (copies.isEmpty())
            continue;
        const auto problems = parseLanguage(*m_scratch, program, job, copies.keys());
        if (!problems)
            return fail(problems.error());
        for (ScriptProblem problem : *problems) {
            const Script *script = copies.value(problem.file);
            if (!script)
                continue;
            problem.file = script->path;
            found[script->directory] += problem;
        }
        QDir(job + u"/skill"_s).removeRecursively();
    }
    return found;
}

} // namespace skillbox
