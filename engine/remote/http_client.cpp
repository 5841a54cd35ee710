#include "engine/remote/http_client.h"

#include "engine/net/curl_transfer.h"

#include <condition_variable>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr int mostAttempts = 3;
constexpr auto firstPause = 200ms;
constexpr auto longestPause = 5'000ms; ///< a server that asks for more is reported instead

/// One request under way and its answer.
class HttpTransfer final : public CurlTransfer
{
public:
    HttpTransfer(const CurlLibrary &curl, CURL *handle, const HttpCall &call, std::stop_token stop)
        : CurlTransfer(curl, handle)
        , m_call(call)
        , m_stop(std::move(stop))
    {
    }

    bool hasHandedOn() const { return m_handedOn; }
    HttpAnswer takeAnswer()
    {
        m_answer.status = status();
        return std::move(m_answer);
    }

protected:
    void begins() override { m_answer.headers.clear(); }
    Result<void> gotHeader(QByteArrayView name, QByteArrayView value) override
    {
        m_answer.headers[name.toByteArray().toLower()] = value.toByteArray();
        return {};
    }
    Result<void> gotBody(QByteArrayView bytes) override
    {
        if (m_call.sink && isSuccess()) {
            m_handedOn = true;
            return m_call.sink(bytes);
        }
        if (m_answer.body.size() + bytes.size() > HttpAnswer::maxBodyBytes)
            return fail(headIsEndless());
        m_answer.body.append(bytes);
        return {};
    }
    void taken(qint64 bytes) override
    {
        if (m_call.onSent)
            m_call.onSent(bytes);
    }
    bool isStopped() const override
    {
        return m_stop.stop_requested() || m_call.stop.stop_requested();
    }
    Error headIsEndless() const override
    {
        return {ErrorCode::TooLarge, u"the server's answer is larger than this program takes"_s};
    }

private:
    const HttpCall &m_call;
    const std::stop_token m_stop; ///< of the client
    HttpAnswer m_answer;
    bool m_handedOn = false; ///< the sink has bytes
};

/// Waits that long, unless one of them is asked to stop.
bool isStoppedWithin(std::chrono::milliseconds pause, const std::stop_token &first,
                     const std::stop_token &second)
{
    std::stop_source either;
    const auto stop = [&either] { either.request_stop(); };
    const std::stop_callback onFirst(first, stop);
    const std::stop_callback onSecond(second, stop);
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait_for(lock, either.get_token(), pause, [] { return false; });
    return either.stop_requested();
}

Error cancelled(const ServerAddress &server)
{
    return {ErrorCode::Cancelled, u"the request to %1 was cancelled"_s.arg(server.text)};
}

QString onNewLine(const QString &hint)
{
    return hint.isEmpty() ? hint : u'\n' + hint;
}

QString describe(CURLcode code, const HttpClient::Options &options, bool hadAnswer)
{
    const ServerAddress &server = options.server;
    const ConnectionHints &hints = options.hints;
    const QString name = server.text;
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return u"cannot reach the server %1: there is no host of that name"_s.arg(name);
    case CURLE_COULDNT_CONNECT:
        return server.isLoopback
            ? u"cannot reach the server %1: nothing answers there"_s.arg(name)
                + onNewLine(hints.nothingThere)
            : u"cannot reach the server %1: the connection is refused or the host is down\n"
              "check the address and port"_s.arg(name);
    case CURLE_OPERATION_TIMEDOUT:
        return hadAnswer ? u"the server %1 stopped in the middle of its answer"_s.arg(name)
                         : u"the server %1 does not answer in time"_s.arg(name);
    case CURLE_PEER_FAILED_VERIFICATION:
        return u"the certificate of %1 is not trusted"_s.arg(name) + onNewLine(hints.authority);
    case CURLE_SSL_CACERT_BADFILE:
        return unusableAuthorities(options.caFile)
            + (options.caFile.isEmpty() ? QString() : onNewLine(hints.authority));
    case CURLE_SSL_CONNECT_ERROR:
        return u"%1 does not speak TLS as this program does; is it an http:// address?"_s.arg(name);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
        return u"what answers at %1 is no HTTP server; is it an https:// address?"_s.arg(name);
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return u"the server %1 closed the connection before its answer was complete"_s.arg(name);
    default: return u"the request to %1 failed"_s.arg(name);
    }
}

} // namespace

