#pragma once

#include "engine/net/curl_library.h"

#include <QByteArrayList>

#include <mutex>
#include <vector>

namespace skillbox {

/// Handles that are used again, because they keep their connections. Thread-safe;
/// CurlLibrary::load() has succeeded.
class CurlHandles
{
public:
    CurlHandles() = default;
    ~CurlHandles();
    CurlHandles(const CurlHandles &) = delete;
    CurlHandles &operator=(const CurlHandles &) = delete;

    /// With no option set; null: libcurl gives none.
    CURL *take();
    /// `reusable`: its last transfer ended well.
    void giveBack(CURL *handle, bool reusable);

private:
    std::mutex m_mutex; ///< guards m_idle
    std::vector<CURL *> m_idle;
};

/// Header lines in libcurl's form. Memory that runs out leaves the last ones out; the request is
/// then refused for what it lacks.
class CurlHeaders
{
public:
    CurlHeaders(const CurlLibrary &curl, const QByteArrayList &lines);
    ~CurlHeaders();
    CurlHeaders(const CurlHeaders &) = delete;
    CurlHeaders &operator=(const CurlHeaders &) = delete;

    curl_slist *get() const { return m_list; }

private:
    const CurlLibrary &m_curl;
    curl_slist *m_list = nullptr;
};

/// The words for CURLE_SSL_CACERT_BADFILE of a transfer that trusts the PEM file `caFile`; empty:
/// the authorities of this machine.
QString unusableAuthorities(const QString &caFile);

} // namespace skillbox
