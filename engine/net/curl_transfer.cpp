#include "engine/net/curl_transfer.h"

#include <QIODevice>

using namespace Qt::StringLiterals;

namespace skillbox {

CurlTransfer::CurlTransfer(const CurlLibrary &curl, CURL *handle) : m_curl(curl), m_handle(handle)
{
}

Result<void> CurlTransfer::perform(const Request &request)
{
    m_upload = request.upload;
    const CurlHeaders headers(m_curl, request.headers);
    const auto set = [&](CURLoption option, auto value) {
        m_curl.easySetopt(m_handle, option, value);
    };
    set(CURLOPT_URL, request.url.constData());
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_USERAGENT, "skillbox/" SKILLBOX_VERSION);
    set(CURLOPT_ERRORBUFFER, m_detail.data());
    set(CURLOPT_NOSIGNAL, 1L); // we are threaded
    set(CURLOPT_PROTOCOLS_STR, request.protocols);
    set(CURLOPT_WRITEFUNCTION, &onBody);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_HEADERFUNCTION, &onHeader);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &onProgress);
    set(CURLOPT_XFERINFODATA, this);
    if (!request.unixSocket.isEmpty())
        set(CURLOPT_UNIX_SOCKET_PATH, request.unixSocket.constData());
    if (m_upload) {
        m_upload->seek(0);
        set(CURLOPT_UPLOAD, 1L);
        set(CURLOPT_READFUNCTION, &onUpload);
        set(CURLOPT_READDATA, this);
        set(CURLOPT_SEEKFUNCTION, &onSeek);
        set(CURLOPT_SEEKDATA, this);
        set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(m_upload->size()));
    } else if (!request.body.isEmpty() || request.method == "POST") {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDS, request.body.constData());
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    } else if (request.method == "HEAD") {
        set(CURLOPT_NOBODY, 1L);
    }
    if (request.method != "HEAD")
        set(CURLOPT_CUSTOMREQUEST, request.method.constData());
    m_code = m_curl.easyPerform(m_handle);
    set(CURLOPT_ERRORBUFFER, nullptr); // the handle outlives this object
    return m_outcome;
}

QString CurlTransfer::detail() const
{
    return u"%1 (libcurl error %2)"_s
        .arg(QString::fromUtf8(m_detail[0] ? m_detail.data() : m_curl.easyStrerror(m_code)))
        .arg(m_code);
}

Result<void> CurlTransfer::gotHeader(QByteArrayView, QByteArrayView)
{
    return {};
}

size_t CurlTransfer::onBody(char *data, size_t, size_t size, void *user)
{
    CurlTransfer &transfer = *static_cast<CurlTransfer *>(user);
    transfer.m_outcome = transfer.gotBody(QByteArrayView(data, static_cast<qsizetype>(size)));
    return transfer.m_outcome ? size : 0;
}

size_t CurlTransfer::onHeader(char *data, size_t, size_t size, void *user)
{
    CurlTransfer &transfer = *static_cast<CurlTransfer *>(user);
    transfer.m_headBytes += static_cast<qint64>(size);
    transfer.m_outcome = transfer.m_headBytes > maxHeadBytes
        ? fail(transfer.headIsEndless())
        : transfer.readLine(QByteArrayView(data, static_cast<qsizetype>(size)).trimmed());
    return transfer.m_outcome ? size : 0;
}

Result<void> CurlTransfer::readLine(QByteArrayView line)
{
    if (line.isEmpty())
        return headIsOver();
    if (line.startsWith("HTTP/")) {
        const QByteArrayList parts = line.toByteArray().split(' ');
        m_status = parts.size() > 1 ? parts[1].toInt() : 0;
        begins();
        return {};
    }
    const qsizetype colon = line.indexOf(':');
    return colon > 0 ? gotHeader(line.first(colon), line.sliced(colon + 1).trimmed())
                     : Result<void>();
}

size_t CurlTransfer::onUpload(char *buffer, size_t, size_t size, void *user)
{
    CurlTransfer &transfer = *static_cast<CurlTransfer *>(user);
    const qint64 got = transfer.m_upload->read(buffer, static_cast<qint64>(size));
    if (got < 0) {
        transfer.m_outcome = fail(ErrorCode::Io,
                                  u"cannot read what is to be sent: %1"_s.arg(
                                      transfer.m_upload->errorString()));
        return CURL_READFUNC_ABORT;
    }
    transfer.m_taken += got;
    transfer.taken(transfer.m_taken);
    return static_cast<size_t>(got);
}

int CurlTransfer::onSeek(void *user, curl_off_t offset, int origin)
{
    CurlTransfer &transfer = *static_cast<CurlTransfer *>(user);
    if (origin != SEEK_SET || !transfer.m_upload->seek(offset))
        return CURL_SEEKFUNC_CANTSEEK;
    transfer.m_taken = offset;
    return CURL_SEEKFUNC_OK;
}

int CurlTransfer::onProgress(void *user, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
    return static_cast<const CurlTransfer *>(user)->isStopped() ? 1 : 0;
}

} // namespace skillbox
