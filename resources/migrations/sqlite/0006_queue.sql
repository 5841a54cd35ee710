-- The queue that servers share. A run that waits for any of them has no instance; `task` is what a
-- server needs besides the record to carry a run out. It is empty for runs that stay with the
-- process that was asked, and forgotten when the run has ended.
ALTER TABLE executions ADD COLUMN task TEXT NOT NULL DEFAULT '';
CREATE INDEX executions_waiting ON executions (tenant, seq)
    WHERE status = 'queued' AND instance = '';
CREATE INDEX executions_under_way ON executions (tenant)
    WHERE status IN ('queued', 'running') AND instance <> '';

-- The log of a run under way, for those who follow it on another server: a JSON list of events,
-- [[stream, text], …], of which the first has the number first_event. The whole log is in the
-- record when the run has ended.
CREATE TABLE execution_log_parts (
    execution TEXT NOT NULL REFERENCES executions (id) ON DELETE CASCADE,
    first_event INTEGER NOT NULL,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    events TEXT NOT NULL,
    PRIMARY KEY (execution, first_event)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER executions_ended AFTER UPDATE OF status ON executions
    WHEN old.status = 'running' AND new.status NOT IN ('queued', 'running') BEGIN
    DELETE FROM execution_log_parts WHERE execution = new.id;
END;
