#include "engine/sandbox/oci/engine_client.h"

#include "engine/net/curl_transfer.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QVersionNumber>

#include <utility>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Old enough for every engine in use, new enough for all that we ask.
const QVersionNumber wantedApi(1, 41);

/// One call under way and its answer.
class EngineTransfer final : public CurlTransfer
{
public:
    EngineTransfer(const CurlLibrary &curl, CURL *handle, const EngineCall &call)
        : CurlTransfer(curl, handle)
        , m_call(call)
    {
    }

    EngineAnswer takeAnswer() { return {status(), std::move(m_body)}; }

protected:
    Result<void> headIsOver() override
    {
        if (!isSuccess() || !m_call.begin || std::exchange(m_begun, true))
            return {};
        return m_call.begin();
    }
    Result<void> gotBody(QByteArrayView bytes) override
    {
        if (isSuccess() && m_call.sink)
            return m_call.sink(bytes);
        if (m_body.size() + bytes.size() > EngineClient::maxBodyBytes) {
            return fail(ErrorCode::SandboxUnavailable,
                        u"the container engine's answer is over %1 MiB"_s.arg(
                            EngineClient::maxBodyBytes >> 20));
        }
        m_body.append(bytes);
        return {};
    }
    bool isStopped() const override { return m_call.abort && m_call.abort->load(); }
    Error headIsEndless() const override
    {
        return {ErrorCode::SandboxUnavailable,
                u"the container engine's answer has a head without an end"_s};
    }

private:
    const EngineCall &m_call;
    QByteArray m_body;
    bool m_begun = false;
};

QString whyNoAnswer(CURLcode code, const OciAddress &address)
{
    switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
        return address.unixSocket.isEmpty()
            ? u"nothing answers there"_s
            : u"nothing answers there, or this user may not use the socket"_s;
    case CURLE_OPERATION_TIMEDOUT: return u"it does not answer in time"_s;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2: return u"what answers there is no container engine"_s;
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR: return u"it closed the connection before its answer was complete"_s;
    default: return u"the request failed"_s;
    }
}

} // namespace

QString EngineVersion::kindName() const
{
    return kind == EngineKind::Podman ? u"podman"_s : u"docker"_s;
}

EngineClient::EngineClient(const QString &address)
    : m_text(address)
    , m_address(parseOciAddress(address))
    , m_handles(std::make_unique<CurlHandles>())
{
}

EngineClient::~EngineClient() = default;

Result<EngineAnswer> EngineClient::send(const EngineCall &call)
{
    const Result<EngineVersion> engine = version();
    if (!engine)
        return fail(engine.error());
    return perform(call, engine->prefix);
}

Result<EngineVersion> EngineClient::version()
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_version)
            return *m_version;
    }
    const Result<EngineAnswer> answer = perform(
        {.target = "/version", .timeLimit = std::chrono::seconds(20)}, {});
    if (!answer)
        return fail(answer.error());
    const auto strange = [this](const QString &what) {
        return fail(ErrorCode::SandboxUnavailable,
                    u"the container engine at %1 cannot be used: %2"_s.arg(m_text, what));
    };
    if (!answer->isSuccess())
        return strange(u"asked for its version it answers %1"_s.arg(complaintIn(*answer)));
    const QJsonObject json = QJsonDocument::fromJson(answer->body).object();
    const auto api = QVersionNumber::fromString(json.value("ApiVersion"_L1).toString());
    const auto oldest = QVersionNumber::fromString(json.value("MinAPIVersion"_L1).toString());
    if (api.isNull())
        return strange(u"what answers there does not say which API it speaks"_s);
    if (api < wantedApi) {
        return strange(u"it speaks API %1, and %2 is needed (Docker 20.10, Podman 4)"_s.arg(
            api.toString(), wantedApi.toString()));
    }
    EngineVersion found;
    const QJsonArray components = json.value("Components"_L1).toArray();
    for (const QJsonValue &component : components) {
        if (component.toObject().value("Name"_L1).toString().contains("podman"_L1,
                                                                      Qt::CaseInsensitive))
            found.kind = EngineKind::Podman;
    }
    found.version = json.value("Version"_L1).toString().left(64);
    // Podman's MinAPIVersion is of another API.
    const bool wantedIsTooOld = found.kind == EngineKind::Docker && oldest > wantedApi;
    found.prefix = "/v" + (wantedIsTooOld ? oldest : wantedApi).toString().toLatin1();
    const std::lock_guard lock(m_mutex);
    m_version = found;
    return found;
}

Result<EngineAnswer> EngineClient::perform(const EngineCall &call, const QByteArray &prefix)
{
    const auto library = CurlLibrary::load();
    if (!library)
        return fail(library.error());
    if (!m_address)
        return fail(m_address.error());
    const CurlLibrary &curl = **library;
    CURL *handle = m_handles->take();
    if (!handle)
        return fail(ErrorCode::Internal, u"libcurl gives no handle"_s);
    EngineTransfer transfer(curl, handle, call);
    const auto set = [&](CURLoption option, auto value) { curl.easySetopt(handle, option, value); };
    set(CURLOPT_NOPROXY, "*");
    set(CURLOPT_CONNECTTIMEOUT, 5L);
    set(CURLOPT_TIMEOUT, static_cast<long>(call.timeLimit.count()));
    const Result<void> outcome = transfer.perform(
        {.method = call.method,
         .url = m_address->baseUrl + prefix + call.target,
         .unixSocket = m_address->unixSocket.toUtf8(),
         .headers = {call.upload ? "Content-Type: application/x-tar"
                                 : "Content-Type: application/json",
                     "Expect:"},
         .protocols = "http",
         .body = call.body,
         .upload = call.upload});
    m_handles->giveBack(handle, transfer.code() == CURLE_OK);
    if (!outcome)
        return fail(outcome.error());
    if (transfer.code() == CURLE_ABORTED_BY_CALLBACK)
        return fail(ErrorCode::Cancelled, u"the request to the container engine was given up"_s);
    if (!transfer.hasAnswer()) {
        return fail(ErrorCode::SandboxUnavailable,
                    u"the container engine at %1 cannot be used: %2"_s.arg(
                        m_text, whyNoAnswer(transfer.code(), *m_address)),
                    transfer.detail());
    }
    return transfer.takeAnswer();
}

QString EngineClient::complaintIn(const EngineAnswer &answer)
{
    const QJsonObject json = QJsonDocument::fromJson(answer.body).object();
    QString text = json.value("message"_L1).toString();
    if (text.isEmpty())
        text = QString::fromUtf8(answer.body.left(400));
    text = text.simplified().left(400);
    for (QChar &c : text) {
        if (c.category() == QChar::Other_Control)
            c = u' ';
    }
    return text.isEmpty() ? u"status %1"_s.arg(answer.status)
                          : u"status %1, %2"_s.arg(answer.status).arg(text);
}

} // namespace skillbox
