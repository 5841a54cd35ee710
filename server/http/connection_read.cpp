#include "server/http/connection.h"

#include "server/http/http_log.h"
#include "server/http/problem.h"
#include "server/http/request_target.h"

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

constexpr qint64 inputPieceBytes = 64 << 10;
/// Requests of one client served in a row before others get their turn.
constexpr int requestsPerTurn = 32;
/// While so much of earlier answers waits to be sent, no further request is begun.
constexpr qint64 pipelineHighWater = 256 << 10;
/// A body may be slower only in its beginning.
constexpr qint64 minBodyBytesPerSecond = 1024;

} // namespace

void Connection::process()
{
    if (m_isProcessing)
        return;
    if (m_phase == Phase::Closing)
        return discardInput();
    m_isProcessing = true;
    m_servedThisTurn = 0;
    while (m_phase == Phase::Head || m_phase == Phase::Body) {
        if (m_phase == Phase::Head && !m_parser.hasBegun() && unsent() >= pipelineHighWater)
            break;
        if (input().isEmpty() && !fillInput())
            break;
        if (m_phase == Phase::Body)
            readBody();
        else
            readHead();
        if (m_servedThisTurn >= requestsPerTurn) {
            QMetaObject::invokeMethod(
                this, [this] { process(); }, Qt::QueuedConnection);
            break;
        }
    }
    m_isProcessing = false;
    if (m_context.draining && m_phase == Phase::Head)
        drain();
}

bool Connection::fillInput()
{
    m_inputTaken = 0;
    const qint64 available = std::min(m_socket->bytesAvailable(), inputPieceBytes);
    if (available <= 0) {
        m_input.clear(); // an idle connection holds no buffer
        return false;
    }
    m_input.resize(qsizetype(available));
    m_input.truncate(qsizetype(std::max<qint64>(0, m_socket->read(m_input.data(), available))));
    return !m_input.isEmpty();
}

void Connection::takeInput(qsizetype size)
{
    m_inputTaken += size;
}

void Connection::discardInput()
{
    m_input.clear();
    m_inputTaken = 0;
    while (m_socket->bytesAvailable() > 0 && m_socket->skip(inputPieceBytes) > 0) { }
}

void Connection::readHead()
{
    const bool hadBegun = m_parser.hasBegun();
    takeInput(m_parser.feed(input()));
    if (!hadBegun && m_parser.hasBegun()) {
        m_requestSince = GuardClock::now();
        m_deadline = deadlineIn(m_context.config.limits.headTimeout);
    }
    if (m_parser.state() == RequestHeadParser::State::Refused)
        refuse(m_parser.refusal());
    else if (m_parser.state() == RequestHeadParser::State::Complete)
        headComplete();
}

void Connection::headComplete()
{
    identify();
    m_keepAlive = m_parser.head().keepAlive;
    m_bodyUnread = false;
    m_route = nullptr;
    auto refusal = refuseHead();
    if (!refusal)
        refusal = routeHead();
    if (refusal)
        return answerEarly(std::move(*refusal));
    beginBody();
}

std::optional<HttpResponse> Connection::refuseHead()
{
    const RequestHead &head = m_parser.head();
    if (m_peer.checkOrigins) {
        if (const auto refusal = m_context.origins.refuse(head))
            return problemOf(refusal->status, refusal->slug, refusal->message);
    }
    if (head.target == "*")
        return HttpResponse::empty(204);
    auto target = decodeTarget(head.target);
    if (!target)
        return problem(target.error(), m_summary.requestId, {});
    m_request.path = m_summary.path = target->path;
    m_request.query = std::move(target->query);
    return std::nullopt;
}

