#pragma once

#include <QByteArray>
#include <QDateTime>
#include <QList>
#include <QPair>

namespace skillbox {

/// Who signs, and for where.
struct AwsCredentials {
    QByteArray accessKey;
    QByteArray secretKey;
    QByteArray region;
};

/// What is signed of a request to S3.
struct AwsRequest {
    QByteArray method;
    QByteArray host;                                 ///< as the Host header says it, with its port
    QByteArray path;                                 ///< not encoded; begins with a slash
    QList<QPair<QByteArray, QByteArray>> query = {}; ///< not encoded
    QList<QPair<QByteArray, QByteArray>> headers =
        {};                 ///< further ones to sign, lower-case names, not `x-amz-date`
    QByteArray payloadHash; ///< lower-case hex SHA-256 of the body, or `UNSIGNED-PAYLOAD`
};

/// AWS Signature Version 4 for S3 (AWS documentation, "Authenticating Requests: Using the
/// Authorization Header"): header lines to send beside those of the request, `Name: value`.
QList<QByteArray> awsSignedHeaders(const AwsRequest &request, const AwsCredentials &credentials,
                                   const QDateTime &now);

/// The same as a URL that whoever has it may use for `seconds` (at most seven days): path and
/// query, encoded. Signs the Host header and nothing else.
QByteArray awsPresignedTarget(const AwsRequest &request, const AwsCredentials &credentials,
                              const QDateTime &now, int seconds);

/// Path and query as they are sent and signed: every byte but the unreserved ones of RFC 3986
/// percent-encoded, slashes of the path kept, the query sorted.
QByteArray awsTarget(const AwsRequest &request);

} // namespace skillbox
