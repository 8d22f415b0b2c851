-- Exports and imports, and what each row of an import became.

CREATE TABLE exports (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    owner TEXT,
    status TEXT,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;

CREATE TABLE imports (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    fingerprint TEXT,
    status TEXT,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX imports_by_fingerprint ON imports (dealer_id, fingerprint);

-- A row of a file that has been taken in or refused: never a second time. `outcome` says which.
CREATE TABLE import_rows (
    dealer_id TEXT NOT NULL,
    import_id TEXT NOT NULL,
    line INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    id TEXT,
    detail TEXT,
    PRIMARY KEY (dealer_id, import_id, line)
) WITHOUT ROWID, STRICT;

-- What a dealer signs with, by what for.
CREATE TABLE secrets (
    dealer_id TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (dealer_id, name)
) WITHOUT ROWID, STRICT;
