#pragma once

#include "server/mcp/mcp_session.h"

namespace skillbox {

/// One tools/call, from the request to its answer. What the run tells comes on a thread of the
/// execution service, possibly before start() has returned.
class ToolCall : public std::enable_shared_from_this<ToolCall>
{
public:
    struct Parts {
        std::weak_ptr<McpSession> session;
        Engine &engine;
        TenantId tenant;
        ToolDescription tool;
        ProtocolVersion version;
        QByteArray request;
        JsonText progressToken; ///< empty: none
        McpCaller caller;
    };
    explicit ToolCall(Parts parts) : m_parts(std::move(parts)) { }

    /// Submits the run, or answers why there is none.
    void start(const JsonText &arguments, const QString &workSession);
    /// Stops the run; nothing is answered from now on.
    void cancel(const Origin &by);
    const Origin &origin() const { return m_parts.caller.origin; }

private:
    void happened(const ExecutionEvent &event);
    void started();
    void logged(const ExecutionEvent &event);
    void finished();
    void answerFromRecord(const ExecutionId &id);
    void answer(const QByteArray &result);
    /// `total` 0: not known.
    void progress(double value, double total, const QString &message);
    bool isCancelled() const;

    const Parts m_parts;
    mutable std::mutex m_mutex; ///< guards what follows
    ExecutionId m_execution;    ///< empty until submit() has returned
    bool m_isFinished = false;
    bool m_isCancelled = false;
    // Of the run's own thread alone:
    double m_progress = -1; ///< what was said last
    bool m_reportsItself = false;
    qsizetype m_loggedCharacters = 0;
    std::chrono::steady_clock::time_point m_lastProgress{};
};

} // namespace skillbox
