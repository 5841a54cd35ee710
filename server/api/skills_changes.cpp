#include "server/api/skills.h"

#include "server/api/answers.h"
#include "server/api/json/json_reader.h"
#include "server/api/json/skill_json.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 maxSmallBody = 64 << 10;
constexpr int maxReason = 1000;

/// The changed version as GET shows it.
Result<QByteArray> withTags(Registry &registry, const Result<SkillVersionRecord> &record)
{
    if (!record)
        return fail(record.error());
    const auto tags = registry.tags(record->tenant, record->name);
    if (!tags)
        return fail(tags.error());
    return skillVersionJson(*record, *tags);
}

/// A body is not needed here.
Result<QString> yankReasonOf(const HttpRequest &request)
{
    const QByteArray body = request.body->bytes();
    if (body.trimmed().isEmpty())
        return QString();
    auto reader = JsonReader::parse(body);
    if (!reader)
        return fail(reader.error());
    const QString reason = reader->text("reason"_L1).trimmed();
    if (reason.size() > maxReason)
        reader->refuse(u"reason has more than %1 characters"_s.arg(maxReason));
    if (reader->error())
        return fail(*reader->error());
    return reason;
}

Result<QByteArray> yank(Registry &registry, const HttpRequest &request)
{
    const auto reason = yankReasonOf(request);
    if (!reason)
        return fail(reason.error());
    return withTags(registry, registry.yank(skillRefOf(request), *reason, originOf(request)));
}

Result<QByteArray> setTag(Registry &registry, const HttpRequest &request)
{
    auto reader = JsonReader::parse(request.body->bytes());
    if (!reader)
        return fail(reader.error());
    SkillRef ref = skillRefOf(request);
    ref.version = reader->requiredText("version"_L1);
    if (reader->error())
        return fail(*reader->error());
    // Another tag and `latest` are what they mean now.
    const auto record = registry.find(ref);
    if (!record)
        return fail(record.error());
    ref.version = record->version;
    return registry.setTag(ref, request.parameters.value(u"tag"_s), originOf(request))
        .map([&](const TagRecord &tag) { return tagJson(ref.name, tag); });
}

HttpResponse noContent(const Result<void> &done, const HttpRequest &request)
{
    return done ? HttpResponse::empty(204) : failed(done.error(), request);
}

} // namespace

void registerSkillChanges(Router &router, ApiServices &services)
{
    const auto add = [&](const QByteArray &method, const QString &pattern, SimpleHandler handler) {
        router.add(method, pattern, services.route(Permission::Publish, maxSmallBody),
                   std::move(handler));
    };
    add("POST", u"/v1/skills/{name}/{version}/yank"_s, [&services](const HttpRequest &request) {
        return answer(yank(services.engine.registry(), request), request);
    });
    add("POST", u"/v1/skills/{name}/{version}/unyank"_s, [&services](const HttpRequest &request) {
        Registry &registry = services.engine.registry();
        return answer(withTags(registry, registry.unyank(skillRefOf(request), originOf(request))),
                      request);
    });
    add("PUT", u"/v1/skills/{name}/tags/{tag}"_s, [&services](const HttpRequest &request) {
        return answer(setTag(services.engine.registry(), request), request);
    });
    add("DELETE", u"/v1/skills/{name}/tags/{tag}"_s, [&services](const HttpRequest &request) {
        const SkillRef ref = skillRefOf(request);
        return noContent(services.engine.registry().removeTag(ref.tenant, ref.name,
                                                              request.parameters.value(u"tag"_s),
                                                              originOf(request)),
                         request);
    });
    add("DELETE", u"/v1/skills/{name}/{version}"_s, [&services](const HttpRequest &request) {
        return noContent(services.engine.registry().remove(skillRefOf(request), originOf(request)),
                         request);
    });
}

} // namespace skillbox
