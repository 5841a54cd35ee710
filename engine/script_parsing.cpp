#include "engine/script_parsing.h"

#include "engine/base/ids.h"
#include "engine/base/language.h"
#include "engine/sandbox/sandbox_runtime.h"

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

Result<void> writeFile(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.flush())
        return fail(ErrorCode::Io, u"cannot write %1: %2"_s.arg(path, file.errorString()));
    return {};
}

Result<void> copyScript(const ScriptToParse &script, const QString &to)
{
    if (!QDir().mkpath(QFileInfo(to).path()))
        return fail(ErrorCode::Io, u"cannot make the folder of %1"_s.arg(to));
    if (script.content)
        return writeFile(to, *script.content);
    const QString from = script.directory + u'/' + script.path;
    if (!QFile::copy(from, to))
        return fail(ErrorCode::Io, u"cannot copy the script %1"_s.arg(from));
    return {};
}

qint64 sizeOf(const ScriptToParse &script)
{
    return script.content ? script.content->size()
                          : QFileInfo(script.directory + u'/' + script.path).size();
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
Result<QList<ScriptProblem>> parseLanguage(SandboxRuntime &sandbox, const ParserProgram &program,
                                           const QString &job, const QStringList &scripts,
                                           const ParsingBounds &bounds)
{
    const QString driver = job + u'/' + QLatin1StringView(program.name);
    if (const auto written = writeFile(driver, program.code); !written)
        return fail(written.error());

    SandboxJob run;
    run.id = ExecutionId{newUuid()};
    run.language = program.language;
    run.skillDirectory = job;
    run.entrypoint = QLatin1StringView(program.name);
    run.inputJson = QJsonDocument(QJsonArray::fromStringList(scripts)).toJson();
    run.policy.limits.wallClock = bounds.wallClock;
    ReportSink sink;
    const auto outcome = sandbox.run(run, sink, bounds.cancellation);
    if (!outcome)
        return fail(outcome.error());
    if (outcome->kind == OutcomeKind::Cancelled)
        return fail(ErrorCode::Cancelled, u"the scripts were not parsed: given up"_s);
    if (outcome->kind != OutcomeKind::Exited || outcome->exitCode != 0) {
        return fail(ErrorCode::SandboxUnavailable,
                    u"the parser for %1 did not finish%2"_s.arg(
                        languageName(program.language),
                        outcome->message.isEmpty() ? QString() : u": "_s + outcome->message));
    }
    return problemsIn(sink.report, program.language);
}

} // namespace

Result<QHash<QString, QList<ScriptProblem>>> parseScripts(SandboxRuntime &sandbox,
                                                          const QString &scratch,
                                                          const QList<ScriptToParse> &scripts,
                                                          const ParsingBounds &bounds)
{
    // Readable for the run's own user, unlike the folder it stands in. Each script keeps its name
    // below a number of its own: two skills may have the same one.
    const QString job = scratch + u"/parse-"_s + newUuid();
    const auto removal = qScopeGuard([&job] { QDir(job).removeRecursively(); });
    QHash<QString, QList<ScriptProblem>> found;
    for (const ParserProgram &program : parserPrograms) {
        QHash<QString, const ScriptToParse *> copies;
        for (const ScriptToParse &script : scripts) {
            if (languageOfScript(script.path) != program.language || copies.size() >= mostParsed
                || sizeOf(script) > largestParsed) {
                continue;
            }
            const QString copy = QString::number(copies.size()) + u'/' + script.path;
            if (auto copied = copyScript(script, job + u"/skill/"_s + copy); !copied)
                return fail(copied.error());
            copies.insert(copy, &script);
        }
        if (copies.isEmpty())
            continue;
        const auto problems = parseLanguage(sandbox, program, job, copies.keys(), bounds);
        if (!problems)
            return fail(problems.error());
        for (ScriptProblem problem : *problems) {
            const ScriptToParse *script = copies.value(problem.file);
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
