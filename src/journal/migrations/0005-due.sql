-- The date promised to the citizen, so that what endangers it is told before it has passed.

ALTER TABLE dossier ADD COLUMN due_at INTEGER;
CREATE INDEX dossier_due ON dossier (due_at) WHERE due_at IS NOT NULL;
