#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/named_remote.h"

using namespace Qt::StringLiterals;

namespace skillbox {

void registerRemoteRemove(CLI::App &remote, CliContext &context)
{
    CLI::App *command = addCommand(remote, context,
                                   {"remove", "Forget a server and its key",
                                    "Nothing changes on the server.",
                                    "skillbox remote remove team"});
    const auto name = std::make_shared<std::string>();
    addArgument(*command, "NAME", *name, "Its name", value::remote);
    onChosen(*command, context, [name, &context] {
        RemoteList list = remoteList(context);
        if (const Result<void> removed = list.remove(toText(*name)); !removed)
            return context.reportError(removed.error());
        if (!context.wantsJson()) {
            Terminal &out = context.out();
            out.writeLine(out.painted(Paint::Green, u"✔"_s) + u" Removed "_s + toText(*name));
        }
        return ExitCode::Success;
    });
}

} // namespace skillbox
