-- Pools of numbers that people are called and written to from.
CREATE TABLE numberpools (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    name TEXT,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE UNIQUE INDEX numberpools_by_name ON numberpools (dealer_id, name);
