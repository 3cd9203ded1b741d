-- What the figures of Decision 766/QĐ-TTg count (docs/figures.md): it must outlive the snapshots and contents that it comes
-- from, which are erased. Dates, a flag and sums; no person stands here.

ALTER TABLE dossier ADD COLUMN received_at INTEGER; -- accepted at the desk (NgayTiepNhan)
ALTER TABLE dossier ADD COLUMN promised_at INTEGER; -- the date that was promised first; due_at is what is promised now
ALTER TABLE dossier ADD COLUMN return_by_post INTEGER NOT NULL DEFAULT 0;
CREATE INDEX dossier_received ON dossier (agency, received_at) WHERE received_at IS NOT NULL;

ALTER TABLE handoff ADD COLUMN cash INTEGER;        -- that the postman collects for an order; whole đồng

-- What the national report says of an agency and a month, quarter or year, as an operator imported it.
CREATE TABLE reported (
    agency TEXT NOT NULL,
    period TEXT NOT NULL,               -- 2026-11, 2026-Q4, 2026
    received INTEGER NOT NULL,
    imported_at INTEGER NOT NULL,
    PRIMARY KEY (agency, period)
) STRICT, WITHOUT ROWID;

-- What is still kept of earlier dossiers and orders; what is damaged or erased stays unknown.
UPDATE dossier SET promised_at = due_at;
UPDATE dossier SET
    received_at = (SELECT CASE WHEN json_valid(CAST(body AS TEXT))
            THEN CAST(round(unixepoch(json_extract(CAST(body AS TEXT), '$.dossier.received_at'), 'subsec') * 1000) AS INTEGER) END
        FROM payload WHERE payload.id = dossier.basis),
    return_by_post = ifnull((SELECT CASE WHEN json_valid(CAST(body AS TEXT))
            THEN json_extract(CAST(body AS TEXT), '$.dossier.return_by_post') END
        FROM payload WHERE payload.id = dossier.basis), 0)
WHERE basis IS NOT NULL;
UPDATE handoff SET cash = (SELECT CASE WHEN json_valid(CAST(body AS TEXT))
        THEN json_extract(CAST(body AS TEXT), '$.order.cash') END
    FROM payload WHERE payload.id = handoff.content)
WHERE kind = 'post.order' AND content IS NOT NULL;
