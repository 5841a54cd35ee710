#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/install/agent_folder.h"
#include "app/cli/install/skill_installer.h"
#include "app/cli/json_writer.h"
#include "app/cli/text.h"
#include "engine/engine_config.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString describe(const InstallDifference &difference)
{
    if (difference.isMissing)
        return u"it is not there any more"_s;
    QStringList parts;
    const std::pair<QString, const QStringList &> lists[] = {{u"changed"_s, difference.changed},
                                                             {u"added"_s, difference.added},
                                                             {u"removed"_s, difference.removed}};
    for (const auto &[word, files] : lists) {
        if (!files.isEmpty())
            parts += word + u' ' + files.join(u", "_s);
    }
    if (!difference.problem.isEmpty())
        parts += difference.problem;
    return parts.join(u"; "_s);
}

void writeDifference(JsonWriter &json, const InstalledSkill &skill,
                     const InstallDifference &difference)
{
    json.beginObject()
        .member(u"name"_s, skill.name)
        .member(u"version"_s, skill.version)
        .member(u"digest"_s, skill.digest)
        .member(u"source"_s, toText(skill.source))
        .member(u"same"_s, difference.isNone())
        .member(u"missing"_s, difference.isMissing);
    const std::pair<QString, const QStringList &> lists[] = {{u"changed"_s, difference.changed},
                                                             {u"added"_s, difference.added},
                                                             {u"removed"_s, difference.removed}};
    for (const auto &[name, files] : lists) {
        json.key(name).beginArray();
        for (const QString &file : files)
            json.value(file);
        json.endArray();
    }
    json.memberIfAny(u"problem"_s, difference.problem).endObject();
}

ExitCode check(CliContext &context, const AgentFolderOptions &place)
{
    const auto config = context.engineConfig();
    if (!config)
        return context.reportError(config.error());
    const QString folder = agentFolder(context, place);
    const auto lock = InstallLock::read(folder);
    if (!lock)
        return context.reportError(lock.error());
    const QStringList unknown = unknownSkills(folder, *lock);
    bool isSame = true;
    JsonWriter json;
    json.beginObject().member(u"folder"_s, folder).key(u"skills"_s).beginArray();
    Terminal &out = context.out();
    for (const InstalledSkill &skill : lock->skills()) {
        const InstallDifference difference = differenceOf(folder, skill, config->archiveLimits);
        isSame = isSame && difference.isNone();
        writeDifference(json, skill, difference);
        if (context.wantsJson())
            continue;
        out.writeLine(
            out.painted(difference.isNone() ? Paint::Green : Paint::Red,
                        difference.isNone() ? u"✔"_s : u"✘"_s)
            + u' ' + skill.name + u' ' + printableLine(skill.version)
            + (difference.isNone() ? QString() : u": "_s + printableLine(describe(difference))));
    }
    json.endArray().key(u"not_installed_by_skillbox"_s).beginArray();
    for (const QString &name : unknown)
        json.value(name);
    json.endArray().endObject();
    if (context.wantsJson()) {
        context.printJson(json.bytes());
    } else {
        if (lock->skills().isEmpty())
            out.writeLine(u"Nothing is installed in "_s + printableLine(folder));
        if (!unknown.isEmpty())
            context.note(u"not installed by skillbox: "_s + unknown.join(u", "_s));
    }
    return isSame ? ExitCode::Success : ExitCode::Error;
}

} // namespace

void registerSkillCheck(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"check", "Say what was changed in installed skills",
         "Compares each with the lock file and changes nothing. Exit code 1 if anything differs. "
         "What their sources have now: skillbox skill update --dry-run.",
         "skillbox skill check --agent claude\n"
         "skillbox skill check --user -o json"});
    const auto options = std::make_shared<AgentFolderOptions>();
    addAgentFolderOptions(*command, *options);
    onChosen(*command, context, [options, &context] { return check(context, *options); });
}

} // namespace skillbox
