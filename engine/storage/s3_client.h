#pragma once

#include "engine/base/outage.h"
#include "engine/base/result.h"
#include "engine/storage/aws_signature.h"
#include "engine/storage/s3_config.h"

#include <QIODevice>
#include <QMap>

#include <memory>

namespace skillbox {

class CurlHandles;

struct S3Call {
    QByteArray method = "GET";
    QByteArray key = {}; ///< of the object; empty: the bucket itself
    QList<QPair<QByteArray, QByteArray>> query = {};
    QList<QPair<QByteArray, QByteArray>> headers = {}; ///< lower-case names; signed
    QIODevice *upload = nullptr;                       ///< random access, open for reading
    QByteArray uploadHash = {};                        ///< lower-case hex SHA-256 of what is sent
    qint64 uploadBegin = 0;                            ///< of `upload`, where what is sent begins
    qint64 uploadBytes = -1;        ///< how much of it; negative: all that follows
    qsizetype mostBytes = 16 << 20; ///< of the answer's body
};

struct S3Answer {
    int status = 0;
    QMap<QByteArray, QByteArray> headers = {}; ///< lower-case names
    QByteArray body = {};

    bool isSuccess() const { return status >= 200 && status < 300; }
};

/// Signed requests to one bucket of S3 or of what speaks its language, over connections that are
/// kept. Thread-safe. Every request here may be repeated: up to five times, with growing pauses,
/// when there is no answer or one of 429, 500, 502, 503 and 504; only once when it could not be
/// reached for a quarter of a minute. The only user of libcurl beside engine/remote.
class S3Client
{
public:
    static Result<std::unique_ptr<S3Client>> create(const S3Config &config);
    ~S3Client();

    /// An answer of whatever status but those, 401 and 403; StorageUnavailable names the address
    /// and what the store said.
    Result<S3Answer> send(const S3Call &call);
    /// Whether there is a public endpoint for links to lead to.
    bool givesLinks() const { return !m_publicHost.isEmpty(); }
    /// A link with which whoever has it may get the object for `seconds`, and nothing else. The
    /// query may say what the answer's headers shall be (`response-content-type`, …).
    QString link(const QByteArray &key, const QList<QPair<QByteArray, QByteArray>> &query,
                 int seconds) const;
    /// For messages.
    QString name() const;
    const QString &bucket() const { return m_config.bucket; }

private:
    explicit S3Client(S3Config config);
    AwsRequest requestFor(const S3Call &call, const QByteArray &host) const;
    Result<S3Answer> attempt(const S3Call &call, bool *mayRepeat);

    const S3Config m_config;
    const AwsCredentials m_credentials;
    QByteArray m_scheme;
    QByteArray m_host; ///< with the port
    QByteArray m_publicScheme;
    QByteArray m_publicHost; ///< empty: none
    const std::unique_ptr<CurlHandles> m_handles;
    Outage m_outage;
};

/// `Code: Message` of an error document (AWS documentation, "Error responses"); empty: it is none.
QString s3ErrorText(const QByteArray &body);

} // namespace skillbox
