#include "app/cli/mcp.h"

#include "app/cli/backend/connect.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/interrupt_guard.h"
#include "app/cli/mcp_bridge.h"
#include "app/cli/mcp_client.h"
#include "app/cli/serve.h"
#include "engine/remote/http_client.h"

#include <QUrl>

#include <unistd.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

ExitCode bridge(CliContext &context, const McpWishes &wishes)
{
    Result<std::unique_ptr<HttpClient>> http = openConnection(context.serverChoice());
    if (!http)
        return context.reportError(http.error());
    McpBridge carrier(std::move(*http), QByteArray::fromStdString("/mcp" + wishes.query()));
    const InterruptGuard guard([&carrier] {
        carrier.end();
        // run() waits for input that may never come, and other threads are at work still.
        ::_exit(static_cast<int>(ExitCode::Interrupted));
    });
    const Result<void> carried = carrier.run(STDIN_FILENO, STDOUT_FILENO);
    return carried ? ExitCode::Success : context.reportError(carried.error());
}

ExitCode serveAgent(CliContext &context, const McpWishes &wishes)
{
    if (!context.server().isEmpty())
        return bridge(context, wishes);
    std::vector<std::string> arguments = wishes.arguments();
    arguments.insert(arguments.begin(), "mcp");
    if (!context.tenant().isEmpty())
        arguments.insert(arguments.end(), {"--tenant", context.tenant().toStdString()});
    return becomeServer(context, arguments);
}

void addWishes(CLI::App &command, McpWishes &wishes)
{
    addOption(command, "--include", wishes.include,
              "Only skills whose name matches this pattern, such as 'report-*'; may be repeated",
              "GLOB");
    addOption(command, "--exclude", wishes.exclude,
              "Not skills whose name matches; may be repeated", "GLOB");
    addOption(command, "--tag", wishes.tags,
              "Only skills with this tag, in the version that it is on; may be repeated", "TAG");
    addOption(command, "--session", wishes.session,
              "Files of the session of this name stay from call to call", "NAME");
}

struct ConfigWishes : McpWishes {
    std::string client;
    std::string name = "skillbox";
    bool write = false;
    bool http = false;
};

ExitCode configure(CliContext &context, const ConfigWishes &wishes)
{
    const McpClient *client = findMcpClient(toText(wishes.client));
    if (!client)
        return context.reportError({ErrorCode::Internal, u"there is no such client"_s});
    McpEntry entry{.name = toText(wishes.name)};
    const ServerChoice choice = context.serverChoice();
    if (wishes.http) {
        const auto server = parseServerAddress(choice.address);
        if (choice.address.isEmpty() || !server) {
            return context.reportError(
                server
                    ? Error{ErrorCode::BadRequest, u"--http needs a server: --server https://…"_s}
                    : server.error());
        }
        if (!server->unixSocket.isEmpty()) {
            return context.reportError(
                {ErrorCode::BadRequest, u"clients do not reach Unix sockets; leave out --http"_s});
        }
        entry.url = QString::fromLatin1(server->baseUrl) + u"/mcp"_s
            + QString::fromStdString(wishes.query());
    } else {
        entry.command = context.programDirectory() + u"/skillbox"_s;
        entry.arguments.append(u"mcp"_s);
        for (const std::string &argument : wishes.arguments())
            entry.arguments.append(toText(argument));
        // A client does not start us with this shell's variables.
        for (const QString &variable :
             {u"SKILLBOX_DATA_DIR"_s, u"SKILLBOX_CA_FILE"_s, u"SKILLBOX_TENANT_ID"_s}) {
            if (const QString value = context.environment().value(variable); !value.isEmpty())
                entry.environment.insert(variable, value);
        }
        if (!choice.address.isEmpty())
            entry.environment.insert(u"SKILLBOX_SERVER_URL"_s, choice.address);
        if (!choice.tenant.isEmpty())
            entry.environment.insert(u"SKILLBOX_TENANT_ID"_s, choice.tenant);
    }
    entry.key = choice.address.isEmpty() ? QString() : choice.apiKey;
    const Result<McpSnippet> snippet = mcpSnippet(*client, entry, context.environment());
    if (!snippet)
        return context.reportError(snippet.error());

    if (wishes.write) {
        const Result<McpWritten> written = writeMcpSnippet(*client, entry, *snippet);
        if (!written)
            return context.reportError(written.error());
        context.note(*written == McpWritten::Unchanged
                         ? u"%1 says so already"_s.arg(snippet->file)
                         : u"written to %1; restart %2 to see the skills"_s.arg(snippet->file,
                                                                                client->title));
        return ExitCode::Success;
    }
    if (context.wantsJson())
        return context.printJson(snippetJson(*client, *snippet));
    context.out().write(snippet->text);
    context.note(u"this belongs into %1%2"_s.arg(
        snippet->file,
        snippet->canBeWritten ? u"; --write puts it there and keeps what is in it"_s : QString()));
    if (!entry.key.isEmpty())
        context.note(u"it holds your API key: keep the file to yourself"_s);
    return ExitCode::Success;
}

