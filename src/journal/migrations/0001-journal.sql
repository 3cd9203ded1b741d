-- Times are milliseconds since 1970 UTC. State stands here; everything that may name a person stands in `payload`.

CREATE TABLE payload (
    id INTEGER PRIMARY KEY,
    body BLOB NOT NULL,
    erase_at INTEGER
) STRICT;
CREATE INDEX payload_erase ON payload (erase_at) WHERE erase_at IS NOT NULL;

CREATE TABLE dossier (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,           -- dossier code, or phieu:<slip>
    agency TEXT NOT NULL,
    state TEXT NOT NULL,                -- what earlier plans left (core DossierState)
    basis INTEGER REFERENCES payload (id), -- newest snapshot
    basis_since INTEGER NOT NULL DEFAULT 0, -- found still needed: its time counts from here at the earliest
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX dossier_basis ON dossier (basis) WHERE basis IS NOT NULL;
CREATE INDEX dossier_basis_due ON dossier (max(updated_at, basis_since)) WHERE basis IS NOT NULL;

-- A slip that has been joined to a dossier.
CREATE TABLE slip (
    slip TEXT PRIMARY KEY,
    dossier INTEGER NOT NULL REFERENCES dossier (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX slip_dossier ON slip (dossier);

CREATE TABLE inbox (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    event_id TEXT NOT NULL,
    hash BLOB NOT NULL,
    dossier INTEGER NOT NULL REFERENCES dossier (id),
    kind TEXT NOT NULL,
    status INTEGER,
    happened_at INTEGER NOT NULL,
    sequence INTEGER,
    arrived_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned', 'waiting', 'aside')), -- aside: could not be planned
    plan_at INTEGER,                    -- a waiting event is planned then, gap or not
    trace TEXT,
    payload INTEGER REFERENCES payload (id),
    UNIQUE (source, event_id)
) STRICT;
CREATE INDEX inbox_waiting ON inbox (plan_at) WHERE state = 'waiting';
CREATE INDEX inbox_dossier ON inbox (dossier, id);
CREATE INDEX inbox_payload ON inbox (payload) WHERE payload IS NOT NULL;
CREATE INDEX inbox_payload_due ON inbox (arrived_at) WHERE payload IS NOT NULL;

CREATE TABLE handoff (
    id INTEGER PRIMARY KEY,
    handoff_id TEXT NOT NULL UNIQUE,
    dossier INTEGER NOT NULL REFERENCES dossier (id),
    partner TEXT NOT NULL,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    leg TEXT,
    number TEXT,
    row_status INTEGER,
    place INTEGER NOT NULL,             -- order within the lane (dossier, partner)
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'uncertain', 'dead', 'held',
        'accepted', 'superseded', 'dismissed', 'resolved', 'observed')),
    alone INTEGER NOT NULL DEFAULT 0,
    maybe_doubled INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    counted_attempts INTEGER NOT NULL DEFAULT 0,
    counted_age_ms INTEGER NOT NULL DEFAULT 0,
    last_attempt_at INTEGER,
    due_at INTEGER NOT NULL,
    ready_at INTEGER,                   -- set only while nothing ahead holds it
    uncertain_since INTEGER,
    absent_looks INTEGER NOT NULL DEFAULT 0,
    code TEXT,
    field TEXT,
    dead_at INTEGER,
    inbox INTEGER REFERENCES inbox (id),
    content INTEGER REFERENCES payload (id),
    tables_version TEXT NOT NULL,
    planned_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX handoff_ready ON handoff (account, ready_at) WHERE ready_at IS NOT NULL;
CREATE INDEX handoff_open ON handoff (dossier, partner, place)
    WHERE state IN ('waiting', 'sending', 'uncertain', 'dead', 'held');
CREATE INDEX handoff_dossier ON handoff (dossier, id);
CREATE INDEX handoff_dead ON handoff (dead_at) WHERE state IN ('dead', 'held', 'uncertain');
CREATE INDEX handoff_state ON handoff (state) WHERE ended_at IS NULL;
CREATE INDEX handoff_content ON handoff (content) WHERE content IS NOT NULL;
CREATE INDEX handoff_content_due ON handoff (ended_at) WHERE content IS NOT NULL;
CREATE INDEX handoff_orders ON handoff (account, planned_at)
    WHERE kind = 'post.order' AND state IN ('uncertain', 'accepted');
-- At most one living order per number: promise 3, held by the store itself.
CREATE UNIQUE INDEX handoff_order_number ON handoff (number)
    WHERE kind = 'post.order' AND state NOT IN ('superseded', 'observed');

CREATE TABLE attempt (
    id INTEGER PRIMARY KEY,
    handoff INTEGER NOT NULL REFERENCES handoff (id),
    call INTEGER NOT NULL,              -- handoffs that travelled together share it
    n INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT,
    code TEXT,
    http_status INTEGER,
    steps TEXT,
    duration_ms INTEGER,
    said INTEGER REFERENCES payload (id)
) STRICT;
CREATE INDEX attempt_handoff ON attempt (handoff, n);
CREATE INDEX attempt_open ON attempt (handoff) WHERE ended_at IS NULL;
CREATE INDEX attempt_said ON attempt (said) WHERE said IS NOT NULL;
CREATE INDEX attempt_said_due ON attempt (ended_at) WHERE said IS NOT NULL;

CREATE TABLE account (
    name TEXT PRIMARY KEY,
    blocked_code TEXT,
    blocked_at INTEGER,
    not_before INTEGER,                 -- the partner asked for a wait
    last_success_at INTEGER,
    storm TEXT NOT NULL DEFAULT '{"fingerprint":"","refused":[]}',
    feed_cursor TEXT,
    feed_read_at INTEGER
) STRICT, WITHOUT ROWID;

-- An operator's pause: of a partner ("post", "portal") or of one account.
CREATE TABLE pause (
    scope TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER
) STRICT, WITHOUT ROWID;

-- Index of the tracking feed: order number -> newest state.
CREATE TABLE tracking (
    number TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    state TEXT NOT NULL,
    wire_code TEXT NOT NULL,
    at INTEGER NOT NULL,
    feed_id TEXT NOT NULL,
    waybill TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE tracking_row (
    account TEXT NOT NULL,
    feed_id TEXT NOT NULL,
    number TEXT NOT NULL,
    state TEXT NOT NULL,
    wire_code TEXT NOT NULL,
    at INTEGER NOT NULL,
    read_at INTEGER NOT NULL,
    waybill TEXT,
    PRIMARY KEY (account, feed_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tracking_row_number ON tracking_row (number, at);

-- Things the desk should see; `task` asks a person to act.
CREATE TABLE flag (
    id INTEGER PRIMARY KEY,
    dossier INTEGER NOT NULL REFERENCES dossier (id),
    inbox INTEGER REFERENCES inbox (id),
    code TEXT NOT NULL,
    task INTEGER NOT NULL,
    at INTEGER NOT NULL,
    closed_at INTEGER
) STRICT;
CREATE INDEX flag_dossier ON flag (dossier, id);

CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    arrived_at INTEGER NOT NULL,
    code TEXT NOT NULL,
    field TEXT,
    detail TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    size INTEGER NOT NULL,
    routing_key TEXT NOT NULL,
    content_type TEXT,
    headers TEXT NOT NULL,
    payload INTEGER REFERENCES payload (id)
) STRICT;
CREATE INDEX quarantine_payload ON quarantine (payload) WHERE payload IS NOT NULL;
CREATE INDEX quarantine_sha256 ON quarantine (sha256);
