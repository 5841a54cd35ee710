#include "engine/remote/connection.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// What goes into a header has to be one line of visible characters.
Result<QByteArray> headerValue(const QString &text, const QString &what)
{
    for (const QChar c : text) {
        if (c <= u' ' || c > u'~') {
            return fail(ErrorCode::BadRequest,
                        u"%1 has a character that cannot be sent: only visible ASCII can"_s.arg(
                            what));
        }
    }
    return text.toLatin1();
}

} // namespace

Result<std::unique_ptr<HttpClient>> connectTo(const ConnectionSettings &settings)
{
    const Result<ServerAddress> server = parseServerAddress(settings.address);
    if (!server)
        return fail(server.error());
    const Result<QByteArray> key = headerValue(settings.apiKey, u"the API key"_s);
    if (!key)
        return fail(key.error());
    const Result<QByteArray> tenant = headerValue(settings.tenant, u"the tenant"_s);
    if (!tenant)
        return fail(tenant.error());

    HttpClient::Options options{.server = *server,
                                .bearer = settings.bearer,
                                .caFile = settings.caFile,
                                .connectTimeout = settings.connectTimeout,
                                .hints = settings.hints,
                                .stop = settings.stop};
    if (!key->isEmpty() && !settings.bearer)
        options.headers.append("Authorization: Bearer " + *key);
    if (!tenant->isEmpty())
        options.headers.append("X-Tenant-ID: " + *tenant);
    return HttpClient::create(std::move(options));
}

} // namespace skillbox