void registerMcpConfig(CLI::App &mcp, CliContext &context)
{
    std::string clients;
    std::vector<std::string> names;
    for (const McpClient &client : mcpClients()) {
        names.push_back(client.name.toStdString());
        clients += (clients.empty() ? "" : ", ") + client.title.toStdString();
    }
    CLI::App *command = addCommand(
        mcp, context,
        {"config", "Show what makes a client use these skills, and where it belongs",
         "Knows " + clients
             + ". Nothing is written without --write, which changes this one entry of the file and "
               "keeps everything else in it.",
         "skillbox mcp config claude-desktop\n"
         "skillbox mcp config cursor --write\n"
         "skillbox mcp config vscode --server https://skills.example.org --http"},
        WorksOn::Backend);
    const auto wishes = std::make_shared<ConfigWishes>();
    addChoice(*command, "client", wishes->client, "Which client", names, Presence::Required);
    addFlag(*command, "--write", wishes->write, "Put it into the client's file");
    addFlag(*command, "--http", wishes->http,
            "Let the client talk to the server itself instead of starting a program");
    addOption(*command, "--name", wishes->name, "What the client calls it", "NAME");
    addWishes(*command, *wishes);
    onChosen(*command, context, [wishes, &context] { return configure(context, *wishes); });
}

} // namespace

std::vector<std::string> McpWishes::arguments() const
{
    std::vector<std::string> all;
    const auto add = [&all](const char *option, const std::vector<std::string> &values) {
        for (const std::string &value : values) {
            all.emplace_back(option);
            all.push_back(value);
        }
    };
    add("--include", include);
    add("--exclude", exclude);
    add("--tag", tags);
    if (!session.empty())
        add("--session", {session});
    return all;
}

std::string McpWishes::query() const
{
    std::string text;
    const auto add = [&text](const char *name, const std::vector<std::string> &values) {
        for (const std::string &value : values) {
            text += (text.empty() ? "?" : "&") + std::string(name) + '='
                + QUrl::toPercentEncoding(toText(value)).toStdString();
        }
    };
    add("include", include);
    add("exclude", exclude);
    add("tag", tags);
    if (!session.empty())
        add("session", {session});
    return text;
}

void registerMcp(CLI::App &root, CliContext &context)
{
    CLI::App *command = addCommandGroup(
        root, context,
        {"mcp", "Serve published skills to an agent, over the Model Context Protocol",
         "Speaks on standard input and output; agents start it. Each skill is a tool, its SKILL.md "
         "a resource and a prompt. With a server it passes on what the server's /mcp says.",
         "skillbox mcp                              # this machine's skills\n"
         "skillbox mcp --include 'report-*'\n"
         "skillbox mcp --server https://skills.example.org\n"
         "skillbox mcp config claude-code           # how a client finds it"},
        WorksOn::Backend);
    const auto wishes = std::make_shared<McpWishes>();
    addWishes(*command, *wishes);
    onChosen(*command, context, [wishes, &context] { return serveAgent(context, *wishes); });
    registerMcpConfig(*command, context);
}

} // namespace skillbox
