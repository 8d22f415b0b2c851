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

-- The contacts of the clients there are, each a document of its own.
INSERT OR IGNORE INTO contacts (dealer_id, id, version, created_at, updated_at, doc, extra, computed)
SELECT clients.dealer_id, json_extract(contact.value, '$._id'), 0, clients.created_at, clients.updated_at,
    json_patch(contact.value, json_object('client_id', clients.id, 'dealer_id', clients.dealer_id,
        'created_at', json_extract(clients.doc, '$.created_at'), 'updated_at', json_extract(clients.doc, '$.updated_at'),
        '__v', 0)), 'null', '{}'
FROM clients, json_each(clients.doc, '$.contacts') AS contact WHERE json_extract(contact.value, '$._id') IS NOT NULL;
INSERT INTO counters (dealer_id, name, value) SELECT DISTINCT dealer_id, 'refill:contacts', 0 FROM contacts;
