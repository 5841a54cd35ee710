#pragma once

#include <QByteArray>
#include <QFile>
#include <QString>

#include <cerrno>
#include <cstring>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

namespace skillbox::test {

/// Gives this process a mount table of its own, so that a test can mount small and read-only file
/// systems that vanish with it. Call in main() before any thread is started. Returns why it is not
/// possible here, empty if it is.
inline QString enterPrivateMounts()
{
    const uid_t uid = ::getuid();
    const gid_t gid = ::getgid();
    if (::unshare(CLONE_NEWNS) != 0) {
        if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
            return QStringLiteral("no mount namespace: ") + QString::fromLocal8Bit(strerror(errno));
        const auto write = [](const char *path, const QByteArray &text) {
            QFile file{QString::fromLatin1(path)};
            return file.open(QIODevice::WriteOnly | QIODevice::Unbuffered)
                && file.write(text) == text.size();
        };
        // user_namespaces(7): an unprivileged process gives up setgroups before it maps its group.
        // Mapped to itself the process may mount, while programs it starts are ordinary users.
        const auto itself = [](unsigned id) {
            return QByteArray::number(id) + ' ' + QByteArray::number(id) + " 1";
        };
        if (!write("/proc/self/setgroups", "deny") || !write("/proc/self/uid_map", itself(uid))
            || !write("/proc/self/gid_map", itself(gid)))
            return QStringLiteral("no user namespace: ids cannot be mapped");
    }
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        return QStringLiteral("mounts stay shared: ") + QString::fromLocal8Bit(strerror(errno));
    return {};
}

/// A tmpfs of a size at a folder that exists; unmounted at the end.
class SmallFileSystem
{
public:
    SmallFileSystem(const QString &folder, const QByteArray &options)
        : m_folder(QFile::encodeName(folder))
        , m_mounted(::mount("tmpfs", m_folder.constData(), "tmpfs", 0, options.constData()) == 0)
    {
    }
    ~SmallFileSystem()
    {
        if (m_mounted)
            ::umount2(m_folder.constData(), MNT_DETACH);
    }
    SmallFileSystem(const SmallFileSystem &) = delete;
    SmallFileSystem &operator=(const SmallFileSystem &) = delete;

    bool isMounted() const { return m_mounted; }
    bool remount(unsigned long flags, const QByteArray &options = {})
    {
        return ::mount("tmpfs", m_folder.constData(), "tmpfs", MS_REMOUNT | flags,
                       options.constData())
            == 0;
    }

private:
    const QByteArray m_folder;
    const bool m_mounted;
};

} // namespace skillbox::test
