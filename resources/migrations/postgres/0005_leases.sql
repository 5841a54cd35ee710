-- Engines on other machines that share this store: each says again and again until when it is to be
-- taken for alive. Nobody else's clock counts: times here are the database's own.
CREATE TABLE leases (
    instance TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
