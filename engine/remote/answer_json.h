#pragma once

#include "engine/base/json_text.h"
#include "engine/storage/tenant_records.h"

#include <QByteArrayList>
#include <QJsonValue>
#include <QMap>

namespace skillbox {

// The answers of a server as the records that commands show. What is missing or of another type is
// taken as absent: a newer or older server may say more or less.

/// The members of an object as they were written, so that numbers keep their digits. Empty for what
/// is no object.
QMap<QByteArray, QByteArray> rawMembers(const JsonText &object);

/// The items of an array as they were written. Empty for what is no array.
QByteArrayList rawItems(const JsonText &array);

/// Any JSON value; QJsonDocument takes no bare scalars in Qt 6.4.
QJsonValue jsonValue(const QByteArray &json);

/// A result or execution object (contract §3). Artifacts have their path only.
ExecutionRecord executionFromJson(const JsonText &object);
/// A row of the list or the whole description (contract §5).
SkillVersionRecord skillFromJson(const QJsonObject &object);
KeyRecord keyFromJson(const QJsonObject &object);
/// What is not named in `own` is a default.
TenantView tenantFromJson(const QJsonObject &object);
/// A line of the audit's export; null details and an invalid time where they are none.
AuditRecord auditFromJson(const QJsonObject &object);

} // namespace skillbox
