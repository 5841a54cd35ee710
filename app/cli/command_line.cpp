#include "app/cli/command_line.h"

#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/help.h"
#include "app/cli/usage_error.h"

#include <CLI/CLI.hpp>

namespace skillbox {
namespace {

void addCommands(CLI::App &root, CliContext &context)
{
    root.formatter(std::make_shared<HelpFormatter>(context.out()));
    root.description("Skillbox runs skills for agents, each run in a sandbox of its own.");
    root.footer(helpFooter("",
                           "skillbox skill new hello        # make a skill\n"
                           "skillbox run ./hello            # run it in the sandbox\n"
                           "skillbox skill push ./hello     # publish it\n"
                           "skillbox run hello              # run what was published\n"
                           "skillbox COMMAND --help         # more about a command"));
    addCommonOptions(root, context, WorksOn::Backend);
    root.set_version_flag("--version", "skillbox " SKILLBOX_VERSION, "Print the version")
        ->group("Common options");
    root.require_subcommand(0, 1);
    onChosen(root, context, [&root, &context] {
        context.out().write(QString::fromStdString(root.help()));
        return ExitCode::Success;
    });

    registerRun(root, context);
    CLI::App *skill = addCommandGroup(root, context,
                                      {"skill", "Make, check, publish and find skills", "",
                                       "skillbox skill new word-counter\n"
                                       "skillbox skill push ./word-counter\n"
                                       "skillbox skill list"},
                                      WorksOn::Backend);
    registerSkillNew(*skill, context);
    registerSkillLint(*skill, context);
    registerSkillScan(*skill, context);
    registerSkillTest(*skill, context);
    registerSkillCapabilities(*skill, context);
    registerSkillAdd(*skill, context);
    registerSkillUpdate(*skill, context);
    registerSkillRemove(*skill, context);
    registerSkillCheck(*skill, context);
    registerSkillPackage(*skill, context);
    registerSkillPull(*skill, context);
    registerSkillPush(*skill, context);
    registerSkillList(*skill, context);
    registerSkillShow(*skill, context);
    registerSkillYank(*skill, context);
    registerSkillDelete(*skill, context);
    registerSkillExport(*skill, context);
    registerSkillSync(*skill, context);
    CLI::App *remote = addCommandGroup(root, context,
                                       {"remote", "Other servers, by a name", "",
                                        "skillbox remote add team https://skills.example.com\n"
                                        "skillbox skill sync --to team"});
    registerRemoteAdd(*remote, context);
    registerRemoteList(*remote, context);
    registerRemoteRemove(*remote, context);
    registerRemoteCheck(*remote, context);
    CLI::App *exec = addCommandGroup(root, context,
                                     {"exec", "Look at runs and stop them", "",
                                      "skillbox exec list\n"
                                      "skillbox exec logs last"},
                                     WorksOn::Backend);
    registerExecList(*exec, context);
    registerExecShow(*exec, context);
    registerExecLogs(*exec, context);
    registerExecDownload(*exec, context);
    registerExecCancel(*exec, context);
    CLI::App *image = addCommandGroup(root, context,
                                      {"image", "Root file systems that skills may run on", "",
                                       "skillbox image import tools.tar --name tools:1\n"
                                       "skillbox image list"});
    registerImageImport(*image, context);
    registerImageList(*image, context);
    registerImageRemove(*image, context);
    CLI::App *key = addCommandGroup(root, context,
                                    {"key", "Keys for the API, and what they may do", "",
                                     "skillbox key create --name ci --role publisher\n"
                                     "skillbox key list"},
                                    WorksOn::Backend);
    registerKeyCreate(*key, context);
    registerKeyList(*key, context);
    registerKeyRevoke(*key, context);
    CLI::App *tenant = addCommandGroup(root, context,
                                       {"tenant", "What tenants may use and what they keep", "",
                                        "skillbox tenant list\n"
                                        "skillbox tenant set acme --runs-per-minute 60"},
                                       WorksOn::Backend);
    registerTenantList(*tenant, context);
    registerTenantShow(*tenant, context);
    registerTenantSet(*tenant, context);
    CLI::App *audit = addCommandGroup(root, context,
                                      {"audit", "Who did what, and proof that it is unchanged", "",
                                       "skillbox audit verify\n"
                                       "skillbox audit export --since 7d"},
                                      WorksOn::Backend);
    registerAuditVerify(*audit, context);
    registerAuditExport(*audit, context);
    CLI::App *admin = addCommandGroup(root, context,
                                      {"admin",
                                       "The whole store: backups, and what nothing refers to", "",
                                       "skillbox admin export backup.tar\n"
                                       "skillbox admin verify backup.tar"});
    registerAdminExport(*admin, context);
    registerAdminImport(*admin, context);
    registerAdminVerify(*admin, context);
    registerAdminSweep(*admin, context);
    registerLogin(root, context);
    registerLogout(root, context);
    registerServe(root, context);
    registerMcp(root, context);
    registerHealth(root, context);
    registerDoctor(root, context);
    registerVersion(root, context);
    registerCompletion(root, context);
    registerHelp(root, context);
}

} // namespace

ExitCode runCommandLine(CliContext &context, int argc, char **argv)
{
    CLI::App root("", "skillbox");
    addCommands(root, context);
    try {
        root.parse(argc, argv);
    } catch (const CLI::CallForHelp &) {
        context.out().write(QString::fromStdString(root.help()));
        return ExitCode::Success;
    } catch (const CLI::CallForVersion &version) {
        context.out().writeLine(QString::fromUtf8(version.what()));
        return ExitCode::Success;
    } catch (const CLI::ParseError &error) {
        return context.reportError(usageError(root, error));
    }
    return context.runAction();
}

} // namespace skillbox
