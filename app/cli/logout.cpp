#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/json_writer.h"
#include "app/cli/sign_in_target.h"
#include "engine/remote/sign_in.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

ExitCode logout(CliContext &context, const QString &server)
{
    const Result<ConnectionSettings> target = signInTarget(context, server);
    if (!target)
        return context.reportError(target.error());
    const Result<ServerAddress> address = parseServerAddress(target->address);
    if (!address)
        return context.reportError(address.error());
    const Result<SignedOut> done = signOut(address->text, context.signIns());
    if (!done)
        return context.reportError(done.error());
    if (!done->notRevoked.isEmpty()) {
        context.note(u"the sign-in service could not be told: %1\nwhat it gave is removed here and "
                     "stays valid until it expires"_s.arg(done->notRevoked));
    }
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject()
            .member(u"server"_s, address->text)
            .member(u"revoked"_s, done->notRevoked.isEmpty())
            .endObject();
        return context.printJson(json.bytes());
    }
    Terminal &out = context.out();
    out.writeLine(out.painted(Paint::Green, u"✔"_s) + u" Signed out of "_s
                  + out.painted(Paint::Bold, address->text));
    return ExitCode::Success;
}

} // namespace

void registerLogout(CLI::App &root, CliContext &context)
{
    CLI::App *command = addCommand(
        root, context,
        {"logout", "End a sign-in",
         "Tells the sign-in service, where it takes such notice, and removes what was kept.",
         "skillbox logout https://skillbox.example.com\n"
         "skillbox logout team"},
        WorksOn::Backend);
    const auto server = std::make_shared<std::string>();
    addArgument(*command, "SERVER", *server, "A remote or an address (default: --server)",
                value::remote, Presence::Optional);
    onChosen(*command, context, [server, &context] { return logout(context, toText(*server)); });
}

} // namespace skillbox
