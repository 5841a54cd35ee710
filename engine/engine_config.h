#pragma once

#include "engine/base/result.h"
#include "engine/execution/run_limits.h"
#include "engine/sandbox/oci/oci_config.h"
#include "engine/skill/archive.h"
#include "engine/storage/s3_config.h"
#include "engine/storage/tenant_records.h"

#include <QProcessEnvironment>

namespace skillbox {

/// Everything that can be configured about an engine, read once at a composition root.
struct EngineConfig {
    QString dataDirectory;    ///< store, blobs, skill cache, live logs
    QString databaseDsn = {}; ///< a Postgres database as the store instead, for a team
    S3Config s3 = {};         ///< where blobs are kept instead; no endpoint: in the data directory
    QString launcherPath;     ///< skillbox-sandbox
    OciConfig oci = {};       ///< Docker or Podman, for skills that name an image
    RunLimits limits;
    ArchiveLimits archiveLimits;
    TenantSettings tenantDefaults = {}; ///< what counts for tenants that were given nothing
};

/// Reads SKILLBOX_* variables. Every bad value is named, all in one BadRequest error, a line each.
/// `programDirectory` is where the running program lies; the launcher is looked for beside it and
/// in ../libexec/skillbox.
Result<EngineConfig> loadEngineConfig(const QProcessEnvironment &environment,
                                      const QString &programDirectory);

} // namespace skillbox
