-- Comparisons of both sides: codes, numbers, states and times only; no person stands here.

CREATE TABLE reconcile_run (
    id INTEGER PRIMARY KEY,
    partner TEXT NOT NULL,
    night TEXT,                         -- of a nightly run: the day on which its night began
    who TEXT NOT NULL,
    agency TEXT,                        -- this agency only
    accounts TEXT,                      -- these accounts only, parted by blanks
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    visible_before INTEGER NOT NULL,    -- an order accepted later may not show yet
    made_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('gathering', 'asking', 'comparing', 'done', 'stopped')),
    cursor INTEGER NOT NULL,            -- gathering: row of the inbox, or handoff, that was looked at last
    upto INTEGER NOT NULL,              -- and the last one that is to be looked at
    ended_at INTEGER
) STRICT;
CREATE UNIQUE INDEX reconcile_run_running ON reconcile_run (partner) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX reconcile_run_night ON reconcile_run (partner, night) WHERE night IS NOT NULL;

-- What is compared through one account.
CREATE TABLE reconcile_part (
    run INTEGER NOT NULL REFERENCES reconcile_run (id),
    account TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asking', 'strangers', 'done', 'no-question')),
    page TEXT,                          -- the page of the partner's list, or the row of the feed, that was read last
    listed INTEGER NOT NULL DEFAULT 0,  -- the partner's list was read to its end
    total INTEGER NOT NULL DEFAULT 0,
    agreed INTEGER NOT NULL DEFAULT 0,
    differing INTEGER NOT NULL DEFAULT 0,
    not_compared INTEGER NOT NULL DEFAULT 0,
    left_out INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0, -- questions in a row that were not answered
    not_before INTEGER,
    code TEXT,                          -- why the last of them was not
    PRIMARY KEY (run, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX reconcile_part_open ON reconcile_part (run) WHERE state IN ('asking', 'strangers');

-- What is still to be compared, and what was left out.
CREATE TABLE reconcile_item (
    run INTEGER NOT NULL REFERENCES reconcile_run (id),
    account TEXT NOT NULL,
    name TEXT NOT NULL,                 -- code of a dossier, or number of an order
    dossier INTEGER REFERENCES dossier (id),
    handoff INTEGER REFERENCES handoff (id),
    listed INTEGER NOT NULL DEFAULT 0,  -- an operator's list says that they have it
    tries INTEGER NOT NULL DEFAULT 0,
    left_out TEXT,                      -- why nobody could say
    PRIMARY KEY (run, account, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX reconcile_item_dossier ON reconcile_item (dossier) WHERE dossier IS NOT NULL;
CREATE INDEX reconcile_item_open ON reconcile_item (run, account, name) WHERE left_out IS NULL;

-- What a partner's list showed; gone when the run has ended.
CREATE TABLE reconcile_theirs (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES reconcile_run (id),
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    thing TEXT NOT NULL
) STRICT;
CREATE INDEX reconcile_theirs_name ON reconcile_theirs (run, account, name);

CREATE TABLE reconcile_finding (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES reconcile_run (id),
    account TEXT NOT NULL,
    agency TEXT,
    dossier INTEGER REFERENCES dossier (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    grade TEXT NOT NULL,
    ours TEXT NOT NULL,
    theirs TEXT NOT NULL,
    since INTEGER,
    repair TEXT NOT NULL,
    basis INTEGER REFERENCES handoff (id), -- what we held, when it was compared
    chosen_by TEXT,                     -- who had it repaired
    reason TEXT,
    sent INTEGER REFERENCES handoff (id), -- the record that repairs it
    result TEXT,
    result_at INTEGER,
    UNIQUE (run, account, name)
) STRICT;
CREATE INDEX reconcile_finding_chosen ON reconcile_finding (run, id) WHERE chosen_by IS NOT NULL AND result IS NULL;
CREATE INDEX reconcile_finding_dossier ON reconcile_finding (dossier) WHERE dossier IS NOT NULL;
CREATE INDEX reconcile_finding_open ON reconcile_finding (run) WHERE result IS NULL;

-- Rows of a feed by the time at which they were read: strangers are looked for among the newest.
CREATE INDEX tracking_row_read ON tracking_row (account, read_at);