Result<std::unique_ptr<HttpClient>> HttpClient::create(Options options)
{
    if (const auto curl = CurlLibrary::load(); !curl)
        return fail(curl.error());
    return std::unique_ptr<HttpClient>(new HttpClient(std::move(options)));
}

HttpClient::HttpClient(Options options)
    : m_options(std::move(options))
    , m_handles(std::make_unique<CurlHandles>())
{
}

HttpClient::~HttpClient() = default;

struct HttpClient::Attempt {
    Result<HttpAnswer> answer;
    bool mayHelpToRepeat = false;
};

HttpClient::Attempt HttpClient::attempt(const HttpCall &call)
{
    const CurlLibrary &curl = **CurlLibrary::load();
    CURL *handle = m_handles->take();
    if (!handle)
        return {fail(ErrorCode::Internal, u"libcurl gives no handle"_s)};

    HttpTransfer transfer(curl, handle, call, m_options.stop);
    const QByteArray caFile = m_options.caFile.toUtf8();
    const auto set = [&](CURLoption option, auto value) { curl.easySetopt(handle, option, value); };
    set(CURLOPT_ACCEPT_ENCODING, ""); // all that libcurl can undo
    set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(m_options.connectTimeout.count()));
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(call.idleLimit.count()));
    if (m_options.server.isLoopback)
        set(CURLOPT_NOPROXY, "*"); // the key must not travel to a proxy and back
    if (!caFile.isEmpty())
        set(CURLOPT_CAINFO, caFile.constData());
    const Result<void> outcome = transfer.perform(
        {.method = call.method,
         .url = m_options.server.baseUrl + call.target,
         .unixSocket = m_options.server.unixSocket.toUtf8(),
         .headers = m_options.headers + call.headers,
         .body = call.body,
         .upload = call.upload});
    const CURLcode code = transfer.code();
    m_handles->giveBack(handle, code == CURLE_OK);
    if (!outcome)
        return {fail(outcome.error())};
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return {fail(cancelled(m_options.server))};
    const int status = transfer.status();
    if (transfer.hasAnswer()) {
        return {transfer.takeAnswer(),
                status == 429 || status == 502 || status == 503 || status == 504};
    }
    const bool nothingThere = code == CURLE_COULDNT_CONNECT && m_options.server.isLoopback;
    const bool lost = code == CURLE_COULDNT_CONNECT || code == CURLE_GOT_NOTHING
        || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR || code == CURLE_PARTIAL_FILE;
    return {fail(ErrorCode::Io, describe(code, m_options, status > 0), transfer.detail()),
            lost && !nothingThere && !transfer.hasHandedOn()};
}

Result<HttpAnswer> HttpClient::send(const HttpCall &call)
{
    if (!m_options.bearer)
        return sendAsIs(call);
    const Result<QByteArray> token = m_options.bearer();
    if (!token)
        return fail(token.error());
    HttpCall withToken = call;
    withToken.headers.append("Authorization: Bearer " + *token);
    return sendAsIs(withToken);
}

Result<HttpAnswer> HttpClient::sendAsIs(const HttpCall &call)
{
    auto pause = std::chrono::milliseconds(firstPause);
    for (int round = 1;; ++round) {
        Attempt tried = attempt(call);
        if (!tried.mayHelpToRepeat || call.repeat == Repeat::Never || round == mostAttempts)
            return std::move(tried.answer);
        auto wait = pause;
        if (tried.answer) {
            bool isNumber = false;
            const int seconds = tried.answer->header("retry-after").toInt(&isNumber);
            if (isNumber && seconds >= 0)
                wait = std::chrono::seconds(seconds);
            if (wait > longestPause)
                return std::move(tried.answer);
        }
        if (isStoppedWithin(wait, m_options.stop, call.stop))
            return fail(cancelled(m_options.server));
        pause *= 4;
    }
}

} // namespace skillbox
