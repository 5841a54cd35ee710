#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/skill_json.h"
#include "app/cli/skill_source.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct YankOptions {
    std::string name;
    std::string version;
    std::string reason;
};

ExitCode report(CliContext &context, Backend &backend, const YankOptions &options,
                const Result<SkillVersionRecord> &record, const QString &sentence)
{
    if (!record) {
        return context.reportError(
            withSimilarSkills(backend, record.error(), toText(options.name)));
    }
    if (context.wantsJson())
        return context.printJson(skillJson(*record));
    Terminal &out = context.out();
    out.writeLine(out.painted(Paint::Green, u"✔"_s) + u' '
                  + sentence.arg(record->name + u' ' + record->version));
    return ExitCode::Success;
}

void addVersionArguments(CLI::App &command, YankOptions &options)
{
    addArgument(command, "NAME", options.name, "A published skill", value::skill);
    addArgument(command, "VERSION", options.version, "The exact version", value::version);
}

} // namespace

void registerSkillYank(CLI::App &skill, CliContext &context)
{
    CLI::App *yank = addCommand(
        skill, context,
        {"yank", "Take a version out of use without deleting it",
         "A yanked version is never chosen as the latest and does not run; unyank brings it back.",
         "skillbox skill yank word-counter 1.1.0 --reason 'counts hyphens twice'"},
        WorksOn::Backend);
    const auto options = std::make_shared<YankOptions>();
    addVersionArguments(*yank, *options);
    addOption(*yank, "--reason", options->reason, "Why, for those who ask for it", value::text);
    onChosen(*yank, context, [options, &context] {
        const Result<Backend *> backend = context.backend();
        if (!backend)
            return context.reportError(backend.error());
        return report(context, **backend, *options,
                      (*backend)->yank(toText(options->name), toText(options->version),
                                       toText(options->reason)),
                      u"Yanked %1"_s);
    });

    CLI::App *unyank = addCommand(skill, context,
                                  {"unyank", "Bring a yanked version back", "",
                                   "skillbox skill unyank word-counter 1.1.0"},
                                  WorksOn::Backend);
    const auto unyankOptions = std::make_shared<YankOptions>();
    addVersionArguments(*unyank, *unyankOptions);
    onChosen(*unyank, context, [options = unyankOptions, &context] {
        const Result<Backend *> backend = context.backend();
        if (!backend)
            return context.reportError(backend.error());
        return report(context, **backend, *options,
                      (*backend)->unyank(toText(options->name), toText(options->version)),
                      u"%1 is in use again"_s);
    });
}

} // namespace skillbox
