#include "engine/net/web_request.h"

#include "engine/net/curl_handles.h"
#include "engine/net/loopback_host.h"

#include <QUrl>

#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct WebTransfer {
    const WebRequest &request;
    QByteArray body = {};
    bool tooLarge = false;
};

size_t onWebBody(char *data, size_t, size_t size, void *user)
{
    WebTransfer &transfer = *static_cast<WebTransfer *>(user);
    const auto bytes = static_cast<qsizetype>(size);
    if (transfer.body.size() + bytes > transfer.request.mostBytes) {
        transfer.tooLarge = true;
        return 0;
    }
    transfer.body.append(data, bytes);
    return size;
}

int onWebProgress(void *user, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
    return static_cast<const WebTransfer *>(user)->request.stop.stop_requested() ? 1 : 0;
}

QString reasonOf(CURLcode code, const WebTransfer &transfer)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST: return u"there is no host of that name"_s;
    case CURLE_COULDNT_CONNECT: return u"nothing answers there"_s;
    case CURLE_OPERATION_TIMEDOUT: return u"it does not answer in time"_s;
    case CURLE_PEER_FAILED_VERIFICATION: return u"its certificate is not trusted"_s;
    case CURLE_SSL_CACERT_BADFILE: return unusableAuthorities(transfer.request.caFile);
    case CURLE_WRITE_ERROR:
        if (transfer.tooLarge)
            return u"its answer has more than %1 bytes"_s.arg(transfer.request.mostBytes);
        break;
    default: break;
    }
    return u"the request failed"_s;
}

} // namespace

Result<WebAnswer> askWeb(const WebRequest &request)
{
    if (!isPrivateWebAddress(request.url)) {
        return fail(ErrorCode::BadRequest,
                    u"%1 is not asked: it has to be an https:// address, or http:// on this "
                    "machine"_s.arg(request.url.left(300)));
    }
    const auto loaded = CurlLibrary::load();
    if (!loaded)
        return fail(loaded.error());
    const CurlLibrary &curl = **loaded;
    CURL *handle = curl.easyInit();
    if (!handle)
        return fail(ErrorCode::Internal, u"libcurl gives no handle"_s);

    WebTransfer transfer{.request = request};
    std::array<char, CURL_ERROR_SIZE> detail{};
    const QUrl address(request.url, QUrl::StrictMode);
    const QByteArray url = address.toEncoded();
    const QByteArray caFile = request.caFile.toUtf8();
    const CurlHeaders headers(curl, request.headers);
    const auto set = [&](CURLoption option, auto value) { curl.easySetopt(handle, option, value); };
    set(CURLOPT_URL, url.constData());
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_USERAGENT, "skillbox");
    set(CURLOPT_ERRORBUFFER, detail.data());
    set(CURLOPT_NOSIGNAL, 1L); // we are threaded
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.deadline.count()));
    set(CURLOPT_WRITEFUNCTION, &onWebBody);
    set(CURLOPT_WRITEDATA, &transfer);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &onWebProgress);
    set(CURLOPT_XFERINFODATA, &transfer);
    if (isLoopbackHost(address.host()))
        set(CURLOPT_NOPROXY, "*"); // what is for this machine must not travel to a proxy and back
    if (!caFile.isEmpty())
        set(CURLOPT_CAINFO, caFile.constData());
    if (request.form) {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDS, request.form->constData());
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.form->size()));
    }
    const CURLcode code = curl.easyPerform(handle);
    long status = 0;
    curl.easyGetinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    const QString text = QString::fromUtf8(detail[0] ? detail.data() : curl.easyStrerror(code));
    curl.easyCleanup(handle);
    if (code == CURLE_ABORTED_BY_CALLBACK && request.stop.stop_requested())
        return fail(ErrorCode::Cancelled, u"the request to %1 was cancelled"_s.arg(request.url));
    if (code != CURLE_OK) {
        return fail(ErrorCode::Io,
                    u"cannot ask %1: %2"_s.arg(request.url, reasonOf(code, transfer)),
                    u"%1 (libcurl error %2)"_s.arg(text).arg(code));
    }
    return WebAnswer{static_cast<int>(status), std::move(transfer.body)};
}

QByteArray webForm(const QList<std::pair<QByteArray, QString>> &fields)
{
    QByteArray body;
    for (const auto &[name, value] : fields) {
        body += (body.isEmpty() ? "" : "&") + name.toPercentEncoding() + '='
            + QUrl::toPercentEncoding(value);
    }
    return body;
}

} // namespace skillbox
