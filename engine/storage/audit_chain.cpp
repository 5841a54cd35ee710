#include "engine/storage/audit_chain.h"

#include "engine/base/clock.h"
#include "engine/base/sha256.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString storable(const QString &text)
{
    // A lone surrogate has no UTF-8; a NUL ends a text in some databases.
    QString result = QString::fromUtf8(text.toUtf8());
    result.replace(QChar(u'\0'), QChar(QChar::ReplacementCharacter));
    return result;
}

QJsonObject readObject(const QByteArray &json)
{
    return QJsonDocument::fromJson(json).object();
}

} // namespace

QByteArray auditJsonString(const QString &text)
{
    static constexpr char hex[] = "0123456789abcdef";
    const QByteArray bytes = text.toUtf8();
    QByteArray json;
    json.reserve(bytes.size() + 2);
    json += '"';
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
        case '"': json += "\\\""; break;
        case '\\': json += "\\\\"; break;
        case '\b': json += "\\b"; break;
        case '\f': json += "\\f"; break;
        case '\n': json += "\\n"; break;
        case '\r': json += "\\r"; break;
        case '\t': json += "\\t"; break;
        default:
            if (byte < 0x20) {
                json += "\\u00";
                json += hex[byte >> 4];
                json += hex[byte & 15];
            } else {
                json += c;
            }
        }
    }
    json += '"';
    return json;
}

QByteArray auditCanonical(const AuditRecord &record)
{
    // A fixed order of members needs no object: this runs once for every record of a long audit.
    QByteArray text;
    text.reserve(384);
    const auto member = [&text](const char *name, const QByteArray &value) {
        text += text.isEmpty() ? '{' : ',';
        text += name;
        text += value;
    };
    member("\"action\":", auditJsonString(record.action));
    member("\"actor\":", auditJsonString(record.actor));
    member("\"address\":", auditJsonString(record.address));
    member("\"at\":", auditJsonString(toRfc3339(record.at)));
    member("\"details\":", QJsonDocument(record.details).toJson(QJsonDocument::Compact));
    member("\"request_id\":", auditJsonString(record.requestId));
    member("\"target\":", auditJsonString(record.target));
    member("\"tenant\":", auditJsonString(record.tenant.value));
    text += '}';
    return text;
}

QString auditHash(const AuditRecord &record)
{
    Sha256 hash;
    hash.add(record.previousHash.toLatin1());
    hash.add(auditCanonical(record));
    return hash.finish();
}

AuditRecord asStored(AuditRecord record)
{
    if (record.at.isValid())
        record.at = QDateTime::fromMSecsSinceEpoch(record.at.toMSecsSinceEpoch(), Qt::UTC);
    for (QString *text : {&record.tenant.value, &record.actor, &record.action, &record.target,
                          &record.address, &record.requestId})
        *text = storable(*text);
    record.details = readObject(QJsonDocument(record.details).toJson(QJsonDocument::Compact));
    return record;
}

} // namespace skillbox
