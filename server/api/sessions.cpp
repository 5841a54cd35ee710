#include "server/api/sessions.h"

#include "engine/base/content_type.h"
#include "server/api/answers.h"
#include "server/api/json/file_json.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

HttpResponse listSessionFiles(const HttpRequest &request, ApiServices &services)
{
    const auto files = services.engine.sessions().files(callerOf(request).tenant,
                                                        request.parameters.value(u"name"_s));
    return files ? HttpResponse::json(200, sessionFilesJson(*files))
                 : failed(files.error(), request);
}

HttpResponse readSessionFile(const HttpRequest &request, ApiServices &services)
{
    auto &sessions = services.engine.sessions();
    const auto file = sessions.find(callerOf(request).tenant, request.parameters.value(u"name"_s),
                                    request.parameters.value(u"path"_s));
    if (!file)
        return failed(file.error(), request);
    auto content = sessions.open(*file);
    if (!content)
        return failed(content.error(), request);
    HttpResponse response;
    response.body = std::shared_ptr<QIODevice>(std::move(*content));
    addForeignContentHeaders(response, contentTypeOf(file->path), file->path);
    response.headers.set("ETag", '"' + file->blob.sha256.toLatin1() + '"');
    return response;
}

HttpResponse removeSessionFile(const HttpRequest &request, ApiServices &services)
{
    const Result<void> removed = services.engine.sessions().remove(
        callerOf(request).tenant, request.parameters.value(u"name"_s),
        request.parameters.value(u"path"_s), originOf(request));
    return removed ? HttpResponse::empty(204) : failed(removed.error(), request);
}

HttpResponse endSession(const HttpRequest &request, ApiServices &services)
{
    const QString name = request.parameters.value(u"name"_s);
    const Result<bool> removed = services.engine.sessions().removeSession(callerOf(request).tenant,
                                                                          name, originOf(request));
    if (!removed)
        return failed(removed.error(), request);
    if (!*removed) {
        return failed({ErrorCode::NotFound, u"there is no session \"%1\""_s.arg(name)}, request);
    }
    return HttpResponse::empty(204);
}

} // namespace

void registerSessions(Router &router, ApiServices &services)
{
    const auto on = [&](const QByteArray &method, const QString &pattern, Permission permission,
                        HttpResponse (*handler)(const HttpRequest &, ApiServices &)) {
        router.add(method, pattern, services.route(permission),
                   SimpleHandler([&services, handler](const HttpRequest &request) {
                       return handler(request, services);
                   }));
    };
    on("GET", u"/v1/sessions/{name}/files"_s, Permission::Read, listSessionFiles);
    on("GET", u"/v1/sessions/{name}/files/{path...}"_s, Permission::Read, readSessionFile);
    on("DELETE", u"/v1/sessions/{name}/files/{path...}"_s, Permission::Run, removeSessionFile);
    on("DELETE", u"/v1/sessions/{name}"_s, Permission::Run, endSession);
}

} // namespace skillbox
