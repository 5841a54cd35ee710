#include "app/cli/backend/remote_backend.h"

#include "app/cli/json_writer.h"
#include "engine/base/clock.h"
#include "engine/remote/answer_json.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <limits>

using namespace Qt::StringLiterals;

namespace skillbox {

Result<NewKey> RemoteBackend::createKey(const KeyRequest &request)
{
    JsonWriter body;
    body.beginObject()
        .member(u"name"_s, request.name)
        .member(u"role"_s, QString(roleName(request.role)))
        .memberIfAny(u"expires_at"_s, toRfc3339(request.expiresAt))
        .memberIfAny(u"secret"_s, request.secret)
        .endObject();
    const Result<QJsonObject> answer = object({.method = "POST",
                                               .target = "/v1/keys",
                                               .headers = {"Content-Type: application/json"},
                                               .body = body.bytes()});
    if (!answer)
        return fail(answer.error());
    return NewKey{keyFromJson(*answer), (*answer)[u"key"].toString()};
}

Result<QList<KeyRecord>> RemoteBackend::keys()
{
    const Result<QByteArrayList> rows = m_api.rows("/v1/keys",
                                                   std::numeric_limits<qsizetype>::max());
    if (!rows)
        return fail(rows.error());
    QList<KeyRecord> records;
    for (const QByteArray &row : *rows)
        records.append(keyFromJson(jsonValue(row).toObject()));
    return records;
}

Result<KeyRecord> RemoteBackend::revokeKey(const KeyId &id)
{
    const Result<QList<KeyRecord>> before = keys();
    if (!before)
        return fail(before.error());
    const Result<HttpAnswer> done = m_api.call(
        {.method = "DELETE", .target = "/v1/keys/" + segment(id.value), .repeat = Repeat::Safe});
    if (!done)
        return fail(done.error());
    for (KeyRecord key : *before) {
        if (key.id == id) {
            if (!key.revokedAt.isValid())
                key.revokedAt = nowUtc();
            return key;
        }
    }
    KeyRecord unknown;
    unknown.id = id;
    unknown.revokedAt = nowUtc();
    return unknown;
}

Result<AuditVerdict> RemoteBackend::verifyAudit()
{
    const Result<QJsonObject> answer = object(
        {.target = "/v1/audit/verify", .repeat = Repeat::Safe});
    if (!answer)
        return fail(answer.error());
    AuditVerdict verdict;
    verdict.checked = (*answer)[u"checked"].toInteger();
    verdict.broken = (*answer)[u"broken"].toString();
    verdict.brokenSeq = (*answer)[u"broken_seq"].toInteger();
    verdict.lastHash = (*answer)[u"last_hash"].toString();
    return verdict;
}

Result<QList<TenantView>> RemoteBackend::tenants()
{
    const Result<QByteArrayList> rows = m_api.rows("/v1/tenants",
                                                   std::numeric_limits<qsizetype>::max());
    if (!rows)
        return fail(rows.error());
    QList<TenantView> views;
    for (const QByteArray &row : *rows)
        views.append(tenantFromJson(jsonValue(row).toObject()));
    return views;
}

Result<TenantView> RemoteBackend::tenant(const TenantId &id)
{
    return object({.target = "/v1/tenants/" + segment(id.value), .repeat = Repeat::Safe})
        .map(tenantFromJson);
}

Result<TenantView> RemoteBackend::changeTenant(const TenantId &id, const TenantPatch &patch)
{
    QJsonObject body;
    for (auto it = patch.begin(); it != patch.end(); ++it)
        body.insert(it.key(), *it ? QJsonValue(**it) : QJsonValue());
    return object({.method = "PATCH",
                   .target = "/v1/tenants/" + segment(id.value),
                   .headers = {"Content-Type: application/json"},
                   .body = QJsonDocument(body).toJson(QJsonDocument::Compact),
                   .repeat = Repeat::Safe})
        .map(tenantFromJson);
}

Result<void> RemoteBackend::exportAudit(const AuditFilter &which, const ByteSink &sink)
{
    const QString after = which.afterSeq > 0 ? QString::number(which.afterSeq) : QString();
    const Result<HttpAnswer> done = m_api.call({.target = "/v1/audit/export"
                                                    + queryOf({{"after", after},
                                                               {"since", toRfc3339(which.since)},
                                                               {"until", toRfc3339(which.until)}}),
                                                .sink = sink});
    if (!done)
        return fail(done.error());
    return {};
}

Result<Backend::Health> RemoteBackend::health()
{
    Health health;
    const Result<QJsonObject> version = object({.target = "/version", .repeat = Repeat::Safe});
    if (!version)
        return fail(version.error());
    health.version = (*version)[u"version"].toString();
    const Result<QJsonObject> ready = object({.target = "/ready"});
    health.ready = ready.has_value();
    if (!ready && ready.error().items.isEmpty() && ready.error().code == ErrorCode::Io)
        return fail(ready.error());
    const QJsonObject checks = ready ? (*ready)[u"checks"].toObject() : QJsonObject();
    for (auto it = checks.begin(); it != checks.end(); ++it)
        health.checks.append(
            {it.key(), it->isString() ? it->toString() : (*it)[u"status"].toString()});
    if (!ready)
        health.checks.append({u"server"_s, ready.error().message});
    return health;
}

} // namespace skillbox
