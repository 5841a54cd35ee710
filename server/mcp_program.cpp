#include "server/mcp_program.h"

#include "engine/base/system_error.h"
#include "engine/base/unique_fd.h"
#include "engine/engine.h"
#include "engine/local_user.h"
#include "engine/workspace/session_service.h"
#include "server/mcp/stdio_transport.h"
#include "server/stop_signals.h"

#include <QCoreApplication>

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

using namespace Qt::StringLiterals;

namespace skillbox {

Result<McpProgramOptions> takeMcpOptions(QStringList &arguments)
{
    McpProgramOptions options;
    QStringList others;
    for (qsizetype i = 0; i < arguments.size(); ++i) {
        const qsizetype equals = arguments[i].indexOf(u'=');
        const QString name = arguments[i].first(equals < 0 ? arguments[i].size() : equals);
        if (name != u"--include" && name != u"--exclude" && name != u"--tag" && name != u"--session"
            && name != u"--tenant") {
            others.append(arguments[i]);
            continue;
        }
        if (equals < 0 && i + 1 == arguments.size())
            return fail(ErrorCode::BadRequest, u"%1 needs a value"_s.arg(name));
        const QString value = equals < 0 ? arguments[++i] : arguments[i].sliced(equals + 1);
        if (name == u"--include")
            options.skills.include.append(value);
        else if (name == u"--exclude")
            options.skills.exclude.append(value);
        else if (name == u"--tag")
            options.skills.tags.append(value);
        else if (name == u"--session")
            options.workSession = value;
        else
            options.tenant = value;
    }
    if (!options.workSession.isEmpty() && !SessionService::isSessionName(options.workSession)) {
        return fail(ErrorCode::BadRequest,
                    u"--session must be 1 to 128 characters of A-Z a-z 0-9 . _ -"_s);
    }
    arguments = others;
    return options;
}

Result<int> serveMcp(Engine &engine, const McpProgramOptions &options)
{
    auto selection = SkillSelection::create(options.skills);
    if (!selection)
        return fail(selection.error());
    const UniqueFd stop(::eventfd(0, EFD_CLOEXEC));
    if (stop.get() < 0)
        return failedCall(u"cannot make an event descriptor"_s);
    if (::isatty(STDIN_FILENO)) {
        std::fputs("This speaks the Model Context Protocol on standard input and output; a client "
                   "starts it.\nskillbox mcp config CLIENT shows how.\n",
                   stderr);
    }
    McpHost host(engine);
    StdioTransport transport(host,
                             {.tenant = options.tenant.isEmpty() ? localTenant()
                                                                 : TenantId{options.tenant},
                              .selection = std::move(*selection),
                              .workSession = options.workSession},
                             {.role = Role::Admin, .origin = {.actor = localUserName()}},
                             {.input = STDIN_FILENO, .output = STDOUT_FILENO, .stop = stop.get()});
    engine.sandbox().prepare();

    Result<void> served;
    const StopSignals signals([&stop](int) {
        const quint64 one = 1;
        [[maybe_unused]] const ssize_t written = ::write(stop.get(), &one, sizeof one);
    });
    std::jthread serving([&] {
        served = transport.serve();
        QMetaObject::invokeMethod(QCoreApplication::instance(), &QCoreApplication::quit,
                                  Qt::QueuedConnection);
    });
    QCoreApplication::exec();
    serving.join();
    if (!served)
        return fail(served.error());
    return 0;
}

QString mcpHelp()
{
    return u"Serve published skills to an agent, over the Model Context Protocol\n"
           "\n"
           "Usage: skillbox-server mcp [OPTIONS]\n"
           "\n"
           "Speaks on standard input and output; `skillbox mcp` starts it.\n"
           "\n"
           "  --include GLOB   Only skills whose name matches; again for more\n"
           "  --exclude GLOB   Not those\n"
           "  --tag TAG        Only skills with the tag, in the version that it is on\n"
           "  --session NAME   Runs share the files of this session\n"
           "  --tenant NAME    Work for this tenant\n"
           "\n"
           "and the options of the store and of runs that skillbox serve has.\n"_s;
}

} // namespace skillbox
