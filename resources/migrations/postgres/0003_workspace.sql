-- The files below /sandbox/session, as they are now: a session is its files.
CREATE TABLE session_files (
    tenant TEXT COLLATE "C" NOT NULL REFERENCES tenants (id),
    session TEXT COLLATE "C" NOT NULL CHECK (session <> ''),
    path TEXT COLLATE "C" NOT NULL CHECK (path <> ''),
    blob TEXT COLLATE "C" NOT NULL,
    size_bytes BIGINT NOT NULL,
    executable INTEGER NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, session, path)
);
CREATE INDEX session_files_by_blob ON session_files (blob);

-- Requests with an Idempotency-Key. answered_status is NULL until the first one is answered.
CREATE TABLE idempotency (
    tenant TEXT COLLATE "C" NOT NULL REFERENCES tenants (id),
    key TEXT COLLATE "C" NOT NULL,
    request_hash TEXT NOT NULL,
    instance TEXT COLLATE "C" NOT NULL,
    execution TEXT COLLATE "C" NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    answered_status INTEGER,
    answer TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, key)
);
CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);
CREATE INDEX idempotency_by_instance ON idempotency (instance)
    WHERE answered_status IS NULL AND execution = '';

-- A list of a chain's versions and of a run's files in the order they are shown.
DROP INDEX files_by_execution;
CREATE INDEX files_by_execution ON files (tenant, execution, created_at) WHERE execution <> '';
