#pragma once

#include "engine/engine.h"
#include "server/api/result_links.h"
#include "server/http/http_request.h"
#include "server/http/http_response.h"

#include <mutex>
#include <optional>

namespace skillbox {

/// The answer to a request that waits for its run. It does not hold a thread: the run's observer
/// sends it when the result is in the store. A client that has left changes nothing for the run.
/// Holds nothing of the server, which may be gone when the run ends; the engine must be there.
class ExecutionAnswer
{
public:
    /// `idempotencyKey`: of a claim that this answer completes; empty: none.
    ExecutionAnswer(Engine &engine, ResultLinks links, const HttpRequest &request, TenantId tenant,
                    HttpReply reply, QString idempotencyKey);

    /// submit() has said which run it is. Thread-safe.
    void started(const ExecutionId &id);
    /// The run is over, or this engine ends before it (Left); other events mean nothing here. May
    /// come before started(). Thread-safe.
    void happened(const ExecutionEvent &event);

private:
    void send(const ExecutionId &id, ExecutionEvent::Kind end);

    Engine &m_engine;
    const ResultLinks m_links;
    HttpRequest m_request; ///< without its body
    const TenantId m_tenant;
    const HttpReply m_reply;
    const QString m_idempotencyKey;
    std::mutex m_mutex; ///< guards what follows
    std::optional<ExecutionId> m_id;
    std::optional<ExecutionEvent::Kind> m_end; ///< of the waiting: Finished or Left
};

/// 200 with the result of a run that is over; what the store refused to record is an error.
HttpResponse resultAnswer(const ExecutionRecord &record, const ResultLinks &links,
                          const HttpRequest &request);
enum class Accepted {
    AsPreferred, ///< `Prefer: respond-async`
    Unasked,     ///< the client would have waited
};
/// 202 for a run that goes on by itself.
HttpResponse acceptedAnswer(const ExecutionId &id, ExecutionStatus status,
                            Accepted accepted = Accepted::AsPreferred);

} // namespace skillbox
