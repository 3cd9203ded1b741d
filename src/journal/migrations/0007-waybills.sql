-- Waybills that the post gave beforehand, each here once for ever: what was imported is never imported anew.

CREATE TABLE waybill (
    code TEXT PRIMARY KEY,
    account TEXT NOT NULL,              -- whose pool it is in
    imported_at INTEGER NOT NULL,
    number TEXT,                        -- order that it is bound to, or was when it was retired
    bound_at INTEGER,
    retired_at INTEGER,
    reason TEXT                         -- why it was retired: the partner's code, or GATEWAY-RETIRED by hand
) STRICT, WITHOUT ROWID;
-- One order has one waybill.
CREATE UNIQUE INDEX waybill_order ON waybill (number, account) WHERE number IS NOT NULL AND retired_at IS NULL;
CREATE INDEX waybill_free ON waybill (account, code) WHERE number IS NULL AND retired_at IS NULL;
CREATE INDEX waybill_retired ON waybill (number, account) WHERE retired_at IS NOT NULL;
-- One waybill has one order: it goes to another only by way of the pool, and never once it is retired.
CREATE TRIGGER waybill_kept BEFORE UPDATE OF number ON waybill
WHEN OLD.number IS NOT NULL AND NEW.number IS NOT NULL AND NEW.number <> OLD.number
BEGIN SELECT RAISE(ABORT, 'a waybill is bound to another order'); END;
CREATE TRIGGER waybill_gone BEFORE UPDATE ON waybill WHEN OLD.retired_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a waybill is retired'); END;
CREATE TRIGGER waybill_for_ever BEFORE DELETE ON waybill
BEGIN SELECT RAISE(ABORT, 'a waybill is remembered for ever'); END;

-- Orders that wait for a waybill.
CREATE INDEX handoff_no_waybill ON handoff (account, planned_at)
    WHERE state = 'waiting' AND code = 'GATEWAY-NO-WAYBILL';
