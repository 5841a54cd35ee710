#include "server/api/mcp.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

StreamableHttp::Client clientOf(const HttpRequest &request, ApiServices &services)
{
    const Caller &caller = callerOf(request);
    StreamableHttp::Client client{.tenant = caller.tenant,
                                  .key = caller.key,
                                  .caller = {.role = caller.role, .origin = originOf(request)}};
    client.caller.traceparent = QString::fromLatin1(request.trace.header());
    client.caller.baseUrl = services.links.baseUrl(request);
    // Copied: a run may end when the server has gone.
    client.caller.filesUrl = [links = services.links,
                              base = client.caller.baseUrl](const ExecutionRecord &record) {
        return links.filesUrl(base, record);
    };
    return client;
}

} // namespace

void registerMcp(Router &router, ApiServices &services, StreamableHttp &mcp)
{
    using Action = void (StreamableHttp::*)(const HttpRequest &, const HttpReply &,
                                            const StreamableHttp::Client &);
    const auto add = [&](const QByteArray &method, Action action) {
        router.add(method, u"/mcp"_s, services.route(Permission::Read),
                   HttpHandler([&services, &mcp, action](const HttpRequest &request,
                                                         const HttpReply &reply) {
                       (mcp.*action)(request, reply, clientOf(request, services));
                   }));
    };
    add("POST", &StreamableHttp::post);
    add("GET", &StreamableHttp::get);
    add("DELETE", &StreamableHttp::remove);
}

} // namespace skillbox