std::optional<HttpResponse> Connection::routeHead()
{
    const RequestHead &head = m_parser.head();
    Router::Match match = m_context.router.match(head.method, m_request.path);
    if (!match.route && match.allowed.isEmpty())
        return problemOf(404, u"not_found"_s, u"there is nothing at this path"_s);
    if (m_context.origins.isPreflight(head)) {
        HttpResponse response = HttpResponse::empty(204);
        response.headers = OriginPolicy::preflightFields(match.allowed);
        return response;
    }
    if (!match.route) {
        HttpResponse response = problemOf(405, u"method_not_allowed"_s,
                                          u"this path does not take the method %1"_s.arg(
                                              QString::fromLatin1(head.method)));
        response.headers.set("Allow", match.allowed.join(", "));
        return response;
    }
    m_route = match.route;
    m_summary.routePattern = match.route->pattern;
    m_request.parameters = std::move(match.parameters);
    if (const HttpGate &gate = match.route->options.gate) {
        auto refusal = ask(gate);
        m_summary.identity = m_request.identity;
        m_gateFields = m_request.answerFields;
        if (refusal)
            return refusal;
    }
    if (head.framing == BodyFraming::Length
        && head.contentLength > match.route->options.maxBodyBytes) {
        return problemOf(413, u"too_large"_s,
                         u"the body is larger than the %1 bytes taken here"_s.arg(
                             match.route->options.maxBodyBytes));
    }
    return std::nullopt;
}

std::optional<HttpResponse> Connection::ask(const HttpGate &gate)
{
    try {
        return gate(m_request);
    } catch (const std::exception &error) {
        qCWarning(httpLog, "a gate threw: %s", error.what());
    } catch (...) {
        qCWarning(httpLog, "a gate threw something unknown");
    }
    return problemOf(500, u"internal"_s, u"the server failed to answer this request"_s);
}

void Connection::beginBody()
{
    const RequestHead &head = m_parser.head();
    m_collector.emplace(m_context.config.spoolDirectory, m_context.config.limits.spoolAboveBytes);
    if (head.framing == BodyFraming::None)
        return dispatch();
    m_phase = Phase::Body;
    m_bodySince = GuardClock::now();
    m_deadline = deadlineIn(m_context.config.limits.bodyIdleTimeout);
    m_bodyLeft = head.contentLength;
    m_chunks = {};
    if (head.expectsContinue && input().isEmpty() && m_socket->bytesAvailable() == 0) {
        write("HTTP/1.1 100 Continue\r\n\r\n");
        flush();
    }
}

void Connection::readBody()
{
    const GuardClock::time_point before = m_bodySince;
    const qint64 sizeBefore = m_collector->size();
    if (m_parser.head().framing == BodyFraming::Chunked) {
        readChunks();
    } else {
        const qsizetype size = std::min(input().size(), qsizetype(m_bodyLeft));
        const QByteArrayView bytes = input().first(size);
        takeInput(size);
        m_summary.requestBytes += size;
        m_bodyLeft -= size;
        if (takeBody(bytes) && m_bodyLeft == 0)
            dispatch();
    }
    if (m_phase != Phase::Body || m_collector->size() == sizeBefore)
        return;
    const std::chrono::milliseconds idle = m_context.config.limits.bodyIdleTimeout;
    const std::chrono::seconds earned(m_collector->size() / minBodyBytesPerSecond);
    m_deadline = std::min(deadlineIn(idle), before + 4 * idle + earned);
}

void Connection::readChunks()
{
    while (m_phase == Phase::Body && !input().isEmpty()
           && m_chunks.state() == ChunkDecoder::State::NeedsMore) {
        const ChunkDecoder::Step step = m_chunks.next(input());
        takeInput(step.taken);
        m_summary.requestBytes += step.taken;
        if (!takeBody(step.payload))
            return;
    }
    if (m_chunks.state() == ChunkDecoder::State::Refused)
        refuse({400, u"bad_request"_s, m_chunks.refusal()});
    else if (m_chunks.state() == ChunkDecoder::State::Complete)
        dispatch();
}

bool Connection::takeBody(QByteArrayView bytes)
{
    const qint64 limit = m_route->options.maxBodyBytes;
    if (m_collector->size() + bytes.size() > limit) {
        refuse(
            {413, u"too_large"_s, u"the body is larger than the %1 bytes taken here"_s.arg(limit)});
        return false;
    }
    if (const auto added = m_collector->add(bytes); !added) {
        refuse({503, errorSlug(added.error().code), added.error().message});
        return false;
    }
    return true;
}

void Connection::dispatch()
{
    m_request.body = m_collector->finish();
    m_collector.reset();
    m_phase = Phase::Handling;
    m_channel->deliver(m_request.method, m_request.path);
    if (!m_exchange && m_phase == Phase::Handling)
        answerUnhandled(); // QtHttpServer did not understand what the guard wrote
}

} // namespace skillbox
