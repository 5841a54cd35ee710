#include "engine/storage/s3_client.h"

#include "engine/base/clock.h"
#include "engine/base/sha256.h"
#include "engine/net/curl_handles.h"

#include <QRandomGenerator>
#include <QUrl>
#include <QXmlStreamReader>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <thread>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int mostAttempts = 5;
constexpr long connectSeconds = 5;
/// Nothing came for so long: the store is taken for dead.
constexpr long idleSeconds = 30;
/// What was sent is not even acknowledged for so long: the network between us is cut.
constexpr unsigned silentMilliseconds = 15'000;
constexpr long probeSeconds = 5;
/// How long requests are made again to a store that cannot be reached.
constexpr std::chrono::seconds patience{15};

struct Transfer {
    const S3Call &call;
    S3Answer answer = {};
    bool tooLarge = false;
    bool sourceFailed = false;
    qint64 uploadLeft = 0;
};

/// The address as it is signed and sent: `scheme`, and the host with its port.
struct S3Address {
    QByteArray scheme;
    QByteArray host;
};

S3Address addressOf(const QString &endpoint, const S3Config &config)
{
    const QUrl url(endpoint);
    S3Address address{url.scheme().toLatin1(), url.host(QUrl::FullyEncoded).toLatin1()};
    if (address.host.contains(':')) // an IPv6 address
        address.host = '[' + address.host + ']';
    // The Host header leaves the scheme's own port out (RFC 9110, 7.2), and the host is signed.
    const int usual = address.scheme == "https" ? 443 : 80;
    if (url.port(usual) != usual)
        address.host += ':' + QByteArray::number(url.port());
    if (config.bucketInHost)
        address.host.prepend(config.bucket.toUtf8() + '.');
    return address;
}

bool isS3Address(const QString &endpoint)
{
    const QUrl url(endpoint, QUrl::StrictMode);
    return url.isValid() && !url.host().isEmpty() && url.userInfo().isEmpty() && !url.hasQuery()
        && !url.hasFragment() && (url.scheme() == "http"_L1 || url.scheme() == "https"_L1)
        && (url.path().isEmpty() || url.path() == "/"_L1);
}

qint64 bytesToSend(const S3Call &call)
{
    return call.uploadBytes < 0 ? call.upload->size() - call.uploadBegin : call.uploadBytes;
}

size_t onS3Body(char *data, size_t, size_t size, void *user)
{
    Transfer &transfer = *static_cast<Transfer *>(user);
    const auto bytes = static_cast<qsizetype>(size);
    if (transfer.answer.body.size() + bytes > transfer.call.mostBytes) {
        transfer.tooLarge = true;
        return 0;
    }
    if (transfer.answer.body.isEmpty()) { // doubled again and again it would take twice as much
        const qint64 all = transfer.answer.headers.value("content-length").toLongLong();
        transfer.answer.body.reserve(qBound<qint64>(bytes, all, transfer.call.mostBytes));
    }
    transfer.answer.body.append(data, bytes);
    return size;
}

size_t onS3Header(char *data, size_t, size_t size, void *user)
{
    Transfer &transfer = *static_cast<Transfer *>(user);
    const QByteArray line = QByteArray(data, static_cast<qsizetype>(size)).trimmed();
    if (line.startsWith("HTTP/")) { // 100 Continue has one of its own
        const QByteArrayList parts = line.split(' ');
        transfer.answer.status = parts.size() > 1 ? parts[1].toInt() : 0;
        transfer.answer.headers.clear();
    } else if (const qsizetype colon = line.indexOf(':'); colon > 0) {
        transfer.answer.headers[line.first(colon).toLower()] = line.sliced(colon + 1).trimmed();
    }
    return size;
}

size_t onS3Upload(char *buffer, size_t, size_t size, void *user)
{
    Transfer &transfer = *static_cast<Transfer *>(user);
    const qint64 most = qMin(static_cast<qint64>(size), transfer.uploadLeft);
    if (most == 0)
        return 0;
    const qint64 got = transfer.call.upload->read(buffer, most);
    if (got < 0) {
        transfer.sourceFailed = true;
        return CURL_READFUNC_ABORT;
    }
    transfer.uploadLeft -= got;
    return static_cast<size_t>(got);
}

int onS3Seek(void *user, curl_off_t offset, int origin)
{
    Transfer &transfer = *static_cast<Transfer *>(user);
    const qint64 place = transfer.call.uploadBegin + offset;
    if (origin != SEEK_SET || !transfer.call.upload->seek(place))
        return CURL_SEEKFUNC_CANTSEEK;
    transfer.uploadLeft = bytesToSend(transfer.call) - offset;
    return CURL_SEEKFUNC_OK;
}

