#pragma once

#include <CLI/CLI.hpp>

#include <QString>

namespace skillbox {

class Terminal;

/// Details and examples in one text, as CLI11 keeps it for a command.
std::string helpFooter(const std::string &details, const std::string &examples);

/// Renders every command's help the same way: what it does, usage, arguments, options, commands,
/// examples; wrapped to the terminal (at most 100 columns).
class HelpFormatter : public CLI::FormatterBase
{
public:
    explicit HelpFormatter(const Terminal &terminal) : m_terminal(terminal) { }
    std::string make_help(const CLI::App *command, std::string name,
                          CLI::AppFormatMode mode) const override;

private:
    QString section(const QString &title, const QList<std::pair<QString, QString>> &rows) const;
    int width() const;
    const Terminal &m_terminal;
};

/// `skillbox skill push`: the command with those it belongs to.
QString commandPath(const CLI::App *command);

/// Named commands that people may see, in the order they were added.
std::vector<const CLI::App *> visibleCommands(const CLI::App *command);

} // namespace skillbox
