-- What people have agreed to and taken back: a ledger that nothing is removed from. `entry` is what the hash is of.
CREATE TABLE consents (
    dealer_id TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    entry TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (dealer_id, number)
);
CREATE INDEX consents_by_address ON consents (dealer_id, address, channel, at);
