#include "app/cli/backend/backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/key_json.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype shortestBeginning = 4;

/// The one key whose id is or begins with `text`.
Result<KeyRecord> findKey(const QList<KeyRecord> &keys, const QString &text)
{
    QList<KeyRecord> found;
    for (const KeyRecord &key : keys) {
        if (key.id.value == text)
            return key;
        if (text.size() >= shortestBeginning && key.id.value.startsWith(text))
            found.append(key);
    }
    if (found.size() == 1)
        return found[0];
    if (found.size() > 1) {
        return fail(ErrorCode::BadRequest,
                    u"%1 keys have an id that begins with '%2'; write more of it"_s
                        .arg(found.size())
                        .arg(text));
    }
    const bool isName = std::any_of(keys.begin(), keys.end(),
                                    [&](const KeyRecord &key) { return key.name == text; });
    return fail(ErrorCode::NotFound,
                isName ? u"a key is named by its id, not by its name: skillbox key list"_s
                       : u"there is no key '%1'"_s.arg(text));
}

ExitCode revoke(CliContext &context, const QString &text)
{
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    const Result<QList<KeyRecord>> keys = (*backend)->keys();
    if (!keys)
        return context.reportError(keys.error());
    const Result<KeyRecord> key = findKey(*keys, text);
    if (!key)
        return context.reportError(key.error());
    const Result<KeyRecord> revoked = (*backend)->revokeKey(key->id);
    if (!revoked)
        return context.reportError(revoked.error());
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject();
        writeKeyMembers(json, *revoked);
        json.endObject();
        return context.printJson(json.bytes());
    }
    Terminal &out = context.out();
    const QString name = out.painted(Paint::Bold, out.foreign(revoked->name));
    if (key->revokedAt.isValid())
        out.writeLine(u"The key %1 was revoked already"_s.arg(name));
    else
        out.writeLine(out.painted(Paint::Green, u"✔"_s) + u" Revoked the key "_s + name);
    return ExitCode::Success;
}

} // namespace

void registerKeyRevoke(CLI::App &key, CliContext &context)
{
    CLI::App *command = addCommand(
        key, context,
        {"revoke", "Take a key out of force for good",
         "A server that runs on the same store refuses the key within seconds.",
         "skillbox key revoke 3f2a91c0"},
        WorksOn::Backend);
    const auto id = std::make_shared<std::string>();
    addArgument(*command, "ID", *id, "Which key: its id or a beginning of it", "KEY-ID");
    onChosen(*command, context, [id, &context] { return revoke(context, toText(*id)); });
}

} // namespace skillbox
