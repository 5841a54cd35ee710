-- Which of the engines that share this store take runs from its queue: a command line does not, and
-- neither does a server that is about to end.
ALTER TABLE leases ADD COLUMN takes_runs INTEGER NOT NULL DEFAULT 0;
