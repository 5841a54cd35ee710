#include "engine/remote/answer_json.h"

#include "engine/base/clock.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// The end of the value that begins at `at`, in compact valid JSON.
qsizetype endOfValue(const QByteArray &json, qsizetype at)
{
    int depth = 0;
    bool inString = false;
    for (; at < json.size(); ++at) {
        const char c = json[at];
        if (inString) {
            if (c == '\\')
                ++at;
            else if (c == '"')
                inString = false;
        } else if (c == '"') {
            inString = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                return at;
            --depth;
        } else if ((c == ',' || c == ':') && depth == 0) {
            return at;
        }
    }
    return at;
}

QDateTime timeOf(const QJsonValue &value)
{
    return fromRfc3339(value.toString());
}

} // namespace

QMap<QByteArray, QByteArray> rawMembers(const JsonText &object)
{
    QMap<QByteArray, QByteArray> members;
    const QByteArray &json = object.bytes();
    if (!object.isObject())
        return members;
    for (qsizetype at = 1; at + 1 < json.size(); ++at) {
        const qsizetype colon = endOfValue(json, at);
        const qsizetype end = endOfValue(json, colon + 1);
        const QByteArray quoted = json.mid(at, colon - at);
        // Names that we look for are plain; an escaped one is none of them.
        if (quoted.size() >= 2)
            members.insert(quoted.mid(1, quoted.size() - 2), json.mid(colon + 1, end - colon - 1));
        at = end;
    }
    return members;
}

QByteArrayList rawItems(const JsonText &array)
{
    QByteArrayList items;
    const QByteArray &json = array.bytes();
    if (!json.startsWith('['))
        return items;
    for (qsizetype at = 1; at + 1 < json.size(); ++at) {
        const qsizetype end = endOfValue(json, at);
        items.append(json.mid(at, end - at));
        at = end;
    }
    return items;
}

QJsonValue jsonValue(const QByteArray &json)
{
    return QJsonDocument::fromJson('[' + json + ']').array().at(0);
}

ExecutionRecord executionFromJson(const JsonText &object)
{
    const QMap<QByteArray, QByteArray> members = rawMembers(object);
    const auto value = [&](const char *name) {
        const QByteArray raw = members.value(name);
        return raw.isEmpty() ? QJsonValue(QJsonValue::Undefined) : jsonValue(raw);
    };
    const auto text = [&](const char *name) { return value(name).toString(); };
    const auto raw = [&](const char *name) {
        const Result<JsonText> json = JsonText::parse(members.value(name));
        return json ? *json : JsonText();
    };

    ExecutionRecord record;
    record.id = {text("execution_id")};
    record.tenant = {text("tenant_id")};
    record.skillName = text("skill_name");
    record.skillVersion = text("skill_version");
    record.skillDigest = text("skill_digest");
    record.entrypoint = text("entrypoint");
    record.session = text("session_id");
    record.status = executionStatusFromName(text("status")).value_or(ExecutionStatus::Failed);
    record.reason = text("reason");
    record.input = raw("input");
    record.output = raw("output");
    record.error = text("error");
    record.logs = text("logs");
    if (const QJsonValue code = value("exit_code"); code.isDouble())
        record.exitCode = code.toInt();
    record.durationMs = value("duration_ms").toInteger();
    record.sandbox = value("sandbox").toObject();
    record.caller = text("caller");
    record.createdAt = timeOf(value("created_at"));
    record.startedAt = timeOf(value("started_at"));
    record.finishedAt = timeOf(value("finished_at"));
    for (const QJsonValue path : value("files_list").toArray()) {
        ArtifactRecord artifact;
        artifact.path = path.toString();
        record.artifacts.append(artifact);
    }
    return record;
}

SkillVersionRecord skillFromJson(const QJsonObject &object)
{
    SkillVersionRecord record;
    QJsonObject rest = object;
    const auto take = [&rest](const QString &name) { return rest.take(name); };
    record.name = take(u"name"_s).toString();
    record.version = take(u"version"_s).toString();
    record.description = take(u"description"_s).toString();
    record.language = take(u"lang"_s).toString();
    record.mode = take(u"mode"_s).toString();
    record.digest = take(u"digest"_s).toString();
    record.instructions = take(u"instructions"_s).toString();
    record.archiveBytes = take(u"archive_bytes"_s).toInteger();
    record.publishedBy = take(u"published_by"_s).toString();
    record.publishedAt = timeOf(take(u"published_at"_s));
    const QJsonValue yanked = take(u"yanked"_s);
    record.yankedAt = timeOf(take(u"yanked_at"_s));
    record.yankReason = take(u"yank_reason"_s).toString();
    const QString status = take(u"status"_s).toString();
    // When it was is not in every answer; that it was is what counts.
    if (!record.yankedAt.isValid() && (status == u"yanked" || yanked.toBool()))
        record.yankedAt = record.publishedAt.isValid() ? record.publishedAt : nowUtc();
    record.findings = take(u"findings"_s).toArray();
    for (const QString &name : {u"tags"_s, u"latest"_s})
        rest.remove(name); // about the store, not the skill
    record.manifest = rest;
    return record;
}

KeyRecord keyFromJson(const QJsonObject &object)
{
    KeyRecord record;
    record.id = {object[u"id"].toString()};
    record.tenant = {object[u"tenant_id"].toString()};
    record.name = object[u"name"].toString();
    record.role = object[u"role"].toString();
    record.createdAt = timeOf(object[u"created_at"]);
    record.createdBy = object[u"created_by"].toString();
    record.expiresAt = timeOf(object[u"expires_at"]);
    record.lastUsedAt = timeOf(object[u"last_used_at"]);
    record.revokedAt = timeOf(object[u"revoked_at"]);
    return record;
}

TenantView tenantFromJson(const QJsonObject &object)
{
    TenantView view;
    TenantRecord &record = view.record;
    record.id = {object[u"tenant_id"].toString()};
    record.createdAt = timeOf(object[u"created_at"]);
    const QJsonArray own = object[u"own"].toArray();
    for (const TenantSetting &setting : tenantSettings) {
        TenantSettings &target = own.contains(QString(setting.name)) ? record.settings
                                                                     : view.defaults;
        target.*setting.value = object[setting.name].toInteger();
    }
    record.storedBytes = object[u"stored_bytes"].toInteger();
    record.updatedAt = timeOf(object[u"updated_at"]);
    record.updatedBy = object[u"updated_by"].toString();
    return view;
}

AuditRecord auditFromJson(const QJsonObject &object)
{
    return {.tenant = {object[u"tenant"].toString()},
            .at = timeOf(object[u"at"]),
            .actor = object[u"actor"].toString(),
            .action = object[u"action"].toString(),
            .target = object[u"target"].toString(),
            .details = object[u"details"].toObject(),
            .address = object[u"address"].toString(),
            .requestId = object[u"request_id"].toString(),
            .seq = object[u"seq"].toInteger(),
            .previousHash = object[u"prev_hash"].toString(),
            .hash = object[u"hash"].toString()};
}

} // namespace skillbox
