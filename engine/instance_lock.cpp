#include "engine/instance_lock.h"

#include <QDir>
#include <QFile>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString pathOf(const QString &instancesDirectory, const InstanceId &id)
{
    return instancesDirectory + u'/' + id.value;
}

QByteArray lockName(const QString &path)
{
    return QFile::encodeName(path) + ".lock";
}

tl::unexpected<Error> unavailable(const QString &what, const QString &path)
{
    return fail(ErrorCode::StorageUnavailable,
                u"%1 \"%2\": %3"_s.arg(what, path, QString::fromLocal8Bit(std::strerror(errno))));
}

bool lockNow(int fd)
{
    int result = 0;
    do {
        result = ::flock(fd, LOCK_EX | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

/// Whether `name` still names the file that is open: somebody may have removed it meanwhile.
bool isSameFile(int fd, const QByteArray &name)
{
    struct stat open {
    };
    struct stat named {
    };
    return ::fstat(fd, &open) == 0 && ::stat(name.constData(), &named) == 0
        && open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

} // namespace

bool InstanceLock::isHeld(const QString &instancesDirectory, const InstanceId &id)
{
    const UniqueFd lock(::open(lockName(pathOf(instancesDirectory, id)).constData(),
                               O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!lock)
        return errno != ENOENT; // what cannot be looked at is taken for alive
    // Shared, and let go at once: only to ask.
    return ::flock(lock.get(), LOCK_SH | LOCK_NB) != 0;
}

InstanceLock::InstanceLock(InstanceId id, QString path, UniqueFd lock)
    : m_id(std::move(id))
    , m_path(std::move(path))
    , m_lock(std::move(lock))
{
}

InstanceLock::~InstanceLock()
{
    if (!m_lock)
        return;
    // The lock file goes last: what it protects must not outlive it.
    QDir(m_path).removeRecursively();
    ::unlink(lockName(m_path).constData());
}

Result<InstanceLock> InstanceLock::acquire(const QString &instancesDirectory)
{
    if (::mkdir(QFile::encodeName(instancesDirectory).constData(), 0700) != 0 && errno != EEXIST)
        return unavailable(u"cannot create the directory"_s, instancesDirectory);
    for (;;) {
        const InstanceId id{newUuid()};
        const QString path = pathOf(instancesDirectory, id);
        const QByteArray name = lockName(path);
        UniqueFd lock(::open(name.constData(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!lock)
            return unavailable(u"cannot create the lock file"_s, path + u".lock"_s);
        // Between open and flock the file looks like a dead instance's and may be cleaned away.
        if (!lockNow(lock.get()) || !isSameFile(lock.get(), name))
            continue;
        if (::mkdir(QFile::encodeName(path).constData(), 0700) != 0) {
            ::unlink(name.constData());
            return unavailable(u"cannot create the directory"_s, path);
        }
        return InstanceLock(id, path, std::move(lock));
    }
}

std::optional<DeadInstance> DeadInstance::claim(const QString &instancesDirectory,
                                                const InstanceId &id)
{
    if (!isUuid(id.value)) // it names a path
        return std::nullopt;
    const QString path = pathOf(instancesDirectory, id);
    const QByteArray name = lockName(path);
    UniqueFd lock(::open(name.constData(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock || !lockNow(lock.get()) || !isSameFile(lock.get(), name))
        return std::nullopt;
    return DeadInstance(InstanceLock(id, path, std::move(lock)));
}

QList<InstanceId> DeadInstance::candidates(const QString &instancesDirectory)
{
    QList<InstanceId> ids;
    const QStringList names = QDir(instancesDirectory)
                                  .entryList({u"*.lock"_s}, QDir::Files | QDir::Hidden);
    for (const QString &name : names) {
        const QString id = name.chopped(5);
        if (isUuid(id))
            ids += InstanceId{id};
    }
    return ids;
}

} // namespace skillbox
