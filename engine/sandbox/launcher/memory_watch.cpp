#include "engine/sandbox/launcher/memory_watch.h"

#include "engine/sandbox/launcher/cgroup_files.h"

#include <dirent.h>
#include <unistd.h>

#include <cstdlib>
#include <initializer_list>
#include <sstream>
#include <string>
#include <string_view>
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

/// Everything below the init. The init itself is our own code with what it inherited of the
/// launcher; no script can make it grow, so it is not on the run's account.
std::vector<pid_t> descendantsOf(pid_t init)
{
    constexpr size_t most = 10'000;
    std::vector<pid_t> all;
    appendChildren("/proc/" + std::to_string(init), all);
    for (size_t i = 0; i < all.size() && i < most; ++i)
        appendChildren("/proc/" + std::to_string(all[i]), all);
    return all;
}

enum class Times { OwnAndEnded, Ended };

/// Of /proc/pid/stat, in clock ticks: its own time and that of children it has waited for.
uint64_t ticksOf(pid_t pid, Times which)
{
    const std::string stat = readCgroupFile("/proc/" + std::to_string(pid) + "/stat");
    // The name, field 2, may hold anything; behind it come field 3 and so on (proc(5)).
    const size_t name = stat.rfind(')');
    if (name == std::string::npos)
        return 0;
    std::istringstream fields(stat.substr(name + 1));
    constexpr int firstField = 3, ownUser = 14, endedUser = 16, endedSystem = 17;
    const int from = which == Times::Ended ? endedUser : ownUser;
    uint64_t ticks = 0;
    std::string field;
    for (int i = firstField; i <= endedSystem && fields >> field; ++i) {
        if (i >= from)
            ticks += std::strtoull(field.c_str(), nullptr, 10);
    }
    return ticks;
}

/// Sum of the lines of a file like `RssAnon:     123 kB` that have one of these keys, in bytes.
uint64_t sumOfKilobytes(const std::string &path, std::initializer_list<std::string_view> keys)
{
    uint64_t sum = 0;
    std::istringstream lines(readCgroupFile(path));
    for (std::string line; std::getline(lines, line);) {
        for (std::string_view key : keys) {
            if (line.starts_with(key))
                sum += std::strtoull(line.c_str() + key.size(), nullptr, 10);
        }
    }
    return sum * 1024;
}

/// What the process has mapped of its own and of shared memory.
uint64_t mappedMemoryOf(const std::string &process)
{
    return sumOfKilobytes(process + "/status", {"RssAnon:", "RssShmem:"});
}

/// The same, where each page counts for its part among those that share it (proc(5), smaps).
uint64_t proportionalMemoryOf(const std::string &process)
{
    const uint64_t bytes = sumOfKilobytes(process + "/smaps_rollup", {"Pss_Anon:", "Pss_Shmem:"});
    return bytes > 0 ? bytes : mappedMemoryOf(process); // one that made itself not dumpable
}

} // namespace

uint64_t residentMemoryOf(pid_t init, uint64_t limit)
{
    const std::vector<pid_t> all = descendantsOf(init);
    uint64_t bytes = 0;
    for (pid_t pid : all)
        bytes += mappedMemoryOf("/proc/" + std::to_string(pid));
    if (bytes <= limit)
        return bytes;
    bytes = 0;
    for (pid_t pid : all)
        bytes += proportionalMemoryOf("/proc/" + std::to_string(pid));
    return bytes;
}

uint64_t processorTimeOf(pid_t init)
{
    uint64_t ticks = ticksOf(init, Times::Ended);
    for (pid_t pid : descendantsOf(init))
        ticks += ticksOf(pid, Times::OwnAndEnded);
    return ticks * 1'000'000 / static_cast<uint64_t>(sysconf(_SC_CLK_TCK));
}

} // namespace skillbox::launcher
