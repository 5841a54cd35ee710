#pragma once

#include "engine/engine_config.h"
#include "server/local_server.h"
#include "server/observability/json_log.h"

namespace skillbox {

/// What the server program was told: command line, variables, file.
struct ServerConfig {
    enum class Wish { Serve, ShowHelp, ShowVersion };
    Wish wish = Wish::Serve;
    EngineConfig engine;
    LocalServerOptions server;
    std::chrono::milliseconds grace{30'000};
    LogLevel logLevel = LogLevel::Info;
    std::optional<LogFormat> logFormat; ///< none: text on a terminal, else JSON
    /// What works but deserves a second thought, a sentence each.
    QStringList warnings;
};

/// Options win over variables, variables over the file that --config (or SKILLBOX_CONFIG) names.
/// Every bad value is named, all in one BadRequest error, a line each. `arguments` are without the
/// program's name; `programDirectory` is where the launcher is looked for.
Result<ServerConfig> loadServerConfig(const QStringList &arguments,
                                      const QProcessEnvironment &environment,
                                      const QString &programDirectory);

} // namespace skillbox
