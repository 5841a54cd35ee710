#include "app/cli/backend/backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/format.h"
#include "app/cli/key_json.h"
#include "app/cli/moment_argument.h"
#include "engine/base/clock.h"

#include <QFile>

#include <unistd.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype mostSecretBytes = 64 * 1024;
constexpr qsizetype hardToGuess = 24; ///< characters; ours have 48 hex digits

struct CreateOptions {
    std::string name;
    std::string role = "runner";
    std::string expires;
    bool secretFromInput = false;
};

Result<QString> readSecret()
{
    if (::isatty(STDIN_FILENO)) {
        return fail(
            ErrorCode::BadRequest,
            u"--secret-stdin reads the key from standard input, which is the terminal here\n"
            "pipe it in:   skillbox key create --name ci --secret-stdin < key.txt"_s);
    }
    QFile file;
    if (!file.open(STDIN_FILENO, QIODevice::ReadOnly)) {
        return fail(ErrorCode::Io,
                    u"cannot read the key from standard input: %1"_s.arg(file.errorString()));
    }
    QByteArray bytes = file.read(mostSecretBytes);
    if (bytes.endsWith('\n'))
        bytes.chop(bytes.endsWith("\r\n") ? 2 : 1);
    if (bytes.isEmpty())
        return fail(ErrorCode::BadRequest, u"there is no key on standard input"_s);
    return QString::fromUtf8(bytes);
}

Result<KeyRequest> readRequest(const CreateOptions &options)
{
    KeyRequest request;
    request.name = toText(options.name);
    if (request.name.isEmpty())
        return fail(ErrorCode::BadRequest, u"a key needs a name, such as --name ci"_s);
    request.role = roleFromName(toText(options.role)).value_or(Role::Runner);
    if (!options.expires.empty()) {
        const auto expires = parseMoment(u"--expires"_s, toText(options.expires), nowUtc(),
                                         Span::Ahead);
        if (!expires)
            return fail(expires.error());
        request.expiresAt = *expires;
    }
    if (options.secretFromInput) {
        const auto secret = readSecret();
        if (!secret)
            return fail(secret.error());
        request.secret = *secret;
    }
    return request;
}

void printCreated(CliContext &context, const KeyRecord &key, const QString &secret)
{
    Terminal &out = context.out();
    out.writeLine(out.painted(Paint::Green, u"✔"_s)
                  + u" Made the key %1 for the tenant %2: %3, %4"_s.arg(
                      out.painted(Paint::Bold, out.foreign(key.name)), key.tenant.value, key.role,
                      key.expiresAt.isValid() ? u"until "_s + localTime(key.expiresAt)
                                              : u"does not expire"_s));
    out.writeLine(u"  "_s + out.painted(Paint::Dim, key.id.value));
    if (secret.isEmpty())
        return;
    out.writeLine();
    out.writeLine(u"  "_s + secret);
    out.writeLine();
    context.note(u"this is the only time the key is shown; only its hash is kept"_s);
}

ExitCode create(CliContext &context, const CreateOptions &options)
{
    const Result<KeyRequest> request = readRequest(options);
    if (!request)
        return context.reportError(request.error());
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    const Result<NewKey> made = (*backend)->createKey(*request);
    if (!made)
        return context.reportError(made.error());
    if (!request->secret.isEmpty() && made->secret != request->secret) {
        return context.reportError(
            {ErrorCode::Internal,
             u"the server made up a key of its own instead of taking the one given\n"
             "take it back:   skillbox key revoke %1"_s.arg(made->record.id.value)});
    }
    if (!request->secret.isEmpty() && request->secret.size() < hardToGuess)
        context.note(u"a key this short can be guessed"_s);
    // Who brought the key has it; there is no need to show it again.
    const QString secret = request->secret.isEmpty() ? made->secret : QString();
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject().memberIfAny(u"key"_s, secret);
        writeKeyMembers(json, made->record);
        json.endObject();
        return context.printJson(json.bytes());
    }
    printCreated(context, made->record, secret);
    return ExitCode::Success;
}

} // namespace

void registerKeyCreate(CLI::App &key, CliContext &context)
{
    CLI::App *command = addCommand(
        key, context,
        {"create", "Make a key for the API",
         "The key is shown once. A reader sees skills, runs and files; a runner also runs skills; "
         "a publisher also publishes them; an admin also makes keys. An auditor reads everything, "
         "the audit included, and changes nothing. A tenant that is new is made with its first "
         "key.",
         "skillbox key create --name first --role admin\n"
         "skillbox key create --name ci --role publisher --expires 90d\n"
         "skillbox key create --name bot --tenant acme -o json\n"
         "skillbox key create --name old --secret-stdin < key.txt  # a key that clients have "
         "already"},
        WorksOn::Backend);
    const auto options = std::make_shared<CreateOptions>();
    addOption(*command, "--name", options->name, "What the key is for, for people (required)",
              value::text);
    addChoice(*command, "--role", options->role, "What it may do (default: runner)",
              {"reader", "runner", "publisher", "admin", "auditor"});
    addOption(*command, "--expires", options->expires,
              "When it ends: 90d, 12h, 2027-01-31 or an RFC 3339 time (default: never)", "TIME");
    addFlag(*command, "--secret-stdin", options->secretFromInput,
            "Take the key's text from standard input instead of making one up");
    onChosen(*command, context, [options, &context] { return create(context, *options); });
}

} // namespace skillbox
