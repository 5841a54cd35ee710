#pragma once

#include <QString>

namespace skillbox {

/// Where objects are kept, and with which key.
struct S3Config {
    QString endpoint = {}; ///< `https://s3.example.com:9000`, nothing behind the port; empty: no S3
    QString accessKey = {};
    QString secretKey = {};
    QString region = QStringLiteral("us-east-1");
    QString bucket = QStringLiteral("executions");
    /// `bucket.s3.example.com` instead of `s3.example.com/bucket`.
    bool bucketInHost = false;
    QString caFile = {}; ///< PEM file instead of the system's authorities
    /// Where clients reach the store; links to it lead there. Empty: they do not, so there are
    /// none.
    QString publicEndpoint = {};
};

} // namespace skillbox
