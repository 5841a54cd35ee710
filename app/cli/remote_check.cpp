#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/json_writer.h"
#include "app/cli/named_remote.h"
#include "app/cli/text.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

ExitCode check(CliContext &context, const std::vector<std::string> &names)
{
    const RemoteList list = remoteList(context);
    QList<Remote> remotes;
    if (names.empty()) {
        auto all = list.load();
        if (!all)
            return context.reportError(all.error());
        remotes = *all;
    }
    for (const std::string &name : names) {
        const auto remote = list.find(toText(name));
        if (!remote)
            return context.reportError(remote.error());
        remotes.append(*remote);
    }
    ExitCode code = ExitCode::Success;
    JsonWriter json;
    json.beginArray();
    for (const Remote &remote : std::as_const(remotes)) {
        const auto opened = openRemote(context, remote);
        const Result<QString> version = opened ? opened->registry->check()
                                               : Result<QString>(fail(opened.error()));
        json.beginObject()
            .member(u"name"_s, remote.name)
            .member(u"address"_s, remote.address)
            .member(u"ok"_s, version.has_value())
            .memberIfAny(u"version"_s, version ? *version : QString())
            .memberIfAny(u"error"_s, version ? QString() : version.error().message)
            .endObject();
        if (!version)
            code = ExitCode::Error;
        if (context.wantsJson())
            continue;
        if (version) {
            Terminal &out = context.out();
            out.writeLine(out.painted(Paint::Green, u"✔"_s) + u' '
                          + out.painted(Paint::Bold, remote.name) + u" answers at "_s
                          + remote.address + u" and takes the key (Skillbox "_s
                          + printableLine(*version) + u')');
        } else {
            Error error = version.error();
            error.message = remote.name + u": "_s + error.message;
            context.reportError(error);
        }
    }
    json.endArray();
    if (context.wantsJson())
        context.printJson(json.bytes());
    else if (remotes.isEmpty())
        context.note(u"there is no remote yet; the first: skillbox remote add NAME ADDRESS"_s);
    return code;
}

} // namespace

void registerRemoteCheck(CLI::App &remote, CliContext &context)
{
    CLI::App *command = addCommand(remote, context,
                                   {"check",
                                    "Ask the named servers whether they answer and take our key",
                                    "Exit code 1 if one does not.",
                                    "skillbox remote check\n"
                                    "skillbox remote check team"});
    const auto names = std::make_shared<std::vector<std::string>>();
    addArguments(*command, "NAME", *names, "Which; without it all", value::remote,
                 Presence::Optional);
    onChosen(*command, context, [names, &context] { return check(context, *names); });
}

} // namespace skillbox
