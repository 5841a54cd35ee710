#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/json_writer.h"
#include "app/cli/skill_source.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct DeleteOptions {
    std::string name;
    std::string version;
};

ExitCode remove(CliContext &context, const DeleteOptions &options)
{
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    const QString name = toText(options.name);
    const QString version = toText(options.version);
    const Result<void> removed = (*backend)->removeSkill(name, version);
    if (!removed)
        return context.reportError(withSimilarSkills(**backend, removed.error(), name));
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject()
            .member(u"name"_s, name)
            .member(u"version"_s, version)
            .member(u"deleted"_s, true)
            .endObject();
        return context.printJson(json.bytes());
    }
    Terminal &out = context.out();
    out.writeLine(out.painted(Paint::Green, u"✔"_s) + u" Deleted %1 %2"_s.arg(name, version));
    return ExitCode::Success;
}

} // namespace

void registerSkillDelete(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"delete", "Delete a version for good",
         "Records of its runs stay. To take a version out of use and keep it, yank it.",
         "skillbox skill delete word-counter 1.0.0"},
        WorksOn::Backend);
    const auto options = std::make_shared<DeleteOptions>();
    addArgument(*command, "NAME", options->name, "A published skill", value::skill);
    addArgument(*command, "VERSION", options->version, "The exact version", value::version);
    onChosen(*command, context, [options, &context] { return remove(context, *options); });
}

} // namespace skillbox
