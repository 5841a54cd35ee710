#include "engine/local_endpoint.h"

#include "engine/base/clock.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 largestFile = 64 << 10;

tl::unexpected<Error> cannotWrite(const QString &path)
{
    return fail(ErrorCode::StorageUnavailable,
                u"cannot write \"%1\", which lets programs of this user find the server: %2"_s.arg(
                    path, QString::fromLocal8Bit(std::strerror(errno))));
}

bool writeAll(int fd, const QByteArray &bytes)
{
    for (qsizetype at = 0; at < bytes.size();) {
        const ssize_t n = ::write(fd, bytes.constData() + at,
                                  static_cast<size_t>(bytes.size() - at));
        if (n < 0 && errno != EINTR)
            return false;
        at += n > 0 ? n : 0;
    }
    return true;
}

/// An open file that belongs to this user or root and that nobody else may write.
UniqueFd openTrusted(const QString &path, struct stat &info)
{
    UniqueFd file(::open(QFile::encodeName(path).constData(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)
        || (info.st_uid != ::geteuid() && info.st_uid != 0) || (info.st_mode & 0022) != 0
        || info.st_size > largestFile)
        return {};
    return file;
}

/// Whether the server that wrote it still holds its lock.
bool isLive(int fd)
{
    if (::flock(fd, LOCK_SH | LOCK_NB) != 0)
        return errno == EWOULDBLOCK;
    ::flock(fd, LOCK_UN);
    return false;
}

/// Waits until nobody else has it.
UniqueFd lockFolder(const QString &path)
{
    UniqueFd folder(
        ::open(QFile::encodeName(path).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    while (folder && ::flock(folder.get(), LOCK_EX) != 0) {
        if (errno != EINTR)
            return {};
    }
    return folder;
}

/// The first of the names that no server which runs has: `local.json`, `local-<pid>.json`,
/// `local-<pid>-2.json`, …
QString freePath(const QDir &directory, qint64 pid)
{
    QString path = directory.filePath(u"local.json"_s);
    struct stat info {
    };
    for (int others = 0;; ++others) {
        const UniqueFd other = openTrusted(path, info);
        if (!other || !isLive(other.get()))
            return path;
        path = directory.filePath(others == 0 ? u"local-%1.json"_s.arg(pid)
                                              : u"local-%1-%2.json"_s.arg(pid).arg(others + 1));
    }
}

} // namespace

LocalEndpointFile::LocalEndpointFile(QString path, UniqueFd file)
    : m_path(std::move(path))
    , m_file(std::move(file))
{
}

LocalEndpointFile::~LocalEndpointFile()
{
    if (!m_file)
        return;
    // Still locked: nobody takes it for stale and puts another one in its place meanwhile. But
    // somebody may have done so by hand.
    const QByteArray name = QFile::encodeName(m_path);
    struct stat ours {
    };
    struct stat named {
    };
    if (::fstat(m_file.get(), &ours) == 0 && ::lstat(name.constData(), &named) == 0
        && ours.st_dev == named.st_dev && ours.st_ino == named.st_ino)
        ::unlink(name.constData());
}

Result<LocalEndpointFile> LocalEndpointFile::publish(const QString &dataDirectory,
                                                     const LocalEndpoint &endpoint)
{
    const QDir directory(dataDirectory);
    const qint64 pid = ::getpid();
    // Of servers that start at once, one after the other chooses a name and takes it.
    const UniqueFd turn = lockFolder(dataDirectory);
    if (!turn)
        return cannotWrite(dataDirectory);
    const QString path = freePath(directory, pid);

    const QJsonObject object{{u"addresses"_s, QJsonArray::fromStringList(endpoint.addresses)},
                             {u"key"_s, endpoint.key},
                             {u"pid"_s, pid},
                             {u"started_at"_s, toRfc3339(nowUtc())}};
    const QString temporary = directory.filePath(u".local-%1.json.tmp"_s.arg(pid));
    const QByteArray temporaryName = QFile::encodeName(temporary);
    ::unlink(temporaryName.constData()); // of a process that had our pid
    UniqueFd file(::open(temporaryName.constData(),
                         O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file)
        return cannotWrite(temporary);
    // Locked before it has its name: whoever sees it sees a live one.
    const bool done = ::flock(file.get(), LOCK_EX | LOCK_NB) == 0
        && writeAll(file.get(), QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n')
        && ::rename(temporaryName.constData(), QFile::encodeName(path).constData()) == 0;
    if (!done) {
        const tl::unexpected<Error> error = cannotWrite(path);
        ::unlink(temporaryName.constData());
        return error;
    }
    return LocalEndpointFile(path, std::move(file));
}

QList<LocalEndpoint> liveLocalEndpoints(const QString &dataDirectory)
{
    QList<LocalEndpoint> endpoints;
    const QDir directory(dataDirectory);
    QStringList names = directory.entryList({u"local-*.json"_s}, QDir::Files, QDir::Name);
    names.prepend(u"local.json"_s);
    for (const QString &name : std::as_const(names)) {
        struct stat info {
        };
        const UniqueFd fd = openTrusted(directory.filePath(name), info);
        if (!fd || !isLive(fd.get()))
            continue;
        QFile file;
        if (!file.open(fd.get(), QIODevice::ReadOnly))
            continue;
        const QJsonObject object = QJsonDocument::fromJson(file.read(largestFile)).object();
        LocalEndpoint endpoint;
        for (const QJsonValue address : object[u"addresses"].toArray())
            endpoint.addresses.append(address.toString());
        endpoint.key = object[u"key"].toString();
        endpoint.pid = object[u"pid"].toInteger();
        if (!endpoint.addresses.isEmpty() && !endpoint.key.isEmpty())
            endpoints.append(endpoint);
    }
    return endpoints;
}

} // namespace skillbox
