#include "app/cli/audit_lines.h"

#include "engine/base/clock.h"
#include "engine/remote/answer_json.h"
#include "engine/storage/audit_chain.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 mostCursorBytes = 4096;

/// Event categories and types of ECS 8.11, which are fixed words; by what an action is about and by
/// its verb.
QString categoryOf(const QString &subject)
{
    if (subject == u"key" || subject == u"login")
        return u"iam"_s;
    if (subject == u"execution")
        return u"process"_s;
    if (subject == u"file" || subject == u"session" || subject == u"retention")
        return u"file"_s;
    return subject == u"skill" || subject == u"image" ? u"package"_s : u"configuration"_s;
}

QString typeOf(const QString &verb)
{
    static const QMap<QString, QString> types{
        {u"create"_s, u"creation"_s}, {u"publish"_s, u"creation"_s}, {u"import"_s, u"creation"_s},
        {u"delete"_s, u"deletion"_s}, {u"remove"_s, u"deletion"_s},  {u"revoke"_s, u"deletion"_s},
        {u"finish"_s, u"end"_s},      {u"cancel"_s, u"end"_s},
    };
    return types.value(verb, u"change"_s);
}

QByteArray ecs(const AuditRecord &record)
{
    const QString subject = record.action.section(u'.', 0, 0);
    const QString status = record.details[u"status"_s].toString();
    QJsonObject event{{u"kind"_s, u"event"_s},
                      {u"category"_s, QJsonArray{categoryOf(subject)}},
                      {u"type"_s, QJsonArray{typeOf(record.action.section(u'.', 1))}},
                      {u"action"_s, record.action},
                      {u"id"_s, record.hash},
                      {u"sequence"_s, record.seq},
                      {u"module"_s, u"skillbox"_s},
                      {u"dataset"_s, u"skillbox.audit"_s},
                      {u"outcome"_s,
                       status.isEmpty() || status == u"success" ? u"success"_s : u"failure"_s}};
    QJsonObject object{{u"@timestamp"_s, toRfc3339(record.at)},
                       {u"ecs"_s, QJsonObject{{u"version"_s, u"8.11.0"_s}}},
                       {u"event"_s, event},
                       {u"organization"_s, QJsonObject{{u"id"_s, record.tenant.value}}},
                       {u"user"_s, QJsonObject{{u"id"_s, record.actor}}},
                       {u"skillbox"_s,
                        QJsonObject{{u"target"_s, record.target},
                                    {u"details"_s, record.details},
                                    {u"prev_hash"_s, record.previousHash}}}};
    if (!record.address.isEmpty())
        object.insert(u"source"_s, QJsonObject{{u"address"_s, record.address}});
    if (!record.requestId.isEmpty()) {
        object.insert(u"http"_s,
                      QJsonObject{{u"request"_s, QJsonObject{{u"id"_s, record.requestId}}}});
    }
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

QByteArray splunk(const AuditRecord &record, const QByteArray &line)
{
    const qint64 ms = record.at.toMSecsSinceEpoch();
    return "{\"time\":" + QByteArray::number(ms / 1000) + '.'
        + QByteArray::number(ms % 1000).rightJustified(3, '0')
        + R"(,"source":"skillbox","sourcetype":"skillbox:audit","event":)" + line + '}';
}

} // namespace

QByteArray formatAudit(AuditFormat format, const AuditRecord &record, const QByteArray &line)
{
    switch (format) {
    case AuditFormat::Splunk: return splunk(record, line);
    case AuditFormat::Ecs: return ecs(record);
    case AuditFormat::Lines: break;
    }
    return line;
}

Result<AuditCursor> readAuditCursor(const QString &path)
{
    QFile file(path);
    if (!file.exists())
        return AuditCursor{};
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::Io, u"cannot read '%1': %2"_s.arg(path, file.errorString()));
    const QJsonObject object = QJsonDocument::fromJson(file.read(mostCursorBytes)).object();
    const AuditCursor cursor{.tenant = {object[u"tenant"].toString()},
                             .seq = object[u"seq"].toInteger(),
                             .hash = object[u"hash"].toString()};
    if (cursor.seq <= 0 || cursor.hash.isEmpty()) {
        return fail(
            ErrorCode::BadRequest,
            u"'%1' does not say how far an audit was read; name another file or remove it"_s.arg(
                path));
    }
    return cursor;
}

Result<void> writeAuditCursor(const QString &path, const AuditCursor &cursor)
{
    const QJsonObject object{{u"tenant"_s, cursor.tenant.value},
                             {u"seq"_s, cursor.seq},
                             {u"hash"_s, cursor.hash}};
    const QByteArray text = QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit())
        return fail(ErrorCode::Io, u"cannot write '%1': %2"_s.arg(path, file.errorString()));
    return {};
}

AuditLines::AuditLines(AuditFormat format, AuditProof proof, AuditCursor from, Sink sink)
    : m_format(format)
    , m_proof(proof)
    , m_sink(std::move(sink))
    , m_cursor(std::move(from))
{
}

Result<void> AuditLines::take(QByteArrayView bytes)
{
    m_rest.append(bytes.data(), bytes.size());
    qsizetype start = 0;
    for (qsizetype end = m_rest.indexOf('\n'); end >= 0; end = m_rest.indexOf('\n', start)) {
        if (auto taken = takeLine(m_rest.sliced(start, end - start)); !taken)
            return taken;
        start = end + 1;
    }
    m_rest.remove(0, start);
    return {};
}

Result<void> AuditLines::takeLine(const QByteArray &line)
{
    const QJsonObject object = QJsonDocument::fromJson(line).object();
    const AuditRecord record = auditFromJson(object);
    if (record.seq <= 0 || record.hash.isEmpty())
        return fail(ErrorCode::StorageCorrupt, u"the export has a line that is no audit record"_s);
    if (m_proof != AuditProof::None && auditHash(record) != record.hash) {
        return fail(ErrorCode::StorageCorrupt,
                    u"the audit record %1 was changed after it had been written"_s.arg(record.seq));
    }
    const bool follows = m_cursor.seq == 0
        || (record.previousHash == m_cursor.hash
            && (m_cursor.tenant.isEmpty() || m_cursor.tenant == record.tenant));
    if (m_proof == AuditProof::Chain && !follows) {
        return fail(
            ErrorCode::StorageCorrupt,
            u"the audit record %1 does not follow the record %2 that was read last: it is of"
            u" another tenant, or records were changed, removed or added"_s.arg(record.seq)
                .arg(m_cursor.seq));
    }
    if (auto written = m_sink(formatAudit(m_format, record, line) + '\n'); !written)
        return written;
    m_cursor = {record.tenant, record.seq, record.hash};
    ++m_count;
    return {};
}

} // namespace skillbox
