#include "engine/sandbox/launcher/cgroup_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <sstream>
#include <vector>

namespace skillbox::launcher {
namespace {

constexpr char groupPrefix[] = "skillbox.";

std::vector<std::string> words(const std::string &text, char separator)
{
    std::vector<std::string> result;
    std::istringstream stream(text);
    for (std::string word; std::getline(stream, word, separator);)
        result.push_back(word);
    return result;
}

/// Field 22 of /proc/PID/stat: when it started, in clock ticks since boot. Empty: no such process.
std::string startTime(const std::string &pid)
{
    const std::string stat = readCgroupFile("/proc/" + pid + "/stat");
    const size_t afterName = stat.rfind(')'); // the name may hold anything, also spaces
    if (afterName == std::string::npos)
        return {};
    const std::vector<std::string> fields = words(stat.substr(afterName + 2), ' ');
    return fields.size() > 19 ? fields[19] : std::string();
}

std::vector<std::string> subfolders(const std::string &path)
{
    std::vector<std::string> names;
    DIR *folder = opendir(path.c_str());
    if (!folder)
        return names;
    while (const dirent *entry = readdir(folder)) {
        const std::string name = entry->d_name;
        if (entry->d_type == DT_DIR && name != "." && name != "..")
            names.push_back(name);
    }
    closedir(folder);
    return names;
}

} // namespace

bool writeCgroupFile(const std::string &path, const std::string &text)
{
    const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    const ssize_t written = write(file, text.data(), text.size());
    const int error = errno;
    close(file);
    errno = error;
    return written == static_cast<ssize_t>(text.size());
}

std::string readCgroupFile(const std::string &path)
{
    std::string text;
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return text;
    char buffer[4096];
    for (ssize_t size; (size = read(file, buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<size_t>(size));
    close(file);
    return text;
}

std::optional<uint64_t> readCgroupNumber(const std::string &path)
{
    const std::string text = readCgroupFile(path);
    uint64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    return parsed.ec == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<uint64_t> readCgroupKey(const std::string &path, const std::string &key)
{
    for (const std::string &line : words(readCgroupFile(path), '\n')) {
        uint64_t value = 0;
        if (line.starts_with(key + ' ')
            && std::from_chars(line.data() + key.size() + 1, line.data() + line.size(), value).ec
                == std::errc())
            return value;
    }
    return std::nullopt;
}

std::string launcherGroupName()
{
    const std::string pid = std::to_string(getpid());
    return groupPrefix + pid + "." + startTime(pid);
}

void removeGroup(const std::string &path)
{
    for (const std::string &name : subfolders(path))
        removeGroup(path + "/" + name);
    rmdir(path.c_str());
}

int claimGroup(const std::string &path)
{
    // Between making it and locking it a sweep may take it away: then it is made again.
    for (int attempt = 0; attempt < 10; ++attempt) {
        if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST)
            return -1;
        const int group = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (group < 0)
            continue;
        struct stat locked;
        struct stat named;
        if (flock(group, LOCK_EX | LOCK_NB) == 0 && fstat(group, &locked) == 0
            && stat(path.c_str(), &named) == 0 && locked.st_ino == named.st_ino)
            return group;
        close(group);
    }
    errno = EBUSY;
    return -1;
}

void sweepDeadLaunchers(const std::string &parent)
{
    for (const std::string &name : subfolders(parent)) {
        if (!name.starts_with(groupPrefix))
            continue;
        const std::string path = parent + "/" + name;
        const int group = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (group < 0)
            continue;
        if (flock(group, LOCK_EX | LOCK_NB) == 0)
            removeGroup(path); // rmdir refuses a group that still has processes
        close(group);
    }
}

std::optional<std::string> ownCgroup(const std::string &controller)
{
    for (const std::string &line : words(readCgroupFile("/proc/self/cgroup"), '\n')) {
        // hierarchy-id:controller[,controller]:path
        const size_t first = line.find(':');
        const size_t second = line.find(':', first + 1);
        if (second == std::string::npos)
            continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        if (controller.empty() ? controllers.empty() : false)
            return line.substr(second + 1);
        for (const std::string &name : words(controllers, ',')) {
            if (!controller.empty() && name == controller)
                return line.substr(second + 1);
        }
    }
    return std::nullopt;
}

std::optional<std::string> cgroupMount(const std::string &type, const std::string &controller)
{
    for (const std::string &line : words(readCgroupFile("/proc/self/mounts"), '\n')) {
        const std::vector<std::string> fields = words(line, ' ');
        if (fields.size() < 4 || fields[2] != type)
            continue;
        if (controller.empty())
            return fields[1];
        for (const std::string &option : words(fields[3], ',')) {
            if (option == controller)
                return fields[1];
        }
    }
    return std::nullopt;
}

} // namespace skillbox::launcher
