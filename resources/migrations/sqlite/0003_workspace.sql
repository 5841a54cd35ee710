-- The files below /sandbox/session, as they are now: a session is its files.
CREATE TABLE session_files (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    session TEXT NOT NULL CHECK (session <> ''),
    path TEXT NOT NULL CHECK (path <> ''),
    blob TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    executable INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, session, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_files_by_blob ON session_files (blob);

-- Requests with an Idempotency-Key. answered_status is NULL until the first one is answered.
CREATE TABLE idempotency (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    instance TEXT NOT NULL,
    execution TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    answered_status INTEGER,
    answer TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, key)
) STRICT;
CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);
CREATE INDEX idempotency_by_instance ON idempotency (instance)
    WHERE answered_status IS NULL AND execution = '';

-- A list of a chain's versions and of a run's files in the order they are shown.
DROP INDEX files_by_execution;
CREATE INDEX files_by_execution ON files (tenant, execution, created_at) WHERE execution <> '';
