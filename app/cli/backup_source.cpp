#include "app/cli/backup_source.h"

#include "app/cli/backup_view.h"
#include "app/cli/interrupt_guard.h"
#include "app/cli/progress_line.h"

#include <QFile>

#include <unistd.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Result<void> openBackup(QFile &file, const std::string &path)
{
    if (path == "-") {
        if (::isatty(STDIN_FILENO)) {
            return fail(ErrorCode::BadRequest,
                        u"- reads the backup from standard input, which is the terminal here"_s);
        }
        if (file.open(STDIN_FILENO, QIODevice::ReadOnly | QIODevice::Unbuffered))
            return {};
        return fail(ErrorCode::Io, u"cannot read standard input: %1"_s.arg(file.errorString()));
    }
    const QString name = QString::fromStdString(path);
    file.setFileName(name);
    if (file.open(QIODevice::ReadOnly | QIODevice::Unbuffered))
        return {};
    return fail(file.error() == QFileDevice::OpenError && !QFile::exists(name) ? ErrorCode::NotFound
                                                                               : ErrorCode::Io,
                u"cannot read '%1': %2"_s.arg(name, file.errorString()));
}

} // namespace

Result<BackupSummary>
readBackup(CliContext &context, const std::string &path,
           const std::function<Result<BackupSummary>(QIODevice &, const BackupOptions &)> &read)
{
    QFile file;
    if (auto opened = openBackup(file, path); !opened)
        return fail(opened.error());
    std::stop_source stop;
    const InterruptGuard interrupt([&stop] { stop.request_stop(); });
    ProgressLine line(context.err());
    BackupOptions options{.stop = stop.get_token()};
    showBackupProgress(options, line, u"Reading"_s);
    return read(file, options);
}

} // namespace skillbox
