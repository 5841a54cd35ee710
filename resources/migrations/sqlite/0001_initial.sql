-- The first schema. Times are milliseconds since 1970 in UTC, NULL where there is none; texts are
-- empty where there is none. Migrations are applied in one transaction, in the order of their
-- numbers; PRAGMA user_version holds the number of the last one.

CREATE TABLE tenants (
    id TEXT NOT NULL PRIMARY KEY,
    created_at INTEGER NOT NULL
) STRICT;

-- The tenant of the embedded engine: the person at this machine.
INSERT INTO tenants (id, created_at)
    VALUES ('local', CAST(strftime('%s', 'now') AS INTEGER) * 1000);

-- A key is stored as the lower-case hex SHA-256 of its text and shown once.
CREATE TABLE keys (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL DEFAULT '',
    hash TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL DEFAULT '',
    expires_at INTEGER,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX keys_by_tenant ON keys (tenant, created_at);

CREATE TABLE skills (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE skill_versions (
    id INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    digest TEXT NOT NULL,
    archive_blob TEXT NOT NULL,
    archive_bytes INTEGER NOT NULL,
    language TEXT NOT NULL DEFAULT '',
    mode TEXT NOT NULL,
    published_by TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    yanked_at INTEGER,
    yank_reason TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL,
    manifest TEXT NOT NULL,
    instructions TEXT NOT NULL,
    UNIQUE (tenant, name, version),
    FOREIGN KEY (tenant, name) REFERENCES skills (tenant, name)
) STRICT;
CREATE INDEX skill_versions_by_time
    ON skill_versions (tenant, name, published_at DESC, id DESC);
CREATE INDEX skill_versions_by_blob ON skill_versions (archive_blob);

CREATE TABLE tags (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    tag TEXT NOT NULL,
    version TEXT NOT NULL,
    set_by TEXT NOT NULL DEFAULT '',
    set_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, name, tag),
    FOREIGN KEY (tenant, name, version)
        REFERENCES skill_versions (tenant, name, version) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_by_version ON tags (tenant, name, version);

-- The index keeps no text of its own. The prefix index serves the last, half-typed word.
CREATE VIRTUAL TABLE skill_search USING fts5 (
    name, description, instructions,
    content = 'skill_versions', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
CREATE TRIGGER skill_versions_inserted AFTER INSERT ON skill_versions BEGIN
    INSERT INTO skill_search (rowid, name, description, instructions)
        VALUES (new.id, new.name, new.description, new.instructions);
END;
CREATE TRIGGER skill_versions_deleted AFTER DELETE ON skill_versions BEGIN
    INSERT INTO skill_search (skill_search, rowid, name, description, instructions)
        VALUES ('delete', old.id, old.name, old.description, old.instructions);
END;
CREATE TRIGGER skill_versions_updated
    AFTER UPDATE OF id, name, description, instructions ON skill_versions BEGIN
    INSERT INTO skill_search (skill_search, rowid, name, description, instructions)
        VALUES ('delete', old.id, old.name, old.description, old.instructions);
    INSERT INTO skill_search (rowid, name, description, instructions)
        VALUES (new.id, new.name, new.description, new.instructions);
END;

-- Long texts come last: SQLite reads a row from the front and stops at the last column asked for.
CREATE TABLE executions (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    skill_name TEXT NOT NULL,
    skill_version TEXT NOT NULL DEFAULT '',
    skill_digest TEXT NOT NULL DEFAULT '',
    entrypoint TEXT NOT NULL DEFAULT '',
    session TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    exit_code INTEGER,
    duration_ms INTEGER NOT NULL DEFAULT 0,
    caller TEXT NOT NULL DEFAULT '',
    instance TEXT NOT NULL DEFAULT '',
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    error TEXT NOT NULL DEFAULT '',
    sandbox TEXT NOT NULL DEFAULT '',
    input TEXT NOT NULL DEFAULT '',
    output TEXT NOT NULL DEFAULT '',
    logs TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX executions_by_time ON executions (tenant, created_at);
CREATE INDEX executions_by_skill ON executions (tenant, skill_name, created_at);
CREATE INDEX executions_by_status ON executions (tenant, status, created_at);
CREATE INDEX executions_by_session ON executions (tenant, session, created_at)
    WHERE session <> '';
CREATE INDEX executions_unfinished ON executions (instance)
    WHERE status IN ('queued', 'running');

-- An artifact outlives the file of the same content: deleting the file must not change what an
-- execution says it made.
CREATE TABLE artifacts (
    execution TEXT NOT NULL REFERENCES executions (id),
    path TEXT NOT NULL,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    file TEXT NOT NULL,
    blob TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    PRIMARY KEY (execution, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX artifacts_by_blob ON artifacts (blob);

CREATE TABLE files (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (id <> ''),
    tenant TEXT NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    session TEXT NOT NULL DEFAULT '',
    execution TEXT NOT NULL DEFAULT '',
    blob TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    parent TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX files_by_time ON files (tenant, created_at);
CREATE INDEX files_by_session ON files (tenant, session, created_at) WHERE session <> '';
CREATE INDEX files_by_execution ON files (tenant, execution) WHERE execution <> '';
CREATE INDEX files_by_parent ON files (tenant, parent) WHERE parent <> '';
CREATE INDEX files_by_blob ON files (blob);

-- prev_hash and hash hold the tamper-evident chain; empty in records made before it.
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    details TEXT NOT NULL,
    prev_hash TEXT NOT NULL DEFAULT '',
    hash TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX audit_by_tenant ON audit (tenant, seq);
