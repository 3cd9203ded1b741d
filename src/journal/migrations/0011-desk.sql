-- What the operator's desk searches and lists: orders by agency and time, and whose a waybill is.

-- The state is not in the condition on purpose: it changes often, and what changes would be written here each time.
CREATE INDEX handoff_agency_orders ON handoff (agency, planned_at) WHERE kind = 'post.order';
CREATE INDEX tracking_waybill ON tracking (waybill) WHERE waybill IS NOT NULL;
CREATE INDEX receipt_waybill ON receipt (waybill) WHERE waybill IS NOT NULL;
