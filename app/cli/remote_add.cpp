#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/json_writer.h"
#include "app/cli/named_remote.h"

#include <QFile>

#include <cstdio>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 longestKey = 4096;

struct AddOptions {
    std::string name;
    std::string address;
    std::string apiKey;
    std::string keyFile;
    std::string tenant;
    std::string caFile;
    bool replace = false;
};

Result<QString> keyOf(const AddOptions &options)
{
    if (options.keyFile.empty())
        return toText(options.apiKey);
    if (!options.apiKey.empty()) {
        return fail(ErrorCode::BadRequest,
                    u"the key is given twice, with --api-key and with --key-file"_s);
    }
    const QString path = toText(options.keyFile);
    QFile file(path);
    const bool open = path == u"-" ? file.open(stdin, QIODevice::ReadOnly)
                                   : file.open(QIODevice::ReadOnly);
    if (!open)
        return fail(ErrorCode::Io, u"cannot read '%1': %2"_s.arg(path, file.errorString()));
    const QByteArray text = file.read(longestKey + 1).trimmed();
    if (text.isEmpty() || text.size() > longestKey || text.contains('\n')) {
        return fail(ErrorCode::BadRequest,
                    u"there is no key in '%1': it has to be one line"_s.arg(path));
    }
    return QString::fromUtf8(text);
}

ExitCode add(CliContext &context, const AddOptions &options)
{
    const Result<QString> key = keyOf(options);
    if (!key)
        return context.reportError(key.error());
    const QString caFile = toText(options.caFile);
    const Remote remote{.name = toText(options.name),
                        .address = toText(options.address),
                        .apiKey = *key,
                        .tenant = toText(options.tenant),
                        .caFile = caFile.isEmpty() ? caFile
                                                   : QFileInfo(caFile).absoluteFilePath()};
    RemoteList list = remoteList(context);
    const Result<void> added = list.add(remote, options.replace ? RemoteList::Existing::Replace
                                                                : RemoteList::Existing::Refuse);
    if (!added) {
        Error error = added.error();
        if (error.code == ErrorCode::Conflict)
            error.message += u"\ngive --replace to set it up anew"_s;
        return context.reportError(error);
    }
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject()
            .member(u"name"_s, remote.name)
            .member(u"address"_s, remote.address)
            .member(u"has_key"_s, !remote.apiKey.isEmpty())
            .endObject();
        return context.printJson(json.bytes());
    }
    Terminal &out = context.out();
    out.writeLine(out.painted(Paint::Green, u"✔"_s) + u' ' + out.painted(Paint::Bold, remote.name)
                  + u" is "_s + remote.address
                  + (remote.apiKey.isEmpty() ? u", without a key"_s : QString()));
    out.writeLine(u"  skillbox remote check "_s + remote.name);
    return ExitCode::Success;
}

} // namespace

void registerRemoteAdd(CLI::App &remote, CliContext &context)
{
    CLI::App *command = addCommand(
        remote, context,
        {"add", "Give a server a name",
         "The address and the name are kept in remotes.json in the configuration folder, the key "
         "in a file of its own that only you can read.",
         "skillbox remote add team https://skills.example.com --key-file -   # asks for the key\n"
         "skillbox remote add lab http://127.0.0.1:8081 --api-key sk-…"});
    const auto options = std::make_shared<AddOptions>();
    addArgument(*command, "NAME", options->name, "What to call it", value::text);
    addArgument(*command, "ADDRESS", options->address, "https://host[/path], unix:/socket",
                value::text);
    addOption(*command, "-k,--api-key", options->apiKey,
              "Its key; others see it in the list of processes", value::text);
    addOption(*command, "--key-file", options->keyFile,
              "Read the key from this file, `-` for standard input", value::file);
    addOption(*command, "-t,--tenant", options->tenant, "The tenant (default: the key's own)",
              value::text);
    addOption(*command, "--ca-file", options->caFile,
              "PEM file of the authorities to trust, for a certificate of your own", value::file);
    addFlag(*command, "--replace", options->replace, "Set up a remote of that name anew");
    onChosen(*command, context, [options, &context] { return add(context, *options); });
}

} // namespace skillbox
