-- What partners sent by themselves: a hint to read, kept as evidence. A message that comes again is known by its hash.

CREATE TABLE webhook (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    hash BLOB NOT NULL,
    signature TEXT NOT NULL,            -- signed, unsigned
    arrived_at INTEGER NOT NULL,
    payload INTEGER REFERENCES payload (id),
    UNIQUE (account, hash)
) STRICT;
CREATE INDEX webhook_payload ON webhook (payload) WHERE payload IS NOT NULL;
CREATE INDEX webhook_payload_due ON webhook (arrived_at) WHERE payload IS NOT NULL;
