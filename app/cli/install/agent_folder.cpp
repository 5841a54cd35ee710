#include "app/cli/install/agent_folder.h"

#include <QDir>

#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Where agents look for skills: in a project, and below a person's home.
struct AgentPlaces {
    const char *agent;
    QLatin1StringView project;
    QLatin1StringView user;
};
constexpr std::array places{
    AgentPlaces{"agents", QLatin1StringView(".agents/skills"), QLatin1StringView(".agents/skills")},
    AgentPlaces{"claude", QLatin1StringView(".claude/skills"), QLatin1StringView(".claude/skills")},
    AgentPlaces{"copilot", QLatin1StringView(".github/skills"),
                QLatin1StringView(".copilot/skills")},
    AgentPlaces{"cursor", QLatin1StringView(".cursor/skills"), QLatin1StringView(".cursor/skills")},
    AgentPlaces{"opencode", QLatin1StringView(".opencode/skills"),
                QLatin1StringView(".config/opencode/skills")},
};

} // namespace

void addAgentFolderOptions(CLI::App &command, AgentFolderOptions &options)
{
    std::vector<std::string> agents;
    for (const AgentPlaces &row : places)
        agents.emplace_back(row.agent);
    addChoice(command, "--agent", options.agent,
              "Whose folder: agents is .agents/skills, claude is .claude/skills …", agents);
    addFlag(command, "--user", options.user, "The one in your home folder, for all projects");
    addOption(command, "--dir", options.directory, "Any other folder", value::directory);
}

QString agentFolder(const CliContext &context, const AgentFolderOptions &options)
{
    if (!options.directory.empty())
        return QDir::cleanPath(QDir::current().absoluteFilePath(toText(options.directory)));
    const auto *row = std::find_if(places.begin(), places.end(), [&](const AgentPlaces &known) {
        return options.agent == known.agent;
    });
    const QString home = context.environment().value(u"HOME"_s, QDir::homePath());
    return options.user ? QDir(home).absoluteFilePath(row->user)
                        : QDir::current().absoluteFilePath(row->project);
}

} // namespace skillbox
