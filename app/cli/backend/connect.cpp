#include "app/cli/backend/connect.h"

#include "app/cli/backend/remote_backend.h"
#include "engine/local_endpoint.h"

#include <optional>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// One spelling for the loopback addresses that mean the same.
QString comparable(QString address)
{
    return address.replace(u"//localhost:"_s, u"//127.0.0.1:"_s);
}

std::optional<LocalEndpoint> endpointAt(const QList<LocalEndpoint> &endpoints,
                                        const QString &address)
{
    for (const LocalEndpoint &endpoint : endpoints) {
        for (const QString &own : endpoint.addresses) {
            if (comparable(own) == comparable(address))
                return endpoint;
        }
    }
    return std::nullopt;
}

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

Result<std::unique_ptr<Backend>> connectToServer(const ServerChoice &choice)
{
    const QList<LocalEndpoint> endpoints = choice.dataDirectory.isEmpty()
        ? QList<LocalEndpoint>()
        : liveLocalEndpoints(choice.dataDirectory);
    QString address = choice.address;
    if (address == u"local") {
        if (endpoints.isEmpty()) {
            return fail(ErrorCode::NotFound,
                        u"no server runs on the data directory '%1'\n"
                        "start one with: skillbox serve\n"
                        "one that listens beyond this machine is reached by its address: "
                        "--server https://… --api-key sk-…"_s.arg(choice.dataDirectory));
        }
        address = endpoints.first().addresses.first();
    }
    const Result<ServerAddress> server = parseServerAddress(address);
    if (!server)
        return fail(server.error());

    QString key = choice.apiKey;
    if (key.isEmpty() && server->isLoopback) {
        if (const auto endpoint = endpointAt(endpoints, server->text))
            key = endpoint->key;
    }
    const Result<QByteArray> keyText = headerValue(key, u"the API key"_s);
    if (!keyText)
        return fail(keyText.error());
    const Result<QByteArray> tenant = headerValue(choice.tenant, u"the tenant"_s);
    if (!tenant)
        return fail(tenant.error());

    HttpClient::Options options{.server = *server, .caFile = choice.caFile};
    if (!keyText->isEmpty())
        options.headers.append("Authorization: Bearer " + *keyText);
    if (!tenant->isEmpty())
        options.headers.append("X-Tenant-ID: " + *tenant);
    Result<std::unique_ptr<HttpClient>> http = HttpClient::create(std::move(options));
    if (!http)
        return fail(http.error());
    return std::make_unique<RemoteBackend>(std::move(*http), choice.limits);
}

} // namespace skillbox
