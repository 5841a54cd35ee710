#include "app/cli/help.h"

#include "app/cli/terminal.h"
#include "app/cli/text.h"

#include <QStringList>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString toQ(const std::string &text)
{
    return QString::fromStdString(text);
}

/// `-o, --output json|table`
QString optionNames(const CLI::Option *option)
{
    QStringList names;
    for (const std::string &name : option->get_snames())
        names.append(u'-' + toQ(name));
    for (const std::string &name : option->get_lnames())
        names.append(u"--"_s + toQ(name));
    QString text = names.join(u", "_s);
    if (option->get_snames().empty())
        text = u"    "_s + text;
    if (option->get_type_size() > 0)
        text += u' ' + toQ(option->get_type_name());
    return text;
}

QString positionalUsage(const CLI::Option *option)
{
    QString name = toQ(option->get_name());
    if (option->get_allow_extra_args())
        name += u"…"_s;
    return option->get_required() ? name : u'[' + name + u']';
}

std::vector<const CLI::Option *> visibleOptions(const CLI::App *command)
{
    return command->get_options([](const CLI::Option *option) {
        return option->nonpositional() && !option->get_group().empty();
    });
}

std::vector<const CLI::Option *> positionals(const CLI::App *command)
{
    return command->get_options([](const CLI::Option *option) {
        return option->get_positional() && !option->get_group().empty();
    });
}

} // namespace

std::string helpFooter(const std::string &details, const std::string &examples)
{
    std::string footer;
    if (!details.empty())
        footer += details + "\n\n";
    return footer + "Examples:\n" + examples;
}

QString commandPath(const CLI::App *command)
{
    QString path = toQ(command->get_name());
    for (const CLI::App *parent = command->get_parent(); parent; parent = parent->get_parent())
        path = toQ(parent->get_name()) + u' ' + path;
    return path;
}

std::vector<const CLI::App *> visibleCommands(const CLI::App *command)
{
    return command->get_subcommands(
        [](const CLI::App *sub) { return !sub->get_group().empty() && !sub->get_name().empty(); });
}

int HelpFormatter::width() const
{
    const int columns = m_terminal.width();
    return columns > 0 ? std::min(100, columns) : 100;
}

QString HelpFormatter::section(const QString &title,
                               const QList<std::pair<QString, QString>> &rows) const
{
    if (rows.isEmpty())
        return {};
    int nameWidth = 0;
    for (const auto &[name, description] : rows)
        nameWidth = std::max(nameWidth, displayWidth(name));
    const int indent = std::min(nameWidth, 28) + 4;
    QString text = u'\n' + m_terminal.painted(Paint::Bold, title + u':') + u'\n';
    for (const auto &[name, description] : rows) {
        QString line = u"  "_s + padded(name, indent - 2);
        // A long name gets a line of its own.
        if (displayWidth(name) > indent - 4)
            line = u"  "_s + name + u'\n' + QString(indent, u' ');
        text += line + wrapped(description, width(), indent) + u'\n';
    }
    return text;
}

std::string HelpFormatter::make_help(const CLI::App *command, std::string, CLI::AppFormatMode) const
{
    const bool isRoot = command->get_parent() == nullptr;
    const auto commands = visibleCommands(command);

    QString text = toQ(command->get_description()) + u"\n\n"_s;
    text += m_terminal.painted(Paint::Bold, u"Usage:"_s) + u' ' + commandPath(command);
    if (!commands.empty())
        text += u" COMMAND"_s;
    text += u" [OPTIONS]"_s;
    for (const CLI::Option *positional : positionals(command))
        text += u' ' + positionalUsage(positional);
    text += u'\n';

    QList<std::pair<QString, QString>> rows;
    for (const CLI::Option *positional : positionals(command))
        rows.append({toQ(positional->get_name()), toQ(positional->get_description())});
    text += section(u"Arguments"_s, rows);

    rows.clear();
    for (const CLI::App *sub : commands) {
        QString name = toQ(sub->get_name());
        // The overview shows what is inside a group at once.
        QStringList inner;
        if (isRoot) {
            for (const CLI::App *grandchild : visibleCommands(sub))
                inner.append(toQ(grandchild->get_name()));
        }
        QString description = toQ(sub->get_description());
        if (!inner.isEmpty())
            description += u": "_s + inner.join(u", "_s);
        rows.append({name, description});
    }
    text += section(u"Commands"_s, rows);

    for (const std::string &group : {std::string("Options"), std::string("Common options")}) {
        rows.clear();
        for (const CLI::Option *option : visibleOptions(command)) {
            if (option->get_group() == group)
                rows.append({optionNames(option), toQ(option->get_description())});
        }
        text += section(toQ(group), rows);
    }

    QString footer = toQ(command->get_footer());
    const qsizetype examples = footer.indexOf(u"Examples:"_s);
    for (const QString &paragraph : footer.first(examples).split(u"\n\n"_s, Qt::SkipEmptyParts))
        text += u'\n' + wrapped(paragraph.simplified(), width(), 0) + u'\n';
    text += u'\n' + m_terminal.painted(Paint::Bold, u"Examples:"_s) + u'\n';
    for (const QString &line : footer.sliced(examples).split(u'\n').sliced(1))
        text += u"  "_s + line + u'\n';
    return text.toStdString();
}

} // namespace skillbox
