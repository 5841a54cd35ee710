#pragma once

#include "app/cli/exit_code.h"
#include "app/cli/terminal.h"
#include "engine/base/origin.h"
#include "engine/base/result.h"
#include "engine/local_user.h"

#include <QProcessEnvironment>
#include <QStringList>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace skillbox {

class Backend;
class Engine;
class SignInStore;
struct EngineConfig;
struct ServerChoice;

/// What every command can be told, before or after its name. Texts as CLI11 fills them in.
struct CommonOptions {
    std::string output = "table";
    bool verbose = false;
    std::optional<std::string> server; ///< empty: work without one whatever the environment says
    std::string apiKey;
    std::string tenant;
};

/// What commands share: the streams, the common options, and the engine or server, which the first
/// command that asks for it opens. Lives in main().
class CliContext
{
public:
    CliContext(QProcessEnvironment environment, QString programDirectory);
    ~CliContext();

    Terminal &out() { return m_out; }
    Terminal &err() { return m_err; }
    CommonOptions &options() { return m_options; }
    bool wantsJson() const { return m_options.output == "json"; }

    /// What the command line asked for; main() runs it once everything on the line was understood.
    void setAction(std::function<ExitCode()> action) { m_action = std::move(action); }
    ExitCode runAction();
    bool hasAction() const { return static_cast<bool>(m_action); }

    /// A server if one is configured, else the engine in this process.
    Result<Backend *> backend();
    /// The server's address; empty: there is none.
    QString server() const;
    /// How it is reached, where there is one.
    ServerChoice serverChoice() const;
    /// Sign-ins of whoever runs us.
    SignInStore signIns() const;
    /// Whom the embedded engine works for.
    QString tenant() const;
    /// Opens the store on first use.
    Result<Engine *> engine();
    Result<EngineConfig> engineConfig() const;

    /// `Error: …` on standard error, with the detail if --verbose; the code to end with.
    ExitCode reportError(const Error &error);
    /// `Note: …` on standard error.
    void note(const QString &text);
    /// One line on standard output.
    ExitCode printJson(const QByteArray &json);

    const QProcessEnvironment &environment() const { return m_environment; }
    const QString &programDirectory() const { return m_programDirectory; }
    /// The person at this machine, for the records.
    static Origin origin() { return {.actor = localUserName()}; }

private:
    const QProcessEnvironment m_environment;
    const QString m_programDirectory;
    Terminal m_out;
    Terminal m_err;
    CommonOptions m_options;
    std::function<ExitCode()> m_action;
    std::unique_ptr<Engine> m_engine;
    std::unique_ptr<Backend> m_backend;
};

} // namespace skillbox
