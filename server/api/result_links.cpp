#include "server/api/result_links.h"

#include "engine/base/clock.h"

#include <QUrl>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr QByteArrayView archivePurpose = "execution-archive";

} // namespace

ResultLinks::ResultLinks(UrlSigner signer, QString publicUrl, QByteArray scheme,
                         std::chrono::seconds lifetime)
    : m_signer(std::move(signer))
    , m_publicUrl(std::move(publicUrl))
    , m_scheme(std::move(scheme))
    , m_lifetime(lifetime)
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
    const qint64 expires = nowUtc().toSecsSinceEpoch() + m_lifetime.count();
    const QByteArray signature = m_signer.sign(archivePurpose, record.tenant, record.id.value,
                                               expires);
    return u"%1/v1/executions/%2/archive?tenant=%3&expires=%4&signature=%5"_s.arg(
        baseUrl, record.id.value, QString::fromLatin1(QUrl::toPercentEncoding(record.tenant.value)),
        QString::number(expires), QString::fromLatin1(signature));
}

bool ResultLinks::allowsArchive(const TenantId &tenant, const QString &id, qint64 expires,
                                QByteArrayView signature) const
{
    return expires > nowUtc().toSecsSinceEpoch()
        && m_signer.verify(archivePurpose, tenant, id, expires, signature);
}

} // namespace skillbox
