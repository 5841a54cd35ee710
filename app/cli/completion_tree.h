#pragma once

#include <QList>
#include <QString>
#include <QStringList>

namespace CLI {
class App;
}

namespace skillbox {

/// What a shell can offer for a value.
struct CompletionValue {
    enum class Kind { Nothing, Words, Skills, SkillsOrDirectories, Executions, Directories, Files };
    Kind kind = Kind::Nothing;
    QStringList words = {};
};

struct CompletionOption {
    QStringList names; ///< `-o`, `--output`
    QString description;
    bool takesValue = false;
    CompletionValue value;
};

/// One command as the shells need it.
struct CompletionNode {
    QString path; ///< `skill push`; empty: the program itself
    QString summary;
    QList<std::pair<QString, QString>> commands; ///< name and summary
    QList<CompletionOption> options;
    QList<CompletionValue> positionals;
    bool repeatsLast = false; ///< the last positional takes any number
};

/// Every visible command, the program itself first, read from the parser: what it accepts is what
/// is offered.
QList<CompletionNode> completionNodes(const CLI::App &root);

/// The options in the help of the server program, which `serve` hands its own to.
QList<CompletionOption> serverCompletionOptions(const QString &help);

QString bashCompletion(const QList<CompletionNode> &nodes);
QString zshCompletion(const QList<CompletionNode> &nodes);
QString fishCompletion(const QList<CompletionNode> &nodes);

} // namespace skillbox
