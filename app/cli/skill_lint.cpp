#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/findings_view.h"
#include "app/cli/format.h"
#include "app/cli/lint_run.h"
#include "app/cli/script_parser.h"
#include "app/cli/text.h"
#include "engine/skill/checker/baseline.h"
#include "engine/skill/checker/dialect.h"
#include "engine/skill/checker/fixes.h"
#include "engine/skill/checker/sarif.h"
#include "engine/skill/rules.h"

#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct LintArguments {
    std::vector<std::string> paths;
    std::string profile = "skillbox";
    std::string format;
    std::string fix;
    std::string failOn = "error";
    std::string baseline;
    std::string writeBaseline;
    std::string expires;
    std::string explain;
    std::string convert;
    bool noScripts = false;
};

Result<QByteArray> readWhole(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::Io, u"cannot read '%1': %2"_s.arg(path, file.errorString()));
    return file.readAll();
}

Result<void> writeWhole(const QString &path, const QByteArray &bytes)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return fail(ErrorCode::Io, u"cannot write '%1': %2"_s.arg(path, file.errorString()));
    return {};
}

ExitCode explain(CliContext &context, const QString &id)
{
    const RuleInfo *rule = findRule(id);
    if (!rule) {
        QStringList ids;
        for (const RuleInfo &known : allRules())
            ids += QString::fromLatin1(known.id);
        const QString meant = closestMatch(id.toUpper(), ids);
        return context.reportError(
            {ErrorCode::BadRequest,
             u"there is no rule '%1'"_s.arg(id)
                 + (meant.isEmpty() ? QString() : u"\ndid you mean %1?"_s.arg(meant))});
    }
    if (context.wantsJson()) {
        const RuleHelp &help = ruleHelp(rule->rule);
        JsonWriter json;
        json.beginObject()
            .member(u"id"_s, QString::fromLatin1(rule->id))
            .member(u"title"_s, QString::fromUtf8(rule->title))
            .member(u"confidence"_s, QString(confidenceName(rule->confidence)))
            .member(u"why"_s, QString::fromUtf8(help.why))
            .member(u"fix"_s, QString::fromUtf8(help.fix))
            .endObject();
        return context.printJson(json.bytes());
    }
    context.out().write(rulePage(*rule));
    return ExitCode::Success;
}

void writeReport(JsonWriter &json, const LintedSkill &skill)
{
    const LintReport &report = skill.report;
    json.beginObject()
        .member(u"path"_s, skill.path)
        .member(u"valid"_s, !hasErrors(report.findings))
        .key(u"findings"_s);
    writeFindings(json, report.findings);
    json.key(u"suppressed"_s).beginArray();
    for (const SuppressedFinding &suppressed : report.suppressed) {
        json.beginObject()
            .member(u"id"_s, suppressed.finding.id)
            .memberIfAny(u"file"_s, suppressed.finding.file)
            .member(u"line"_s, qint64{suppressed.finding.range.line})
            .member(u"reason"_s, suppressed.reason)
            .endObject();
    }
    json.endArray().member(u"instruction_tokens"_s, qint64{report.instructionTokens});
    json.memberIfAny(u"not_parsed"_s, report.notParsed).endObject();
}

void printText(Terminal &out, const LintedSkill &skill)
{
    const QList<Finding> &findings = skill.report.findings;
    printFindings(out, skill.path, findings);
    QString summary = findingsSummary(findings);
    if (const qint64 suppressed = skill.report.suppressed.size()) {
        summary += (summary.isEmpty() ? QString() : u", "_s) + u"%1 suppressed"_s.arg(suppressed);
    }
    const bool bad = hasErrors(findings);
    out.writeLine(out.painted(bad ? Paint::Red : Paint::Green, bad ? u"✘"_s : u"✔"_s) + u' '
                  + skill.path + u": "_s
                  + (summary.isEmpty() ? u"nothing to complain about"_s : summary));
}

/// One invocation: what it was asked for, and what it has found.
class LintCommand
{
public:
    LintCommand(CliContext &context, const LintArguments &arguments)
        : m_context(context)
        , m_arguments(arguments)
        , m_format(!arguments.format.empty() ? toText(arguments.format)
                       : context.wantsJson() ? u"json"_s
                                             : u"text"_s)
    {
    }

