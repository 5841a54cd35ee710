#pragma once

// What the engine and skillbox-sandbox say to each other. Plain C++, no Qt.
//
// The engine starts the launcher with one end of a SOCK_SEQPACKET socket pair as descriptor 3, the
// control socket. One packet on it, a RunRequest, asks for one run and carries four descriptors
// (RunDescriptor). The launcher hands the last three on to a process that waits in namespaces of
// its own, which reads the Job from the memory and becomes the sandbox. Everything about that run
// then happens on the run's own socket pair: the launcher sends Started, then Exited, or instead
// Failed; the engine may send one byte: EngineWord::Usage is answered with Used, any other kills
// the run. Closing the run socket kills it too, and the end of the control socket ends the launcher
// and every run. Observed goes from a run's init to the launcher only, which keeps the last one for
// the end.

#include "engine/sandbox/protocol/wire.h"

#include <cstdint>
#include <string>
#include <vector>

namespace skillbox::protocol {

inline constexpr int controlSocket = 3;
/// Changes whenever a message does; the launcher refuses a job of another version.
inline constexpr uint32_t version = 4;

/// Engine → launcher, on the run socket.
enum EngineWord : char { Kill = 'k', Usage = 'u' };

/// Order of the descriptors that come with a run packet.
enum RunDescriptor : unsigned { RunSocket, JobMemory, StdoutPipe, StderrPipe, RunDescriptorCount };

/// One thing in the sandbox's read-only root, made in the order given.
struct RootEntry {
    enum Kind : uint32_t {
        Bind,      ///< `source` on the host, file or folder, read-only at `target`
        Symlink,   ///< `target` points to `source`
        File,      ///< a file with the bytes of `source`
        Directory, ///< an empty folder
    };
    Kind kind = Bind;
    std::string target; ///< absolute path in the sandbox, parents are made
    std::string source;
};

/// What the launcher itself has to know of a run: the packet on the control socket. Bytes,
/// milliseconds, thousandths of a core.
struct RunRequest {
    uint64_t wallClockMs = 0;
    uint64_t memoryBytes = 0;
    uint64_t milliCpu = 0;
    uint64_t processes = 0; ///< processes and threads together
    uint64_t required = 0;  ///< RequiredControl bits: without them the run must not start
};

/// What not every machine can give.
enum RequiredControl : uint64_t {
    RequireCgroup = 1,
    RequireLandlock = 2,
    RequireTimeNamespace = 4
};

inline std::string encode(const RunRequest &request)
{
    wire::Writer out;
    out.u32(version);
    for (uint64_t value : {request.wallClockMs, request.memoryBytes, request.milliCpu,
                           request.processes, request.required})
        out.u64(value);
    return out.bytes();
}

inline bool decode(std::string_view bytes, RunRequest &request)
{
    wire::Reader in(bytes);
    if (in.u32() != version)
        return false;
    for (uint64_t *value : {&request.wallClockMs, &request.memoryBytes, &request.milliCpu,
                            &request.processes, &request.required})
        *value = in.u64();
    return in.ok() && in.atEnd();
}

/// What the process that becomes the sandbox has to know: the job memory. Sizes in bytes.
struct Job {
    std::vector<std::string> argv; ///< argv[0] is the absolute path of the program in the sandbox
    std::vector<std::string> environment;
    std::vector<RootEntry> root;
    std::string workingDirectory;
    std::string_view inputJson; ///< becomes /sandbox/input.json
    std::string sessionSource;  ///< folder of the host that is copied to /sandbox/session, or empty
    uint64_t cpuSeconds = 0;    ///< of one process; a fence behind the wall clock
    uint64_t memoryBytes = 0;
    uint64_t processes = 0;
    uint64_t openFiles = 0;
    uint64_t tmpBytes = 0;
    uint64_t outputBytes = 0;
    uint64_t sessionBytes = 0;
    uint64_t inodes = 0;
    uint64_t observed = 0; ///< 1: refused system calls are counted and told
};

inline std::string encode(const Job &job)
{
    wire::Writer out;
    out.u32(version);
    out.texts(job.argv);
    out.texts(job.environment);
    out.u32(static_cast<uint32_t>(job.root.size()));
    for (const RootEntry &entry : job.root) {
        out.u32(entry.kind);
        out.text(entry.target);
        out.text(entry.source);
    }
    out.text(job.workingDirectory);
    out.text(job.inputJson);
    out.text(job.sessionSource);
    for (uint64_t value :
         {job.cpuSeconds, job.memoryBytes, job.processes, job.openFiles, job.tmpBytes,
          job.outputBytes, job.sessionBytes, job.inodes, job.observed})
        out.u64(value);
    return out.bytes();
}

/// False if the bytes are not exactly one job of this version. `job.inputJson` points into them.
inline bool decode(std::string_view bytes, Job &job)
{
    wire::Reader in(bytes);
    if (in.u32() != version)
        return false;
    job.argv = in.texts();
    job.environment = in.texts();
    const uint32_t entries = in.u32();
    for (uint32_t i = 0; i < entries && in.ok(); ++i) {
        RootEntry entry;
        const uint32_t kind = in.u32();
        if (kind > RootEntry::Directory)
            return false;
        entry.kind = static_cast<RootEntry::Kind>(kind);
        entry.target = in.text();
        entry.source = in.text();
        job.root.push_back(std::move(entry));
    }
    job.workingDirectory = in.text();
    job.inputJson = in.view();
    job.sessionSource = in.text();
    for (uint64_t *value :
         {&job.cpuSeconds, &job.memoryBytes, &job.processes, &job.openFiles, &job.tmpBytes,
          &job.outputBytes, &job.sessionBytes, &job.inodes, &job.observed})
        *value = in.u64();
    return in.ok() && in.atEnd() && !job.argv.empty();
}

/// A control and the value it was applied with, e.g. {"seccomp", "allow-list, 241 calls"}.
struct AppliedControl {
    std::string name;
    std::string value;
};

/// System calls of one kind that a run made and that were refused.
struct RefusedCalls {
    std::string call;   ///< `socket`, or `number 600`
    std::string detail; ///< the argument that it was refused for, e.g. `AF_INET`; may be empty
    uint32_t errorNumber = 0; ///< what the script was told
    uint64_t count = 0;
};
/// Kinds that are told apart; what comes after them is counted as `others`.
inline constexpr size_t maxRefusedKinds = 64;

/// Launcher → engine, on the run socket.
struct RunMessage {
    enum Kind : uint32_t {
        Started,  ///< the sandbox is complete; comes with descriptors of its /sandbox/out and, if
                  ///< it has one, of its /sandbox/session
        Exited,   ///< everything in it is dead
        Failed,   ///< it could not be made; nothing of it is left
        Observed, ///< init → launcher: what was refused so far
        Used,     ///< what everything in it uses together
    };
    Kind kind = Failed;

