-- Pools of numbers that people are called and written to from.
CREATE TABLE numberpools (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    name TEXT COLLATE "C",
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE UNIQUE INDEX numberpools_by_name ON numberpools (dealer_id, name);
