#include "server/observability/json_log.h"

#include "engine/access/access_service.h"
#include "engine/base/clock.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <unistd.h>

#include <cerrno>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QLatin1StringView levelName(LogLevel level)
{
    switch (level) {
    case LogLevel::Debug: return "debug"_L1;
    case LogLevel::Info: return "info"_L1;
    case LogLevel::Warning: return "warning"_L1;
    case LogLevel::Error: break;
    }
    return "error"_L1;
}

QByteArray jsonString(const QString &text)
{
    const QByteArray array = QJsonDocument(QJsonArray{text}).toJson(QJsonDocument::Compact);
    return array.sliced(1, array.size() - 2);
}

/// On one line and without anything a terminal would obey.
QString visible(QString text)
{
    for (QChar &c : text) {
        if (c.category() == QChar::Other_Control || c.category() == QChar::Other_Format
            || c.unicode() == 0x2028 || c.unicode() == 0x2029)
            c = QChar(0xfffd);
    }
    return text;
}

/// The execution a request is about: its path names it, or it was made by it.
QString executionOf(const RequestSummary &request)
{
    if (request.routePattern == u"/v1/executions")
        return request.subject;
    if (!request.routePattern.startsWith("/v1/executions/{id}"_L1))
        return {};
    const QString id = request.path.section(u'/', 3, 3);
    return isUuid(id) ? id : QString();
}

} // namespace

std::optional<LogLevel> logLevelFromName(QStringView name)
{
    for (const LogLevel level :
         {LogLevel::Debug, LogLevel::Info, LogLevel::Warning, LogLevel::Error}) {
        if (name.compare(levelName(level), Qt::CaseInsensitive) == 0)
            return level;
    }
    return name.compare("warn"_L1, Qt::CaseInsensitive) == 0 ? std::optional(LogLevel::Warning)
                                                             : std::nullopt;
}

std::optional<LogFormat> logFormatFromName(QStringView name)
{
    if (name.compare("json"_L1, Qt::CaseInsensitive) == 0)
        return LogFormat::Json;
    if (name.compare("text"_L1, Qt::CaseInsensitive) == 0)
        return LogFormat::Text;
    return std::nullopt;
}

/// One line being put together, as both formats see it: a sentence for people and fields in order.
class ServerLog::Line
{
public:
    Line(LogLevel level, QLatin1StringView event, QString sentence)
        : m_level(level)
        , m_event(event)
        , m_sentence(std::move(sentence))
    {
    }
    Line &text(QLatin1StringView name, const QString &value)
    {
        if (!value.isEmpty())
            m_fields.append({name, value, true});
        return *this;
    }
    Line &number(QLatin1StringView name, qint64 value)
    {
        m_fields.append({name, QString::number(value), false});
        return *this;
    }
    Line &milliseconds(QLatin1StringView name, std::chrono::microseconds value)
    {
        m_fields.append(
            {name, QString::number(static_cast<double>(value.count()) / 1000.0, 'f', 3), false});
        return *this;
    }

    QByteArray json() const
    {
        QByteArray line = "{\"time\":\"" + toRfc3339(nowUtc()).toLatin1() + "\",\"level\":\""
            + levelName(m_level).latin1() + "\",\"event\":\"" + m_event.latin1() + '"';
        for (const Field &field : m_fields) {
            line += ",\"";
            line += field.name.latin1();
            line += "\":";
            line += field.isText ? jsonString(field.value) : field.value.toLatin1();
        }
        return line + "}\n";
    }
    QByteArray plain() const
    {
        QString line = nowUtc().toString(u"HH:mm:ss.zzz "_s)
            + QString(levelName(m_level)).toUpper().leftJustified(8) + visible(m_sentence);
        for (const Field &field : m_fields) {
            const bool said = field.name == "status"_L1
                || (field.isText && m_sentence.contains(field.value));
            if (said || field.value == u"0")
                continue;
            line += u' ' + QString(field.name) + u'=' + visible(field.value);
        }
        return line.toUtf8() + '\n';
    }
    LogLevel level() const { return m_level; }

private:
    struct Field {
        QLatin1StringView name;
        QString value;
        bool isText;
    };
    LogLevel m_level;
    QLatin1StringView m_event;
    QString m_sentence;
    QList<Field> m_fields;
};