/// A cut cable is not told to anybody (tcp(7), TCP_USER_TIMEOUT; with keepalives also of a
/// connection that nothing is sent on). Where the system does not have it, `idleSeconds` has the
/// last word.
int onS3Socket(void *, curl_socket_t socket, curlsocktype)
{
    (void)::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &silentMilliseconds,
                       sizeof silentMilliseconds);
    return CURL_SOCKOPT_OK;
}

} // namespace

QString s3ErrorText(const QByteArray &body)
{
    QXmlStreamReader xml(body);
    QString code;
    QString message;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement)
            continue;
        if (xml.name() == "Code"_L1)
            code = xml.readElementText(QXmlStreamReader::SkipChildElements).left(100);
        else if (xml.name() == "Message"_L1)
            message = xml.readElementText(QXmlStreamReader::SkipChildElements).left(300);
    }
    return message.isEmpty() ? code : code + u": "_s + message;
}

Result<std::unique_ptr<S3Client>> S3Client::create(const S3Config &config)
{
    if (const auto curl = CurlLibrary::load(); !curl)
        return fail(curl.error());
    QStringList addresses{config.endpoint};
    if (!config.publicEndpoint.isEmpty())
        addresses.append(config.publicEndpoint);
    for (const QString &address : addresses) {
        if (!isS3Address(address)) {
            return fail(ErrorCode::BadRequest,
                        u"\"%1\" is no address of an S3 store; expected https://host:port."_s.arg(
                            address));
        }
    }
    return std::unique_ptr<S3Client>(new S3Client(config));
}

S3Client::S3Client(S3Config config)
    : m_config(std::move(config))
    , m_credentials{m_config.accessKey.toUtf8(), m_config.secretKey.toUtf8(),
                    m_config.region.toUtf8()}
    , m_handles(std::make_unique<CurlHandles>())
{
    const S3Address address = addressOf(m_config.endpoint, m_config);
    m_scheme = address.scheme;
    m_host = address.host;
    if (!m_config.publicEndpoint.isEmpty()) {
        const S3Address publicAddress = addressOf(m_config.publicEndpoint, m_config);
        m_publicScheme = publicAddress.scheme;
        m_publicHost = publicAddress.host;
    }
}

S3Client::~S3Client() = default;

QString S3Client::name() const
{
    return u"%1 (bucket %2)"_s.arg(m_config.endpoint, m_config.bucket);
}

AwsRequest S3Client::requestFor(const S3Call &call, const QByteArray &host) const
{
    AwsRequest request{.method = call.method,
                       .host = host,
                       .path = "/",
                       .query = call.query,
                       .headers = call.headers,
                       .payloadHash = call.upload ? call.uploadHash : Sha256::of({}).toLatin1()};
    if (!m_config.bucketInHost)
        request.path += m_config.bucket.toUtf8();
    if (!call.key.isEmpty())
        request.path += (m_config.bucketInHost ? QByteArray() : QByteArray("/")) + call.key;
    return request;
}

QString S3Client::link(const QByteArray &key, const QList<QPair<QByteArray, QByteArray>> &query,
                       int seconds) const
{
    const AwsRequest request = requestFor({.key = key, .query = query}, m_publicHost);
    return QString::fromLatin1(m_publicScheme + "://" + m_publicHost
                               + awsPresignedTarget(request, m_credentials, nowUtc(), seconds));
}

