#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/format.h"
#include "app/cli/interrupt_guard.h"
#include "app/cli/json_writer.h"
#include "app/cli/sign_in_target.h"
#include "app/cli/text.h"
#include "engine/base/clock.h"
#include "engine/remote/sign_in.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// What the person has to do now.
void show(CliContext &context, const DeviceLogin &login)
{
    const QString address = printableLine(login.address());
    const QString complete = printableLine(login.addressWithCode());
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject()
            .member(u"verification_uri"_s, login.address())
            .memberIfAny(u"verification_uri_complete"_s, login.addressWithCode())
            .member(u"user_code"_s, login.userCode())
            .member(u"expires_in"_s, qint64(login.lifetime().count()))
            .endObject();
        context.printJson(json.bytes());
        return;
    }
    Terminal &out = context.out();
    out.writeLine(u"Open    "_s + out.painted(Paint::Cyan, address));
    out.writeLine(u"Enter   "_s + out.painted(Paint::Bold, printableLine(login.userCode())));
    if (!complete.isEmpty())
        out.writeLine(u"or open "_s + out.painted(Paint::Cyan, complete));
    context.err().writeLine(
        context.err().painted(Paint::Dim,
                              u"Waiting until you have signed in there, for %1 min at most …"_s.arg(
                                  (login.lifetime().count() + 59) / 60)));
}

ExitCode report(CliContext &context, const SignInRecord &record, const SignInStore &store)
{
    const QString place = record.isInKeychain ? u"keychain"_s : store.file(record.server);
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject()
            .member(u"server"_s, record.server)
            .member(u"issuer"_s, record.issuer)
            .memberIfAny(u"expires_at"_s, toRfc3339(record.tokens.expiresAt))
            .member(u"renewable"_s, !record.tokens.refresh.isEmpty())
            .member(u"kept_in"_s, place)
            .endObject();
        return context.printJson(json.bytes());
    }
    Terminal &out = context.out();
    out.writeLine(out.painted(Paint::Green, u"✔"_s) + u" Signed in to "_s
                  + out.painted(Paint::Bold, record.server) + u" by "_s
                  + printableLine(record.issuer));
    out.writeLine(u"  kept in "_s
                  + (record.isInKeychain ? u"your key ring"_s : place + u", for you alone"_s));
    if (record.tokens.refresh.isEmpty() && record.tokens.expiresAt.isValid()) {
        out.writeLine(u"  until "_s + localTime(record.tokens.expiresAt)
                      + u"; the service gave nothing to renew it with"_s);
    }
    return ExitCode::Success;
}

ExitCode login(CliContext &context, const QString &server)
{
    const Result<ConnectionSettings> target = signInTarget(context, server);
    if (!target)
        return context.reportError(target.error());
    const SignInStore store = context.signIns();
    std::stop_source stop;
    const InterruptGuard guard([&stop] { stop.request_stop(); });
    const Result<SignInRecord> record = signIn(
        *target, store, [&context](const DeviceLogin &begun) { show(context, begun); },
        stop.get_token());
    if (!record)
        return context.reportError(record.error());
    return report(context, *record, store);
}

} // namespace

void registerLogin(CLI::App &root, CliContext &context)
{
    CLI::App *command = addCommand(
        root, context,
        {"login", "Sign in to a server in your browser",
         "Shows an address and a code: open the one in a browser on any device and enter the "
         "other. "
         "Afterwards every command that goes to this server uses the sign-in, unless it is given a "
         "key, and renews it. It is kept in your session's key ring where there is one, else in a "
         "file that only you can read. The server has to be set up for it (SKILLBOX_OIDC_ISSUER, "
         "SKILLBOX_OIDC_CLIENT_ID).",
         "skillbox login https://skillbox.example.com\n"
         "skillbox login team                    # a remote\n"
         "skillbox login team -o json            # a line with the code, one when it is done"},
        WorksOn::Backend);
    const auto server = std::make_shared<std::string>();
    addArgument(*command, "SERVER", *server, "A remote or an address (default: --server)",
                value::remote, Presence::Optional);
    onChosen(*command, context, [server, &context] { return login(context, toText(*server)); });
}

} // namespace skillbox
