#include "server/api/result_links.h"

#include "engine/base/clock.h"
#include "engine/base/sha256.h"
#include "engine/workspace/artifact_archive.h"
#include "server/api/answers.h"

#include <QBuffer>
#include <QLoggingCategory>
#include <QUrl>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr QByteArrayView archivePurpose = "execution-archive";

Q_LOGGING_CATEGORY(resultLinksLog, "skillbox.links")

/// Made in memory while the result waits: some tenths of a second of compressing.
constexpr qint64 mostMadeAtOnce = 8LL << 20;

/// What the archive of these files, of this run, of this tenant is called in the store.
QString archiveName(const ExecutionRecord &record)
{
    Sha256 hash;
    const auto add = [&hash](const QString &part) {
        const QByteArray bytes = part.toUtf8();
        hash.add(QByteArray::number(bytes.size()) + ':' + bytes);
    };
    add(u"archive 1"_s);
    add(record.tenant.value);
    add(record.id.value);
    for (const ArtifactRecord &artifact : record.artifacts) {
        add(artifact.path);
        add(artifact.blob.sha256);
    }
    return hash.finish();
}

} // namespace

ResultLinks::ResultLinks(UrlSigner signer, QString publicUrl, QByteArray scheme,
                         std::chrono::seconds lifetime, BlobStore &store)
    : m_signer(std::move(signer))
    , m_publicUrl(std::move(publicUrl))
    , m_scheme(std::move(scheme))
    , m_lifetime(lifetime)
    , m_store(&store)
{
    while (m_publicUrl.endsWith(u'/'))
        m_publicUrl.chop(1);
}

QString ResultLinks::baseUrl(const HttpRequest &request) const
{
    if (!m_publicUrl.isEmpty())
        return m_publicUrl;
    // The guard has let no request through whose Host is missing, doubled or malformed.
    const QByteArray host = request.headers.value("Host").value_or("localhost");
    return QString::fromLatin1(m_scheme + "://" + host);
}

QString ResultLinks::filesUrl(const QString &baseUrl, const ExecutionRecord &record) const
{
    if (record.artifacts.isEmpty())
        return {};
    if (m_store->givesLinks()) {
        if (const QString url = storeUrl(record); !url.isEmpty())
            return url;
    }
    const qint64 expires = nowUtc().toSecsSinceEpoch() + m_lifetime.count();
    const QByteArray signature = m_signer.sign(archivePurpose, record.tenant, record.id.value,
                                               expires);
    return u"%1/v1/executions/%2/archive?tenant=%3&expires=%4&signature=%5"_s.arg(
        baseUrl, record.id.value, QString::fromLatin1(QUrl::toPercentEncoding(record.tenant.value)),
        QString::number(expires), QString::fromLatin1(signature));
}

QString ResultLinks::storeUrl(const ExecutionRecord &record) const
{
    const QString name = archiveName(record);
    const LinkAnswer as{.contentType = u"application/gzip"_s,
                        .contentDisposition = attachmentNamed(record.id.value + u".tar.gz"_s),
                        .lifetime = m_lifetime};
    // Our own link works whatever fails here.
    const auto giveUp = [](const Error &error) {
        qCWarning(resultLinksLog, "files_url leads to the server: %s %s",
                  qUtf8Printable(error.message), qUtf8Printable(error.detail));
        return QString();
    };
    auto link = m_store->linkToCopy(name, as);
    if (!link)
        return giveUp(link.error());
    if (*link)
        return **link;
    qint64 bytes = 0;
    for (const ArtifactRecord &artifact : record.artifacts)
        bytes += artifact.sizeBytes;
    if (bytes > mostMadeAtOnce)
        return {};
    QBuffer archive;
    archive.open(QIODevice::ReadWrite);
    if (const auto written = writeArtifactArchive(*m_store, record, archive); !written)
        return giveUp(written.error());
    archive.seek(0);
    if (auto kept = m_store->keepCopy(name, archive); !kept)
        return giveUp(kept.error());
    link = m_store->linkToCopy(name, as);
    return link ? link->value_or(QString()) : giveUp(link.error());
}

void ResultLinks::keepArchive(const ExecutionRecord &record, QIODevice &archive) const
{
    if (!m_store->givesLinks())
        return;
    if (archive.seek(0)) {
        if (auto kept = m_store->keepCopy(archiveName(record), archive); !kept)
            qCWarning(resultLinksLog, "an archive is not kept: %s",
                      qUtf8Printable(kept.error().message));
    }
    archive.seek(0);
}

bool ResultLinks::allowsArchive(const TenantId &tenant, const QString &id, qint64 expires,
                                QByteArrayView signature) const
{
    return expires > nowUtc().toSecsSinceEpoch()
        && m_signer.verify(archivePurpose, tenant, id, expires, signature);
}

} // namespace skillbox
