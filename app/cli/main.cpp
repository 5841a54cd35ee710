#include "app/cli/cli_context.h"
#include "app/cli/command_line.h"
#include "app/cli/interrupt_guard.h"

#include <QCoreApplication>

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <exception>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// A closed standard stream would give its number to the next file that is opened, and what is
/// printed would go into that file.
void openStandardStreams()
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
        if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) < 0)
            ::_exit(static_cast<int>(ExitCode::Error));
    }
}

void dropMessage(QtMsgType type, const QMessageLogContext &, const QString &text)
{
    // What concerns people comes to them as an Error; a fatal message precedes an abort.
    if (type == QtFatalMsg)
        std::fprintf(stderr, "%s\n", qUtf8Printable(text));
}

} // namespace
} // namespace skillbox

int main(int argc, char **argv)
{
    using namespace skillbox;
    openStandardStreams();
    handleBrokenPipes();
    // QCoreApplication applies it: the widths of characters come from the C library and need a
    // UTF-8 table, whatever LANG says.
    qputenv("LC_ALL", "C.UTF-8");
    qInstallMessageHandler(dropMessage);
    int fakeArgc = 1;
    QCoreApplication application(fakeArgc, argv);

    CliContext context(QProcessEnvironment::systemEnvironment(),
                       QCoreApplication::applicationDirPath());
    try {
        return static_cast<int>(runCommandLine(context, argc, argv));
    } catch (const std::exception &error) {
        return static_cast<int>(
            context.reportError({ErrorCode::Internal, u"something went wrong inside skillbox"_s,
                                 QString::fromUtf8(error.what())}));
    }
}
