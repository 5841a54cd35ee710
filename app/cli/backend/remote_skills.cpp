#include "app/cli/backend/remote_backend.h"

#include "app/cli/backend/answer_json.h"
#include "app/cli/json_writer.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonObject>
#include <QTemporaryDir>

#include <limits>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QByteArray versionTarget(const QString &name, const QString &version)
{
    return "/v1/skills/" + segment(name) + '/'
        + (version.isEmpty() ? QByteArray("latest") : segment(version));
}

} // namespace

RemoteBackend::RemoteBackend(std::unique_ptr<HttpClient> http, ArchiveLimits limits)
    : m_api(std::move(http))
    , m_limits(limits)
{
}

Result<QJsonObject> RemoteBackend::object(const HttpCall &call)
{
    const Result<JsonText> json = m_api.json(call);
    if (!json)
        return fail(json.error());
    return jsonValue(json->bytes()).toObject();
}

Result<Published> RemoteBackend::push(const QString &path)
{
    const QTemporaryDir scratch;
    QString archive = path;
    if (QFileInfo(path).isDir()) {
        if (!scratch.isValid()) {
            return fail(ErrorCode::Io,
                        u"cannot make a temporary folder: %1"_s.arg(scratch.errorString()));
        }
        archive = scratch.filePath(u"skill.zip"_s);
        const Result<SkillContent> packed = packDirectory(path, archive, m_limits);
        if (!packed)
            return fail(packed.error());
    }
    QFile file(archive);
    if (!file.open(QIODevice::ReadOnly)) {
        return fail(ErrorCode::Io, u"cannot read '%1': %2"_s.arg(archive, file.errorString()));
    }
    // The same archive again is the same version: repeating it changes nothing.
    const HttpCall call{.method = "POST",
                        .target = "/v1/skills",
                        .headers = {"Content-Type: application/zip"},
                        .upload = &file,
                        .repeat = Repeat::Safe};
    const Result<HttpAnswer> answer = m_api.call(call);
    if (!answer)
        return fail(answer.error());
    Published published;
    published.record = skillFromJson(jsonValue(answer->body).toObject());
    published.created = answer->status == 201;
    return published;
}

Result<QList<SkillVersionRecord>> RemoteBackend::skills(const SkillFilter &filter)
{
    const Result<QByteArrayList> rows = m_api.rows(
        "/v1/skills" + queryOf({{"name", filter.name}, {"q", filter.query}, {"limit", u"200"_s}}),
        std::numeric_limits<qsizetype>::max());
    if (!rows)
        return fail(rows.error());
    QList<SkillVersionRecord> records;
    for (const QByteArray &row : *rows)
        records.append(skillFromJson(jsonValue(row).toObject()));
    return records;
}

Result<SkillVersionRecord> RemoteBackend::skill(const QString &name, const QString &version)
{
    const Result<QJsonObject> answer = object(
        {.target = versionTarget(name, version), .repeat = Repeat::Safe});
    if (!answer)
        return fail(answer.error());
    return skillFromJson(*answer);
}

Result<SkillVersionRecord> RemoteBackend::yank(const QString &name, const QString &version,
                                               const QString &reason)
{
    JsonWriter body;
    body.beginObject().memberIfAny(u"reason"_s, reason).endObject();
    const Result<HttpAnswer> done = m_api.call({.method = "POST",
                                                .target = versionTarget(name, version) + "/yank",
                                                .headers = {"Content-Type: application/json"},
                                                .body = body.bytes(),
                                                .repeat = Repeat::Safe});
    if (!done)
        return fail(done.error());
    return skill(name, version);
}

Result<SkillVersionRecord> RemoteBackend::unyank(const QString &name, const QString &version)
{
    const Result<HttpAnswer> done = m_api.call({.method = "POST",
                                                .target = versionTarget(name, version) + "/unyank",
                                                .repeat = Repeat::Safe});
    if (!done)
        return fail(done.error());
    return skill(name, version);
}

Result<void> RemoteBackend::removeSkill(const QString &name, const QString &version)
{
    const Result<HttpAnswer> done = m_api.call(
        {.method = "DELETE", .target = versionTarget(name, version)});
    if (!done)
        return fail(done.error());
    return {};
}

Result<void> RemoteBackend::pull(const SkillVersionRecord &record, const ByteSink &sink)
{
    const Result<HttpAnswer> done = m_api.call(
        {.target = versionTarget(record.name, record.version) + "/archive",
         .sink = sink,
         .repeat = Repeat::Safe});
    if (!done)
        return fail(done.error());
    return {};
}

} // namespace skillbox
