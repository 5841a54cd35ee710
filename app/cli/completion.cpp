#include "app/cli/backend/backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/completion_tree.h"
#include "app/cli/serve.h"
#include "engine/engine_config.h"

#include <QDir>
#include <QProcess>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int executionsOffered = 50;
constexpr int longestHelpMs = 5000;

/// None where the server is left out.
QList<CompletionOption> serverOptionsAt(const QString &program)
{
    QProcess server;
    server.start(program, {u"--help"_s});
    if (!server.waitForFinished(longestHelpMs) || server.exitStatus() != QProcess::NormalExit)
        return {};
    return serverCompletionOptions(QString::fromUtf8(server.readAllStandardOutput()));
}

ExitCode printScript(CliContext &context, const CLI::App &root, const std::string &shell)
{
    QList<CompletionNode> nodes = completionNodes(root);
    for (CompletionNode &node : nodes) {
        if (node.path == u"serve")
            node.options = serverOptionsAt(serverProgram(context.programDirectory()));
    }
    context.out().write(shell == "bash"      ? bashCompletion(nodes)
                            : shell == "zsh" ? zshCompletion(nodes)
                                             : fishCompletion(nodes));
    return ExitCode::Success;
}

/// A line per value, for the scripts. Silent about everything: a shell is in the middle of a line.
ExitCode printValues(CliContext &context, const std::string &kind)
{
    const Result<EngineConfig> config = context.engineConfig();
    // Looking must not make a store where there is none.
    if (context.server().isEmpty() && (!config || !QDir(config->dataDirectory).exists()))
        return ExitCode::Success;
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return ExitCode::Success;
    if (kind == "skills") {
        const auto rows = (*backend)->skills({});
        QString last;
        for (const SkillVersionRecord &row : rows ? *rows : QList<SkillVersionRecord>()) {
            if (row.name != last)
                context.out().writeLine(row.name);
            last = row.name;
        }
    } else {
        ExecutionFilter filter;
        filter.limit = executionsOffered;
        const auto rows = (*backend)->executions(filter);
        for (const ExecutionRecord &row : rows ? *rows : QList<ExecutionRecord>())
            context.out().writeLine(row.id.value);
    }
    return ExitCode::Success;
}

} // namespace

void registerCompletion(CLI::App &root, CliContext &context)
{
    CLI::App *command = addCommand(
        root, context,
        {"completion", "Print a completion script for your shell", "",
         "source <(skillbox completion bash)       # this session\n"
         "skillbox completion bash > ~/.local/share/bash-completion/completions/skillbox\n"
         "skillbox completion zsh > \"${fpath[1]}/_skillbox\"\n"
         "skillbox completion fish > ~/.config/fish/completions/skillbox.fish"});
    const auto shell = std::make_shared<std::string>();
    addChoice(*command, "SHELL", *shell, "bash, zsh or fish", {"bash", "zsh", "fish"},
              Presence::Required);
    onChosen(*command, context,
             [shell, &root, &context] { return printScript(context, root, *shell); });

    CLI::App *values = addCommand(root, context,
                                  {"__complete", "Print values for the completion scripts", "",
                                   "skillbox __complete skills"});
    hide(*values); // not for people
    const auto kind = std::make_shared<std::string>();
    addChoice(*values, "KIND", *kind, "What to list", {"skills", "executions"}, Presence::Required);
    onChosen(*values, context, [kind, &context] { return printValues(context, *kind); });
}

} // namespace skillbox
