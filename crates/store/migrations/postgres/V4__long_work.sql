-- Exports and imports, what each row of an import became, and the bytes of exports.

CREATE TABLE exports (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    owner TEXT COLLATE "C",
    status TEXT COLLATE "C",
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    PRIMARY KEY (dealer_id, id)
);

CREATE TABLE imports (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    fingerprint TEXT COLLATE "C",
    status TEXT COLLATE "C",
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX imports_by_fingerprint ON imports (dealer_id, fingerprint);

-- A row of a file that has been taken in or refused: never a second time. `outcome` says which.
CREATE TABLE import_rows (
    dealer_id TEXT COLLATE "C" NOT NULL,
    import_id TEXT COLLATE "C" NOT NULL,
    line BIGINT NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C",
    detail TEXT COLLATE "C",
    PRIMARY KEY (dealer_id, import_id, line)
);

-- What an attempt at an export has written, in pieces of one size: any server of this database can hand it out. They
-- are read at once and gone in a day, so they are neither compressed nor part of a backup.
CREATE TABLE export_pieces (
    dealer_id TEXT COLLATE "C" NOT NULL,
    export_id TEXT COLLATE "C" NOT NULL,
    attempt BIGINT NOT NULL,
    piece BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (dealer_id, export_id, attempt, piece)
);
ALTER TABLE export_pieces ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- What a dealer signs with, by what for.
CREATE TABLE secrets (
    dealer_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (dealer_id, name)
);
