#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/json_writer.h"

using namespace Qt::StringLiterals;

namespace skillbox {

void registerVersion(CLI::App &root, CliContext &context)
{
    CLI::App *command = addCommand(root, context,
                                   {"version", "Print the version", "",
                                    "skillbox version\n"
                                    "skillbox version -o json"});
    onChosen(*command, context, [&context] {
        const QString version = QStringLiteral(SKILLBOX_VERSION);
        if (context.wantsJson()) {
            JsonWriter json;
            json.beginObject()
                .member(u"name"_s, u"skillbox"_s)
                .member(u"version"_s, version)
                .member(u"qt"_s, QString::fromLatin1(qVersion()))
                .endObject();
            return context.printJson(json.bytes());
        }
        context.out().writeLine(u"skillbox "_s + version);
        return ExitCode::Success;
    });
}

} // namespace skillbox
