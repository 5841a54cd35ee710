#include "engine/net/curl_handles.h"

#include <QString>

using namespace Qt::StringLiterals;

namespace skillbox {

CurlHandles::~CurlHandles()
{
    const auto curl = CurlLibrary::load();
    for (CURL *handle : m_idle)
        (*curl)->easyCleanup(handle);
}

CURL *CurlHandles::take()
{
    const CurlLibrary &curl = **CurlLibrary::load();
    {
        const std::lock_guard lock(m_mutex);
        if (!m_idle.empty()) {
            CURL *handle = m_idle.back();
            m_idle.pop_back();
            curl.easyReset(handle); // keeps the connections
            return handle;
        }
    }
    return curl.easyInit();
}

void CurlHandles::giveBack(CURL *handle, bool reusable)
{
    if (!reusable) {
        (*CurlLibrary::load())->easyCleanup(handle);
        return;
    }
    const std::lock_guard lock(m_mutex);
    m_idle.push_back(handle);
}

CurlHeaders::CurlHeaders(const CurlLibrary &curl, const QByteArrayList &lines) : m_curl(curl)
{
    for (const QByteArray &line : lines) {
        curl_slist *longer = curl.slistAppend(m_list, line.constData());
        if (!longer)
            break;
        m_list = longer;
    }
}

CurlHeaders::~CurlHeaders()
{
    m_curl.slistFreeAll(m_list);
}

QString unusableAuthorities(const QString &caFile)
{
    if (caFile.isEmpty())
        return u"this machine has no certificates of authorities; install the package"
               " ca-certificates"_s;
    return u"'%1' is not a readable PEM file of certificates"_s.arg(caFile);
}

} // namespace skillbox
