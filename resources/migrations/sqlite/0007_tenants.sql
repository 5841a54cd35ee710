-- What a tenant may use and how long its things are kept. NULL: the server's default; 0: no limit.
CREATE TABLE tenant_settings (
    tenant TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id),
    max_concurrent INTEGER,
    runs_per_minute INTEGER,
    storage_bytes INTEGER,
    log_days INTEGER,
    artifact_days INTEGER,
    execution_days INTEGER,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The rate of runs: when all of a tenant's runs of a minute are there again, in microseconds since
-- 1970 by the database's clock.
CREATE TABLE tenant_rates (
    tenant TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id),
    full_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The bytes a tenant keeps: archives of versions, uploaded files, artifacts, files of sessions. An
-- artifact is a file, too: it counts once.
CREATE TABLE tenant_usage (
    tenant TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id),
    stored_bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO tenant_usage (tenant, stored_bytes)
    SELECT tenant, sum(bytes) FROM (
        SELECT tenant, archive_bytes AS bytes FROM skill_versions
        UNION ALL SELECT tenant, size_bytes FROM artifacts
        UNION ALL SELECT tenant, size_bytes FROM session_files
        UNION ALL SELECT tenant, size_bytes FROM files WHERE execution = '' OR parent <> ''
    ) GROUP BY tenant;

CREATE TRIGGER usage_versions_inserted AFTER INSERT ON skill_versions BEGIN
    INSERT INTO tenant_usage (tenant, stored_bytes) VALUES (new.tenant, new.archive_bytes)
        ON CONFLICT (tenant) DO UPDATE SET stored_bytes = stored_bytes + excluded.stored_bytes;
END;
CREATE TRIGGER usage_versions_deleted AFTER DELETE ON skill_versions BEGIN
    UPDATE tenant_usage SET stored_bytes = stored_bytes - old.archive_bytes
        WHERE tenant = old.tenant;
END;
CREATE TRIGGER usage_artifacts_inserted AFTER INSERT ON artifacts BEGIN
    INSERT INTO tenant_usage (tenant, stored_bytes) VALUES (new.tenant, new.size_bytes)
        ON CONFLICT (tenant) DO UPDATE SET stored_bytes = stored_bytes + excluded.stored_bytes;
END;
CREATE TRIGGER usage_artifacts_deleted AFTER DELETE ON artifacts BEGIN
    UPDATE tenant_usage SET stored_bytes = stored_bytes - old.size_bytes WHERE tenant = old.tenant;
END;
CREATE TRIGGER usage_files_inserted AFTER INSERT ON files
    WHEN new.execution = '' OR new.parent <> '' BEGIN
    INSERT INTO tenant_usage (tenant, stored_bytes) VALUES (new.tenant, new.size_bytes)
        ON CONFLICT (tenant) DO UPDATE SET stored_bytes = stored_bytes + excluded.stored_bytes;
END;
CREATE TRIGGER usage_files_deleted AFTER DELETE ON files
    WHEN old.execution = '' OR old.parent <> '' BEGIN
    UPDATE tenant_usage SET stored_bytes = stored_bytes - old.size_bytes WHERE tenant = old.tenant;
END;
CREATE TRIGGER usage_session_files_inserted AFTER INSERT ON session_files BEGIN
    INSERT INTO tenant_usage (tenant, stored_bytes) VALUES (new.tenant, new.size_bytes)
        ON CONFLICT (tenant) DO UPDATE SET stored_bytes = stored_bytes + excluded.stored_bytes;
END;
CREATE TRIGGER usage_session_files_updated AFTER UPDATE OF size_bytes ON session_files BEGIN
    UPDATE tenant_usage SET stored_bytes = stored_bytes + new.size_bytes - old.size_bytes
        WHERE tenant = new.tenant;
END;
CREATE TRIGGER usage_session_files_deleted AFTER DELETE ON session_files BEGIN
    UPDATE tenant_usage SET stored_bytes = stored_bytes - old.size_bytes WHERE tenant = old.tenant;
END;

-- When the run of an artifact was asked for; NULL: it goes with its run.
ALTER TABLE artifacts ADD COLUMN created_at INTEGER;
UPDATE artifacts SET created_at =
    (SELECT e.created_at FROM executions e WHERE e.id = artifacts.execution);
CREATE INDEX artifacts_by_time ON artifacts (tenant, created_at);
CREATE INDEX executions_with_logs ON executions (tenant, created_at) WHERE logs <> '';

-- What was removed after its time and is not in the audit yet: the pass that removes it may be
-- killed, and another one goes on.
CREATE TABLE retention_tallies (
    tenant TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id),
    logs INTEGER NOT NULL,
    artifacts INTEGER NOT NULL,
    executions INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What one server does for all of them, until when by the database's clock.
CREATE TABLE duties (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
