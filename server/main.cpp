#include "engine/engine.h"
#include "server/local_server.h"
#include "server/mcp_program.h"
#include "server/server_config.h"
#include "server/server_options.h"
#include "server/service_manager.h"
#include "server/stop_signals.h"

#include <QCoreApplication>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <thread>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// What Qt says goes to the log. Qt's handler is a plain function, so this is a global; it is set
/// while the log lives.
ServerLog *qtLog = nullptr;

void toLog(QtMsgType type, const QMessageLogContext &context, const QString &text)
{
    if (qtLog)
        qtLog->qtMessage(type, context, text);
}

/// A closed standard stream would give its number to the next file that is opened, and what is
/// printed would go into that file.
void openStandardStreams()
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
        if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) < 0)
            ::_exit(1);
    }
}

int reportError(const Error &error)
{
    QString message = error.message.trimmed();
    message.replace(u'\n', u"\n       "_s); // under the first word after `Error: `
    std::fprintf(stderr, "Error: %s\n", qUtf8Printable(message));
    if (!error.detail.isEmpty())
        std::fprintf(stderr, "Detail: %s\n", qUtf8Printable(error.detail));
    return 1;
}

/// `native, all controls active`, or which are weaker.
QString sandboxLevel(Engine &engine)
{
    const Result<QList<ControlState>> controls = engine.sandbox().probe();
    if (!controls)
        return u"NOT AVAILABLE: "_s + controls.error().message;
    QStringList weaker;
    QStringList missing;
    for (const ControlState &control : *controls) {
        if (control.state == ControlState::State::Degraded)
            weaker += control.control;
        else if (control.state == ControlState::State::Missing)
            missing += control.control;
    }
    const QString name = engine.sandbox().name();
    if (!missing.isEmpty())
        return u"%1, runs will be refused for want of %2: skillbox doctor"_s.arg(
            name, missing.join(u", "_s));
    if (!weaker.isEmpty())
        return u"%1, weaker here: %2 (skillbox doctor)"_s.arg(name, weaker.join(u", "_s));
    return u"%1, all controls active"_s.arg(name);
}

/// Facts about the start: a block for people, written at once, or log lines for programs, of which
/// the one with the address is the last.
class StartReport
{
public:
    explicit StartReport(QString head) : m_head(std::move(head)) { }

    void fact(const QString &name, const QString &text)
    {
        m_block += u"  "_s + name.leftJustified(9) + text + u'\n';
        m_lines.append({LogLevel::Info, name.toLower() + u": "_s + text});
    }
    void warn(const QString &text)
    {
        m_block += u"Warning: "_s + text + u'\n';
        m_lines.append({LogLevel::Warning, text});
    }
    void write(ServerLog &log, LogFormat format) const
    {
        if (format == LogFormat::Text) {
            std::fputs(qUtf8Printable(m_head + u'\n' + m_block), stderr);
            return;
        }
        for (const auto &[level, text] : m_lines)
            log.message(level, u"server"_s, text);
        log.message(LogLevel::Info, u"server"_s, m_head);
    }

private:
    const QString m_head;
    QString m_block;
    QList<std::pair<LogLevel, QString>> m_lines;
};

StartReport reportOf(const ServerConfig &config, Engine &engine, const LocalServer &server)
{
    StartReport report(u"Skillbox %1 serves on %2"_s.arg(QStringLiteral(SKILLBOX_VERSION),
                                                         server.addresses().join(u", "_s)));
    for (const QString &address : server.addresses()) {
        if (!address.startsWith(u"unix:")) {
            report.fact(u"API"_s, address + u"/docs describes it"_s);
            break;
        }
    }
    report.fact(u"Data"_s, config.engine.dataDirectory);
    report.fact(u"Sandbox"_s, sandboxLevel(engine));
    if (config.server.access == ServerAccess::LocalKey) {
        report.fact(u"Key"_s,
                    server.keyFile()
                        + u" (this user's programs find it: skillbox --server local …)"_s);
    } else {
        report.fact(u"Keys"_s, u"needed; skillbox key list shows them"_s);
    }
    if (const OidcConfig &oidc = config.server.oidc; oidc.isOn())
        report.fact(u"Sign-in"_s, u"%1, for the audience %2"_s.arg(oidc.issuer, oidc.audience));
    if (const QString metrics = server.metricsAddress(); !metrics.isEmpty())
        report.fact(u"Metrics"_s, metrics);
    for (const QString &warning : config.warnings)
        report.warn(warning);
    if (config.server.access == ServerAccess::Keys) {
        const Result<bool> usable = engine.access().hasUsableKeys();
        if (usable && !*usable && !config.server.oidc.isOn()) {
            report.warn(u"no API key exists yet, so every request is refused; make the first with: "
                        "skillbox key create --name first --role admin"_s);
        }
    }
    return report;
}

