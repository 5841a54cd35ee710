#include "app/cli/skill_json.h"

#include "app/cli/json_writer.h"
#include "engine/base/clock.h"

#include <QJsonArray>
#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

void writeHead(JsonWriter &json, const SkillVersionRecord &record)
{
    json.member(u"name"_s, record.name)
        .member(u"version"_s, record.version)
        .member(u"description"_s, record.description)
        .member(u"lang"_s, record.language)
        .member(u"mode"_s, record.mode)
        .member(u"status"_s, skillStatus(record))
        .member(u"digest"_s, record.digest)
        .member(u"published_at"_s, toRfc3339(record.publishedAt));
}

QByteArray compact(const QJsonValue &value)
{
    // QJsonDocument takes no bare scalars in Qt 6.4: wrap and cut the brackets off.
    const QByteArray wrapped = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
    return wrapped.mid(1, wrapped.size() - 2);
}

} // namespace

QString skillStatus(const SkillVersionRecord &record)
{
    return record.yankedAt.isValid() ? u"yanked"_s : u"published"_s;
}

QByteArray skillListJson(const QList<SkillVersionRecord> &records)
{
    JsonWriter json;
    json.beginArray();
    for (const SkillVersionRecord &record : records) {
        json.beginObject();
        writeHead(json, record);
        json.endObject();
    }
    json.endArray();
    return json.bytes();
}

QByteArray skillJson(const SkillVersionRecord &record)
{
    JsonWriter json;
    json.beginObject();
    writeHead(json, record);
    json.member(u"published_by"_s, record.publishedBy)
        .member(u"archive_bytes"_s, record.archiveBytes);
    if (record.yankedAt.isValid()) {
        json.member(u"yanked_at"_s, toRfc3339(record.yankedAt))
            .memberIfAny(u"yank_reason"_s, record.yankReason);
    }
    if (!record.findings.isEmpty())
        json.key(u"findings"_s).raw(compact(record.findings));
    json.memberIfAny(u"instructions"_s, record.instructions);
    static const QStringList written{u"name"_s,          u"version"_s,      u"description"_s,
                                     u"lang"_s,          u"mode"_s,         u"status"_s,
                                     u"digest"_s,        u"published_at"_s, u"published_by"_s,
                                     u"archive_bytes"_s, u"yanked_at"_s,    u"yank_reason"_s,
                                     u"instructions"_s};
    if (!record.manifest.contains(u"resources"_s))
        json.key(u"resources"_s).beginObject().endObject();
    for (auto it = record.manifest.begin(); it != record.manifest.end(); ++it) {
        if (written.contains(it.key()))
            continue;
        json.key(it.key()).raw(compact(it.value()));
    }
    json.endObject();
    return json.bytes();
}

} // namespace skillbox
