#include "engine/storage/s3_client.h"

#include "engine/base/clock.h"
#include "engine/base/sha256.h"
#include "engine/net/curl_handles.h"

#include <QRandomGenerator>
#include <QUrl>
#include <QXmlStreamReader>

#include <array>
#include <thread>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int mostAttempts = 5;
constexpr long connectSeconds = 5;
/// Nothing came for so long: the store is taken for dead.
constexpr long idleSeconds = 30;

struct Transfer {
    const S3Call &call;
    S3Answer answer = {};
    bool tooLarge = false;
    bool sourceFailed = false;
};

size_t onS3Body(char *data, size_t, size_t size, void *user)
{
    Transfer &transfer = *static_cast<Transfer *>(user);
    const auto bytes = static_cast<qsizetype>(size);
    if (transfer.answer.body.size() + bytes > transfer.call.mostBytes) {
        transfer.tooLarge = true;
        return 0;
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
    const qint64 got = transfer.call.upload->read(buffer, static_cast<qint64>(size));
    if (got < 0) {
        transfer.sourceFailed = true;
        return CURL_READFUNC_ABORT;
    }
    return static_cast<size_t>(got);
}

int onS3Seek(void *user, curl_off_t offset, int origin)
{
    const Transfer &transfer = *static_cast<Transfer *>(user);
    return origin == SEEK_SET && transfer.call.upload->seek(offset) ? CURL_SEEKFUNC_OK
                                                                    : CURL_SEEKFUNC_CANTSEEK;
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
    const QUrl url(config.endpoint, QUrl::StrictMode);
    if (!url.isValid() || url.host().isEmpty()
        || (url.scheme() != "http"_L1 && url.scheme() != "https"_L1)
        || (!url.path().isEmpty() && url.path() != "/"_L1)) {
        return fail(ErrorCode::BadRequest,
                    u"\"%1\" is no address of an S3 store; expected https://host:port."_s.arg(
                        config.endpoint));
    }
    return std::unique_ptr<S3Client>(new S3Client(config));
}

S3Client::S3Client(S3Config config)
    : m_config(std::move(config))
    , m_credentials{m_config.accessKey.toUtf8(), m_config.secretKey.toUtf8(),
                    m_config.region.toUtf8()}
    , m_handles(std::make_unique<CurlHandles>())
{
    const QUrl url(m_config.endpoint);
    m_scheme = url.scheme().toLatin1();
    m_host = url.host(QUrl::FullyEncoded).toLatin1();
    if (m_host.contains(':')) // an IPv6 address
        m_host = '[' + m_host + ']';
    // The Host header leaves the scheme's own port out (RFC 9110, 7.2), and the host is signed.
    const int usual = m_scheme == "https" ? 443 : 80;
    if (url.port(usual) != usual)
        m_host += ':' + QByteArray::number(url.port());
    if (m_config.bucketInHost)
        m_host.prepend(m_config.bucket.toUtf8() + '.');
}

S3Client::~S3Client() = default;

QString S3Client::name() const
{
    return u"%1 (bucket %2)"_s.arg(m_config.endpoint, m_config.bucket);
}

AwsRequest S3Client::requestFor(const S3Call &call) const
{
    AwsRequest request{.method = call.method,
                       .host = m_host,
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

Result<S3Answer> S3Client::attempt(const S3Call &call, bool *mayRepeat)
{
    const CurlLibrary &curl = **CurlLibrary::load();
    CURL *handle = m_handles->take();
    if (!handle)
        return fail(ErrorCode::Internal, u"libcurl gives no handle."_s);

    Transfer transfer{.call = call};
    std::array<char, CURL_ERROR_SIZE> detail{};
    const AwsRequest request = requestFor(call);
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
    set(CURLOPT_WRITEFUNCTION, &onS3Body);
    set(CURLOPT_WRITEDATA, &transfer);
    set(CURLOPT_HEADERFUNCTION, &onS3Header);
    set(CURLOPT_HEADERDATA, &transfer);
    if (!caFile.isEmpty())
        set(CURLOPT_CAINFO, caFile.constData());
    if (call.upload) {
        call.upload->seek(0);
        set(CURLOPT_UPLOAD, 1L);
        set(CURLOPT_READFUNCTION, &onS3Upload);
        set(CURLOPT_READDATA, &transfer);
        set(CURLOPT_SEEKFUNCTION, &onS3Seek);
        set(CURLOPT_SEEKDATA, &transfer);
        set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(call.upload->size()));
    } else if (call.method == "HEAD") {
        set(CURLOPT_NOBODY, 1L);
    } else if (call.method == "PUT") { // a bucket, which has no body
        set(CURLOPT_UPLOAD, 1L);
        set(CURLOPT_INFILESIZE_LARGE, curl_off_t(0));
    }
    if (call.method != "HEAD")
        set(CURLOPT_CUSTOMREQUEST, call.method.constData());

    const CURLcode code = curl.easyPerform(handle);
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
        && code != CURLE_COULDNT_RESOLVE_HOST && code != CURLE_SSL_CONNECT_ERROR;
    return fail(ErrorCode::StorageUnavailable, u"The S3 store %1 cannot be reached."_s.arg(name()),
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
