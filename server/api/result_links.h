#pragma once

#include "engine/storage/records.h"
#include "server/api/url_signer.h"
#include "server/http/http_request.h"

#include <chrono>

namespace skillbox {

/// The links that results carry. A value: copies go with runs that outlive a request.
class ResultLinks
{
public:
    ResultLinks(UrlSigner signer, QString publicUrl, QByteArray scheme,
                std::chrono::seconds lifetime);

    /// Where this request's client finds the server, without a slash at the end.
    QString baseUrl(const HttpRequest &request) const;
    /// `files_url` of an execution, freshly signed; empty where it has no artifacts.
    QString filesUrl(const QString &baseUrl, const ExecutionRecord &record) const;
    /// Whether an archive link's signature is ours and its time is not over.
    bool allowsArchive(const TenantId &tenant, const QString &id, qint64 expires,
                       QByteArrayView signature) const;

private:
    UrlSigner m_signer;
    QString m_publicUrl;
    QByteArray m_scheme;
    std::chrono::seconds m_lifetime;
};

} // namespace skillbox
