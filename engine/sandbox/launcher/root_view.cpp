#include "engine/sandbox/launcher/root_view.h"

#include "engine/sandbox/launcher/dev_view.h"
#include "engine/sandbox/launcher/mounts.h"
#include "engine/sandbox/launcher/proc_view.h"
#include "engine/sandbox/launcher/session_copy.h"
#include "engine/sandbox/launcher/setup_error.h"
#include "engine/sandbox/launcher/weaken.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace skillbox::launcher {
namespace {

constexpr uint64_t readOnly = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
constexpr uint64_t writable = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
/// Folders, links and small files of the root itself, besides the input.
constexpr uint64_t rootBytes = 2 << 20;
constexpr uint64_t rootInodes = 1024;

std::string mebibytes(uint64_t bytes)
{
    return std::to_string(bytes >> 20) + " MiB";
}

std::string relative(const std::string &path)
{
    return path.substr(std::min(path.find_first_not_of('/'), path.size()));
}

int openFolder(const char *path)
{
    return static_cast<int>(
        require(::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), std::string("opening /") + path));
}

void makeMountPoint(const std::string &target, int tree)
{
    struct stat info;
    require(fstat(tree, &info), "looking at the source of /" + target);
    if (S_ISDIR(info.st_mode))
        makeFolders(target);
    else
        writeFile(target, nullptr, 0, 0444);
}

} // namespace

RootView RootView::open(const protocol::Job &job)
{
    RootView view;
    for (const protocol::RootEntry &entry : job.root) {
        if (entry.kind == protocol::RootEntry::Bind)
            view.m_trees.push_back(
                cloneTree(entry.source, weakened("read_only") ? writable : readOnly));
    }
    if (!job.sessionSource.empty())
        view.m_session = cloneTree(job.sessionSource, readOnly | MOUNT_ATTR_NOEXEC);
    view.m_devices = openDevices();
    return view;
}

void RootView::makeWritable(const protocol::Job &job)
{
    makeFolders("sandbox/out");
    attach(makeTmpfs({job.outputBytes, job.inodes, "0755"}, writable), "sandbox/out");
    makeFolders("sandbox/out/files");
    makeFolders("tmp");
    attach(makeTmpfs({job.tmpBytes, job.inodes, "01777"}, writable), "tmp");
    if (m_session < 0)
        return;
    makeFolders("sandbox/session");
    if (weakened("session_copy")) {
        attach(m_session, "sandbox/session");
        return;
    }
    // As many files as a session may have, and as many folders.
    attach(makeTmpfs({job.sessionBytes, job.inodes * 2, "0755"}, writable), "sandbox/session");
    copySession(m_session, job);
    close(m_session);
}

std::vector<int> RootView::enter(const protocol::Job &job,
                                 std::vector<protocol::AppliedControl> &controls)
{
    // Nothing mounted here may travel back to the host.
    require(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr),
            "making the mount namespace private");

    const int root = makeTmpfs(
        {rootBytes + job.inputJson.size(), rootInodes + job.root.size(), "0755"}, writable);
    require(move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH), "attaching the new root");
    require(fchdir(root), "entering the new root");

    size_t tree = 0;
    for (const protocol::RootEntry &entry : job.root) {
        const std::string target = relative(entry.target);
        switch (entry.kind) {
        case protocol::RootEntry::Bind:
            makeMountPoint(target, m_trees[tree]);
            attach(m_trees[tree++], target);
            break;
        case protocol::RootEntry::Symlink:
            if (const size_t slash = target.rfind('/'); slash != std::string::npos)
                makeFolders(target.substr(0, slash));
            require(symlink(entry.source.c_str(), target.c_str()), "linking /" + target);
            break;
        case protocol::RootEntry::File:
            writeFile(target, entry.source.data(), entry.source.size(), 0444);
            break;
        case protocol::RootEntry::Directory: makeFolders(target); break;
        }
    }
    makeFolders("sandbox/input");
    writeFile("sandbox/input.json", job.inputJson.data(), job.inputJson.size(), 0444);

    makeWritable(job);

    makeDevices(m_devices, job);
    const std::string proc = makeProcView();
    exposeHost(); // nothing but in a test build

    std::vector<int> results{openFolder("sandbox/out")};
    if (!job.sessionSource.empty())
        results.push_back(openFolder("sandbox/session"));

    // pivot_root(2), notes: with "." twice the old root ends on top of the new one, and is
    // detached.
    require(syscall(SYS_pivot_root, ".", "."), "changing the root");
    if (!weakened("old_root"))
        require(umount2(".", MNT_DETACH), "leaving the host's root");
    require(chdir("/"), "entering the new root");
    if (!weakened("read_only"))
        addAttributes("/", MOUNT_ATTR_RDONLY);
    close(root);
    controls.push_back(
        {"root",
         "read-only view; writable: /tmp " + mebibytes(job.tmpBytes) + ", /sandbox/out "
             + mebibytes(job.outputBytes)
             + (results.size() > 1 ? ", /sandbox/session " + mebibytes(job.sessionBytes)
                                   : std::string())});
    controls.push_back({"proc", proc});
    return results;
}

} // namespace skillbox::launcher
