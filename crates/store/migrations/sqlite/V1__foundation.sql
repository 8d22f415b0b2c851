-- The foundation: one table per kind, and what stands beside them. Instants are milliseconds since 1970, UTC.

CREATE TABLE dealers (
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
CREATE INDEX dealers_by_name ON dealers (dealer_id, name);

CREATE TABLE locations (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    code TEXT,
    number INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE UNIQUE INDEX locations_by_code ON locations (dealer_id, code);

CREATE TABLE users (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    email TEXT,
    number INTEGER,
    role TEXT,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE UNIQUE INDEX users_by_number ON users (dealer_id, number);
CREATE UNIQUE INDEX users_by_email ON users (dealer_id, email);

CREATE TABLE apikeys (
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

CREATE TABLE scorecards (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    number INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE UNIQUE INDEX scorecards_by_number ON scorecards (dealer_id, number);

CREATE TABLE clients (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    sort_name TEXT,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX clients_by_sort_name ON clients (dealer_id, sort_name);
CREATE VIRTUAL TABLE clients_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE TABLE saleleads (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    number INTEGER,
    client_id TEXT,
    status TEXT,
    location TEXT,
    source TEXT,
    owner TEXT,
    filter TEXT,
    score INTEGER,
    cost INTEGER,
    sort_name TEXT,
    last_activity_at INTEGER,
    day TEXT,
    appointment TEXT,
    response INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE UNIQUE INDEX saleleads_by_number ON saleleads (dealer_id, number);
CREATE INDEX saleleads_by_client_id_created_at ON saleleads (dealer_id, client_id, created_at);
CREATE INDEX saleleads_by_created_at ON saleleads (dealer_id, created_at);
CREATE INDEX saleleads_by_status_created_at ON saleleads (dealer_id, status, created_at);
CREATE INDEX saleleads_by_location_created_at ON saleleads (dealer_id, location, created_at);
CREATE INDEX saleleads_by_owner_created_at ON saleleads (dealer_id, owner, created_at);
CREATE INDEX saleleads_by_score_id ON saleleads (dealer_id, score, id);
CREATE INDEX saleleads_by_sort_name ON saleleads (dealer_id, sort_name);
CREATE INDEX saleleads_by_updated_at ON saleleads (dealer_id, updated_at);
CREATE VIRTUAL TABLE saleleads_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE TABLE cars (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    number INTEGER,
    status TEXT,
    location TEXT,
    make TEXT,
    model TEXT,
    year INTEGER,
    mileage INTEGER,
    price INTEGER,
    vin TEXT,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE UNIQUE INDEX cars_by_number ON cars (dealer_id, number);
CREATE INDEX cars_by_created_at ON cars (dealer_id, created_at);
CREATE INDEX cars_by_status_created_at ON cars (dealer_id, status, created_at);
CREATE INDEX cars_by_location_created_at ON cars (dealer_id, location, created_at);
CREATE INDEX cars_by_make_model ON cars (dealer_id, make, model);
CREATE INDEX cars_by_price ON cars (dealer_id, price);
CREATE INDEX cars_by_vin ON cars (dealer_id, vin);
CREATE VIRTUAL TABLE cars_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE TABLE whatsappsessions (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    client_id TEXT,
    client_number TEXT,
    last_message_date INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX whatsappsessions_by_client_id_last_message_date ON whatsappsessions (dealer_id, client_id, last_message_date);
CREATE INDEX whatsappsessions_by_client_number_last_message_date ON whatsappsessions (dealer_id, client_number, last_message_date);

CREATE TABLE whatsappmessages (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    lead_id TEXT,
    client_id TEXT,
    session_id TEXT,
    delivery_status TEXT,
    made_at INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX whatsappmessages_by_lead_id_made_at ON whatsappmessages (dealer_id, lead_id, made_at);
CREATE INDEX whatsappmessages_by_client_id_made_at ON whatsappmessages (dealer_id, client_id, made_at);

CREATE TABLE notes (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    lead_id TEXT,
    client_id TEXT,
    notify_at INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX notes_by_lead_id_created_at ON notes (dealer_id, lead_id, created_at);
CREATE INDEX notes_by_client_id_created_at ON notes (dealer_id, client_id, created_at);

CREATE TABLE tasks (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    lead_id TEXT,
    client_id TEXT,
    notify_at INTEGER,
    done INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX tasks_by_lead_id_created_at ON tasks (dealer_id, lead_id, created_at);
CREATE INDEX tasks_by_client_id_created_at ON tasks (dealer_id, client_id, created_at);

-- Claims that only one document may hold: a phone, an e-mail address, the VIN of an unsold car.
CREATE TABLE keys (
    dealer_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (dealer_id, kind, field, value)
) WITHOUT ROWID, STRICT;
CREATE INDEX keys_by_id ON keys (dealer_id, kind, id);

-- What happened, in order. Rows are only added; erasing a person empties `data`.
CREATE TABLE events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    dealer_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    lead_id TEXT,
    actor TEXT NOT NULL,
    dialect TEXT NOT NULL,
    data TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_lead ON events (dealer_id, lead_id, sequence) WHERE lead_id IS NOT NULL;

-- Work to be done. A lease is a due time in the future; `claims` is the fence of whoever holds it.
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    dealer_id TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    dedupe TEXT,
    attempts INTEGER NOT NULL,
    claims INTEGER NOT NULL,
    failure TEXT
) STRICT;
CREATE INDEX jobs_by_due ON jobs (due_at, priority);
CREATE UNIQUE INDEX jobs_by_dedupe ON jobs (dealer_id, dedupe) WHERE dedupe IS NOT NULL;

-- Jobs that failed for good, kept for a person to look at.
CREATE TABLE dead_jobs (
    number INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    died_at INTEGER NOT NULL,
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    failure TEXT NOT NULL
) STRICT;

-- How many documents have each combination of some columns. Slots keep writers out of each other's way; a count is their sum.
CREATE TABLE tallies (
    dealer_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    dimension TEXT NOT NULL,
    bucket TEXT NOT NULL,
    slot INTEGER NOT NULL,
    n INTEGER NOT NULL,
    m1 INTEGER NOT NULL,
    m2 INTEGER NOT NULL,
    PRIMARY KEY (dealer_id, kind, dimension, bucket, slot)
) WITHOUT ROWID, STRICT;

-- Small numbers that only rise: document numbers per dealer, the version of the settings.
CREATE TABLE counters (
    dealer_id TEXT NOT NULL,
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (dealer_id, name)
) WITHOUT ROWID, STRICT;

-- How loaded each agent is, so that routing chooses and counts in one statement.
CREATE TABLE agents (
    dealer_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    open_leads INTEGER NOT NULL,
    last_assigned_at INTEGER NOT NULL,
    PRIMARY KEY (dealer_id, user_id)
) WITHOUT ROWID, STRICT;

-- Credentials, by the hash of their secret. The one table read before the dealer is known.
CREATE TABLE credentials (
    hash TEXT PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) WITHOUT ROWID, STRICT;
CREATE INDEX credentials_by_subject ON credentials (dealer_id, subject);

-- Login names, unique over the dealers of a server.
CREATE TABLE logins (
    email TEXT PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    user_id TEXT NOT NULL
) WITHOUT ROWID, STRICT;

-- Requests that may be repeated: what they asked and what came of it.
CREATE TABLE requests (
    dealer_id TEXT NOT NULL,
    request_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    outcome TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (dealer_id, request_key)
) WITHOUT ROWID, STRICT;
CREATE INDEX requests_by_age ON requests (made_at);

-- What providers sent us, as it came, until it has been processed.
CREATE TABLE inbound (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    dealer_id TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    provider TEXT NOT NULL,
    body TEXT NOT NULL,
    processed_at INTEGER
) STRICT;
CREATE INDEX inbound_by_age ON inbound (received_at);

-- Addresses that must not be contacted on a channel, and since when.
CREATE TABLE suppressions (
    dealer_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (dealer_id, channel, address)
) WITHOUT ROWID, STRICT;
