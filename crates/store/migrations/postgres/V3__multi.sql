-- Fields with several values, one row for each: phones and addresses of contacts, numbers of conversations.
CREATE TABLE multi (
    dealer_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    field TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (dealer_id, kind, field, value, id)
);
CREATE INDEX multi_by_id ON multi (dealer_id, kind, id);
