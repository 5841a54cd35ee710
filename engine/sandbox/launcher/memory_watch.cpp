#include "engine/sandbox/launcher/memory_watch.h"

#include "engine/sandbox/launcher/cgroup_files.h"

#include <dirent.h>
#include <unistd.h>

#include <sstream>
#include <string>
#include <vector>

namespace skillbox::launcher {
namespace {

void appendChildren(const std::string &process, std::vector<pid_t> &all)
{
    // Children hang on the thread that made them (proc(5), /proc/pid/task/tid/children).
    const std::string tasks = process + "/task";
    DIR *folder = opendir(tasks.c_str());
    if (!folder)
        return;
    while (const dirent *entry = readdir(folder)) {
        if (entry->d_name[0] == '.')
            continue;
        std::istringstream children(readCgroupFile(tasks + "/" + entry->d_name + "/children"));
        for (pid_t pid; children >> pid;)
            all.push_back(pid);
    }
    closedir(folder);
}

} // namespace

uint64_t residentMemoryOf(pid_t init)
{
    static const auto pageSize = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    uint64_t pages = 0;
    std::vector<pid_t> all{init};
    for (size_t i = 0; i < all.size() && i < 10'000; ++i) {
        const std::string process = "/proc/" + std::to_string(all[i]);
        // size resident shared …; shared is what comes from files and tmpfs
        std::istringstream statm(readCgroupFile(process + "/statm"));
        uint64_t size = 0, resident = 0, shared = 0;
        if (statm >> size >> resident >> shared && resident > shared)
            pages += resident - shared;
        appendChildren(process, all);
    }
    return pages * pageSize;
}

} // namespace skillbox::launcher
