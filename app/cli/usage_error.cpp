#include "app/cli/usage_error.h"

#include "app/cli/command.h"
#include "app/cli/help.h"
#include "app/cli/text.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

const CLI::App &deepestChosen(const CLI::App &root)
{
    const CLI::App *command = &root;
    while (!command->get_subcommands().empty())
        command = command->get_subcommands().back();
    return *command;
}

QString helpHint(const CLI::App &command)
{
    return u"\nsee: %1 --help"_s.arg(commandPath(&command));
}

Error unknownOption(const CLI::App &command, const QString &word)
{
    QStringList names;
    for (const CLI::Option *option : command.get_options()) {
        for (const std::string &name : option->get_lnames())
            names.append(u"--"_s + toText(name));
    }
    const QString name = word.section(u'=', 0, 0);
    QString message = u"%1 has no option %2"_s.arg(commandPath(&command), name);
    const QString similar = name.startsWith(u"--"_s) ? closestMatch(name, names) : QString();
    if (!similar.isEmpty())
        message += u"\ndid you mean %1?"_s.arg(similar);
    return {ErrorCode::BadRequest, message + helpHint(command)};
}

Error extraWords(const CLI::App &root)
{
    const CLI::App &command = deepestChosen(root);
    const std::vector<std::string> extras = root.remaining(true);
    const QString word = extras.empty() ? QString() : toText(extras.front());
    if (word.startsWith(u'-') && word.size() > 1)
        return unknownOption(command, word);
    if (!visibleCommands(&command).empty())
        return unknownCommand(root, command, word);
    return {ErrorCode::BadRequest,
            u"%1 does not know what to do with '%2'; quote values that have spaces"_s.arg(
                commandPath(&command), word)
                + helpHint(command)};
}

/// `push` is not a command, but `skill push` is.
QString commandElsewhere(const CLI::App &parent, const QString &word)
{
    for (const CLI::App *sub : visibleCommands(&parent)) {
        for (const CLI::App *inner : visibleCommands(sub)) {
            if (toText(inner->get_name()) == word)
                return commandPath(inner);
        }
    }
    return {};
}

} // namespace

Error unknownCommand(const CLI::App &root, const CLI::App &parent, const QString &word)
{
    QStringList names;
    for (const CLI::App *sub : visibleCommands(&parent))
        names.append(toText(sub->get_name()));
    QString message = u"there is no command '%1 %2'"_s.arg(commandPath(&parent), word);
    const QString elsewhere = commandElsewhere(root, word);
    const QString similar = closestMatch(word, names);
    if (!elsewhere.isEmpty())
        message += u"\ndid you mean %1?"_s.arg(elsewhere);
    else if (!similar.isEmpty())
        message += u"\ndid you mean %1 %2?"_s.arg(commandPath(&parent), similar);
    else
        message += u"\nthere are: "_s + names.join(u", "_s);
    return {ErrorCode::BadRequest, message};
}

Error usageError(const CLI::App &root, const CLI::ParseError &error)
{
    const QString text = QString::fromUtf8(error.what());
    if (dynamic_cast<const CLI::ExtrasError *>(&error))
        return extraWords(root);

    const CLI::App &command = deepestChosen(root);
    QString message = text;
    if (dynamic_cast<const CLI::RequiredError *>(&error)) {
        // `SKILL is required`
        message = u"%1 needs %2"_s.arg(commandPath(&command),
                                       text.section(u" is required"_s, 0, 0));
    } else if (dynamic_cast<const CLI::ArgumentMismatch *>(&error)) {
        // `--input: 1 required JSON missing`, `--input: expected 1 argument, got 2`
        const QString option = text.section(u": "_s, 0, 0);
        message = text.contains(u"missing"_s) ? u"%1 needs a value"_s.arg(option) : text;
    }
    return {ErrorCode::BadRequest, message + helpHint(command)};
}

} // namespace skillbox
