-- The cash of an order, beside where its parcel is: 'collected', 'settled', or nothing.
--
-- A row of the feed that speaks of the cash alone has an empty state. The index keeps the furthest that the cash got; of an
-- order of which nothing but cash was reported, the parcel is 'unknown' since the beginning of time, so that any report
-- takes its place.

ALTER TABLE tracking ADD COLUMN cash TEXT;
ALTER TABLE tracking ADD COLUMN cash_at INTEGER;
ALTER TABLE tracking_row ADD COLUMN cash TEXT;

-- Since when the tracking feed answers and does not move on.
ALTER TABLE account ADD COLUMN feed_stuck_at INTEGER;
