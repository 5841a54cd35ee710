#include "engine/workspace/artifact_archive.h"
#include "server/api/answers.h"
#include "server/api/executions.h"
#include "server/http/problem.h"

#include <QDir>
#include <QTemporaryFile>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Result<HttpResponse> artifact(const HttpRequest &request, ApiServices &services)
{
    const auto record = executionOf(request, services);
    if (!record)
        return fail(record.error());
    const QString path = request.parameters.value(u"path"_s);
    const auto &artifacts = record->artifacts;
    const auto found = std::find_if(artifacts.begin(), artifacts.end(),
                                    [&](const ArtifactRecord &candidate) {
                                        return candidate.path == path;
                                    });
    if (found == artifacts.end()) {
        return fail(ErrorCode::NotFound,
                    u"execution \"%1\" has no file of that name"_s.arg(record->id.value));
    }
    auto content = services.engine.executions().openArtifact(*found);
    if (!content)
        return fail(content.error());
    HttpResponse response;
    response.body = std::shared_ptr<QIODevice>(std::move(*content));
    addForeignContentHeaders(response, found->contentType, found->path);
    response.headers.set("ETag", '"' + found->blob.sha256.toLatin1() + '"');
    return response;
}

/// Made whole before it is sent: its length can be told, a client can go on where it was cut off,
/// and a slow one holds a file and not the store.
Result<HttpResponse> archive(const HttpRequest &request, ApiServices &services)
{
    const TenantId tenant{request.queryValue(u"tenant")};
    const QString id = request.parameters.value(u"id"_s);
    if (!isUuid(id))
        return fail(ErrorCode::NotFound, u"there is no execution \"%1\""_s.arg(id.left(200)));
    const qint64 expires = request.queryValue(u"expires").toLongLong();
    const QByteArray signature = request.queryValue(u"signature").toLatin1();
    if (!services.links.allowsArchive(tenant, id, expires, signature)) {
        return fail(ErrorCode::Forbidden,
                    u"the link is not valid or its hour is over: read the execution for another"_s);
    }
    const auto record = services.engine.executions().find(tenant, ExecutionId{id});
    if (!record)
        return fail(record.error());

    // Without a name from the start (O_TMPFILE), so nothing is left whatever happens.
    auto file = std::make_shared<QTemporaryFile>((services.settings.spoolDirectory.isEmpty()
                                                      ? QDir::tempPath()
                                                      : services.settings.spoolDirectory)
                                                 + u"/archive-XXXXXX"_s);
    if (!file->open()) {
        return fail(ErrorCode::StorageUnavailable, u"there is no room to make the archive"_s,
                    file->errorString());
    }
    const auto written = writeArtifactArchive(services.engine.blobs(), *record, *file);
    if (!written)
        return fail(written.error());
    services.links.keepArchive(*record, *file);
    if (!file->seek(0)) {
        return fail(ErrorCode::StorageUnavailable, u"the archive cannot be read back"_s,
                    file->errorString());
    }
    HttpResponse response;
    response.body = std::static_pointer_cast<QIODevice>(file);
    addForeignContentHeaders(response, u"application/gzip"_s, id + u".tar.gz"_s);
    // The same record gives the same bytes.
    response.headers.set("ETag", "\"archive-" + id.toLatin1() + '"');
    return response;
}

HttpResponse orFailed(Result<HttpResponse> response, const HttpRequest &request)
{
    return response ? std::move(*response) : failed(response.error(), request);
}

} // namespace

void registerExecutionFiles(Router &router, ApiServices &services)
{
    router.add("GET", u"/v1/executions/{id}/files/{path...}"_s, services.route(Permission::Read),
               SimpleHandler([&services](const HttpRequest &request) {
                   return orFailed(artifact(request, services), request);
               }));
    // The signature is the permission.
    router.add("GET", u"/v1/executions/{id}/archive"_s, RouteOptions{},
               SimpleHandler([&services](const HttpRequest &request) {
                   return orFailed(archive(request, services), request);
               }));
}

} // namespace skillbox
