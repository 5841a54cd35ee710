#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/json_writer.h"
#include "app/cli/lint_run.h"
#include "app/cli/table.h"

#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr std::array<Capability, 4> allCapabilities{Capability::Network, Capability::Subprocess,
                                                    Capability::Files, Capability::Environment};

QList<CapabilityUse> usesOf(const LintReport &report, Capability capability)
{
    QList<CapabilityUse> uses;
    for (const CapabilityUse &use : report.uses) {
        if (use.capability == capability)
            uses += use;
    }
    return uses;
}

QString placeOf(const CapabilityUse &use)
{
    return u"%1:%2"_s.arg(use.file).arg(use.range.line);
}

void printTable(CliContext &context, const LintedSkill &skill)
{
    const LintReport &report = skill.report;
    Table table({{u"Capability"_s}, {u"Declared"_s}, {u"In the code"_s, Qt::AlignLeft, true}});
    for (const Capability capability : allCapabilities) {
        const QList<CapabilityUse> uses = usesOf(report, capability);
        const bool isDeclared = report.declared.has(capability);
        QString declared = isDeclared ? u"yes"_s : u"no"_s;
        if (capability == Capability::Environment && !report.declared.variables.isEmpty())
            declared = report.declared.variables.join(u", "_s);
        if (uses.isEmpty()) {
            table.addRow({{QString(capabilityName(capability))},
                          {declared, isDeclared ? Paint::Yellow : Paint::Plain},
                          {u"–"_s, Paint::Dim}});
            continue;
        }
        for (qsizetype i = 0; i < uses.size(); ++i) {
            const bool isCovered = report.declared.covers(uses[i]);
            table.addRow({{i == 0 ? QString(capabilityName(capability)) : QString()},
                          {i == 0 ? declared : QString(), isCovered ? Paint::Green : Paint::Red},
                          {uses[i].what + u" ("_s + placeOf(uses[i]) + u')'}});
        }
    }
    context.out().write(table.render(context.out()));
}

void writeJson(JsonWriter &json, const LintedSkill &skill)
{
    const LintReport &report = skill.report;
    json.beginObject().member(u"path"_s, skill.path).key(u"capabilities"_s).beginObject();
    for (const Capability capability : allCapabilities) {
        json.key(QString(capabilityName(capability)))
            .beginObject()
            .member(u"declared"_s, report.declared.has(capability))
            .key(u"uses"_s)
            .beginArray();
        for (const CapabilityUse &use : usesOf(report, capability)) {
            json.beginObject()
                .member(u"what"_s, use.what)
                .member(u"file"_s, use.file)
                .member(u"line"_s, qint64{use.range.line})
                .member(u"covered"_s, report.declared.covers(use))
                .endObject();
        }
        json.endArray().endObject();
    }
    json.endObject().endObject();
}

ExitCode show(CliContext &context, const QString &path)
{
    const Result<LintedSkill> skill = lintPath(context, path, {});
    if (!skill)
        return context.reportError(skill.error());
    if (context.wantsJson()) {
        JsonWriter json;
        writeJson(json, *skill);
        return context.printJson(json.bytes());
    }
    printTable(context, *skill);
    return ExitCode::Success;
}

} // namespace

void registerSkillCapabilities(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"capabilities", "Show what a skill says it needs beside what its code uses",
         "A skill declares with `skillbox.capabilities: network subprocess files env:NAME` under "
         "metadata. Declaring gives no rights: the sandbox has no network either way.",
         "skillbox skill capabilities my-skill\n"
         "skillbox skill capabilities my-skill-1.0.0.zip -o json"});
    const auto path = std::make_shared<std::string>();
    addArgument(*command, "PATH", *path, "A skill's folder or zip archive",
                value::directoryOrArchive);
    onChosen(*command, context, [path, &context] { return show(context, toText(*path)); });
}

} // namespace skillbox
