#include "server/api/files.h"

#include "server/api/answers.h"
#include "server/api/json/file_json.h"
#include "server/api/uploads.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// The id in the path, if it is one.
Result<FileId> fileIdOf(const HttpRequest &request)
{
    const QString id = request.parameters.value(u"id"_s);
    if (!isUuid(id))
        return fail(ErrorCode::NotFound, u"there is no file \"%1\""_s.arg(id.left(200)));
    return FileId{id};
}

FileService::Upload uploadOf(const UploadedFile &file)
{
    return {.name = file.name,
            .contentType = file.contentType,
            .session = file.fields.value(u"session_id"_s)};
}

Result<FileRecord> createFile(const HttpRequest &request, ApiServices &services)
{
    auto file = readUpload(request, services.settings.spoolDirectory);
    if (!file)
        return fail(file.error());
    return services.engine.files().create(callerOf(request).tenant, uploadOf(*file), *file->content,
                                          originOf(request));
}

Result<FileRecord> addFileVersion(const HttpRequest &request, ApiServices &services)
{
    const auto id = fileIdOf(request);
    if (!id)
        return fail(id.error());
    auto file = readUpload(request, services.settings.spoolDirectory);
    if (!file)
        return fail(file.error());
    return services.engine.files().addVersion(callerOf(request).tenant, *id, uploadOf(*file),
                                              *file->content, originOf(request));
}

Result<FileRecord> findFile(const HttpRequest &request, ApiServices &services)
{
    const auto id = fileIdOf(request);
    if (!id)
        return fail(id.error());
    return services.engine.files().find(callerOf(request).tenant, *id);
}

HttpResponse shownFile(int status, const Result<FileRecord> &file, const HttpRequest &request)
{
    if (!file)
        return failed(file.error(), request);
    HttpResponse response = HttpResponse::json(status, fileJson(*file));
    if (status == 201)
        response.headers.add("Location", "/v1/files/" + file->id.value.toLatin1());
    return response;
}

Result<QByteArray> listFiles(const HttpRequest &request, ApiServices &services)
{
    FileFilter filter;
    filter.session = request.queryValue(u"session_id");
    if (const QString id = request.queryValue(u"execution_id"); !id.isEmpty()) {
        if (!isUuid(id))
            return QByteArray("[]"); // names no execution, so none of its files
        filter.execution = ExecutionId{id};
    }
    const auto limit = limitOf(request, 50);
    if (!limit)
        return fail(limit.error());
    const auto offset = offsetOf(request);
    if (!offset)
        return fail(offset.error());
    filter.limit = *limit;
    filter.offset = *offset;
    return services.engine.files().list(callerOf(request).tenant, filter).map(filesJson);
}

Result<QByteArray> listFileVersions(const HttpRequest &request, ApiServices &services)
{
    const auto id = fileIdOf(request);
    if (!id)
        return fail(id.error());
    return services.engine.files().versions(callerOf(request).tenant, *id).map(filesJson);
}

HttpResponse downloadStored(const HttpRequest &request, ApiServices &services)
{
    const auto file = findFile(request, services);
    if (!file)
        return failed(file.error(), request);
    auto content = services.engine.files().open(*file);
    if (!content)
        return failed(content.error(), request);
    HttpResponse response;
    response.body = std::shared_ptr<QIODevice>(std::move(*content));
    addForeignContentHeaders(response, file->contentType, file->name);
    response.headers.set("ETag", '"' + file->blob.sha256.toLatin1() + '"');
    return response;
}

HttpResponse removeStoredFile(const HttpRequest &request, ApiServices &services)
{
    const auto id = fileIdOf(request);
    if (!id)
        return failed(id.error(), request);
    const auto removed = services.engine.files().remove(callerOf(request).tenant, *id,
                                                        originOf(request));
    return removed ? HttpResponse::empty(204) : failed(removed.error(), request);
}

} // namespace

void registerFiles(Router &router, ApiServices &services)
{
    const qint64 maxUpload = services.settings.maxFileBytes + multipartOverhead;
    const auto on = [&](const QByteArray &method, const QString &pattern, RouteOptions options,
                        HttpResponse (*handler)(const HttpRequest &, ApiServices &)) {
        router.add(method, pattern, std::move(options),
                   SimpleHandler([&services, handler](const HttpRequest &request) {
                       return handler(request, services);
                   }));
    };
    const RouteOptions read = services.route(Permission::Read);
    const RouteOptions upload = services.route(Permission::Run, maxUpload);

    on("POST", u"/v1/files"_s, upload, [](const HttpRequest &request, ApiServices &all) {
        return shownFile(201, createFile(request, all), request);
    });
    on("GET", u"/v1/files"_s, read, [](const HttpRequest &request, ApiServices &all) {
        return answer(listFiles(request, all), request);
    });
    on("GET", u"/v1/files/{id}"_s, read, [](const HttpRequest &request, ApiServices &all) {
        return shownFile(200, findFile(request, all), request);
    });
    on("PUT", u"/v1/files/{id}"_s, upload, [](const HttpRequest &request, ApiServices &all) {
        return shownFile(200, addFileVersion(request, all), request);
    });
    on("DELETE", u"/v1/files/{id}"_s, services.route(Permission::Run), removeStoredFile);
    on("GET", u"/v1/files/{id}/download"_s, read, downloadStored);
    on("GET", u"/v1/files/{id}/versions"_s, read, [](const HttpRequest &request, ApiServices &all) {
        return answer(listFileVersions(request, all), request);
    });
}

} // namespace skillbox
