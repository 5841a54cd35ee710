#include "server/api/skills.h"

#include "server/api/answers.h"
#include "server/api/json/json_reader.h"
#include "server/api/json/skill_json.h"
#include "server/api/uploads.h"

#include <QUrl>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// `application/zip` of `Application/ZIP; charset=x`.
QByteArray mediaTypeOf(const HttpRequest &request)
{
    const QByteArray field = request.headers.value("Content-Type").value_or(QByteArray());
    const qsizetype end = field.indexOf(';');
    return (end < 0 ? field : field.left(end)).trimmed().toLower();
}

bool isFields(const HttpRequest &request)
{
    return mediaTypeOf(request) == "application/json";
}

/// Asked before the body is read, so that nobody sends megabytes for nothing. A body without a type
/// is what it turns out to be.
HttpGate takingOnly(HttpGate gate, const QList<QByteArray> &mediaTypes)
{
    return
        [gate = std::move(gate), mediaTypes](HttpRequest &request) -> std::optional<HttpResponse> {
            if (auto refusal = gate(request))
                return refusal;
            const QByteArray type = mediaTypeOf(request);
            if (type.isEmpty() || mediaTypes.contains(type))
                return std::nullopt;
            return failed({ErrorCode::UnsupportedMedia,
                           u"the body cannot be %1; send it as one of %2"_s.arg(
                               QString::fromUtf8(type).left(100),
                               QString::fromLatin1(mediaTypes.join(", ")))},
                          request);
        };
}

Result<SkillFields> skillFieldsOf(const HttpRequest &request)
{
    auto reader = JsonReader::parse(request.body->bytes());
    if (!reader)
        return fail(reader.error());
    SkillFields fields;
    fields.name = reader->requiredText("name"_L1);
    fields.description = reader->requiredText("description"_L1);
    fields.code = reader->text("code"_L1);
    fields.instructions = reader->text("instructions"_L1);
    if (const QString version = reader->text("version"_L1); !version.isEmpty())
        fields.version = version;
    if (const QString name = reader->text("lang"_L1); !name.isEmpty()) {
        if (const auto language = languageFromName(name))
            fields.language = *language;
        else
            reader->refuse(u"lang must be python, node or bash"_s);
    }
    if (fields.code.isEmpty() && fields.instructions.trimmed().isEmpty())
        reader->refuse(u"code is missing; a skill without it needs instructions"_s);
    if (reader->error())
        return fail(*reader->error());
    return fields;
}

/// Calls `use` with the archive that the body is or carries.
template<typename Use>
auto withArchive(const HttpRequest &request, const ServerSettings &settings, Use use)
    -> decltype(use(std::declval<QIODevice &>()))
{
    if (mediaTypeOf(request) == "multipart/form-data") {
        const auto upload = readUpload(request, settings.spoolDirectory);
        if (!upload)
            return fail(upload.error());
        const auto device = upload->body->open();
        return use(*device);
    }
    if (request.body->size() == 0) {
        return fail(ErrorCode::BadRequest, u"the body is empty; send the skill as a zip"_s);
    }
    const auto device = request.body->open();
    return use(*device);
}

HttpResponse publishedAnswer(const Result<Published> &published, const HttpRequest &request)
{
    if (!published)
        return failed(published.error(), request);
    HttpResponse response = HttpResponse::json(
        published->created ? 201 : 200, publishedJson(published->record, published->findings));
    if (published->created) {
        response.headers.set("Location",
                             "/v1/skills/" + QUrl::toPercentEncoding(published->record.name) + '/'
                                 + QUrl::toPercentEncoding(published->record.version));
    }
    return response;
}

HttpResponse validate(Registry &registry, const ServerSettings &settings,
                      const HttpRequest &request)
{
    const auto inspect = [&]() -> Result<Inspected> {
        if (!isFields(request)) {
            return withArchive(request, settings, [&](QIODevice &archive) {
                return registry.inspectArchive(archive);
            });
        }
        if (request.body->size() > settings.maxJsonBytes) {
            return fail(ErrorCode::TooLarge,
                        u"the body has more than %1 bytes"_s.arg(settings.maxJsonBytes));
        }
        const auto fields = skillFieldsOf(request);
        return fields ? registry.inspectFields(*fields) : fail(fields.error());
    };
    const auto inspected = inspect();
    if (inspected)
        return HttpResponse::json(200, validJson(inspected->record, inspected->findings));
    HttpResponse response = failed(inspected.error(), request);
    // That it is no valid skill is the answer here, not a mistake of who asks.
    if (inspected.error().code == ErrorCode::InvalidSkill)
        response.status = 422;
    return response;
}

} // namespace

void registerSkillPublishing(Router &router, ApiServices &services)
{
    const qint64 maxArchiveBody = services.settings.maxSkillBytes + multipartOverhead;
    const QList<QByteArray> archiveTypes{"application/zip", "application/octet-stream",
                                         "multipart/form-data"};

    RouteOptions archive = services.route(Permission::Publish, maxArchiveBody);
    archive.gate = takingOnly(std::move(archive.gate), archiveTypes);
    router.add(
        "POST", u"/v1/skills"_s, archive, SimpleHandler([&services](const HttpRequest &request) {
            const auto published = withArchive(request, services.settings, [&](QIODevice &device) {
                return services.engine.registry().publishArchive(callerOf(request).tenant, device,
                                                                 originOf(request));
            });
            return publishedAnswer(published, request);
        }));

    RouteOptions fields = services.route(Permission::Publish);
    fields.gate = takingOnly(std::move(fields.gate), {"application/json"});
    router.add("POST", u"/v1/skills/from-fields"_s, fields,
               SimpleHandler([&services](const HttpRequest &request) {
                   const auto wanted = skillFieldsOf(request);
                   if (!wanted)
                       return failed(wanted.error(), request);
                   return publishedAnswer(services.engine.registry().publishFields(
                                              callerOf(request).tenant, *wanted, originOf(request)),
                                          request);
               }));

    RouteOptions either = services.route(Permission::Read, maxArchiveBody);
    either.gate = takingOnly(std::move(either.gate),
                             archiveTypes + QList<QByteArray>{"application/json"});
    router.add("POST", u"/v1/skills/validate"_s, either,
               SimpleHandler([&services](const HttpRequest &request) {
                   return validate(services.engine.registry(), services.settings, request);
               }));
}

} // namespace skillbox
