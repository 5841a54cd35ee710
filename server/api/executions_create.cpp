#include "engine/base/clock.h"
#include "engine/base/sha256.h"
#include "server/api/answers.h"
#include "server/api/execution_answer.h"
#include "server/api/executions.h"
#include "server/api/idempotency.h"
#include "server/api/json/execution_request_json.h"
#include "server/http/problem.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr std::chrono::hours claimLifetime{24};

/// What the key of a request that came before means for this one; nothing: go on.
std::optional<HttpResponse> answerOfBefore(const IdempotencyClaim &claim,
                                           const HttpRequest &request, ApiServices &services)
{
    using State = IdempotencyClaim::State;
    if (claim.state == State::Claimed)
        return std::nullopt;
    if (claim.state == State::Mismatch) {
        return problem(422, u"idempotency_key_reused"_s,
                       u"the Idempotency-Key was used for another request"_s, request.requestId,
                       request.path);
    }
    HttpResponse response;
    if (claim.state == State::Replay && !claim.body.isEmpty()) {
        response = HttpResponse::json(claim.status, claim.body);
        response.subject = claim.execution.value;
        if (!claim.execution.isEmpty())
            response.headers.add("Location", "/v1/executions/" + claim.execution.value.toLatin1());
    } else {
        Result<ExecutionRecord> record = fail(ErrorCode::Conflict, QString());
        if (!claim.execution.isEmpty())
            record = services.engine.executions().find(callerOf(request).tenant, claim.execution);
        // A run whose server died while it was waited for has ended without completing its claim.
        if (!record || !isFinal(record->status)) {
            response = failed({ErrorCode::Conflict,
                               u"the first request with this Idempotency-Key is still running"_s},
                              request);
            response.headers.set("Retry-After", "1");
            return response;
        }
        response = resultAnswer(*record, services.links, request);
    }
    response.headers.add("Idempotent-Replayed", "true");
    return response;
}

/// Where the tenant has begun its runs of this minute: when there is one again, in the fields of
/// draft-ietf-httpapi-ratelimit-headers-10 too, beside those of its requests.
HttpResponse refusedRun(const Error &error, const HttpRequest &request)
{
    HttpResponse response = failed(error, request);
    const QJsonObject quota = error.items.at(0).toObject();
    if (error.code != ErrorCode::RateLimited || quota.isEmpty())
        return response;
    const qint64 wait = qMax<qint64>(1, (quota["retry_after_ms"_L1].toInteger() + 999) / 1000);
    response.headers.set("Retry-After", QByteArray::number(wait));
    response.headers.add("RateLimit-Policy",
                         "\"runs\";q=" + QByteArray::number(quota["limit"_L1].toInteger())
                             + ";w=60");
    response.headers.add("RateLimit", "\"runs\";r=0;t=" + QByteArray::number(wait));
    return response;
}

/// Takes the key, or gives the answer that it stands for already.
Result<std::optional<HttpResponse>> claim(const QString &key, const QByteArray &body,
                                          const HttpRequest &request, ApiServices &services)
{
    if (key.isEmpty())
        return std::nullopt;
    const QDateTime now = nowUtc();
    const auto claimed = services.engine.metadata().claimIdempotency(
        callerOf(request).tenant, key, Sha256::of("POST /v1/executions\n" + body),
        services.engine.instance(), now, now.addSecs(std::chrono::seconds(claimLifetime).count()));
    if (!claimed)
        return fail(claimed.error());
    return answerOfBefore(*claimed, request, services);
}

void createExecution(const HttpRequest &request, const HttpReply &reply, ApiServices &services)
{
    const QByteArray body = request.body->bytes();
    auto asked = readExecutionRequest(body);
    if (!asked)
        return reply.send(failed(asked.error(), request));
    const auto key = idempotencyKeyOf(request);
    if (!key)
        return reply.send(failed(key.error(), request));
    const TenantId tenant = callerOf(request).tenant;
    asked->tenant = tenant;
    asked->origin = originOf(request);
    asked->traceparent = QString::fromLatin1(request.trace.header());

    auto before = claim(*key, body, request, services);
    if (!before)
        return reply.send(failed(before.error(), request));
    if (*before)
        return reply.send(std::move(**before));

    MetadataStore &metadata = services.engine.metadata();
    asked->idempotencyKey = *key;
    const bool async = prefersAsync(request.headers);
    std::shared_ptr<ExecutionAnswer> waiting;
    ExecutionObserver observer;
    if (!async) {
        waiting = std::make_shared<ExecutionAnswer>(services.engine, services.links, request,
                                                    tenant, reply, *key);
        observer = [waiting](const ExecutionEvent &event) { waiting->happened(event); };
    }
    const Result<ExecutionId> id = services.engine.executions().submit(*asked, observer);
    if (!id) {
        // Nothing was recorded: whoever asks again may have more luck. Where that is not certain
        // the key stays if there is a record.
        if (!key->isEmpty())
            (void)metadata.releaseIdempotency(tenant, *key);
        return reply.send(refusedRun(id.error(), request));
    }
    if (waiting)
        return waiting->started(*id);

    HttpResponse accepted = acceptedAnswer(*id, ExecutionStatus::Queued);
    if (!key->isEmpty())
        (void)metadata.completeIdempotency(tenant, *key, accepted.status,
                                           std::get<QByteArray>(accepted.body));
    reply.send(std::move(accepted));
}

} // namespace

void registerExecutionCreate(Router &router, ApiServices &services)
{
    router.add("POST", u"/v1/executions"_s, services.route(Permission::Run),
               HttpHandler([&services](const HttpRequest &request, const HttpReply &reply) {
                   createExecution(request, reply, services);
               }));
}

} // namespace skillbox
