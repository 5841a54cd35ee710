#include "engine/sandbox/launcher/session_copy.h"

#include "engine/sandbox/launcher/setup_error.h"
#include "engine/sandbox/launcher/weaken.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>

namespace skillbox::launcher {
namespace {

/// Each level keeps two descriptors open.
constexpr int maxDepth = 100;
/// Most bytes that one sendfile(2) moves.
constexpr size_t chunk = 64 << 20;

class Descriptor
{
public:
    explicit Descriptor(long number) : m_number(static_cast<int>(number)) { }
    ~Descriptor() { close(m_number); }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    int get() const { return m_number; }

private:
    int m_number;
};

class SessionCopy
{
public:
    explicit SessionCopy(const protocol::Job &job)
        : m_stage("copying the session's files into " + std::to_string(job.sessionBytes >> 20)
                  + " MiB")
    {
    }

    void copyFolder(int from, int to, int depth) const;

private:
    void copyEntry(int from, int to, const char *name, int depth) const;
    void copyFile(int from, int to, const char *name) const;
    Descriptor openBelow(int folder, const char *name, uint64_t flags) const;

    const std::string m_stage; ///< setup_advice.cpp knows its beginning
};

/// The last component may not be a link, and nothing is mounted below a session.
Descriptor SessionCopy::openBelow(int folder, const char *name, uint64_t flags) const
{
    open_how how{};
    how.flags = flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    if (!weakened("session_links"))
        how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS
            | RESOLVE_NO_XDEV;
    return Descriptor(require(syscall(SYS_openat2, folder, name, &how, sizeof how), m_stage));
}

void SessionCopy::copyFile(int from, int to, const char *name) const
{
    struct stat info;
    require(fstat(from, &info), m_stage);
    const bool isProgram = (info.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
    const Descriptor copy(
        require(openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, isProgram ? 0755 : 0644),
                m_stage));
    while (require(sendfile(copy.get(), from, nullptr, chunk), m_stage) > 0) { }
    if (weakened("session_modes"))
        fchmod(copy.get(), info.st_mode & 07777);
}

void SessionCopy::copyEntry(int from, int to, const char *name, int depth) const
{
    struct stat info;
    require(fstatat(from, name, &info, weakened("session_links") ? 0 : AT_SYMLINK_NOFOLLOW),
            m_stage);
    if (S_ISREG(info.st_mode)) {
        copyFile(openBelow(from, name, O_RDONLY).get(), to, name);
    } else if (S_ISDIR(info.st_mode)) {
        require(mkdirat(to, name, 0755), m_stage);
        const Descriptor source = openBelow(from, name, O_RDONLY | O_DIRECTORY);
        const Descriptor copy(
            require(openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), m_stage));
        copyFolder(source.get(), copy.get(), depth + 1);
    }
}

void SessionCopy::copyFolder(int from, int to, int depth) const
{
    if (depth > maxDepth)
        throw SetupError{m_stage, ELOOP};
    // Its own descriptor: closedir(3) closes it. A mount that is not attached can be read like
    // this.
    const int list = static_cast<int>(
        require(openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), m_stage));
    const auto closeFolder = [](DIR *folder) { closedir(folder); };
    const std::unique_ptr<DIR, decltype(closeFolder)> folder(fdopendir(list), closeFolder);
    if (!folder)
        throw SetupError{m_stage};
    for (errno = 0; const dirent *entry = readdir(folder.get()); errno = 0) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..")
            copyEntry(from, to, entry->d_name, depth);
    }
    if (errno != 0)
        throw SetupError{m_stage};
}

} // namespace

void copySession(int source, const protocol::Job &job)
{
    const Descriptor target(require(open("sandbox/session", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                                    "opening the session"));
    SessionCopy(job).copyFolder(source, target.get(), 0);
}

} // namespace skillbox::launcher
