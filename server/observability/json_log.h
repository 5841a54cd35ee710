#pragma once

#include "engine/storage/records.h"
#include "server/http/http_server.h"

#include <QByteArray>
#include <QString>

#include <optional>
#include <utility>

namespace skillbox {

enum class LogFormat {
    Json, ///< one object a line
    Text, ///< for people at a terminal
};
enum class LogLevel { Debug, Info, Warning, Error };
std::optional<LogLevel> logLevelFromName(QStringView name);   ///< debug, info, warning, error
std::optional<LogFormat> logFormatFromName(QStringView name); ///< json, text

/// What the log says of a run that is over.
struct RunLogEntry {
    ExecutionId id;
    TenantId tenant;
    QString skill;
    QString version;
    QString digest;
    ExecutionStatus status = ExecutionStatus::Failed;
    QString reason;
    std::optional<int> exitCode;
    std::chrono::milliseconds queued{};
    std::chrono::milliseconds duration{};
    QString actor;     ///< key id, or the local user
    QString requestId; ///< that asked for it; empty: none
    QString traceId;   ///< empty: none
};

/// The server's log: a line for each request and each run, and what the program has to say. A line
/// is written whole, with one write(2), so that those of several processes do not mix. It never
/// holds a header, a key, a path a client made up, an input or an output. Thread-safe.
class ServerLog
{
public:
    struct Config {
        LogFormat format = LogFormat::Json;
        LogLevel level = LogLevel::Info;
        int descriptor = 2; ///< stays the caller's
    };
    explicit ServerLog(Config config) : m_config(config) { }

    void request(const RequestSummary &request);
    void run(const RunLogEntry &run);
    /// `source` is a logging category or a part of the program.
    void message(LogLevel level, const QString &source, const QString &text);
    /// What Qt's own messages become: a body for qInstallMessageHandler.
    void qtMessage(QtMsgType type, const QMessageLogContext &context, const QString &text);

    bool wants(LogLevel level) const { return level >= m_config.level; }

private:
    class Line;
    void write(const Line &line);

    const Config m_config;
};

} // namespace skillbox
