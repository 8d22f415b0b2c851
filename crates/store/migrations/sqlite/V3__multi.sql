-- Fields with several values, one row for each: phones and addresses of contacts, numbers of conversations.
CREATE TABLE multi (
    dealer_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (dealer_id, kind, field, value, id)
) WITHOUT ROWID, STRICT;
CREATE INDEX multi_by_id ON multi (dealer_id, kind, id);
