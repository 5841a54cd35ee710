#pragma once

// What the engine and skillbox-container-init say to each other. Plain C++, no Qt.
//
// The init is the first process of a container. It reads a ContainerJob from containerJobPath, and
// everything it has to tell goes to its standard output as frames: a FrameKind, the size of what
// follows as u32, and that many bytes. First comes Told with a RunMessage that is Started (after
// Interpreters) or Failed. Then Stdout and Stderr of the script as it writes, Told with Exited when
// everything but the init is dead, what the run left as Tree, Folder, File, Content and Other, and
// Complete. Without Complete something is missing.

#include "engine/sandbox/protocol/messages.h"

namespace skillbox::protocol {

/// Changes whenever a message or frame does; the init refuses a job of another version.
inline constexpr uint32_t containerVersion = 1;

/// Read-only for the script: in a volume that belongs to the container's root.
inline constexpr const char *containerFolder = "/sandbox/.skillbox";
inline constexpr const char *containerInitPath = "/sandbox/.skillbox/init";
inline constexpr const char *containerJobPath = "/sandbox/.skillbox/job";
inline constexpr const char *containerSessionPath = "/sandbox/.skillbox/session";

/// How a language's interpreter is found and started.
struct InterpreterWish {
    std::string language;
    std::vector<std::string> names; ///< the first that a folder of the PATH has
    std::vector<std::string> arguments;
};

struct ContainerJob {
    /// argv: what comes after the interpreter and its arguments. Limits as for a native run.
    Job job;
    InterpreterWish interpreter;
    std::vector<InterpreterWish> others;
    std::string searchPath; ///< PATH; empty: the image's own
    uint64_t wallClockMs = 0;
    uint64_t milliCpu = 0;
    uint64_t logKillBytes = 0;
    uint64_t required = 0; ///< RequiredControl bits
};

enum class FrameKind : unsigned char {
    Told = 'm',         ///< a RunMessage
    Interpreters = 'i', ///< texts: PATH, the program, then language and program of each other one
    Stdout = 'o',
    Stderr = 'e',
    Tree = 't',    ///< u32: a TreeKind; what follows lies in it
    Folder = 'd',  ///< text: its path
    File = 'f',    ///< u32: 1 if executable, u64: size, text: path
    Content = 'c', ///< u64: offset, then bytes: of the last File
    Other = 's',   ///< u32: an OtherKind, text: path; no content
    Cut = 'n',     ///< the tree has more entries than may be looked at
    Complete = 'z',
};

enum class TreeKind : uint32_t { Out = 0, Session = 1 };
enum class OtherKind : uint32_t { Symlink = 0, Pipe = 1, Socket = 2, Device = 3, HardLinked = 4 };

inline constexpr size_t frameHeaderSize = 5;
/// No frame is larger; the longest are those with content.
inline constexpr uint32_t maxFrameBytes = 1 << 20;

namespace detail {

inline void write(wire::Writer &out, const InterpreterWish &wish)
{
    out.text(wish.language);
    out.texts(wish.names);
    out.texts(wish.arguments);
}

inline InterpreterWish readWish(wire::Reader &in)
{
    InterpreterWish wish;
    wish.language = in.text();
    wish.names = in.texts();
    wish.arguments = in.texts();
    return wish;
}

} // namespace detail

inline std::string encode(const ContainerJob &job)
{
    wire::Writer out;
    out.u32(containerVersion);
    out.text(encode(job.job));
    detail::write(out, job.interpreter);
    out.u32(static_cast<uint32_t>(job.others.size()));
    for (const InterpreterWish &other : job.others)
        detail::write(out, other);
    out.text(job.searchPath);
    for (uint64_t value : {job.wallClockMs, job.milliCpu, job.logKillBytes, job.required})
        out.u64(value);
    return out.bytes();
}

/// False if the bytes are not exactly one job of this version. `job.job.inputJson` points into
/// them.
inline bool decode(std::string_view bytes, ContainerJob &job)
{
    wire::Reader in(bytes);
    if (in.u32() != containerVersion || !decode(in.view(), job.job))
        return false;
    job.interpreter = detail::readWish(in);
    const uint32_t others = in.u32();
    for (uint32_t i = 0; i < others && in.ok(); ++i)
        job.others.push_back(detail::readWish(in));
    job.searchPath = in.text();
    for (uint64_t *value : {&job.wallClockMs, &job.milliCpu, &job.logKillBytes, &job.required})
        *value = in.u64();
    return in.ok() && in.atEnd();
}

} // namespace skillbox::protocol
