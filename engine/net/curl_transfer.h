#pragma once

#include "engine/net/curl_handles.h"

#include <array>

class QIODevice;

namespace skillbox {

/// One HTTP request over libcurl and its answer as it comes in. Whoever derives says what becomes
/// of head and body; an error of a virtual function ends the transfer and is its error. Options
/// that few need are set on the handle before.
class CurlTransfer
{
public:
    struct Request {
        QByteArray method = "GET";
        QByteArray url;
        QByteArray unixSocket = {};
        QByteArrayList headers = {}; ///< `Name: value`
        const char *protocols = "http,https";
        QByteArray body = {};
        QIODevice *upload = nullptr; ///< instead of `body`: random access, open for reading
    };
    /// More than any sane head; a server that goes on and on would fill the memory with it.
    static constexpr qint64 maxHeadBytes = 256 * 1024;

    CurlTransfer(const CurlLibrary &curl, CURL *handle);
    virtual ~CurlTransfer() = default;
    CurlTransfer(const CurlTransfer &) = delete;
    CurlTransfer &operator=(const CurlTransfer &) = delete;

    /// Blocks until the answer has been passed on, or there will be none: see code(). An error is
    /// one of this program's.
    Result<void> perform(const Request &request);

    /// Of the answer; 0: none has begun.
    int status() const { return m_status; }
    bool isSuccess() const { return m_status >= 200 && m_status < 300; }
    CURLcode code() const { return m_code; }
    /// A server that refuses an upload early answers and stops reading: that answer counts.
    bool hasAnswer() const
    {
        return m_code == CURLE_OK || (m_code == CURLE_SEND_ERROR && m_status >= 400);
    }
    /// What libcurl says of code(), for the log.
    QString detail() const;

protected:
    /// An answer begins: the one that counts, or one before it such as 100 Continue.
    virtual void begins() { }
    virtual Result<void> gotHeader(QByteArrayView name, QByteArrayView value);
    virtual Result<void> headIsOver() { return {}; }
    virtual Result<void> gotBody(QByteArrayView bytes) = 0;
    /// So many bytes of the upload are taken; less again when it is sent anew.
    virtual void taken(qint64 bytes) { Q_UNUSED(bytes) }
    /// Asked about once a second, or more often.
    virtual bool isStopped() const { return false; }
    /// The head is longer than maxHeadBytes.
    virtual Error headIsEndless() const = 0;

private:
    static size_t onBody(char *data, size_t, size_t size, void *user);
    static size_t onHeader(char *data, size_t, size_t size, void *user);
    static size_t onUpload(char *buffer, size_t, size_t size, void *user);
    static int onSeek(void *user, curl_off_t offset, int origin);
    static int onProgress(void *user, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
    Result<void> readLine(QByteArrayView line);

    const CurlLibrary &m_curl;
    CURL *const m_handle;
    QIODevice *m_upload = nullptr;
    qint64 m_taken = 0;
    qint64 m_headBytes = 0;
    int m_status = 0;
    CURLcode m_code = CURLE_OK;
    Result<void> m_outcome; ///< an error of ours that made libcurl stop
    std::array<char, CURL_ERROR_SIZE> m_detail{};
};

} // namespace skillbox
