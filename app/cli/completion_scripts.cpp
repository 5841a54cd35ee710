#include "app/cli/completion_tree.h"

#include <QFile>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

using Kind = CompletionValue::Kind;

/// The part of a script that is the same whatever the commands are.
QString scriptOf(const QString &shell)
{
    QFile file(u":/completion/skillbox."_s + shell);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/// In single quotes, as all three shells understand it; `fish` alone takes a backslash in them.
QString quoted(QString text)
{
    return u'\'' + text.replace(u'\'', u"'\\''"_s) + u'\'';
}

/// `skills`, `words table json`: the argument of the scripts' function that offers values.
QString kindText(const CompletionValue &value)
{
    switch (value.kind) {
    case Kind::Words: return u"words "_s + value.words.join(u' ');
    case Kind::Skills: return u"skills"_s;
    case Kind::SkillsOrDirectories: return u"skills-or-directories"_s;
    case Kind::Executions: return u"executions"_s;
    case Kind::Directories: return u"directories"_s;
    case Kind::Files: return u"files"_s;
    case Kind::Nothing: break;
    }
    return u"nothing"_s;
}

/// bash and zsh share this part: `case` clauses over `$where:$word`. (`$path` is the PATH of zsh.)
struct Clauses {
    QString commands;    ///< command:word → the command it leads to
    QString values;      ///< command:option → what it takes
    QString positionals; ///< command:index → what it is
};

Clauses clausesOf(const QList<CompletionNode> &nodes)
{
    Clauses clauses;
    for (const CompletionNode &node : nodes) {
        for (const auto &[name, summary] : node.commands) {
            const QString path = node.path.isEmpty() ? name : node.path + u' ' + name;
            clauses.commands += u"            '%1:%2') where='%3' ;;\n"_s.arg(node.path, name,
                                                                              path);
        }
        for (const CompletionOption &option : node.options) {
            if (!option.takesValue)
                continue;
            QStringList patterns;
            for (const QString &name : option.names)
                patterns.append(u"'%1:%2'"_s.arg(node.path, name));
            clauses.values += u"        %1) kind='%2' ;;\n"_s.arg(patterns.join(u'|'),
                                                                  kindText(option.value));
        }
        for (qsizetype i = 0; i < node.positionals.size(); ++i) {
            const bool repeats = node.repeatsLast && i + 1 == node.positionals.size();
            clauses.positionals += u"        '%1':%2) kind='%3' ;;\n"_s.arg(
                node.path, repeats ? u"*"_s : QString::number(i), kindText(node.positionals[i]));
        }
    }
    return clauses;
}

QString filled(const QString &script, const Clauses &clauses, const QString &words)
{
    QString text = script;
    text.replace(u"@COMMANDS@\n"_s, clauses.commands);
    text.replace(u"@VALUES@\n"_s, clauses.values);
    text.replace(u"@POSITIONALS@\n"_s, clauses.positionals);
    text.replace(u"@WORDS@\n"_s, words);
    return text;
}

} // namespace

QString bashCompletion(const QList<CompletionNode> &nodes)
{
    QString words;
    for (const CompletionNode &node : nodes) {
        QStringList commands;
        for (const auto &[name, summary] : node.commands)
            commands.append(name);
        QStringList options;
        for (const CompletionOption &option : node.options)
            options += option.names;
        words += u"        '%1') commands='%2' options='%3' ;;\n"_s.arg(node.path,
                                                                        commands.join(u' '),
                                                                        options.join(u' '));
    }
    return filled(scriptOf(u"bash"_s), clausesOf(nodes), words);
}

QString zshCompletion(const QList<CompletionNode> &nodes)
{
    // _describe splits name and description at the first colon that is not escaped.
    const auto described = [](QString name, const QString &description) {
        return quoted(name.replace(u':', u"\\:"_s) + u':' + description);
    };
    QString words;
    for (const CompletionNode &node : nodes) {
        QStringList commands;
        for (const auto &[name, summary] : node.commands)
            commands.append(described(name, summary));
        QStringList options;
        for (const CompletionOption &option : node.options) {
            for (const QString &name : option.names)
                options.append(described(name, option.description));
        }
        words += u"        '%1')\n            commands=(%2)\n            options=(%3) ;;\n"_s.arg(
            node.path, commands.join(u' '), options.join(u' '));
    }
    return filled(scriptOf(u"zsh"_s), clausesOf(nodes), words);
}

QString fishCompletion(const QList<CompletionNode> &nodes)
{
    const auto offer = [](const CompletionValue &value) -> QString {
        switch (value.kind) {
        case Kind::Words: return u"-xa "_s + quoted(value.words.join(u' '));
        case Kind::Skills: return u"-xa '(skillbox __complete skills 2>/dev/null)'"_s;
        case Kind::SkillsOrDirectories:
            return u"-xa '(skillbox __complete skills 2>/dev/null; __fish_complete_directories)'"_s;
        case Kind::Executions: return u"-xa 'last (skillbox __complete executions 2>/dev/null)'"_s;
        case Kind::Directories: return u"-xa '(__fish_complete_directories)'"_s;
        case Kind::Files: return u"-rF"_s;
        case Kind::Nothing: break;
        }
        return u"-x"_s;
    };

    Clauses clauses;
    QString lines;
    for (const CompletionNode &node : nodes) {
        for (const auto &[name, summary] : node.commands) {
            const QString path = node.path.isEmpty() ? name : node.path + u' ' + name;
            clauses.commands += u"            case '%1:%2'\n                set where '%3'\n"_s.arg(
                node.path, name, path);
            lines += u"complete -c skillbox -n \"__skillbox_at '%1'\" -a %2 -d %3\n"_s.arg(
                node.path, name, quoted(summary));
        }
        for (const CompletionOption &option : node.options) {
            QString line = u"complete -c skillbox -n \"__skillbox_at '%1'\""_s.arg(node.path);
            for (const QString &name : option.names) {
                line += name.startsWith(u"--"_s) ? u" -l "_s + name.sliced(2)
                                                 : u" -s "_s + name.sliced(1);
            }
            if (option.takesValue) {
                line += u' ' + offer(option.value);
                QStringList patterns;
                for (const QString &name : option.names)
                    patterns.append(u"'%1:%2'"_s.arg(node.path, name));
                clauses.values += u"        case %1\n            return 0\n"_s.arg(
                    patterns.join(u' '));
            }
            lines += line + u" -d "_s + quoted(option.description) + u'\n';
        }
        for (qsizetype i = 0; i < node.positionals.size(); ++i) {
            if (node.positionals[i].kind == Kind::Nothing)
                continue;
            const bool repeats = node.repeatsLast && i + 1 == node.positionals.size();
            lines += u"complete -c skillbox -n \"__skillbox_argument '%1:%2'\" %3\n"_s.arg(
                node.path, repeats ? u"*"_s : QString::number(i),
                node.positionals[i].kind == Kind::Files
                    ? u"-F"_s
                    : offer(node.positionals[i]).replace(u"-xa"_s, u"-a"_s));
        }
    }
    return filled(scriptOf(u"fish"_s), clauses, lines);
}

} // namespace skillbox
