#include "engine/base/content_type.h"
#include "server/api/answers.h"
#include "server/api/json/file_json.h"
#include "server/api/json/json_output.h"
#include "server/api/json/json_reader.h"
#include "server/api/sandbox.h"
#include "server/api/uploads.h"

#include <QFile>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

bool isMultipart(const HttpRequest &request)
{
    return request.headers.value("Content-Type")
        .value_or(QByteArray())
        .trimmed()
        .toLower()
        .startsWith("multipart/");
}

/// A file comes in the form's field `file`, or by `file_id` from those that were uploaded before.
struct Incoming {
    QString path; ///< as the client names it; empty: its own name
    QString name;
    std::shared_ptr<const HttpBody> body; ///< what content reads from; null: not of a form
    std::unique_ptr<QIODevice> content;
};

Result<Incoming> incomingOf(const HttpRequest &request, ApiServices &services)
{
    if (isMultipart(request)) {
        auto file = readUpload(request, services.settings.spoolDirectory);
        if (!file)
            return fail(file.error());
        return Incoming{file->fields.value(u"path"_s), file->name, file->body,
                        std::move(file->content)};
    }
    auto json = JsonReader::parse(request.body->bytes());
    if (!json)
        return fail(json.error());
    const QString id = json->requiredText("file_id"_L1);
    const QString path = json->text("path"_L1);
    if (json->error())
        return fail(*json->error());
    if (!isUuid(id))
        return fail(ErrorCode::NotFound, u"there is no file \"%1\""_s.arg(id.left(200)));
    const auto file = services.engine.files().find(callerOf(request).tenant, FileId{id});
    if (!file)
        return fail(file.error());
    auto content = services.engine.files().open(*file);
    if (!content)
        return fail(content.error());
    return Incoming{path, file->name, nullptr, std::move(*content)};
}

Result<QByteArray> uploadFile(const HttpRequest &request, ApiServices &services)
{
    const auto session = sandboxSessionOf(request);
    if (!session)
        return fail(session.error());
    auto incoming = incomingOf(request, services);
    if (!incoming)
        return fail(incoming.error());
    // A file's own name is a name, not a place.
    const QString name = incoming->name.sliced(incoming->name.lastIndexOf(u'/') + 1);
    QString wanted = incoming->path.isEmpty() ? name : incoming->path;
    if (wanted.endsWith(u'/'))
        wanted += name;
    const auto path = sandboxPath(wanted);
    if (!path)
        return fail(path.error());
    if (path->isEmpty())
        return fail(ErrorCode::BadRequest, u"path must name a file below /sandbox/session"_s);
    auto written = services.engine.sessions().write(callerOf(request).tenant, *session, *path,
                                                    *incoming->content, originOf(request));
    if (!written)
        return fail(written.error());
    written->path = sandboxPathText(written->path);
    return sessionFileJson(*written);
}

HttpResponse downloadFile(const HttpRequest &request, ApiServices &services)
{
    const auto session = sandboxSessionOf(request);
    if (!session)
        return failed(session.error(), request);
    auto json = JsonReader::parse(request.body->bytes());
    if (!json)
        return failed(json.error(), request);
    const QString text = json->requiredText("path"_L1);
    if (json->error())
        return failed(*json->error(), request);
    const auto path = sandboxPath(text);
    if (!path)
        return failed(path.error(), request);
    auto &sessions = services.engine.sessions();
    const auto file = sessions.find(callerOf(request).tenant, *session, *path);
    if (!file)
        return failed(file.error(), request);
    auto content = sessions.open(*file);
    if (!content)
        return failed(content.error(), request);
    HttpResponse response;
    response.body = std::shared_ptr<QIODevice>(std::move(*content));
    addForeignContentHeaders(response, contentTypeOf(file->path), file->path);
    return response;
}

/// The files of a published skill, for commands that want to use or change them.
Result<QByteArray> uploadSkill(const HttpRequest &request, ApiServices &services)
{
    const auto session = sandboxSessionOf(request);
    if (!session)
        return fail(session.error());
    auto json = JsonReader::parse(request.body->bytes());
    if (!json)
        return fail(json.error());
    const TenantId &tenant = callerOf(request).tenant;
    const QString name = json->requiredText("skill"_L1);
    const QString version = json->text("version"_L1);
    const QString target = json->text("path"_L1);
    if (json->error())
        return fail(*json->error());
    const auto skill = services.engine.registry().resolve({tenant, name, version});
    if (!skill)
        return fail(skill.error());
    const auto folder = sandboxPath(target.isEmpty() ? u"skills/"_s + skill->name : target);
    if (!folder)
        return fail(folder.error());

    for (const QString &path : skill->files) {
        QFile file(skill->directory + u'/' + path);
        if (!file.open(QIODevice::ReadOnly)) {
            return fail(ErrorCode::StorageCorrupt, u"a file of the skill cannot be read"_s,
                        file.fileName() + u": "_s + file.errorString());
        }
        const QString place = folder->isEmpty() ? path : *folder + u'/' + path;
        const auto written = services.engine.sessions().write(tenant, *session, place, file,
                                                              originOf(request));
        if (!written)
            return fail(written.error());
    }
    JsonOutput answer;
    answer.beginObject()
        .member("skill", skill->name)
        .member("version", skill->version)
        .member("digest", skill->digest)
        .member("path", sandboxPathText(*folder))
        .member("files", qint64(skill->files.size()))
        .endObject();
    return answer.bytes();
}

} // namespace

void registerSandboxTransfers(Router &router, ApiServices &services)
{
    const qint64 maxUpload = services.settings.maxFileBytes + multipartOverhead;
    router.add("POST", u"/v1/sandbox/upload-file"_s, services.route(Permission::Run, maxUpload),
               SimpleHandler([&services](const HttpRequest &request) {
                   return answer(uploadFile(request, services), request);
               }));
    router.add("POST", u"/v1/sandbox/download-file"_s, services.route(Permission::Read),
               SimpleHandler([&services](const HttpRequest &request) {
                   return downloadFile(request, services);
               }));
    router.add("POST", u"/v1/sandbox/upload-skill"_s, services.route(Permission::Run),
               SimpleHandler([&services](const HttpRequest &request) {
                   return answer(uploadSkill(request, services), request);
               }));
}

} // namespace skillbox