    ExitCode run()
    {
        if (const auto prepared = prepare(); !prepared)
            return m_context.reportError(prepared.error());
        for (size_t i = 0; i < m_arguments.paths.size(); ++i) {
            if (i % skillsAtOnce == 0)
                primeScripts(i);
            const std::string &path = m_arguments.paths[i];
            if (const auto checked = check(toText(path)); !checked)
                m_unreadable = m_context.reportError(checked.error());
        }
        if (!m_arguments.writeBaseline.empty()) {
            if (const auto written = writeWhole(toText(m_arguments.writeBaseline),
                                                m_written.toJson());
                !written) {
                return m_context.reportError(written.error());
            }
        }
        print();
        return m_failed ? ExitCode::Error : m_unreadable;
    }

private:
    Result<void> prepare()
    {
        if (m_arguments.paths.empty()) {
            return fail(ErrorCode::BadRequest,
                        u"name the skill folders or zip archives to check, or --explain a rule"_s);
        }
        m_options.profile = lintProfileFromName(toText(m_arguments.profile))
                                .value_or(LintProfile::Skillbox);
        m_threshold = severityFromName(toText(m_arguments.failOn)).value_or(Severity::Error);
        if (!m_arguments.noScripts && m_options.profile == LintProfile::Skillbox)
            m_options.parseScripts = m_parser.parser();
        if (!m_arguments.expires.empty()) {
            m_expires = QDate::fromString(toText(m_arguments.expires), Qt::ISODate);
            if (!m_expires.isValid())
                return fail(ErrorCode::BadRequest, u"--expires needs a date like 2026-12-31"_s);
        }
        if (!m_arguments.baseline.empty()) {
            const auto text = readWhole(toText(m_arguments.baseline));
            if (!text)
                return fail(text.error());
            auto baseline = Baseline::parse(*text);
            if (!baseline)
                return fail(baseline.error());
            m_baseline = std::move(*baseline);
        }
        return {};
    }

    /// Starting an interpreter takes longer than parsing a script, so that of many skills is done
    /// at once.
    void primeScripts(size_t first)
    {
        if (!m_options.parseScripts || m_arguments.paths.size() < 2 || !m_arguments.fix.empty())
            return;
        QStringList folders;
        for (size_t i = first; i < m_arguments.paths.size() && i < first + skillsAtOnce; ++i) {
            const QString path = toText(m_arguments.paths[i]);
            if (QFileInfo(path).isDir())
                folders += path;
        }
        m_parser.prime(folders);
    }

    Result<void> check(const QString &path)
    {
        const QFileInfo info(path);
        const QString folder = info.isDir() ? path : info.path();
        const bool isFolder = info.isDir()
            || info.fileName().compare(u"SKILL.md", Qt::CaseInsensitive) == 0;
        if (isFolder && !m_arguments.convert.empty()) {
            if (const auto done = convert(folder); !done)
                return fail(done.error());
        }
        if (isFolder && !m_arguments.fix.empty()) {
            const auto level = m_arguments.fix == "unsafe" ? FixSafety::Unsafe : FixSafety::Safe;
            const auto fixes = applyFixes(folder, m_options, level);
            if (!fixes)
                return fail(fixes.error());
            for (const AppliedFix &fix : *fixes) {
                m_context.err().writeLine(u"fixed %1: %2 [%3]"_s.arg(
                    printableLine(folder + u'/' + fix.file), fix.title, fix.rule));
            }
        }
        auto skill = lintPath(m_context, path, m_options);
        if (!skill)
            return fail(skill.error());
        if (!skill->report.notParsed.isEmpty())
            m_context.note(u"the scripts were not parsed: "_s + skill->report.notParsed);
        if (!m_arguments.writeBaseline.empty()) {
            m_written.add(Baseline::of(skill->report.findings, m_expires));
        } else if (m_baseline) {
            Baseline::Split split = m_baseline->split(skill->report.findings, QDate::currentDate());
            skill->report.findings = std::move(split.fresh);
            if (split.covered > 0) {
                m_context.note(u"%1 in the baseline"_s.arg(counted(split.covered, u"finding"_s)));
            }
            if (split.expired > 0) {
                m_context.note(u"%1 of the baseline expired"_s.arg(
                    counted(split.expired, u"entry"_s, u"entries"_s)));
            }
        }
        if (m_arguments.writeBaseline.empty())
            m_failed = m_failed || hasAtLeast(skill->report.findings, m_threshold);
        m_valid = m_valid && !hasErrors(skill->report.findings);
        if (m_format == u"text")
            printText(m_context.out(), *skill);
        m_skills += std::move(*skill);
        return {};
    }

