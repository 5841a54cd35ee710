#pragma once

#include "engine/storage/blob_store.h"
#include "engine/storage/records.h"
#include "server/api/url_signer.h"
#include "server/http/http_request.h"

#include <chrono>

namespace skillbox {

/// The links that results carry. A value: copies go with runs that outlive a request.
class ResultLinks
{
public:
    /// `store` outlives this and all copies.
    ResultLinks(UrlSigner signer, QString publicUrl, QByteArray scheme,
                std::chrono::seconds lifetime, BlobStore &store);

    /// Where this request's client finds the server, without a slash at the end.
    QString baseUrl(const HttpRequest &request) const;
    /// `files_url` of an execution, freshly signed; empty where it has no artifacts. It leads to
    /// the store itself where that is possible, and then it may be here that the archive is made
    /// and put there; one that takes long to make is made by the first who fetches it. The caller
    /// has found the record for its tenant.
    QString filesUrl(const QString &baseUrl, const ExecutionRecord &record) const;
    /// Puts an archive that was made for a client where the next links lead, if they lead to the
    /// store. Leaves it at its beginning.
    void keepArchive(const ExecutionRecord &record, QIODevice &archive) const;
    /// Whether an archive link's signature is ours and its time is not over.
    bool allowsArchive(const TenantId &tenant, const QString &id, qint64 expires,
                       QByteArrayView signature) const;

private:
    QString storeUrl(const ExecutionRecord &record) const;

    UrlSigner m_signer;
    QString m_publicUrl;
    QByteArray m_scheme;
    std::chrono::seconds m_lifetime;
    BlobStore *m_store;
};

} // namespace skillbox
