#include "app/cli/serve.h"

#include "app/cli/command.h"
#include "app/cli/commands.h"

#include <QFile>
#include <QFileInfo>

#include <unistd.h>

#include <cerrno>
#include <cstring>

using namespace Qt::StringLiterals;

namespace skillbox {

QString serverProgram(const QString &programDirectory)
{
    const QString beside = programDirectory + u"/skillbox-server"_s;
    const QString installed = programDirectory + u"/../libexec/skillbox/skillbox-server"_s;
    return !QFileInfo::exists(beside) && QFileInfo::exists(installed) ? installed : beside;
}

ExitCode becomeServer(CliContext &context, const std::vector<std::string> &arguments)
{
    const QByteArray program = QFile::encodeName(serverProgram(context.programDirectory()));
    std::vector<std::string> words{"skillbox-server"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char *> argv;
    for (std::string &word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execv(program.constData(), argv.data());
    return context.reportError(
        {ErrorCode::Io,
         u"cannot start the server \"%1\": %2\n"
         "it comes with Skillbox; was it left out of this installation?"_s.arg(
             QFile::decodeName(program), QString::fromLocal8Bit(std::strerror(errno)))});
}

void registerServe(CLI::App &root, CliContext &context)
{
    CLI::App &command = addPassThroughCommand(
        root, {"serve", "Serve the API over HTTP, for this user or for a team", "", ""});
    onChosen(command, context,
             [&command, &context] { return becomeServer(context, passedThrough(command)); });
}

} // namespace skillbox
