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

-- The contacts of the clients there are, each a document of its own.
INSERT INTO contacts (dealer_id, id, version, created_at, updated_at, doc, extra, computed, words)
SELECT clients.dealer_id, contact.value ->> '_id', 0, clients.created_at, clients.updated_at,
    contact.value || jsonb_build_object('client_id', clients.id, 'dealer_id', clients.dealer_id,
        'created_at', clients.doc -> 'created_at', 'updated_at', clients.doc -> 'updated_at', '__v', 0), 'null', '{}', ''
FROM clients, jsonb_array_elements(clients.doc -> 'contacts') AS contact WHERE contact.value ->> '_id' IS NOT NULL
ON CONFLICT (dealer_id, id) DO NOTHING;
INSERT INTO counters (dealer_id, name, value) SELECT DISTINCT dealer_id, 'refill:contacts', 0 FROM contacts;
