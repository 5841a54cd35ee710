#pragma once

#include "engine/access/tenant_service.h"

#include <QByteArray>

namespace skillbox {

/// {tenant_id, created_at, max_concurrent, …, own, stored_bytes, updated_at?, updated_by?}: what
/// counts, and the names of those that are its own.
QByteArray tenantJson(const TenantView &tenant);
QByteArray tenantsJson(const QList<TenantView> &tenants);

/// The members of a request's object that are settings: numbers, or null for the default again.
Result<TenantPatch> readTenantPatch(QByteArrayView body);

} // namespace skillbox
