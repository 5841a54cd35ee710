// What the system-call filter costs per call: each call with and without it, and with the filter as
// libseccomp lays it out by default. A kernel from 5.11 on looks up calls that a filter always
// allows in a bitmap and does not run the filter for them (seccomp(2) knows nothing of this; see
// kernel/seccomp.c), so calls whose arguments the filter looks at are listed apart.
//
// Usage: bench_sandbox_syscalls [ROUNDS]

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <span>
#include <vector>

namespace {

// The launcher's filter and the same rules as a chain, made by skillbox-seccomp-compiler.
namespace tree {
#include "seccomp_program.inc"
}
namespace chain {
#include "seccomp_chain.inc"
}

struct Call {
    const char *name;
    bool inspected; ///< the filter compares its arguments
    long (*make)();
};

int nullFile = -1;
char byte = 0;

// Raw, so that nothing answers from a cache or from the vDSO.
constexpr Call calls[] = {
    {"getppid", false, [] { return syscall(SYS_getppid); }},
    {"read", false, [] { return syscall(SYS_read, nullFile, &byte, 1); }},
    {"write", false, [] { return syscall(SYS_write, nullFile, &byte, 1); }},
    {"clock_gettime", false,
     [] {
         timespec time;
         return syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time);
     }},
    {"newfstatat", false,
     [] {
         struct stat info;
         return syscall(SYS_newfstatat, AT_FDCWD, "/", &info, 0);
     }},
    {"mmap, munmap", false,
     [] {
         void *const page = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return long(munmap(page, 4096));
     }},
    {"openat, close", true,
     [] {
         const long file = syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC, 0);
         return syscall(SYS_close, file);
     }},
    {"ioctl FIONREAD", true,
     [] {
         int waiting = 0;
         // /dev/null has none: it answers ENOTTY behind the filter.
         return syscall(SYS_ioctl, nullFile, FIONREAD, &waiting) == -1 && errno == ENOTTY ? 0L
                                                                                          : -1L;
     }},
    {"prctl PR_GET_NAME", true,
     [] {
         char name[16];
         return syscall(SYS_prctl, PR_GET_NAME, name, 0, 0, 0);
     }},
};
constexpr size_t callCount = std::size(calls);
constexpr int timesPerRound = 20'000;

using Nanoseconds = std::array<double, callCount>;

[[noreturn]] void stop(const char *why)
{
    std::fprintf(stderr, "Error: %s: %s\n", why, std::strerror(errno));
    std::_Exit(1);
}

void install(std::span<const sock_filter> filter)
{
    const sock_fprog program{static_cast<unsigned short>(filter.size()),
                             const_cast<sock_filter *>(filter.data())};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
        || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
        stop("installing the filter");
}

Nanoseconds measureHere()
{
    Nanoseconds result{};
    for (size_t i = 0; i < callCount; ++i) {
        const auto start = std::chrono::steady_clock::now();
        for (int n = 0; n < timesPerRound; ++n) {
            if (calls[i].make() < 0)
                stop(calls[i].name);
        }
        const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now()
            - start;
        result[i] = taken.count() / timesPerRound;
    }
    return result;
}

/// In a process of its own, because a filter cannot be taken off again.
Nanoseconds measureWith(std::span<const sock_filter> filter)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        stop("pipe2");
    const pid_t child = fork();
    if (child == 0) {
        if (!filter.empty())
            install(filter);
        const Nanoseconds measured = measureHere();
        if (write(ends[1], &measured, sizeof measured) != sizeof measured)
            stop("telling the result");
        _exit(0);
    }
    Nanoseconds result{};
    close(ends[1]);
    int status = 0;
    if (child < 0 || read(ends[0], &result, sizeof result) != sizeof result
        || waitpid(child, &status, 0) != child || status != 0)
        stop("measuring");
    close(ends[0]);
    return result;
}

double median(std::vector<double> values)
{
    std::nth_element(values.begin(), values.begin() + long(values.size() / 2), values.end());
    return values[values.size() / 2];
}

} // namespace

int main(int argc, char **argv)
{
    const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 21;
    nullFile = open("/dev/null", O_RDWR | O_CLOEXEC);
    const std::span<const sock_filter> variants[] = {{},
                                                     tree::seccompProgram,
                                                     chain::seccompProgram};
    std::vector<double> taken[std::size(variants)][callCount];
    for (int round = 0; round < rounds; ++round) {
        for (size_t variant = 0; variant < std::size(variants); ++variant) {
            const Nanoseconds result = measureWith(variants[variant]);
            for (size_t i = 0; i < callCount; ++i)
                taken[variant][i].push_back(result[i]);
        }
    }

    std::printf("ns per call, medians of %d rounds of %d; filters of %zu (tree) and %zu (chain) "
                "instructions\n",
                rounds, timesPerRound, std::size(tree::seccompProgram),
                std::size(chain::seccompProgram));
    for (const bool inspected : {false, true}) {
        std::printf("\n%-20s %8s %8s %7s %8s %7s\n",
                    inspected ? "arguments compared" : "always allowed", "without", "filter",
                    "ratio", "chain", "ratio");
        for (size_t i = 0; i < callCount; ++i) {
            if (calls[i].inspected != inspected)
                continue;
            const double bare = median(taken[0][i]);
            const double filtered = median(taken[1][i]);
            const double chained = median(taken[2][i]);
            std::printf("%-20s %8.0f %8.0f %7.2f %8.0f %7.2f\n", calls[i].name, bare, filtered,
                        filtered / bare, chained, chained / bare);
        }
    }
    return 0;
}