int serve(const ServerConfig &config, const QString &notifySocket)
{
    const LogFormat format = config.logFormat.value_or(::isatty(STDERR_FILENO) ? LogFormat::Text
                                                                               : LogFormat::Json);
    ServerLog log({.format = format, .level = config.logLevel});
    qtLog = &log;
    qInstallMessageHandler(toLog);

    Result<std::unique_ptr<Engine>> engine = Engine::create(config.engine);
    if (!engine)
        return reportError(engine.error());
    LocalServerOptions options = config.server;
    options.log = &log;
    Result<std::unique_ptr<LocalServer>> server = LocalServer::start(**engine, options);
    if (!server)
        return reportError(server.error());

    // From here on a signal ends it properly.
    std::jthread draining;
    const StopSignals signals([&](int signal) {
        notifyServiceManager(notifySocket, "STOPPING=1");
        const auto load = (*engine)->executions().load();
        log.message(LogLevel::Info, u"server"_s,
                    u"%1: stopping, runs under way: %2, they may go on for %3 s; a second signal "
                    "ends it at once"_s.arg(signal == SIGINT ? u"SIGINT"_s : u"SIGTERM"_s)
                        .arg(load.queued + load.running)
                        .arg(static_cast<double>(config.grace.count()) / 1000));
        draining = std::jthread([&] {
            (*server)->drain(config.grace);
            QMetaObject::invokeMethod(QCoreApplication::instance(), &QCoreApplication::quit,
                                      Qt::QueuedConnection);
        });
    });
    (*engine)->sandbox().prepare();
    (*engine)->executions().shareQueue();
    reportOf(config, **engine, **server).write(log, format);
    notifyServiceManager(notifySocket,
                         "READY=1\nSTATUS=Serving on "
                             + (*server)->addresses().join(u", "_s).toUtf8());
    const int code = QCoreApplication::exec();
    if (draining.joinable())
        draining.join();
    server->reset();
    engine->reset();
    log.message(LogLevel::Info, u"server"_s, u"stopped"_s);
    qInstallMessageHandler(nullptr);
    qtLog = nullptr;
    return code;
}

/// `skillbox-server mcp`: standard output is the protocol's, so everything said goes to stderr.
int serveAgent(QStringList arguments, const QProcessEnvironment &environment)
{
    const Result<McpProgramOptions> options = takeMcpOptions(arguments);
    if (!options)
        return reportError(options.error());
    const Result<ServerConfig> config = loadServerConfig(arguments, environment,
                                                         QCoreApplication::applicationDirPath());
    if (!config)
        return reportError(config.error());
    if (config->wish == ServerConfig::Wish::ShowHelp) {
        std::fputs(qUtf8Printable(mcpHelp()), stdout);
        return 0;
    }
    if (config->wish == ServerConfig::Wish::ShowVersion) {
        std::puts("skillbox " SKILLBOX_VERSION);
        return 0;
    }
    ServerLog log(
        {.format = config->logFormat.value_or(LogFormat::Text), .level = config->logLevel});
    qtLog = &log;
    qInstallMessageHandler(toLog);
    Result<std::unique_ptr<Engine>> engine = Engine::create(config->engine);
    Result<int> code = 1;
    if (engine)
        code = serveMcp(**engine, *options);
    else
        code = fail(engine.error());
    if (engine)
        engine->reset();
    qInstallMessageHandler(nullptr);
    qtLog = nullptr;
    return code ? *code : reportError(code.error());
}

int run(const QCoreApplication &application)
{
    const QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    QStringList arguments = application.arguments().sliced(1);
    if (!arguments.isEmpty() && arguments.first() == u"mcp")
        return serveAgent(arguments.sliced(1), environment);
    const Result<ServerConfig> config = loadServerConfig(arguments, environment,
                                                         QCoreApplication::applicationDirPath());
    if (!config)
        return reportError(config.error());
    switch (config->wish) {
    case ServerConfig::Wish::ShowHelp: std::fputs(qUtf8Printable(serverHelp()), stdout); return 0;
    case ServerConfig::Wish::ShowVersion: std::puts("skillbox " SKILLBOX_VERSION); return 0;
    case ServerConfig::Wish::Serve: break;
    }
    return serve(*config, environment.value(u"NOTIFY_SOCKET"_s));
}

} // namespace
} // namespace skillbox

int main(int argc, char **argv)
{
    using namespace skillbox;
    openStandardStreams();
    ::signal(SIGPIPE, [](int) {}); // an errno of write(); ignored it would stay so in skills
    qputenv("LC_ALL", "C.UTF-8");
    QCoreApplication application(argc, argv);
    try {
        return run(application);
    } catch (const std::exception &error) {
        return reportError({ErrorCode::Internal, u"something went wrong inside skillbox-server"_s,
                            QString::fromUtf8(error.what())});
    }
}
