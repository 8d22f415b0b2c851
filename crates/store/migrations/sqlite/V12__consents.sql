-- What people have agreed to and taken back: a ledger that nothing is removed from. `entry` is what the hash is of.
CREATE TABLE consents (
    dealer_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    at INTEGER NOT NULL,
    entry TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (dealer_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX consents_by_address ON consents (dealer_id, address, channel, at);
