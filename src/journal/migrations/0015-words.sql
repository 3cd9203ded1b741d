-- Conditions that cost a write next to nothing.
--
-- SQLite makes a table in memory of each list of three words or more, anew in each statement that looks at it: for a check, or
-- for the condition of a partial index. That was a sixth of the writer's work. Comparisons one by one need none.

-- A handoff is open until something says when it ended; its state changes on the way, and this index no longer with it.
DROP INDEX handoff_open;
CREATE INDEX handoff_open ON handoff (dossier, partner, place) WHERE ended_at IS NULL;

DROP INDEX handoff_dead;
CREATE INDEX handoff_dead ON handoff (dead_at) WHERE state = 'dead' OR state = 'held' OR state = 'uncertain';

-- A check stands in no row: its words can be changed as SQLite's documentation of ALTER TABLE says.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (state IN (''waiting'', ''sending'', ''uncertain'', ''dead'', ''held'',
        ''accepted'', ''superseded'', ''dismissed'', ''resolved'', ''observed''))',
    'CHECK (state = ''waiting'' OR state = ''sending'' OR state = ''accepted'' OR state = ''superseded'' OR state = ''uncertain''
        OR state = ''dead'' OR state = ''held'' OR state = ''dismissed'' OR state = ''resolved'' OR state = ''observed'')')
WHERE type = 'table' AND name = 'handoff';
UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (state IN (''planned'', ''waiting'', ''aside''))',
    'CHECK (state = ''planned'' OR state = ''waiting'' OR state = ''aside'')')
WHERE type = 'table' AND name = 'inbox';
PRAGMA writable_schema = RESET;
