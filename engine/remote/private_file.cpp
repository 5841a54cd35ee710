#include "engine/remote/private_file.h"

#include "engine/base/system_error.h"

#include <QDir>
#include <QFile>
#include <QSaveFile>

#include <fcntl.h>
#include <sys/file.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr auto ownerOnly = QFile::ReadOwner | QFile::WriteOwner;

} // namespace

Result<void> makePrivateFolder(const QString &path)
{
    if (QDir(path).exists())
        return {};
    // Made with the final mode, not given it afterwards. Another process may make it meanwhile.
    if (!QDir().mkpath(QFileInfo(path).absolutePath())
        || (!QDir().mkdir(path, ownerOnly | QFile::ExeOwner) && !QDir(path).exists()))
        return fail(ErrorCode::Io, u"cannot make the folder '%1'"_s.arg(path));
    return {};
}

Result<void> writePrivateFile(const QString &path, const QByteArray &bytes)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || !file.setPermissions(ownerOnly)
        || file.write(bytes) != bytes.size() || !file.commit())
        return fail(ErrorCode::Io, u"cannot write '%1': %2"_s.arg(path, file.errorString()));
    return {};
}

Result<std::optional<QByteArray>> readPrivateFile(const QString &path, qint64 most)
{
    QFile file(path);
    if (!file.exists())
        return std::optional<QByteArray>();
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::Io, u"cannot read '%1': %2"_s.arg(path, file.errorString()));
    const QByteArray bytes = file.read(most + 1);
    if (bytes.size() > most)
        return fail(ErrorCode::TooLarge, u"'%1' has more than %2 bytes"_s.arg(path).arg(most));
    return std::optional(bytes);
}

bool isOpenToOthers(const QString &path)
{
    constexpr auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther
        | QFile::WriteOther;
    return (QFile::permissions(path) & others) != QFile::Permissions();
}

Result<UniqueFd> lockFile(const QString &path)
{
    UniqueFd lock(::open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    while (lock && ::flock(lock.get(), LOCK_EX) != 0) {
        if (errno != EINTR)
            return failedCall(u"cannot lock '%1'"_s.arg(path));
    }
    if (!lock)
        return failedCall(u"cannot make '%1'"_s.arg(path));
    return lock;
}

} // namespace skillbox
