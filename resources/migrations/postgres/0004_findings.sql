-- What the checker said of a version when it was published: {"findings": [...]}, empty for versions
-- that were published before.
ALTER TABLE skill_versions ADD COLUMN findings TEXT NOT NULL DEFAULT '';
