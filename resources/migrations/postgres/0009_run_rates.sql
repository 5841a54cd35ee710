-- The rate of runs as a minute that moves with the clock. A tenant's runs are counted, and every
-- `grain`th of them leaves its time in `times`: milliseconds since 1970 by the database's clock, 13
-- digits each, the last ones only. Rows are changed often and in place.
DROP TABLE tenant_rates;
CREATE TABLE tenant_rates (
    tenant TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES tenants (id),
    grain BIGINT NOT NULL,
    runs BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    times TEXT NOT NULL
) WITH (fillfactor = 50);
