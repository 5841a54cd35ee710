#include "app/cli/completion_tree.h"

#include "app/cli/command.h"
#include "app/cli/help.h"

#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

CompletionValue valueOf(const CLI::Option *option)
{
    using Value = CompletionValue::Kind;
    const std::string type = option->get_type_name();
    if (type == value::skill)
        return {Value::Skills};
    if (type == value::skillOrDirectory)
        return {Value::SkillsOrDirectories};
    if (type == value::execution)
        return {Value::Executions};
    if (type == value::directory)
        return {Value::Directories};
    if (type == value::file || type == value::directoryOrArchive || type == value::fileOrDirectory)
        return {Value::Files};
    if (type == "URL") // of --server: the one address that can be known
        return {Value::Words, {u"local"_s}};
    const QString words = toText(type);
    if (words.contains(u'|') && words == words.toLower() && !words.contains(u'@'))
        return {Value::Words, words.split(u'|')};
    return {};
}

CompletionOption optionOf(const CLI::Option *option)
{
    CompletionOption result;
    for (const std::string &name : option->get_snames())
        result.names.append(u'-' + toText(name));
    for (const std::string &name : option->get_lnames())
        result.names.append(u"--"_s + toText(name));
    result.description = toText(option->get_description());
    result.takesValue = option->get_type_size() > 0;
    if (result.takesValue)
        result.value = valueOf(option);
    return result;
}

void collect(const CLI::App *command, const QString &path, QList<CompletionNode> &nodes)
{
    CompletionNode node;
    node.path = path;
    node.summary = toText(command->get_description());
    const auto commands = visibleCommands(command);
    for (const CLI::App *sub : commands)
        node.commands.append({toText(sub->get_name()), toText(sub->get_description())});
    for (const CLI::Option *option : command->get_options()) {
        if (option->get_positional()) {
            node.positionals.append(valueOf(option));
            node.repeatsLast = option->get_allow_extra_args();
        } else if (!option->get_group().empty()) {
            node.options.append(optionOf(option));
        }
    }
    nodes.append(node);
    for (const CLI::App *sub : commands) {
        const QString name = toText(sub->get_name());
        collect(sub, path.isEmpty() ? name : path + u' ' + name, nodes);
    }
}

CompletionValue valueOfServerOption(const QString &word)
{
    using Value = CompletionValue::Kind;
    if (word == u"FILE")
        return {Value::Files};
    if (word == u"DIR")
        return {Value::Directories};
    if (word == word.toLower() && word.contains(u'|'))
        return {Value::Words, word.split(u'|')};
    return {};
}

} // namespace

QList<CompletionOption> serverCompletionOptions(const QString &help)
{
    // `  --listen ADDRESS`, and the description on the lines below it, further in.
    static const QRegularExpression name(u"^  (?:(-\\w), )?(--[a-z-]+)(?: (\\S+))?$"_s);
    QList<CompletionOption> options;
    bool inside = false;
    for (const QString &line : help.split(u'\n')) {
        if (const auto match = name.match(line); match.hasMatch()) {
            CompletionOption option;
            if (match.hasCaptured(1))
                option.names.append(match.captured(1));
            option.names.append(match.captured(2));
            option.takesValue = match.hasCaptured(3);
            if (option.takesValue)
                option.value = valueOfServerOption(match.captured(3));
            options.append(option);
            inside = true;
        } else if (inside && line.startsWith(u"      "_s)) {
            QString &description = options.last().description;
            description += (description.isEmpty() ? QString() : u" "_s) + line.trimmed();
        } else {
            inside = false;
        }
    }
    return options;
}

QList<CompletionNode> completionNodes(const CLI::App &root)
{
    QList<CompletionNode> nodes;
    collect(&root, {}, nodes);
    return nodes;
}

} // namespace skillbox
