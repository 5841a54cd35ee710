// The first process of a container that runs a skill: checks what the container engine gave, starts
// the script with the hardening of a native run, holds it to its wall clock, and sends the engine
// what it wrote and what it left before the container ends and its file systems with it. It knows
// nothing that the script may not know; the engine trusts nothing that it says.

#include "engine/sandbox/launcher/setup_error.h"
#include "engine/sandbox/oci/init/container_check.h"
#include "engine/sandbox/oci/init/supervisor.h"
#include "engine/sandbox/oci/init/trees.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

using namespace skillbox;
using namespace skillbox::container;
using launcher::require;
using launcher::SetupError;
using protocol::FrameKind;

namespace {

std::string readJobFile()
{
    const int file = static_cast<int>(
        require(open(protocol::containerJobPath, O_RDONLY | O_CLOEXEC), "opening the job"));
    struct stat info = {};
    require(fstat(file, &info), "looking at the job");
    std::string bytes(static_cast<size_t>(info.st_size), '\0');
    for (size_t done = 0; done < bytes.size();) {
        const ssize_t got = read(file, bytes.data() + done, bytes.size() - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            throw SetupError{"reading the job", got < 0 ? errno : EPROTO};
        done += static_cast<size_t>(got);
    }
    close(file);
    return bytes;
}

std::string searchPathOf(const protocol::ContainerJob &job)
{
    if (!job.searchPath.empty())
        return job.searchPath;
    const char *given = getenv("PATH");
    return given && *given ? given : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

void tell(FrameOutput &output, const protocol::RunMessage &message)
{
    sendAll(output, FrameKind::Told, protocol::encode(message));
}

FoundInterpreter requireInterpreter(const protocol::InterpreterWish &wish,
                                    const std::string &searchPath)
{
    FoundInterpreter found = findInterpreter(wish, searchPath);
    if (found.program.empty()) {
        std::string names;
        for (const std::string &name : wish.names)
            names += (names.empty() ? "" : " or ") + name;
        throw SetupError{"finding " + names + " in the image's PATH (" + searchPath + ")", ENOENT};
    }
    return found;
}

ScriptProcess prepareAndStart(const protocol::ContainerJob &job, FrameOutput &output)
{
    std::vector<protocol::AppliedControl> controls = checkContainer(job);
    require(mkdir("/sandbox/out/files", 0755), "making /sandbox/out/files");
    if (!job.job.sessionSource.empty())
        copySession(job);
    const std::string searchPath = searchPathOf(job);
    const FoundInterpreter interpreter = requireInterpreter(job.interpreter, searchPath);
    std::vector<std::string> found{searchPath, interpreter.program};
    for (const protocol::InterpreterWish &wish : job.others) {
        const FoundInterpreter other = findInterpreter(wish, searchPath);
        if (!other.program.empty()) {
            found.push_back(other.language);
            found.push_back(other.program);
        }
    }
    ScriptProcess script = startScript(job, interpreter, searchPath);
    controls.insert(controls.end(), script.controls.begin(), script.controls.end());
    wire::Writer interpreters;
    interpreters.texts(found);
    sendAll(output, FrameKind::Interpreters, interpreters.bytes());
    protocol::RunMessage started;
    started.kind = protocol::RunMessage::Started;
    started.controls = std::move(controls);
    tell(output, started);
    return script;
}

} // namespace

int main()
{
    signal(SIGPIPE, SIG_IGN);
    umask(022);
    setsid(); // fails where the container's first process has a session of its own already
    FrameOutput output(STDOUT_FILENO);
    try {
        // Our descriptors and memory are not for the script, which has our uid (proc(5)).
        require(prctl(PR_SET_DUMPABLE, 0), "hiding the container's init");
        blockSignals();
        const std::string bytes = readJobFile();
        protocol::ContainerJob job;
        if (!protocol::decode(bytes, job))
            throw SetupError{"reading the job", EPROTO};
        const ScriptProcess script = prepareAndStart(job, output);
        tell(output, superviseScript(script, job, output));
        // As many files as the file system may have, where it bounds them.
        sendTree(protocol::TreeKind::Out, "/sandbox/out", job.job.inodes * 2, output);
        if (!job.job.sessionSource.empty())
            sendTree(protocol::TreeKind::Session, "/sandbox/session", job.job.inodes * 2, output);
    } catch (const SetupError &error) {
        protocol::RunMessage failed;
        failed.kind = protocol::RunMessage::Failed;
        failed.stage = error.stage;
        failed.errorNumber = static_cast<uint32_t>(error.errorNumber);
        tell(output, failed);
    }
    sendAll(output, FrameKind::Complete, {});
    return 0;
}
