-- What failed on a day, for the daily digest. A handoff forgets when and why it stopped once it goes again; this does not.

-- Handoffs that stopped or were held, each time anew. Rows are added, and never changed. Codes only: no person stands here.
CREATE TABLE stop (
    id INTEGER PRIMARY KEY,
    handoff INTEGER NOT NULL REFERENCES handoff (id),
    at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('dead', 'held')),
    code TEXT,
    field TEXT
) STRICT;
CREATE INDEX stop_at ON stop (at);
CREATE INDEX stop_handoff ON stop (handoff, at);

-- Attempts that were not accepted: those that are cost nothing here.
CREATE INDEX attempt_failed ON attempt (ended_at) WHERE outcome <> 'accepted';
-- What operators did to a handoff or an account.
CREATE INDEX audit_subject ON audit (subject, at);

-- Of earlier ones, what their handoffs still tell.
INSERT INTO stop (handoff, at, state, code, field)
SELECT id, ifnull(dead_at, planned_at), iif(dead_at IS NULL, 'held', 'dead'), code, field FROM handoff
WHERE (state IN ('dead', 'superseded', 'dismissed') AND dead_at IS NOT NULL AND code IS NOT 'GATEWAY-SKIPPED')
    OR state = 'held'
ORDER BY 2, 1;
