#include "app/cli/backend/backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/format.h"
#include "app/cli/key_json.h"
#include "app/cli/table.h"
#include "engine/base/clock.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

TableCell stateCell(const KeyRecord &key, const QDateTime &now)
{
    if (key.revokedAt.isValid())
        return {u"revoked"_s, Paint::Red};
    if (key.expiresAt.isValid() && key.expiresAt <= now)
        return {u"expired"_s, Paint::Yellow};
    return {u"active"_s, Paint::Green};
}

void printTable(Terminal &out, const QList<KeyRecord> &keys)
{
    Table table({{u"ID"_s},
                 {u"NAME"_s, Qt::AlignLeft, true},
                 {u"ROLE"_s},
                 {u"STATE"_s},
                 {u"CREATED"_s},
                 {u"LAST USED"_s},
                 {u"EXPIRES"_s}});
    const QDateTime now = nowUtc();
    for (const KeyRecord &key : keys) {
        table.addRow(
            {TableCell(key.id.value.first(qMin<qsizetype>(8, key.id.value.size()))),
             TableCell(key.name, Paint::Bold), TableCell(key.role), stateCell(key, now),
             TableCell(humanAgo(key.createdAt, now)),
             TableCell(key.lastUsedAt.isValid() ? humanAgo(key.lastUsedAt, now) : u"never"_s),
             TableCell(key.expiresAt.isValid() ? localTime(key.expiresAt) : u"never"_s)});
    }
    out.write(table.render(out));
}

ExitCode listKeys(CliContext &context)
{
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    const Result<QList<KeyRecord>> keys = (*backend)->keys();
    if (!keys)
        return context.reportError(keys.error());
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginArray();
        for (const KeyRecord &key : *keys) {
            json.beginObject();
            writeKeyMembers(json, key);
            json.endObject();
        }
        json.endArray();
        return context.printJson(json.bytes());
    }
    if (keys->isEmpty()) {
        context.note(u"there is no key yet; the first: skillbox key create --name first"
                     u" --role admin"_s);
        return ExitCode::Success;
    }
    printTable(context.out(), *keys);
    return ExitCode::Success;
}

} // namespace

void registerKeyList(CLI::App &key, CliContext &context)
{
    CLI::App *command = addCommand(
        key, context,
        {"list", "List keys, newest first",
         "Keys that are revoked or expired are listed, too. The last use "
         "may be minutes old.",
         "skillbox key list\n"
         "skillbox key list --tenant acme -o json"},
        WorksOn::Backend);
    onChosen(*command, context, [&context] { return listKeys(context); });
}

} // namespace skillbox