    std::vector<AppliedControl> controls; ///< Started
    uint64_t setupMicroseconds = 0;       ///< Started

    uint32_t waitStatus = 0;      ///< Exited: of the script, as waitpid(2) gives it
    bool hasWaitStatus = false;   ///< Exited: false if the init was killed before the script ended
    bool timedOut = false;        ///< Exited: the launcher killed it at its wall clock
    bool outOfMemory = false;     ///< Exited: the memory limit killed something in it
    uint64_t cpuMicroseconds = 0; ///< Exited, Used
    uint64_t peakMemoryBytes = 0; ///< Exited, Used
    uint64_t memoryBytes = 0;     ///< Used: now
    /// Exited, Observed: of an observed run. At least so many each, where the init was killed.
    std::vector<RefusedCalls> refused;

    std::string stage;        ///< Failed: what could not be done, for people
    uint32_t errorNumber = 0; ///< Failed
};

inline std::string encode(const RunMessage &message)
{
    wire::Writer out;
    out.u32(message.kind);
    out.u32(static_cast<uint32_t>(message.controls.size()));
    for (const AppliedControl &control : message.controls) {
        out.text(control.name);
        out.text(control.value);
    }
    out.u64(message.setupMicroseconds);
    out.u32(message.waitStatus);
    out.u32(message.hasWaitStatus);
    out.u32(message.timedOut);
    out.u32(message.outOfMemory);
    out.u64(message.cpuMicroseconds);
    out.u64(message.peakMemoryBytes);
    out.u64(message.memoryBytes);
    out.u32(static_cast<uint32_t>(message.refused.size()));
    for (const RefusedCalls &calls : message.refused) {
        out.text(calls.call);
        out.text(calls.detail);
        out.u32(calls.errorNumber);
        out.u64(calls.count);
    }
    out.text(message.stage);
    out.u32(message.errorNumber);
    return out.bytes();
}

inline bool decode(std::string_view bytes, RunMessage &message)
{
    wire::Reader in(bytes);
    const uint32_t kind = in.u32();
    if (kind > RunMessage::Used)
        return false;
    message.kind = static_cast<RunMessage::Kind>(kind);
    const uint32_t controls = in.u32();
    for (uint32_t i = 0; i < controls && in.ok(); ++i) {
        std::string name = in.text();
        message.controls.push_back({std::move(name), in.text()});
    }
    message.setupMicroseconds = in.u64();
    message.waitStatus = in.u32();
    message.hasWaitStatus = in.u32() != 0;
    message.timedOut = in.u32() != 0;
    message.outOfMemory = in.u32() != 0;
    message.cpuMicroseconds = in.u64();
    message.peakMemoryBytes = in.u64();
    message.memoryBytes = in.u64();
    const uint32_t refused = in.u32();
    for (uint32_t i = 0; i < refused && in.ok(); ++i) {
        RefusedCalls calls;
        calls.call = in.text();
        calls.detail = in.text();
        calls.errorNumber = in.u32();
        calls.count = in.u64();
        message.refused.push_back(std::move(calls));
    }
    message.stage = in.text();
    message.errorNumber = in.u32();
    return in.ok() && in.atEnd();
}

} // namespace skillbox::protocol
