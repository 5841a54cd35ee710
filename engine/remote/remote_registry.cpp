#include "engine/remote/remote_registry.h"

#include "engine/registry/latest.h"
#include "engine/remote/answer_json.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <limits>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// The most rows a page has (contract §3).
const auto pageRows = u"200"_s;

QByteArray versionTarget(const QString &name, const QString &version)
{
    return "/v1/skills/" + segment(name) + '/'
        + (version.isEmpty() ? QByteArray("latest") : segment(version));
}

} // namespace

Result<QList<SkillVersionRecord>> RemoteRegistry::list(const SkillFilter &filter,
                                                       const std::stop_token &stop)
{
    const Result<QByteArrayList> rows = m_api.rows(
        "/v1/skills" + queryOf({{"name", filter.name}, {"q", filter.query}, {"limit", pageRows}}),
        std::numeric_limits<qsizetype>::max(), stop);
    if (!rows)
        return fail(rows.error());
    QList<SkillVersionRecord> records;
    records.reserve(rows->size());
    for (const QByteArray &row : *rows)
        records.append(skillFromJson(jsonValue(row).toObject()));
    return records;
}

Result<QList<SkillVersionRecord>> RemoteRegistry::versions(const QString &name,
                                                           const std::stop_token &stop)
{
    auto records = list({.name = name}, stop);
    if (records)
        sortByVersion(*records); // a server's pages are sorted each for itself
    return records;
}

Result<SkillVersionRecord> RemoteRegistry::record(const QString &name, const QString &version)
{
    const Result<JsonText> answer = m_api.json(
        {.target = versionTarget(name, version), .repeat = Repeat::Safe});
    if (!answer)
        return fail(answer.error());
    return skillFromJson(jsonValue(answer->bytes()).toObject());
}

Result<std::optional<SkillVersionRecord>> RemoteRegistry::find(const QString &name,
                                                               const QString &version)
{
    auto found = record(name, version);
    if (found)
        return std::optional(std::move(*found));
    if (found.error().code == ErrorCode::NotFound)
        return std::optional<SkillVersionRecord>();
    return fail(found.error());
}

Result<void> RemoteRegistry::read(const SkillVersionRecord &record,
                                  const std::function<Result<void>(QByteArrayView)> &sink,
                                  const std::stop_token &stop)
{
    const Result<HttpAnswer> done = m_api.call(
        {.target = versionTarget(record.name, record.version) + "/archive",
         .sink = sink,
         .repeat = Repeat::Safe,
         .stop = stop});
    if (!done)
        return fail(done.error());
    return {};
}

Result<void> RemoteRegistry::read(const SkillVersionRecord &record, QIODevice &target,
                                  const TransferHooks &hooks)
{
    qint64 done = 0;
    const auto write = [&](QByteArrayView bytes) -> Result<void> {
        if (target.write(bytes.data(), bytes.size()) != bytes.size()) {
            return fail(ErrorCode::Io, u"cannot write a copy of %1 %2: %3"_s.arg(
                                           record.name, record.version, target.errorString()));
        }
        done += bytes.size();
        if (hooks.progress)
            hooks.progress(done, record.archiveBytes);
        return {};
    };
    return read(record, write, hooks.stop);
}

Result<Published> RemoteRegistry::publish(QIODevice &archive, const TransferHooks &hooks)
{
    // The same archive again is the same version: repeating it changes nothing.
    HttpCall call{.method = "POST",
                  .target = "/v1/skills",
                  .headers = {"Content-Type: application/zip"},
                  .upload = &archive,
                  .repeat = Repeat::Safe,
                  .stop = hooks.stop};
    if (hooks.progress) {
        call.onSent = [&hooks, total = archive.size()](qint64 sent) {
            hooks.progress(sent, total);
        };
    }
    const Result<HttpAnswer> answer = m_api.call(call);
    if (!answer)
        return fail(answer.error());
    Published published;
    published.record = skillFromJson(jsonValue(answer->body).toObject());
    published.created = answer->status == 201;
    return published;
}

Result<SkillVersionRecord> RemoteRegistry::yank(const QString &name, const QString &version,
                                                const QString &reason)
{
    const QJsonObject body = reason.isEmpty() ? QJsonObject() : QJsonObject{{u"reason"_s, reason}};
    const Result<HttpAnswer> done = m_api.call(
        {.method = "POST",
         .target = versionTarget(name, version) + "/yank",
         .headers = {"Content-Type: application/json"},
         .body = QJsonDocument(body).toJson(QJsonDocument::Compact),
         .repeat = Repeat::Safe});
    if (!done)
        return fail(done.error());
    return record(name, version);
}

Result<SkillVersionRecord> RemoteRegistry::unyank(const QString &name, const QString &version)
{
    const Result<HttpAnswer> done = m_api.call({.method = "POST",
                                                .target = versionTarget(name, version) + "/unyank",
                                                .repeat = Repeat::Safe});
    if (!done)
        return fail(done.error());
    return record(name, version);
}

Result<void> RemoteRegistry::remove(const QString &name, const QString &version)
{
    const Result<HttpAnswer> done = m_api.call(
        {.method = "DELETE", .target = versionTarget(name, version)});
    if (!done)
        return fail(done.error());
    return {};
}

Result<QString> RemoteRegistry::check()
{
    const Result<JsonText> version = m_api.json({.target = "/version", .repeat = Repeat::Safe});
    if (!version)
        return fail(version.error());
    // /version is open to everybody; this is not.
    const Result<JsonText> row = m_api.json({.target = "/v1/skills?limit=1",
                                             .repeat = Repeat::Safe});
    if (!row)
        return fail(row.error());
    return jsonValue(version->bytes()).toObject()[u"version"].toString();
}

} // namespace skillbox
