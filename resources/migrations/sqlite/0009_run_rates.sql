-- The rate of runs as a minute that moves with the clock. A tenant's runs are counted, and every
-- `grain`th of them leaves its time in `times`: milliseconds since 1970 by the database's clock, 13
-- digits each, the last ones only. Rows are changed often.
DROP TABLE tenant_rates;
CREATE TABLE tenant_rates (
    tenant TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id),
    grain INTEGER NOT NULL,
    runs INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    times TEXT NOT NULL
) STRICT, WITHOUT ROWID;
