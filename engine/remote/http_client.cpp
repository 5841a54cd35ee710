#include "engine/remote/http_client.h"

#include "engine/net/curl_handles.h"

#include <array>
#include <condition_variable>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr int mostAttempts = 3;
constexpr auto firstPause = 200ms;
constexpr auto longestPause = 5'000ms; ///< a server that asks for more is reported instead

/// One request under way, as the callbacks of libcurl see it.
struct Exchange {
    const CurlLibrary &curl;
    CURL *handle;
    const HttpCall &call;
    HttpAnswer answer = {};
    Result<void> outcome = {}; ///< an error of ours that made libcurl stop
    bool handedOn = false;     ///< the sink has bytes
    qint64 sent = 0;           ///< bytes read of the upload
    std::stop_token stop = {}; ///< of the client

    bool isStopped() const { return stop.stop_requested() || call.stop.stop_requested(); }
};

size_t onBody(char *data, size_t, size_t size, void *user)
{
    Exchange &exchange = *static_cast<Exchange *>(user);
    const QByteArrayView bytes(data, static_cast<qsizetype>(size));
    if (exchange.call.sink && exchange.answer.isSuccess()) {
        exchange.handedOn = true;
        exchange.outcome = exchange.call.sink(bytes);
        return exchange.outcome ? size : 0;
    }
    if (exchange.answer.body.size() + bytes.size() > HttpAnswer::maxBodyBytes) {
        exchange.outcome = fail(ErrorCode::TooLarge,
                                u"the server's answer is larger than this program takes"_s);
        return 0;
    }
    exchange.answer.body.append(bytes);
    return size;
}

size_t onHeader(char *data, size_t, size_t size, void *user)
{
    Exchange &exchange = *static_cast<Exchange *>(user);
    const QByteArray line = QByteArray(data, static_cast<qsizetype>(size)).trimmed();
    if (line.startsWith("HTTP/")) { // of the last answer; 100 Continue has one of its own
        const QByteArrayList parts = line.split(' ');
        exchange.answer.status = parts.size() > 1 ? parts[1].toInt() : 0;
        exchange.answer.headers.clear();
        return size;
    }
    const qsizetype colon = line.indexOf(':');
    if (colon > 0)
        exchange.answer.headers[line.first(colon).toLower()] = line.sliced(colon + 1).trimmed();
    return size;
}

size_t onUpload(char *buffer, size_t, size_t size, void *user)
{
    Exchange &exchange = *static_cast<Exchange *>(user);
    const qint64 got = exchange.call.upload->read(buffer, static_cast<qint64>(size));
    if (got < 0) {
        exchange.outcome = fail(ErrorCode::Io,
                                u"cannot read what is to be sent: %1"_s.arg(
                                    exchange.call.upload->errorString()));
        return CURL_READFUNC_ABORT;
    }
    exchange.sent += got;
    if (exchange.call.onSent)
        exchange.call.onSent(exchange.sent);
    return static_cast<size_t>(got);
}

int onProgress(void *user, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
    return static_cast<const Exchange *>(user)->isStopped() ? 1 : 0;
}

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

int onSeek(void *user, curl_off_t offset, int origin)
{
    Exchange &exchange = *static_cast<Exchange *>(user);
    if (origin != SEEK_SET || !exchange.call.upload->seek(offset))
        return CURL_SEEKFUNC_CANTSEEK;
    exchange.sent = offset;
    return CURL_SEEKFUNC_OK;
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
        return u"'%1' is not a readable PEM file of certificates"_s.arg(options.caFile)
            + onNewLine(hints.authority);
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

    Exchange exchange{.curl = curl, .handle = handle, .call = call, .stop = m_options.stop};
    std::array<char, CURL_ERROR_SIZE> detail{};
    const QByteArray url = m_options.server.baseUrl + call.target;
    const QByteArray socketPath = m_options.server.unixSocket.toUtf8();
    const QByteArray caFile = m_options.caFile.toUtf8();
    const CurlHeaders headers(curl, m_options.headers + call.headers);

    const auto set = [&](CURLoption option, auto value) { curl.easySetopt(handle, option, value); };
    set(CURLOPT_URL, url.constData());
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_USERAGENT, "skillbox/" SKILLBOX_VERSION);
    set(CURLOPT_ERRORBUFFER, detail.data());
    set(CURLOPT_NOSIGNAL, 1L); // we are threaded
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_ACCEPT_ENCODING, ""); // all that libcurl can undo
    set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(m_options.connectTimeout.count()));
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(call.idleLimit.count()));
    set(CURLOPT_WRITEFUNCTION, &onBody);
    set(CURLOPT_WRITEDATA, &exchange);
    set(CURLOPT_HEADERFUNCTION, &onHeader);
    set(CURLOPT_HEADERDATA, &exchange);
    if (!socketPath.isEmpty())
        set(CURLOPT_UNIX_SOCKET_PATH, socketPath.constData());
    if (m_options.server.isLoopback)
        set(CURLOPT_NOPROXY, "*"); // the key must not travel to a proxy and back
    if (!caFile.isEmpty())
        set(CURLOPT_CAINFO, caFile.constData());
    if (call.stop.stop_possible() || m_options.stop.stop_possible()) {
        set(CURLOPT_NOPROGRESS, 0L);
        set(CURLOPT_XFERINFOFUNCTION, &onProgress);
        set(CURLOPT_XFERINFODATA, &exchange);
    }
    if (call.upload) {
        call.upload->seek(0);
        set(CURLOPT_UPLOAD, 1L);
        set(CURLOPT_READFUNCTION, &onUpload);
        set(CURLOPT_READDATA, &exchange);
        set(CURLOPT_SEEKFUNCTION, &onSeek);
        set(CURLOPT_SEEKDATA, &exchange);
        set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(call.upload->size()));
    } else if (!call.body.isEmpty() || call.method == "POST") {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDS, call.body.constData());
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    } else if (call.method == "HEAD") {
        set(CURLOPT_NOBODY, 1L);
    }
    if (call.method != "HEAD")
        set(CURLOPT_CUSTOMREQUEST, call.method.constData());

    const CURLcode code = curl.easyPerform(handle);
    m_handles->giveBack(handle, code == CURLE_OK);
    if (!exchange.outcome)
        return {fail(exchange.outcome.error())};
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return {fail(cancelled(m_options.server))};
    const int status = exchange.answer.status;
    // A server that refuses an upload early answers and stops reading: that answer is what counts.
    if (code == CURLE_OK || (code == CURLE_SEND_ERROR && status >= 400)) {
        return {std::move(exchange.answer),
                status == 429 || status == 502 || status == 503 || status == 504};
    }
    const bool nothingThere = code == CURLE_COULDNT_CONNECT && m_options.server.isLoopback;
    const bool lost = code == CURLE_COULDNT_CONNECT || code == CURLE_GOT_NOTHING
        || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR || code == CURLE_PARTIAL_FILE;
    return {fail(ErrorCode::Io, describe(code, m_options, status > 0),
                 u"%1 (libcurl error %2)"_s
                     .arg(QString::fromUtf8(detail[0] ? detail.data() : curl.easyStrerror(code)))
                     .arg(code)),
            lost && !nothingThere && !exchange.handedOn};
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
