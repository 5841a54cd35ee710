#pragma once

#include "engine/access/access_service.h"

#include <QByteArray>

namespace skillbox {

/// {id, name, role, tenant_id, created_at, created_by, expires_at?, last_used_at?, revoked_at?}
QByteArray keysJson(const QList<KeyRecord> &keys);
/// The same with `key`, the secret itself.
QByteArray newKeyJson(const NewKey &key);

} // namespace skillbox
