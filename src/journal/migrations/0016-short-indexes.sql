-- Indexes that hold little or nothing, in the place of walks through everything that a dossier ever had.

-- Events over a gap, in their order: looked for after each event of a dossier.
CREATE INDEX inbox_gap ON inbox (dossier, sequence) WHERE state = 'waiting';

-- What was planned while the gateway only observed: looked for before each event of a dossier.
CREATE INDEX handoff_observed ON handoff (dossier) WHERE state = 'observed';

-- By the time of the end: a handoff has no entry until it has ended.
DROP INDEX handoff_content_due;
CREATE INDEX handoff_content_due ON handoff (ended_at) WHERE content IS NOT NULL AND ended_at IS NOT NULL;
