-- From where and under which request something was done.
ALTER TABLE audit ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN request_id TEXT NOT NULL DEFAULT '';

-- The end of each tenant's chain. Records cut off at the end would leave a chain that is whole.
-- Records made before the chain are taken into it by the code that belongs to this migration, so
-- that from here on no record is without a hash.
CREATE TABLE audit_heads (
    tenant TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id),
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL
) STRICT, WITHOUT ROWID;
