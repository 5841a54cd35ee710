#include "engine/sandbox/native/launcher_client.h"

#include "engine/sandbox/protocol/packet.h"

#include <QFile>

#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString systemMessage(int error)
{
    return QString::fromLocal8Bit(std::strerror(error));
}

tl::unexpected<Error> outOfResources(const QString &what)
{
    const int error = errno;
    return fail(ErrorCode::Internal,
                u"The sandbox could not be started: %1."_s.arg(systemMessage(error)), what);
}

/// The job's bytes in memory that can no longer change: the launcher maps them.
Result<UniqueFd> sealedMemory(const std::string &bytes)
{
    UniqueFd memory(memfd_create("skillbox-job", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!memory)
        return outOfResources(u"memfd_create"_s);
    for (size_t offset = 0; offset < bytes.size();) {
        const ssize_t written = ::write(memory.get(), bytes.data() + offset, bytes.size() - offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return outOfResources(u"writing the job"_s);
        offset += static_cast<size_t>(written);
    }
    if (fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)
        != 0)
        return outOfResources(u"sealing the job"_s);
    return memory;
}

struct Pipe {
    UniqueFd readEnd;
    UniqueFd writeEnd;
};

Result<Pipe> makeLogPipe()
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return outOfResources(u"pipe2"_s);
    Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
    // Our end only: a script expects its stdout to block.
    fcntl(pipe.readEnd.get(), F_SETFL, O_NONBLOCK);
    // The script has another uid when we are root; without this it could not open /dev/stderr.
    fchmod(pipe.writeEnd.get(), 0622);
    return pipe;
}

} // namespace

LauncherClient::LauncherClient(QString launcherPath) : m_launcherPath(std::move(launcherPath)) { }

LauncherClient::~LauncherClient()
{
    m_control.reset(); // the launcher ends when its control socket does
    if (m_pid > 0)
        waitpid(m_pid, nullptr, 0);
}

void LauncherClient::reap()
{
    m_control.reset();
    if (m_pid > 0) {
        // It has hung up; should it still be there, it is of no use any more.
        ::kill(m_pid, SIGKILL);
        waitpid(m_pid, nullptr, 0);
        m_pid = -1;
    }
}

bool LauncherClient::hasHungUp() const
{
    pollfd control{m_control.get(), 0, 0}; // POLLHUP is told unasked
    return poll(&control, 1, 0) == 1 && (control.revents & (POLLHUP | POLLERR));
}

Result<void> LauncherClient::ensureStarted()
{
    if (m_control && hasHungUp())
        reap();
    if (m_control)
        return {};
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
        return outOfResources(u"socketpair"_s);
    UniqueFd ours(sockets[0]);
    // Moved away from 3: a dup2 onto itself would keep close-on-exec set.
    const UniqueFd original(sockets[1]);
    const UniqueFd theirs(fcntl(original.get(), F_DUPFD_CLOEXEC, protocol::controlSocket + 1));
    if (!theirs)
        return outOfResources(u"fcntl"_s);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, theirs.get(), protocol::controlSocket);
    const QByteArray path = QFile::encodeName(m_launcherPath);
    char *const arguments[] = {const_cast<char *>("skillbox-sandbox"), nullptr};
    char *const environment[] = {nullptr}; // nothing of ours is the launcher's business
    pid_t pid = -1;
    const int error = posix_spawn(&pid, path.constData(), &actions, nullptr, arguments,
                                  environment);
    posix_spawn_file_actions_destroy(&actions);
    if (error == EAGAIN || error == ENOMEM) {
        return fail(
            ErrorCode::Internal,
            u"The sandbox could not be started: the machine has no process or no memory left "
            "for it (%1)."_s.arg(systemMessage(error)),
            u"posix_spawn"_s);
    }
    if (error != 0) {
        return fail(ErrorCode::SandboxUnavailable,
                    u"The sandbox launcher %1 could not be started: %2. It is installed beside "
                    "skillbox; SKILLBOX_SANDBOX_LAUNCHER names another place."_s.arg(
                        m_launcherPath, systemMessage(error)));
    }
    m_pid = pid;
    m_control = std::move(ours);
    ++m_started;
    return {};
}

Result<void> LauncherClient::start()
{
    const std::lock_guard lock(m_mutex);
    return ensureStarted();
}

void LauncherClient::awaitEndOf(quint64 launcher)
{
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    while (std::chrono::steady_clock::now() < deadline) {
        {
            const std::lock_guard lock(m_mutex);
            if (m_started != launcher || !m_control)
                return;
            if (hasHungUp()) {
                reap();
                return;
            }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

Result<LaunchedRun> LauncherClient::launch(const protocol::RunRequest &request,
                                           const protocol::Job &job)
{
    Result<UniqueFd> memory = sealedMemory(protocol::encode(job));
    if (!memory)
        return fail(memory.error());
    Result<Pipe> out = makeLogPipe();
    if (!out)
        return fail(out.error());
    Result<Pipe> err = makeLogPipe();
    if (!err)
        return fail(err.error());
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
        return outOfResources(u"socketpair"_s);
    UniqueFd ours(sockets[0]);
    const UniqueFd theirs(sockets[1]);

    const int passed[protocol::RunDescriptorCount] = {theirs.get(), memory->get(),
                                                      out->writeEnd.get(), err->writeEnd.get()};
    const std::string packet = protocol::encode(request);
    const std::lock_guard lock(m_mutex);
    for (int attempt = 0;; ++attempt) {
        if (Result<void> started = ensureStarted(); !started)
            return fail(started.error());
        if (protocol::sendPacket(m_control.get(), packet, passed))
            break;
        // It died since the last run (out of memory, a crash): start a new one, once.
        reap();
        if (attempt > 0)
            return outOfResources(u"sending the job"_s);
    }
    return LaunchedRun{std::move(ours), std::move(out->readEnd), std::move(err->readEnd),
                       m_started};
}

} // namespace skillbox
