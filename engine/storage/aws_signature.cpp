#include "engine/storage/aws_signature.h"

#include "engine/base/sha256.h"

#include <QMessageAuthenticationCode>

#include <algorithm>

namespace skillbox {
namespace {

using Pairs = QList<QPair<QByteArray, QByteArray>>;

QByteArray hmac(const QByteArray &key, const QByteArray &text)
{
    return QMessageAuthenticationCode::hash(text, key, QCryptographicHash::Sha256);
}

/// `exclude` stays as it is.
QByteArray encoded(const QByteArray &text, const QByteArray &exclude = {})
{
    return text.toPercentEncoding(exclude);
}

QByteArray canonicalQuery(const Pairs &query)
{
    Pairs sorted;
    for (const auto &[name, value] : query)
        sorted.append({encoded(name), encoded(value)});
    std::sort(sorted.begin(), sorted.end());
    QByteArrayList parts;
    for (const auto &[name, value] : sorted)
        parts.append(name + '=' + value);
    return parts.join('&');
}

struct Scope {
    QByteArray day;
    QByteArray time;
    QByteArray text; ///< day/region/s3/aws4_request
};

Scope scopeOf(const AwsCredentials &credentials, const QDateTime &now)
{
    const QDateTime utc = now.toUTC();
    Scope scope;
    scope.day = utc.toString(QStringLiteral("yyyyMMdd")).toLatin1();
    scope.time = scope.day + utc.toString(QStringLiteral("'T'HHmmss'Z'")).toLatin1();
    scope.text = scope.day + '/' + credentials.region + "/s3/aws4_request";
    return scope;
}

struct SignedHeaders {
    QByteArray lines; ///< canonical: `name:value\n`, sorted
    QByteArray names; ///< `host;x-amz-date`
};

SignedHeaders canonicalHeaders(Pairs headers)
{
    std::sort(headers.begin(), headers.end());
    SignedHeaders made;
    QByteArrayList names;
    for (const auto &[name, value] : headers) {
        made.lines += name + ':' + value.simplified() + '\n';
        names.append(name);
    }
    made.names = names.join(';');
    return made;
}

QByteArray signatureOf(const QByteArray &canonicalRequest, const AwsCredentials &credentials,
                       const Scope &scope)
{
    const QByteArray toSign = "AWS4-HMAC-SHA256\n" + scope.time + '\n' + scope.text + '\n'
        + Sha256::of(canonicalRequest).toLatin1();
    QByteArray key = hmac("AWS4" + credentials.secretKey, scope.day);
    for (const QByteArray &part :
         {credentials.region, QByteArray("s3"), QByteArray("aws4_request")})
        key = hmac(key, part);
    return hmac(key, toSign).toHex();
}

QByteArray canonicalRequest(const AwsRequest &request, const Pairs &query,
                            const SignedHeaders &headers, const QByteArray &payloadHash)
{
    return request.method + '\n' + encoded(request.path, "/") + '\n' + canonicalQuery(query) + '\n'
        + headers.lines + '\n' + headers.names + '\n' + payloadHash;
}

} // namespace

QByteArray awsTarget(const AwsRequest &request)
{
    const QByteArray path = encoded(request.path, "/");
    return request.query.isEmpty() ? path : path + '?' + canonicalQuery(request.query);
}

QList<QByteArray> awsSignedHeaders(const AwsRequest &request, const AwsCredentials &credentials,
                                   const QDateTime &now)
{
    const Scope scope = scopeOf(credentials, now);
    Pairs headers = request.headers;
    headers.append({"host", request.host});
    headers.append({"x-amz-content-sha256", request.payloadHash});
    headers.append({"x-amz-date", scope.time});
    const SignedHeaders canonical = canonicalHeaders(headers);
    const QByteArray signature = signatureOf(canonicalRequest(request, request.query, canonical,
                                                              request.payloadHash),
                                             credentials, scope);
    return {"x-amz-date: " + scope.time, "x-amz-content-sha256: " + request.payloadHash,
            "Authorization: AWS4-HMAC-SHA256 Credential=" + credentials.accessKey + '/' + scope.text
                + ",SignedHeaders=" + canonical.names + ",Signature=" + signature};
}

QByteArray awsPresignedTarget(const AwsRequest &request, const AwsCredentials &credentials,
                              const QDateTime &now, int seconds)
{
    const Scope scope = scopeOf(credentials, now);
    AwsRequest whole = request;
    whole.query += Pairs{{"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
                         {"X-Amz-Credential", credentials.accessKey + '/' + scope.text},
                         {"X-Amz-Date", scope.time},
                         {"X-Amz-Expires", QByteArray::number(seconds)},
                         {"X-Amz-SignedHeaders", "host"}};
    const SignedHeaders canonical = canonicalHeaders({{"host", request.host}});
    const QByteArray signature = signatureOf(
        canonicalRequest(whole, whole.query, canonical, "UNSIGNED-PAYLOAD"), credentials, scope);
    return awsTarget(whole) + "&X-Amz-Signature=" + signature;
}

} // namespace skillbox
