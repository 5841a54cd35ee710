#include "engine/sandbox/oci/engine_client.h"

#include "engine/net/curl_handles.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QVersionNumber>

#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Old enough for every engine in use, new enough for all that we ask.
const QVersionNumber wantedApi(1, 41);

struct EngineExchange {
    const CurlLibrary &curl;
    CURL *handle;
    const EngineCall &call;
    EngineAnswer answer = {};
    Result<void> outcome = {};
    bool begun = false;
    qint64 headBytes = 0;
};

bool isWanted(const EngineExchange &exchange)
{
    return exchange.answer.isSuccess() && exchange.call.sink;
}

size_t onEngineBody(char *data, size_t, size_t size, void *user)
{
    EngineExchange &exchange = *static_cast<EngineExchange *>(user);
    const QByteArrayView bytes(data, static_cast<qsizetype>(size));
    if (isWanted(exchange)) {
        exchange.outcome = exchange.call.sink(bytes);
        return exchange.outcome ? size : 0;
    }
    if (exchange.answer.body.size() + bytes.size() > EngineClient::maxBodyBytes) {
        exchange.outcome = fail(ErrorCode::SandboxUnavailable,
                                u"the container engine's answer is over %1 MiB"_s.arg(
                                    EngineClient::maxBodyBytes >> 20));
        return 0;
    }
    exchange.answer.body.append(bytes);
    return size;
}

size_t onEngineHeader(char *data, size_t, size_t size, void *user)
{
    EngineExchange &exchange = *static_cast<EngineExchange *>(user);
    exchange.headBytes += static_cast<qint64>(size);
    if (exchange.headBytes > 256 * 1024) {
        exchange.outcome = fail(ErrorCode::SandboxUnavailable,
                                u"the container engine's answer has a head without an end"_s);
        return 0;
    }
    const QByteArray line = QByteArray(data, static_cast<qsizetype>(size)).trimmed();
    if (line.startsWith("HTTP/")) {
        const QByteArrayList parts = line.split(' ');
        exchange.answer.status = parts.size() > 1 ? parts[1].toInt() : 0;
    } else if (line.isEmpty() && exchange.answer.isSuccess() && exchange.call.begin
               && !exchange.begun) {
        exchange.begun = true;
        exchange.outcome = exchange.call.begin();
        return exchange.outcome ? size : 0;
    }
    return size;
}

size_t onEngineUpload(char *buffer, size_t, size_t size, void *user)
{
    EngineExchange &exchange = *static_cast<EngineExchange *>(user);
    const qint64 got = exchange.call.upload->read(buffer, static_cast<qint64>(size));
    if (got < 0) {
        exchange.outcome = fail(ErrorCode::Io,
                                u"cannot read what is to be sent: %1"_s.arg(
                                    exchange.call.upload->errorString()));
        return CURL_READFUNC_ABORT;
    }
    return static_cast<size_t>(got);
}

int onEngineProgress(void *user, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
    const auto &exchange = *static_cast<const EngineExchange *>(user);
    return exchange.call.abort && exchange.call.abort->load() ? 1 : 0;
}

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
    EngineExchange exchange{.curl = curl, .handle = handle, .call = call};
    std::array<char, CURL_ERROR_SIZE> detail{};
    const QByteArray url = m_address->baseUrl + prefix + call.target;
    const QByteArray socketPath = m_address->unixSocket.toUtf8();
    const CurlHeaders headers(curl,
                              {call.upload ? "Content-Type: application/x-tar"
                                           : "Content-Type: application/json",
                               "Expect:"});
    const auto set = [&](CURLoption option, auto value) { curl.easySetopt(handle, option, value); };
    set(CURLOPT_URL, url.constData());
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_USERAGENT, "skillbox/" SKILLBOX_VERSION);
    set(CURLOPT_ERRORBUFFER, detail.data());
    set(CURLOPT_NOSIGNAL, 1L); // we are threaded
    set(CURLOPT_PROTOCOLS_STR, "http");
    set(CURLOPT_NOPROXY, "*");
    set(CURLOPT_CONNECTTIMEOUT, 5L);
    set(CURLOPT_TIMEOUT, static_cast<long>(call.timeLimit.count()));
    set(CURLOPT_WRITEFUNCTION, &onEngineBody);
    set(CURLOPT_WRITEDATA, &exchange);
    set(CURLOPT_HEADERFUNCTION, &onEngineHeader);
    set(CURLOPT_HEADERDATA, &exchange);
    if (!socketPath.isEmpty())
        set(CURLOPT_UNIX_SOCKET_PATH, socketPath.constData());
    if (call.abort) {
        set(CURLOPT_NOPROGRESS, 0L);
        set(CURLOPT_XFERINFOFUNCTION, &onEngineProgress);
        set(CURLOPT_XFERINFODATA, &exchange);
    }
    if (call.upload) {
        call.upload->seek(0);
        set(CURLOPT_UPLOAD, 1L);
        set(CURLOPT_READFUNCTION, &onEngineUpload);
        set(CURLOPT_READDATA, &exchange);
        set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(call.upload->size()));
    } else if (call.method == "POST") {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDS, call.body.constData());
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    }
    set(CURLOPT_CUSTOMREQUEST, call.method.constData());

    const CURLcode code = curl.easyPerform(handle);
    m_handles->giveBack(handle, code == CURLE_OK);
    if (!exchange.outcome)
        return fail(exchange.outcome.error());
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return fail(ErrorCode::Cancelled, u"the request to the container engine was given up"_s);
    // An engine that refuses an upload early answers and stops reading: that answer counts.
    const bool refusedEarly = code == CURLE_SEND_ERROR && exchange.answer.status >= 400;
    if (code != CURLE_OK && !refusedEarly) {
        return fail(ErrorCode::SandboxUnavailable,
                    u"the container engine at %1 cannot be used: %2"_s.arg(
                        m_text, whyNoAnswer(code, *m_address)),
                    u"%1 (libcurl error %2)"_s
                        .arg(QString::fromUtf8(detail[0] ? detail.data() : curl.easyStrerror(code)))
                        .arg(code));
    }
    return std::move(exchange.answer);
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
