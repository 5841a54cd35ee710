#include "app/cli/backend/connect.h"

#include "app/cli/backend/remote_backend.h"
#include "engine/local_endpoint.h"
#include "engine/remote/sign_in.h"

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

} // namespace

Result<std::unique_ptr<HttpClient>> openConnection(const ServerChoice &choice)
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
    ConnectionSettings settings{
        .address = server->text,
        .apiKey = key,
        .tenant = choice.tenant,
        .caFile = choice.caFile,
        .hints = {
            .address = u"check --server and SKILLBOX_SERVER_URL"_s,
            .nothingThere =
                u"start one with: skillbox serve\n"
                "or leave out --server and SKILLBOX_SERVER_URL to work without a server"_s,
            .key =
                u"give a key of %1 with --api-key or SKILLBOX_API_KEY, or sign in: skillbox login"_s
                    .arg(server->text),
            .authority = u"if it is your own authority's, name its PEM file in "
                         "SKILLBOX_CA_FILE"_s}};
    return connectTo(choice.signIns ? withSignIn(std::move(settings), *choice.signIns) : settings);
}

Result<std::unique_ptr<Backend>> connectToServer(const ServerChoice &choice)
{
    Result<std::unique_ptr<HttpClient>> http = openConnection(choice);
    if (!http)
        return fail(http.error());
    return std::make_unique<RemoteBackend>(std::move(*http), choice.limits);
}

} // namespace skillbox
