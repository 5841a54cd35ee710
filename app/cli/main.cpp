#include "app/cli/cli_context.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/help.h"
#include "app/cli/interrupt_guard.h"
#include "app/cli/usage_error.h"

#include <QCoreApplication>

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <exception>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// A closed standard stream would give its number to the next file that is opened, and what is
/// printed would go into that file.
void openStandardStreams()
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
        if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) < 0)
            ::_exit(static_cast<int>(ExitCode::Error));
    }
}

void dropMessage(QtMsgType type, const QMessageLogContext &, const QString &text)
{
    // What concerns people comes to them as an Error; a fatal message precedes an abort.
    if (type == QtFatalMsg)
        std::fprintf(stderr, "%s\n", qUtf8Printable(text));
}

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
    CLI::App *audit = addCommandGroup(root, context,
                                      {"audit", "Who did what, and proof that it is unchanged", "",
                                       "skillbox audit verify\n"
                                       "skillbox audit export --since 7d"},
                                      WorksOn::Backend);
    registerAuditVerify(*audit, context);
    registerAuditExport(*audit, context);
    registerServe(root, context);
    registerMcp(root, context);
    registerHealth(root, context);
    registerDoctor(root, context);
    registerVersion(root, context);
    registerCompletion(root, context);
    registerHelp(root, context);
}

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

} // namespace
} // namespace skillbox

int main(int argc, char **argv)
{
    using namespace skillbox;
    openStandardStreams();
    handleBrokenPipes();
    // QCoreApplication applies it: the widths of characters come from the C library and need a
    // UTF-8 table, whatever LANG says.
    qputenv("LC_ALL", "C.UTF-8");
    qInstallMessageHandler(dropMessage);
    int fakeArgc = 1;
    QCoreApplication application(fakeArgc, argv);

    CliContext context(QProcessEnvironment::systemEnvironment(),
                       QCoreApplication::applicationDirPath());
    try {
        return static_cast<int>(runCommandLine(context, argc, argv));
    } catch (const std::exception &error) {
        return static_cast<int>(
            context.reportError({ErrorCode::Internal, u"something went wrong inside skillbox"_s,
                                 QString::fromUtf8(error.what())}));
    }
}
