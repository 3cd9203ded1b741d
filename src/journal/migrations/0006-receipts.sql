-- What a partner gave for a postal order beside our number: its own identifier, which a cancel wants back, and the waybill.

CREATE TABLE receipt (
    number TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    reference TEXT,
    waybill TEXT
) STRICT, WITHOUT ROWID;
