#include "engine/sandbox/oci/init/trees.h"

#include "engine/sandbox/launcher/setup_error.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <memory>

namespace skillbox::container {
namespace {

using launcher::require;
using protocol::FrameKind;
using protocol::OtherKind;

/// Each level holds a descriptor or two.
constexpr int maxDepth = 100;
/// A path that the engine can still make under a folder of its own (PATH_MAX).
constexpr size_t maxPath = 3000;

struct FolderCloser {
    void operator()(DIR *folder) const { closedir(folder); }
};
using Folder = std::unique_ptr<DIR, FolderCloser>;

bool isDot(const std::string &name)
{
    return name == "." || name == "..";
}

class SessionCopier
{
public:
    explicit SessionCopier(const protocol::ContainerJob &job)
        : m_stage("copying the session's files into " + std::to_string(job.job.sessionBytes >> 20)
                  + " MiB")
    {
    }
    void copyFolder(const std::string &from, const std::string &to, int depth) const;

private:
    void copyFile(const std::string &from, const std::string &to, mode_t mode) const;
    const std::string m_stage;
};

void SessionCopier::copyFolder(const std::string &from, const std::string &to, int depth) const
{
    if (depth > maxDepth)
        throw launcher::SetupError{m_stage, ELOOP};
    const Folder folder(opendir(from.c_str()));
    if (!folder)
        throw launcher::SetupError{m_stage};
    for (errno = 0; const dirent *entry = readdir(folder.get()); errno = 0) {
        const std::string name = entry->d_name;
        if (isDot(name))
            continue;
        struct stat info = {};
        require(lstat((from + '/' + name).c_str(), &info), m_stage);
        if (S_ISDIR(info.st_mode)) {
            require(mkdir((to + '/' + name).c_str(), 0755), m_stage);
            copyFolder(from + '/' + name, to + '/' + name, depth + 1);
        } else if (S_ISREG(info.st_mode)) {
            copyFile(from + '/' + name, to + '/' + name, info.st_mode & 0111 ? 0755 : 0644);
        }
    }
    if (errno != 0)
        throw launcher::SetupError{m_stage};
}

void SessionCopier::copyFile(const std::string &from, const std::string &to, mode_t mode) const
{
    const int source = static_cast<int>(
        require(open(from.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC), m_stage));
    const int target = static_cast<int>(
        require(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode), m_stage));
    while (require(sendfile(target, source, nullptr, 64 << 20), m_stage) > 0) { }
    close(source);
    close(target);
}

class TreeSender
{
public:
    TreeSender(uint64_t maxEntries, FrameOutput &output) : m_left(maxEntries), m_output(output) { }
    /// Takes over `folder`. False: the tree is cut.
    bool sendFolder(int folder, const std::string &path, int depth);

private:
    bool sendEntry(int folder, const std::string &name, const std::string &path, int depth);
    void sendFile(int folder, const std::string &name, const std::string &path,
                  const struct stat &info);
    void sendContent(int file, uint64_t size);
    void sendOther(OtherKind kind, const std::string &path);

