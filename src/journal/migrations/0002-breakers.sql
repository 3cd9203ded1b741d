-- Breakers, daily quotas, and whose turn it is.

-- What is known of a partner's operation through an account (core Breaker); no row: nothing against it.
CREATE TABLE breaker (
    account TEXT NOT NULL,
    operation TEXT NOT NULL,            -- kind of handoff
    state TEXT NOT NULL,
    PRIMARY KEY (account, operation)
) STRICT, WITHOUT ROWID;

-- Calls of the day in Việt Nam, of accounts with a daily quota.
CREATE TABLE quota (
    account TEXT PRIMARY KEY,
    day TEXT NOT NULL,
    used INTEGER NOT NULL,
    told INTEGER NOT NULL DEFAULT 0     -- the day's alert was given
) STRICT, WITHOUT ROWID;

ALTER TABLE handoff ADD COLUMN agency TEXT NOT NULL DEFAULT '';
UPDATE handoff SET agency = (SELECT dossier.agency FROM dossier WHERE dossier.id = handoff.dossier);

-- An operator replayed it: it is work of its own class until it ends.
ALTER TABLE handoff ADD COLUMN replayed INTEGER NOT NULL DEFAULT 0;

-- The core's Class: 0 live, 1 retry, 2 question, 3 replay. Derived, so that no writer can forget it.
ALTER TABLE handoff ADD COLUMN class INTEGER GENERATED ALWAYS AS (
    CASE WHEN state = 'uncertain' THEN 2 WHEN replayed <> 0 THEN 3 WHEN attempts > 0 THEN 1 ELSE 0 END
) VIRTUAL;

-- Turns are taken by operation, class and agency: each is found with one step, however much waits in the others.
DROP INDEX handoff_ready;
CREATE INDEX handoff_turn ON handoff (account, kind, class, agency, ready_at) WHERE ready_at IS NOT NULL;