void ServerLog::request(const RequestSummary &request)
{
    const LogLevel level = request.status >= 500 ? LogLevel::Error : LogLevel::Info;
    if (!wants(level))
        return;
    const auto *caller = std::any_cast<Caller>(&request.identity);
    // Not the path: a client may put anything into it, also what nobody else should read.
    const QString route = request.routePattern.isEmpty() ? u"-"_s : request.routePattern;
    const QString method = QString::fromLatin1(request.method.left(16));
    Line line(level, "request"_L1,
              u"%1 %2 %3"_s.arg(method, route, QString::number(request.status)));
    line.text("method"_L1, method)
        .text("route"_L1, route)
        .number("status"_L1, request.status)
        .milliseconds("duration_ms"_L1, request.duration)
        .number("request_bytes"_L1, request.requestBytes)
        .number("response_bytes"_L1, request.responseBytes)
        .text("tenant"_L1, caller ? caller->tenant.value : QString())
        .text("actor"_L1, caller ? caller->key.value : QString())
        .text("execution_id"_L1, executionOf(request))
        .text("request_id"_L1, request.requestId)
        .text("trace_id"_L1, QString::fromLatin1(request.trace.traceId))
        .text("span_id"_L1, QString::fromLatin1(request.trace.spanId))
        .text("peer"_L1, request.peer);
    write(line);
}

void ServerLog::run(const RunLogEntry &run)
{
    if (!wants(LogLevel::Info))
        return;
    const QString status = executionStatusName(run.status);
    Line line(LogLevel::Info, "execution"_L1,
              u"run of %1 %2: %3"_s.arg(run.skill, run.version, status));
    line.text("execution_id"_L1, run.id.value)
        .text("tenant"_L1, run.tenant.value)
        .text("skill"_L1, run.skill)
        .text("version"_L1, run.version)
        .text("digest"_L1, run.digest)
        .text("status"_L1, status)
        .text("reason"_L1, run.reason);
    if (run.exitCode)
        line.number("exit_code"_L1, *run.exitCode);
    line.number("queued_ms"_L1, run.queued.count())
        .number("duration_ms"_L1, run.duration.count())
        .text("actor"_L1, run.actor)
        .text("request_id"_L1, run.requestId)
        .text("trace_id"_L1, run.traceId);
    write(line);
}

void ServerLog::message(LogLevel level, const QString &source, const QString &text)
{
    if (!wants(level))
        return;
    Line line(level, "message"_L1, text);
    line.text("source"_L1, source).text("message"_L1, text);
    write(line);
}

void ServerLog::qtMessage(QtMsgType type, const QMessageLogContext &context, const QString &text)
{
    LogLevel level = LogLevel::Error;
    switch (type) {
    case QtDebugMsg: level = LogLevel::Debug; break;
    case QtInfoMsg: level = LogLevel::Info; break;
    case QtWarningMsg: level = LogLevel::Warning; break;
    case QtCriticalMsg:
    case QtFatalMsg: break;
    }
    message(level, context.category ? QString::fromUtf8(context.category) : QString(), text);
}

void ServerLog::write(const Line &line)
{
    const QByteArray bytes = m_config.format == LogFormat::Json ? line.json() : line.plain();
    qsizetype written = 0;
    while (written < bytes.size()) {
        const ssize_t count = ::write(m_config.descriptor, bytes.constData() + written,
                                      static_cast<size_t>(bytes.size() - written));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return; // a log that nobody takes must not stop the server
        written += count;
    }
}

} // namespace skillbox