    /// Rewrites SKILL.md in the other dialect.
    Result<void> convert(const QString &folder)
    {
        const QString path = folder + u"/SKILL.md"_s;
        const auto text = readWhole(path);
        if (!text)
            return fail(text.error());
        const auto dialect = m_arguments.convert == "spec" ? Dialect::Specification
                                                           : Dialect::Runtime;
        const auto converted = convertDialect(*text, dialect);
        if (!converted)
            return fail(converted.error());
        if (*converted == *text)
            return {};
        m_context.err().writeLine(u"converted %1"_s.arg(printableLine(path)));
        return writeWhole(path, *converted);
    }

    void print()
    {
        if (m_format == u"sarif") {
            QList<SarifSkill> skills;
            for (const LintedSkill &skill : std::as_const(m_skills))
                skills += {skill.path, skill.report.findings, skill.report.suppressed};
            m_context.printJson(sarifReport(skills, QStringLiteral(SKILLBOX_VERSION)));
        } else if (m_format == u"json") {
            JsonWriter json;
            json.beginObject()
                .member(u"valid"_s, m_valid && m_unreadable == ExitCode::Success)
                .key(u"skills"_s)
                .beginArray();
            for (const LintedSkill &skill : std::as_const(m_skills))
                writeReport(json, skill);
            json.endArray().endObject();
            m_context.printJson(json.bytes());
        }
    }

    static constexpr size_t skillsAtOnce = 100;

    CliContext &m_context;
    const LintArguments &m_arguments;
    const QString m_format;
    SandboxedScriptParser m_parser{m_context};
    LintOptions m_options;
    Severity m_threshold = Severity::Error;
    QDate m_expires;
    std::optional<Baseline> m_baseline;
    Baseline m_written;
    QList<LintedSkill> m_skills;
    bool m_valid = true;
    bool m_failed = false;
    ExitCode m_unreadable = ExitCode::Success;
};

} // namespace

void registerSkillLint(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"lint", "Check skill folders or zip archives",
         "Ends with exit code 1 if there is an error (or a warning, with --fail-on). Scripts are "
         "parsed by their own languages in the sandbox. Changes nothing unless told to.",
         "skillbox skill lint .\n"
         "skillbox skill lint skills/* --fail-on warning\n"
         "skillbox skill lint my-skill --profile agentskills   # what the open specification says\n"
         "skillbox skill lint my-skill --fix                   # also --fix=unsafe; look at the "
         "diff\n"
         "skillbox skill lint my-skill --format sarif > lint.sarif\n"
         "skillbox skill lint --explain SBX-NET001"});
    const auto arguments = std::make_shared<LintArguments>();
    addArguments(*command, "PATH", arguments->paths, "Skill folders or zip archives",
                 value::directoryOrArchive, Presence::Optional);
    addChoice(*command, "-p,--profile", arguments->profile,
              "Whose rules: both dialects, or strictly the Agent Skills specification",
              {"skillbox", "agentskills"});
    addChoice(*command, "--format", arguments->format,
              "How to print findings (default: as --output says)", {"text", "json", "sarif"});
    addFlagOrWord(*command, "--fix", arguments->fix,
                  "Make the fixes that keep the meaning; =unsafe: all of them", {"safe", "unsafe"});
    addChoice(*command, "--convert", arguments->convert,
              "Spell the runtime's fields as the specification wants, or at the top level",
              {"spec", "runtime"});
    addChoice(*command, "--fail-on", arguments->failOn, "What exit code 1 is for (default: error)",
              {"error", "warning", "info"});
    addOption(*command, "--baseline", arguments->baseline,
              "Leave out the findings that this file accepts", value::file);
    addOption(*command, "--write-baseline", arguments->writeBaseline,
              "Write the findings of now into such a file", value::file);
    addOption(*command, "--expires", arguments->expires,
              "With --write-baseline: the last day they are accepted, e.g. 2026-12-31",
              value::text);
    addOption(*command, "--explain", arguments->explain, "Say what a rule is about", value::text);
    addFlag(*command, "--no-scripts", arguments->noScripts,
            "Do not parse the scripts, so that no sandbox is needed");
    onChosen(*command, context, [arguments, &context] {
        if (!arguments->explain.empty())
            return explain(context, toText(arguments->explain));
        return LintCommand(context, *arguments).run();
    });
}

} // namespace skillbox
