-- What a tenant may use and how long its things are kept. NULL: the server's default; 0: no limit.
CREATE TABLE tenant_settings (
    tenant TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES tenants (id),
    max_concurrent INTEGER,
    runs_per_minute INTEGER,
    storage_bytes BIGINT,
    log_days INTEGER,
    artifact_days INTEGER,
    execution_days INTEGER,
    updated_at BIGINT NOT NULL,
    updated_by TEXT NOT NULL
);

-- The rate of runs: when all of a tenant's runs of a minute are there again, in microseconds since
-- 1970 by the database's clock. Rows are changed often and in place.
CREATE TABLE tenant_rates (
    tenant TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES tenants (id),
    full_at BIGINT NOT NULL
) WITH (fillfactor = 50);

-- The bytes a tenant keeps: archives of versions, uploaded files, artifacts, files of sessions. An
-- artifact is a file, too: it counts once.
CREATE TABLE tenant_usage (
    tenant TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES tenants (id),
    stored_bytes BIGINT NOT NULL
) WITH (fillfactor = 50);
INSERT INTO tenant_usage (tenant, stored_bytes)
    SELECT tenant, CAST(sum(bytes) AS BIGINT) FROM (
        SELECT tenant, archive_bytes AS bytes FROM skill_versions
        UNION ALL SELECT tenant, size_bytes FROM artifacts
        UNION ALL SELECT tenant, size_bytes FROM session_files
        UNION ALL SELECT tenant, size_bytes FROM files WHERE execution = '' OR parent <> ''
    ) AS kept GROUP BY tenant;

-- Counted once a statement, not once a row: thousands of changes of one row in a transaction would
-- each have to pass all those before.
CREATE FUNCTION skillbox_count_sizes() RETURNS trigger LANGUAGE plpgsql AS '
BEGIN
    INSERT INTO tenant_usage AS u (tenant, stored_bytes)
        SELECT tenant, CAST(sum(size_bytes) AS BIGINT) * CASE TG_OP WHEN ''DELETE'' THEN -1 ELSE 1 END
        FROM changed GROUP BY tenant
        ON CONFLICT (tenant) DO UPDATE SET stored_bytes = u.stored_bytes + excluded.stored_bytes;
    RETURN NULL;
END';
CREATE FUNCTION skillbox_count_files() RETURNS trigger LANGUAGE plpgsql AS '
BEGIN
    INSERT INTO tenant_usage AS u (tenant, stored_bytes)
        SELECT tenant, CAST(sum(size_bytes) AS BIGINT) * CASE TG_OP WHEN ''DELETE'' THEN -1 ELSE 1 END
        FROM changed WHERE execution = '''' OR parent <> '''' GROUP BY tenant
        ON CONFLICT (tenant) DO UPDATE SET stored_bytes = u.stored_bytes + excluded.stored_bytes;
    RETURN NULL;
END';
CREATE FUNCTION skillbox_count_archives() RETURNS trigger LANGUAGE plpgsql AS '
BEGIN
    INSERT INTO tenant_usage AS u (tenant, stored_bytes)
        SELECT tenant, CAST(sum(archive_bytes) AS BIGINT) * CASE TG_OP WHEN ''DELETE'' THEN -1 ELSE 1 END
        FROM changed GROUP BY tenant
        ON CONFLICT (tenant) DO UPDATE SET stored_bytes = u.stored_bytes + excluded.stored_bytes;
    RETURN NULL;
END';
CREATE FUNCTION skillbox_count_replaced() RETURNS trigger LANGUAGE plpgsql AS '
BEGIN
    INSERT INTO tenant_usage AS u (tenant, stored_bytes)
        SELECT tenant, CAST(sum(bytes) AS BIGINT) FROM (
            SELECT tenant, size_bytes AS bytes FROM changed
            UNION ALL SELECT tenant, -size_bytes FROM replaced
        ) AS difference GROUP BY tenant
        ON CONFLICT (tenant) DO UPDATE SET stored_bytes = u.stored_bytes + excluded.stored_bytes;
    RETURN NULL;
END';
CREATE TRIGGER usage_versions_inserted AFTER INSERT ON skill_versions
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION skillbox_count_archives();
CREATE TRIGGER usage_versions_deleted AFTER DELETE ON skill_versions
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION skillbox_count_archives();
CREATE TRIGGER usage_artifacts_inserted AFTER INSERT ON artifacts
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION skillbox_count_sizes();
CREATE TRIGGER usage_artifacts_deleted AFTER DELETE ON artifacts
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION skillbox_count_sizes();
CREATE TRIGGER usage_files_inserted AFTER INSERT ON files
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION skillbox_count_files();
CREATE TRIGGER usage_files_deleted AFTER DELETE ON files
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION skillbox_count_files();
CREATE TRIGGER usage_session_files_inserted AFTER INSERT ON session_files
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION skillbox_count_sizes();
CREATE TRIGGER usage_session_files_deleted AFTER DELETE ON session_files
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION skillbox_count_sizes();
CREATE TRIGGER usage_session_files_updated AFTER UPDATE ON session_files
    REFERENCING OLD TABLE AS replaced NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION skillbox_count_replaced();

-- When the run of an artifact was asked for; NULL: it goes with its run.
ALTER TABLE artifacts ADD COLUMN created_at BIGINT;
UPDATE artifacts SET created_at =
    (SELECT e.created_at FROM executions e WHERE e.id = artifacts.execution);
CREATE INDEX artifacts_by_time ON artifacts (tenant, created_at);
CREATE INDEX executions_with_logs ON executions (tenant, created_at) WHERE logs <> '';

-- What was removed after its time and is not in the audit yet: the pass that removes it may be
-- killed, and another one goes on.
CREATE TABLE retention_tallies (
    tenant TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES tenants (id),
    logs BIGINT NOT NULL,
    artifacts BIGINT NOT NULL,
    executions BIGINT NOT NULL,
    bytes BIGINT NOT NULL
);

-- What one server does for all of them, until when by the database's clock.
CREATE TABLE duties (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL
);
