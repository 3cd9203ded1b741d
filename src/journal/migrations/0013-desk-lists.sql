-- What the operator's desk lists, found without walking through what has gathered in a year. All of these are partial: the first holds
-- what is open, the second what is rare and changes nothing in it once it is planned.

CREATE INDEX flag_open ON flag (id) WHERE task = 1 AND closed_at IS NULL;
CREATE INDEX handoff_cancels ON handoff (dossier, number) WHERE kind = 'post.cancel';
CREATE INDEX waybill_bound ON waybill (account, bound_at) WHERE number IS NOT NULL AND retired_at IS NULL;
