-- What operators did: rows are added, never changed, never deleted. Keys and codes only: no person stands here.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,              -- handoff, dossier, partner, account or number of a task
    dossier TEXT,                       -- key it had then: code, or phieu:<slip>
    reason TEXT,
    detail TEXT
) STRICT;
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_dossier ON audit (dossier, id) WHERE dossier IS NOT NULL;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

-- What a person made of a dead letter's content: the content before, and the patch; both are payloads.
CREATE TABLE edit (
    id INTEGER PRIMARY KEY,
    handoff INTEGER NOT NULL REFERENCES handoff (id),
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    how TEXT NOT NULL CHECK (how IN ('edited', 'replanned')),
    reason TEXT,
    original INTEGER REFERENCES payload (id),
    patch INTEGER REFERENCES payload (id)
) STRICT;
CREATE INDEX edit_handoff ON edit (handoff, id);
CREATE INDEX edit_original ON edit (original) WHERE original IS NOT NULL;
CREATE INDEX edit_patch ON edit (patch) WHERE patch IS NOT NULL;

-- What the officer was told by the partner, of handoffs resolved by hand.
ALTER TABLE handoff ADD COLUMN partner_number TEXT;
CREATE INDEX handoff_partner_number ON handoff (partner_number) WHERE partner_number IS NOT NULL;

-- An operator's pause of one lane.
CREATE TABLE lane_pause (
    dossier INTEGER NOT NULL REFERENCES dossier (id),
    partner TEXT NOT NULL,
    reason TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (dossier, partner)
) STRICT, WITHOUT ROWID;

-- Bulk replays: the handoffs are frozen when the task is made, and the daemon sets them due batch by batch.
CREATE TABLE replay_task (
    id INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    who TEXT NOT NULL,
    reason TEXT,
    made_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'stopped', 'done')),
    stopped_by TEXT,                    -- 'same-failure', or 'hand'
    batches INTEGER NOT NULL DEFAULT 0, -- batches begun
    ended_at INTEGER
) STRICT;
CREATE UNIQUE INDEX replay_task_running ON replay_task (fingerprint) WHERE state = 'running';
CREATE TABLE replay_item (
    task INTEGER NOT NULL REFERENCES replay_task (id),
    n INTEGER NOT NULL,
    handoff INTEGER NOT NULL REFERENCES handoff (id),
    batch INTEGER,                      -- which one it belongs to, once begun
    result TEXT,                        -- what became of it; open while it is under way
    PRIMARY KEY (task, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX replay_item_new ON replay_item (task, n) WHERE batch IS NULL;
CREATE INDEX replay_item_open ON replay_item (task, batch) WHERE batch IS NOT NULL AND result IS NULL;
CREATE INDEX replay_item_handoff ON replay_item (handoff) WHERE batch IS NOT NULL AND result IS NULL;
