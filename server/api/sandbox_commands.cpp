#include "engine/execution/session_shell.h"
#include "server/api/answers.h"
#include "server/api/json/json_output.h"
#include "server/api/json/json_reader.h"
#include "server/api/sandbox.h"

#include <QThreadPool>

#include <atomic>
#include <stop_token>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Threads for commands, which last: the server's own workers must stay free for what is short.
/// Goes with the router, and ends the commands that run then.
class CommandPool
{
public:
    explicit CommandPool(int threads)
    {
        m_threads.setMaxThreadCount(qMax(1, threads));
        m_most = 4 * m_threads.maxThreadCount();
    }
    ~CommandPool()
    {
        m_threads.clear();
        m_stop.request_stop();
        m_threads.waitForDone();
    }
    /// False: too many wait already.
    bool start(std::function<void(const std::stop_token &)> command)
    {
        if (m_pending.fetch_add(1) >= m_most) {
            --m_pending;
            return false;
        }
        m_threads.start([this, run = std::move(command)] {
            run(m_stop.get_token());
            --m_pending;
        });
        return true;
    }

private:
    int m_most = 0;
    std::atomic<int> m_pending = 0;
    std::stop_source m_stop;
    QThreadPool m_threads; ///< last: it ends before what its threads count with
};

struct ShellCommand {
    QString session;
    QString text;
    QString workdir;
    std::chrono::milliseconds timeout{};
};

Result<ShellCommand> commandOf(const HttpRequest &request)
{
    const auto session = sandboxSessionOf(request);
    if (!session)
        return fail(session.error());
    auto json = JsonReader::parse(request.body->bytes());
    if (!json)
        return fail(json.error());
    ShellCommand command;
    command.session = *session;
    command.text = json->requiredText("command"_L1);
    command.workdir = json->text("workdir"_L1);
    command.timeout = std::chrono::milliseconds(
        json->number("timeout_ms"_L1, 0, 24 * 3600 * 1000).value_or(0));
    if (json->error())
        return fail(*json->error());
    return command;
}

QByteArray shellResultJson(const ShellResult &result)
{
    JsonOutput json;
    json.beginObject()
        .member("stdout", result.standardOutput)
        .member("stderr", result.standardError)
        .member("exit_code", qint64(result.exitCode))
        .member("timed_out", result.timedOut)
        .member("duration_ms", result.durationMs)
        .memberIfAny("message", result.message)
        .endObject();
    return json.bytes();
}

void execute(const HttpRequest &request, const HttpReply &reply, ApiServices &services,
             CommandPool &pool)
{
    const auto command = commandOf(request);
    if (!command)
        return reply.send(failed(command.error(), request));
    HttpRequest asked = request;
    asked.body.reset();
    const bool started = pool.start([asked, reply, command = *command,
                                     &services](const std::stop_token &stop) {
        const auto result = services.engine.shell().execute(callerOf(asked).tenant, command.session,
                                                            command.text, command.workdir,
                                                            command.timeout, originOf(asked), stop);
        reply.send(answer(result.map(shellResultJson), asked));
    });
    if (!started) {
        reply.send(
            failed({ErrorCode::Busy, u"too many commands wait, try again later"_s}, request));
    }
}

/// A sandbox lives as long as its command, so there is none left to end. The files are the
/// session's and stay: clients that end a sandbox fetch them afterwards. DELETE /v1/sessions/{name}
/// removes them.
HttpResponse endSandbox(const HttpRequest &request)
{
    const QString session = request.parameters.value(u"session"_s);
    if (!SessionService::isSessionName(session)) {
        return failed({ErrorCode::NotFound, u"there is no session of that name"_s}, request);
    }
    return HttpResponse::empty(204);
}

} // namespace

void registerSandboxCommands(Router &router, ApiServices &services)
{
    const auto pool = std::make_shared<CommandPool>(services.engine.config().limits.maxConcurrent);
    router.add("POST", u"/v1/sandbox/execute"_s,
               services.route(Permission::Run, SessionShell::maxCommandBytes * 6 + 4096),
               HttpHandler([&services, pool](const HttpRequest &request, const HttpReply &reply) {
                   execute(request, reply, services, *pool);
               }));
    router.add("DELETE", u"/v1/sandbox/{session}"_s, services.route(Permission::Run),
               SimpleHandler(endSandbox));
}

} // namespace skillbox