    uint64_t m_left;
    FrameOutput &m_output;
    std::array<char, 262144> m_buffer;
};

/// A mode may forbid even its owner to look; the owner may change that.
int openEntry(int folder, const std::string &name, int flags, mode_t needed)
{
    int file = openat(folder, name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0 && errno == EACCES && fchmodat(folder, name.c_str(), needed, 0) == 0)
        file = openat(folder, name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    return file;
}

bool TreeSender::sendFolder(int folder, const std::string &path, int depth)
{
    const Folder entries(fdopendir(folder));
    if (!entries)
        return true;
    while (const dirent *entry = readdir(entries.get())) {
        const std::string name = entry->d_name;
        if (isDot(name))
            continue;
        const std::string below = path.empty() ? name : path + '/' + name;
        if (m_left == 0 || below.size() > maxPath)
            return false;
        --m_left;
        if (!sendEntry(folder, name, below, depth))
            return false;
    }
    return true;
}

bool TreeSender::sendEntry(int folder, const std::string &name, const std::string &path, int depth)
{
    struct stat info = {};
    if (fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
        return true;
    if (S_ISDIR(info.st_mode)) {
        wire::Writer frame;
        frame.text(path);
        sendAll(m_output, FrameKind::Folder, frame.bytes());
        if (depth >= maxDepth)
            return true; // what is deeper is left out by whoever collects, too
        // Searching a folder needs its x.
        if ((info.st_mode & S_IRWXU) != S_IRWXU)
            fchmodat(folder, name.c_str(), S_IRWXU, 0);
        const int below = openEntry(folder, name, O_RDONLY | O_DIRECTORY, S_IRWXU);
        return below < 0 || sendFolder(below, path, depth + 1);
    }
    if (S_ISREG(info.st_mode) && info.st_nlink == 1)
        sendFile(folder, name, path, info);
    else if (S_ISREG(info.st_mode))
        sendOther(OtherKind::HardLinked, path);
    else if (S_ISLNK(info.st_mode))
        sendOther(OtherKind::Symlink, path);
    else if (S_ISFIFO(info.st_mode))
        sendOther(OtherKind::Pipe, path);
    else if (S_ISSOCK(info.st_mode))
        sendOther(OtherKind::Socket, path);
    else
        sendOther(OtherKind::Device, path);
    return true;
}

void TreeSender::sendOther(OtherKind kind, const std::string &path)
{
    wire::Writer frame;
    frame.u32(static_cast<uint32_t>(kind));
    frame.text(path);
    sendAll(m_output, FrameKind::Other, frame.bytes());
}

void TreeSender::sendFile(int folder, const std::string &name, const std::string &path,
                          const struct stat &info)
{
    const int file = openEntry(folder, name, O_RDONLY, S_IRUSR | S_IWUSR);
    if (file < 0)
        return;
    wire::Writer frame;
    frame.u32(info.st_mode & 0111 ? 1 : 0);
    frame.u64(static_cast<uint64_t>(info.st_size));
    frame.text(path);
    sendAll(m_output, FrameKind::File, frame.bytes());
    sendContent(file, static_cast<uint64_t>(info.st_size));
    close(file);
}

void TreeSender::sendContent(int file, uint64_t size)
{
    // Holes are not sent: a file may be a thousand times as long as its content.
    off_t at = 0;
    while (static_cast<uint64_t>(at) < size) {
        const off_t data = lseek(file, at, SEEK_DATA);
        if (data < 0 && errno == ENXIO)
            return; // only a hole is left
        if (data > at)
            at = data;
        const ssize_t got = pread(file, m_buffer.data(), m_buffer.size(), at);
        if (got <= 0)
            return;
        const std::string_view piece(m_buffer.data(), static_cast<size_t>(got));
        // Not every runtime knows where its holes are.
        if (piece.find_first_not_of('\0') == std::string_view::npos) {
            at += got;
            continue;
        }
        wire::Writer offset;
        offset.u64(static_cast<uint64_t>(at));
        std::string frame = offset.bytes();
        frame += piece;
        sendAll(m_output, FrameKind::Content, frame);
        at += got;
    }
}

} // namespace

void copySession(const protocol::ContainerJob &job)
{
    SessionCopier(job).copyFolder(job.job.sessionSource, "/sandbox/session", 1);
}

void sendTree(protocol::TreeKind kind, const char *path, uint64_t maxEntries, FrameOutput &output)
{
    wire::Writer frame;
    frame.u32(static_cast<uint32_t>(kind));
    sendAll(output, FrameKind::Tree, frame.bytes());
    chmod(path, S_IRWXU); // its owner may have taken what is needed away
    const int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        return;
    auto sender = std::make_unique<TreeSender>(maxEntries, output);
    if (!sender->sendFolder(folder, {}, 1))
        sendAll(output, FrameKind::Cut, {});
}

} // namespace skillbox::container
