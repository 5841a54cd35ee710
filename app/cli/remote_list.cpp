#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/json_writer.h"
#include "app/cli/named_remote.h"
#include "app/cli/table.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

ExitCode listRemotes(CliContext &context)
{
    const Result<QList<Remote>> remotes = remoteList(context).load();
    if (!remotes)
        return context.reportError(remotes.error());
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginArray();
        for (const Remote &remote : *remotes) {
            json.beginObject()
                .member(u"name"_s, remote.name)
                .member(u"address"_s, remote.address)
                .memberIfAny(u"tenant"_s, remote.tenant)
                .memberIfAny(u"ca_file"_s, remote.caFile)
                .member(u"has_key"_s, !remote.apiKey.isEmpty())
                .endObject();
        }
        json.endArray();
        return context.printJson(json.bytes());
    }
    if (remotes->isEmpty()) {
        context.note(u"there is no remote yet; the first: skillbox remote add NAME ADDRESS"_s);
        return ExitCode::Success;
    }
    Table table({{u"NAME"_s}, {u"ADDRESS"_s, Qt::AlignLeft, true}, {u"KEY"_s}, {u"TENANT"_s}});
    for (const Remote &remote : *remotes) {
        table.addRow({TableCell(remote.name, Paint::Bold), TableCell(remote.address),
                      TableCell(remote.apiKey.isEmpty() ? u"none"_s : u"kept"_s,
                                remote.apiKey.isEmpty() ? Paint::Yellow : Paint::Green),
                      TableCell(remote.tenant)});
    }
    context.out().write(table.render(context.out()));
    return ExitCode::Success;
}

} // namespace

void registerRemoteList(CLI::App &remote, CliContext &context)
{
    CLI::App *command = addCommand(remote, context,
                                   {"list", "List the servers that have a name here",
                                    "Keys are never shown.",
                                    "skillbox remote list\n"
                                    "skillbox remote list -o json"});
    onChosen(*command, context, [&context] { return listRemotes(context); });
}

} // namespace skillbox