Result<S3Answer> S3Client::attempt(const S3Call &call, bool *mayRepeat)
{
    const CurlLibrary &curl = **CurlLibrary::load();
    CURL *handle = m_handles->take();
    if (!handle)
        return fail(ErrorCode::Internal, u"libcurl gives no handle."_s);

    Transfer transfer{.call = call};
    std::array<char, CURL_ERROR_SIZE> detail{};
    const AwsRequest request = requestFor(call, m_host);
    const QByteArray url = m_scheme + "://" + m_host + awsTarget(request);
    const QByteArray caFile = m_config.caFile.toUtf8();
    QList<QByteArray> lines = awsSignedHeaders(request, m_credentials, nowUtc());
    for (const auto &[header, value] : call.headers)
        lines.append(header + ": " + value);
    lines.append("Expect:"); // a wait for 100 Continue costs more than it saves
    const CurlHeaders headers(curl, lines);

    const auto set = [&](CURLoption option, auto value) { curl.easySetopt(handle, option, value); };
    set(CURLOPT_URL, url.constData());
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_ERRORBUFFER, detail.data());
    set(CURLOPT_NOSIGNAL, 1L); // we are threaded
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_PATH_AS_IS, 1L); // what is signed is what is sent
    set(CURLOPT_CONNECTTIMEOUT, connectSeconds);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, idleSeconds);
    set(CURLOPT_SOCKOPTFUNCTION, &onS3Socket);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_TCP_KEEPIDLE, probeSeconds);
    set(CURLOPT_TCP_KEEPINTVL, probeSeconds);
    set(CURLOPT_WRITEFUNCTION, &onS3Body);
    set(CURLOPT_WRITEDATA, &transfer);
    set(CURLOPT_HEADERFUNCTION, &onS3Header);
    set(CURLOPT_HEADERDATA, &transfer);
    if (!caFile.isEmpty())
        set(CURLOPT_CAINFO, caFile.constData());
    if (call.upload) {
        call.upload->seek(call.uploadBegin);
        transfer.uploadLeft = bytesToSend(call);
        set(CURLOPT_UPLOAD, 1L);
        set(CURLOPT_READFUNCTION, &onS3Upload);
        set(CURLOPT_READDATA, &transfer);
        set(CURLOPT_SEEKFUNCTION, &onS3Seek);
        set(CURLOPT_SEEKDATA, &transfer);
        set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(transfer.uploadLeft));
    } else if (call.method == "HEAD") {
        set(CURLOPT_NOBODY, 1L);
    } else if (call.method == "PUT") { // a bucket, which has no body
        set(CURLOPT_UPLOAD, 1L);
        set(CURLOPT_INFILESIZE_LARGE, curl_off_t(0));
    }
    if (call.method != "HEAD")
        set(CURLOPT_CUSTOMREQUEST, call.method.constData());

    const CURLcode code = curl.easyPerform(handle);
    // A connection that breaks says nothing: the next one may not.
    const bool isAway = code == CURLE_COULDNT_CONNECT || code == CURLE_OPERATION_TIMEDOUT
        || code == CURLE_COULDNT_RESOLVE_HOST;
    if (isAway || transfer.answer.status != 0)
        m_outage.note(!isAway);
    m_handles->giveBack(handle, code == CURLE_OK);
    if (transfer.sourceFailed)
        return fail(ErrorCode::Io,
                    u"What is to be stored could not be read: %1."_s.arg(
                        call.upload->errorString()));
    if (transfer.tooLarge) {
        return fail(ErrorCode::StorageUnavailable,
                    u"The S3 store %1 gives a longer answer than it should."_s.arg(name()));
    }
    const int status = transfer.answer.status;
    if (code == CURLE_OK || (code == CURLE_SEND_ERROR && status >= 400)) {
        *mayRepeat = status == 429 || status == 500 || (status >= 502 && status <= 504);
        if (!*mayRepeat && status != 401 && status != 403)
            return std::move(transfer.answer);
        const QString said = s3ErrorText(transfer.answer.body);
        return fail(ErrorCode::StorageUnavailable,
                    (*mayRepeat
                         ? u"The S3 store %1 does not answer as it should; try again later."_s
                         : u"The S3 store %1 refuses the key it is given; check access key,"
                           " secret key, region and the clock."_s)
                        .arg(name()),
                    u"HTTP %1 %2"_s.arg(status).arg(said));
    }
    *mayRepeat = code != CURLE_PEER_FAILED_VERIFICATION && code != CURLE_SSL_CACERT_BADFILE
        && code != CURLE_COULDNT_RESOLVE_HOST && code != CURLE_SSL_CONNECT_ERROR
        && !(isAway && Outage::Clock::now() >= m_outage.deadline(patience));
    return fail(ErrorCode::StorageUnavailable,
                u"The S3 store %1 cannot be reached"_s.arg(name())
                    + (code == CURLE_SSL_CACERT_BADFILE
                           ? u": "_s + unusableAuthorities(m_config.caFile) + u'.'
                           : u"."_s),
                u"%1 (libcurl error %2)"_s
                    .arg(QString::fromUtf8(detail[0] ? detail.data() : curl.easyStrerror(code)))
                    .arg(code));
}

Result<S3Answer> S3Client::send(const S3Call &call)
{
    for (int round = 1;; ++round) {
        bool mayRepeat = false;
        auto answer = attempt(call, &mayRepeat);
        if (answer || !mayRepeat || round == mostAttempts)
            return answer;
        // 100 ms to 1.6 s and as much again by chance, so that many do not come back together.
        const int pause = 100 << (round - 1);
        std::this_thread::sleep_for(
            std::chrono::milliseconds(pause + QRandomGenerator::global()->bounded(pause)));
    }
}

} // namespace skillbox
