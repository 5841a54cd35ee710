#include "app/cli/cli_context.h"

#include "app/cli/backend/connect.h"
#include "app/cli/backend/embedded_backend.h"
#include "engine/engine.h"
#include "engine/engine_config.h"
#include "engine/remote/remote_list.h"

#include <unistd.h>

#include <cstring>

using namespace Qt::StringLiterals;

namespace skillbox {

CliContext::CliContext(QProcessEnvironment environment, QString programDirectory)
    : m_environment(std::move(environment))
    , m_programDirectory(std::move(programDirectory))
    , m_out(STDOUT_FILENO, m_environment)
    , m_err(STDERR_FILENO, m_environment)
{
}

CliContext::~CliContext() = default;

ExitCode CliContext::runAction()
{
    const ExitCode code = m_action();
    if (m_out.failure() != 0) {
        return reportError({ErrorCode::Io,
                            u"cannot write to standard output: %1"_s.arg(
                                QString::fromLocal8Bit(std::strerror(m_out.failure())))});
    }
    return code;
}

Result<EngineConfig> CliContext::engineConfig() const
{
    return loadEngineConfig(m_environment, m_programDirectory);
}

Result<Engine *> CliContext::engine()
{
    if (!m_engine) {
        const Result<EngineConfig> config = engineConfig();
        if (!config)
            return fail(config.error());
        Result<std::unique_ptr<Engine>> engine = Engine::create(*config);
        if (!engine)
            return fail(engine.error());
        m_engine = std::move(*engine);
    }
    return m_engine.get();
}

QString CliContext::server() const
{
    return m_options.server ? QString::fromStdString(*m_options.server)
                            : m_environment.value(u"SKILLBOX_SERVER_URL"_s);
}

QString CliContext::tenant() const
{
    return m_options.tenant.empty() ? m_environment.value(u"SKILLBOX_TENANT_ID"_s)
                                    : QString::fromStdString(m_options.tenant);
}

SignInStore CliContext::signIns() const
{
    return {RemoteList::usualDirectory(m_environment),
            Keychain::ofSession(m_programDirectory, m_environment)};
}

ServerChoice CliContext::serverChoice() const
{
    ServerChoice choice{.address = server(),
                        .apiKey = m_options.apiKey.empty()
                            ? m_environment.value(u"SKILLBOX_API_KEY"_s)
                            : QString::fromStdString(m_options.apiKey),
                        .tenant = tenant(),
                        .caFile = m_environment.value(u"SKILLBOX_CA_FILE"_s),
                        .signIns = signIns()};
    // Only a local server's key needs the data directory: what is wrong with it does not matter
    // to those who talk to another machine.
    if (const Result<EngineConfig> config = engineConfig()) {
        choice.dataDirectory = config->dataDirectory;
        choice.limits = config->archiveLimits;
    }
    return choice;
}

Result<Backend *> CliContext::backend()
{
    if (m_backend)
        return m_backend.get();
    if (server().isEmpty()) {
        const Result<Engine *> engine = this->engine();
        if (!engine)
            return fail(engine.error());
        m_backend = std::make_unique<EmbeddedBackend>(
            **engine, tenant().isEmpty() ? localTenant() : TenantId{tenant()}, origin());
        return m_backend.get();
    }
    Result<std::unique_ptr<Backend>> remote = connectToServer(serverChoice());
    if (!remote)
        return fail(remote.error());
    m_backend = std::move(*remote);
    return m_backend.get();
}

ExitCode CliContext::reportError(const Error &error)
{
    QString message = m_err.foreign(error.message.trimmed());
    message.replace(u'\n', u"\n       "_s); // under the first word after `Error: `
    m_err.writeLine(m_err.painted(Paint::Red, u"Error:"_s) + u' ' + message);
    if (m_options.verbose) {
        m_err.writeLine(m_err.painted(Paint::Dim, u"Code: "_s) + errorSlug(error.code));
        if (!error.detail.isEmpty())
            m_err.writeLine(m_err.painted(Paint::Dim, u"Detail: "_s) + m_err.foreign(error.detail));
    }
    return error.code == ErrorCode::Cancelled ? ExitCode::Interrupted : ExitCode::Error;
}

void CliContext::note(const QString &text)
{
    m_err.writeLine(m_err.painted(Paint::Yellow, u"Note:"_s) + u' ' + m_err.foreign(text));
}

ExitCode CliContext::printJson(const QByteArray &json)
{
    m_out.write(json + '\n');
    return ExitCode::Success;
}

} // namespace skillbox
