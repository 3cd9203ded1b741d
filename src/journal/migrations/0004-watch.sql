-- Watchdogs: the alarms that stand, and the indexes that find the oldest of everything without counting the rest.

CREATE TABLE alarm (
    code TEXT NOT NULL,
    scope TEXT NOT NULL,                -- an account, a source, a code: never a dossier
    raised_at INTEGER NOT NULL,
    since INTEGER NOT NULL,             -- since when the condition stood, as it was last said
    count INTEGER NOT NULL,
    mark INTEGER,                       -- the row that stands for it
    PRIMARY KEY (code, scope)
) STRICT, WITHOUT ROWID;

-- Written while the store is doubted, with a filling that needs room: what can be written here can be written elsewhere.
CREATE TABLE probe (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL,
    filling BLOB
) STRICT;

ALTER TABLE account ADD COLUMN feed_row_at INTEGER; -- when the feed last brought a new row
-- Where the end of the feed was at feed_mark_at, and at the mark before it: reading begins there, so that rows which
-- became visible late, before a cursor that had passed, are read after all.
ALTER TABLE account ADD COLUMN feed_mark TEXT;
ALTER TABLE account ADD COLUMN feed_mark_at INTEGER;
ALTER TABLE account ADD COLUMN feed_behind TEXT;

DROP INDEX handoff_state;
CREATE INDEX handoff_state ON handoff (state, account, planned_at) WHERE ended_at IS NULL;
CREATE INDEX handoff_uncertain ON handoff (account, uncertain_since) WHERE state = 'uncertain';
CREATE INDEX handoff_stopped ON handoff (account, kind, code, dead_at) WHERE state IN ('dead', 'held');
CREATE INDEX quarantine_arrived ON quarantine (arrived_at, code);
CREATE INDEX inbox_source ON inbox (source, arrived_at);
