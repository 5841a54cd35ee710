#pragma once

#include "engine/base/origin.h"
#include "engine/base/result.h"
#include "engine/storage/metadata_store.h"

namespace skillbox {

/// What tenants may use and how long their things are kept. Thread-safe.
class TenantService
{
public:
    TenantService(MetadataStore &metadata, TenantSettings defaults);

    /// By id.
    Result<QList<TenantView>> list();
    /// NotFound: no such tenant.
    Result<TenantView> find(const TenantId &tenant);
    /// BadRequest for a name that is none, or a number out of its range; NotFound. Audited in that
    /// tenant's audit as `tenant.update`, with the settings before and after, unless it changes
    /// nothing.
    Result<TenantView> change(const TenantId &tenant, const TenantPatch &patch, const Origin &by);

private:
    MetadataStore &m_metadata;
    const TenantSettings m_defaults;
};

} // namespace skillbox
