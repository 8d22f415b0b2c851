-- The foundation: one table per kind, and what stands beside them. Instants are milliseconds since 1970, UTC.

CREATE TABLE dealers (
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
CREATE INDEX dealers_by_name ON dealers (dealer_id, name NULLS FIRST);

CREATE TABLE locations (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    code TEXT COLLATE "C",
    number BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE UNIQUE INDEX locations_by_code ON locations (dealer_id, code NULLS FIRST);

CREATE TABLE users (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    email TEXT COLLATE "C",
    number BIGINT,
    role TEXT COLLATE "C",
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE UNIQUE INDEX users_by_number ON users (dealer_id, number NULLS FIRST);
CREATE UNIQUE INDEX users_by_email ON users (dealer_id, email NULLS FIRST);

CREATE TABLE apikeys (
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

CREATE TABLE scorecards (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    number BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE UNIQUE INDEX scorecards_by_number ON scorecards (dealer_id, number NULLS FIRST);

CREATE TABLE clients (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    sort_name TEXT COLLATE "C",
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX clients_by_sort_name ON clients (dealer_id, sort_name NULLS FIRST);
CREATE INDEX clients_by_words ON clients USING gin (words);

CREATE TABLE saleleads (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    number BIGINT,
    client_id TEXT COLLATE "C",
    status TEXT COLLATE "C",
    location TEXT COLLATE "C",
    source TEXT COLLATE "C",
    owner TEXT COLLATE "C",
    filter TEXT COLLATE "C",
    score BIGINT,
    cost BIGINT,
    sort_name TEXT COLLATE "C",
    last_activity_at BIGINT,
    day TEXT COLLATE "C",
    appointment TEXT COLLATE "C",
    response BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE UNIQUE INDEX saleleads_by_number ON saleleads (dealer_id, number NULLS FIRST);
CREATE INDEX saleleads_by_client_id_created_at ON saleleads (dealer_id, client_id, created_at);
CREATE INDEX saleleads_by_created_at ON saleleads (dealer_id, created_at);
CREATE INDEX saleleads_by_status_created_at ON saleleads (dealer_id, status, created_at);
CREATE INDEX saleleads_by_location_created_at ON saleleads (dealer_id, location, created_at);
CREATE INDEX saleleads_by_owner_created_at ON saleleads (dealer_id, owner, created_at);
CREATE INDEX saleleads_by_score_id ON saleleads (dealer_id, score NULLS FIRST, id);
CREATE INDEX saleleads_by_sort_name ON saleleads (dealer_id, sort_name NULLS FIRST);
CREATE INDEX saleleads_by_updated_at ON saleleads (dealer_id, updated_at);
CREATE INDEX saleleads_by_words ON saleleads USING gin (words);

CREATE TABLE cars (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    number BIGINT,
    status TEXT COLLATE "C",
    location TEXT COLLATE "C",
    make TEXT COLLATE "C",
    model TEXT COLLATE "C",
    year BIGINT,
    mileage BIGINT,
    price BIGINT,
    vin TEXT COLLATE "C",
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE UNIQUE INDEX cars_by_number ON cars (dealer_id, number NULLS FIRST);
CREATE INDEX cars_by_created_at ON cars (dealer_id, created_at);
CREATE INDEX cars_by_status_created_at ON cars (dealer_id, status, created_at);
CREATE INDEX cars_by_location_created_at ON cars (dealer_id, location, created_at);
CREATE INDEX cars_by_make_model ON cars (dealer_id, make, model NULLS FIRST);
CREATE INDEX cars_by_price ON cars (dealer_id, price NULLS FIRST);
CREATE INDEX cars_by_vin ON cars (dealer_id, vin NULLS FIRST);
CREATE INDEX cars_by_words ON cars USING gin (words);

CREATE TABLE whatsappsessions (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    client_id TEXT COLLATE "C",
    client_number TEXT COLLATE "C",
    last_message_date BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX whatsappsessions_by_client_id_last_message_date ON whatsappsessions (dealer_id, client_id, last_message_date NULLS FIRST);
CREATE INDEX whatsappsessions_by_client_number_last_message_date ON whatsappsessions (dealer_id, client_number, last_message_date NULLS FIRST);

CREATE TABLE whatsappmessages (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    lead_id TEXT COLLATE "C",
    client_id TEXT COLLATE "C",
    session_id TEXT COLLATE "C",
    delivery_status TEXT COLLATE "C",
    made_at BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX whatsappmessages_by_lead_id_made_at ON whatsappmessages (dealer_id, lead_id, made_at NULLS FIRST);
CREATE INDEX whatsappmessages_by_client_id_made_at ON whatsappmessages (dealer_id, client_id, made_at NULLS FIRST);

CREATE TABLE notes (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    lead_id TEXT COLLATE "C",
    client_id TEXT COLLATE "C",
    notify_at BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX notes_by_lead_id_created_at ON notes (dealer_id, lead_id, created_at);
CREATE INDEX notes_by_client_id_created_at ON notes (dealer_id, client_id, created_at);

CREATE TABLE tasks (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    lead_id TEXT COLLATE "C",
    client_id TEXT COLLATE "C",
    notify_at BIGINT,
    done BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX tasks_by_lead_id_created_at ON tasks (dealer_id, lead_id, created_at);
CREATE INDEX tasks_by_client_id_created_at ON tasks (dealer_id, client_id, created_at);

-- Claims that only one document may hold: a phone, an e-mail address, the VIN of an unsold car.
CREATE TABLE keys (
    dealer_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    field TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (dealer_id, kind, field, value)
);
CREATE INDEX keys_by_id ON keys (dealer_id, kind, id);

-- What happened, in order. Rows are only added; erasing a person empties `data`.
CREATE TABLE events (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dealer_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    lead_id TEXT COLLATE "C",
    actor TEXT COLLATE "C" NOT NULL,
    dialect TEXT COLLATE "C" NOT NULL,
    data JSONB NOT NULL
);
CREATE INDEX events_by_lead ON events (dealer_id, lead_id, sequence) WHERE lead_id IS NOT NULL;

-- Work to be done. A lease is a due time in the future; `claims` is the fence of whoever holds it.
CREATE TABLE jobs (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dealer_id TEXT COLLATE "C" NOT NULL,
    due_at BIGINT NOT NULL,
    priority BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    payload JSONB NOT NULL,
    dedupe TEXT COLLATE "C",
    attempts BIGINT NOT NULL,
    claims BIGINT NOT NULL,
    failure TEXT COLLATE "C"
);
CREATE INDEX jobs_by_due ON jobs (due_at, priority, number);
CREATE UNIQUE INDEX jobs_by_dedupe ON jobs (dealer_id, dedupe) WHERE dedupe IS NOT NULL;

-- Jobs that failed for good, kept for a person to look at.
CREATE TABLE dead_jobs (
    number BIGINT PRIMARY KEY,
    dealer_id TEXT COLLATE "C" NOT NULL,
    died_at BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    payload JSONB NOT NULL,
    attempts BIGINT NOT NULL,
    failure TEXT COLLATE "C" NOT NULL
);

-- How many documents have each combination of some columns. Slots keep writers out of each other's way; a count is their sum.
CREATE TABLE tallies (
    dealer_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    dimension TEXT COLLATE "C" NOT NULL,
    bucket TEXT COLLATE "C" NOT NULL,
    slot BIGINT NOT NULL,
    n BIGINT NOT NULL,
    m1 BIGINT NOT NULL,
    m2 BIGINT NOT NULL,
    PRIMARY KEY (dealer_id, kind, dimension, bucket, slot)
) WITH (fillfactor = 50);

-- Small numbers that only rise: document numbers per dealer, the version of the settings.
CREATE TABLE counters (
    dealer_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (dealer_id, name)
);

-- How loaded each agent is, so that routing chooses and counts in one statement.
CREATE TABLE agents (
    dealer_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    open_leads BIGINT NOT NULL,
    last_assigned_at BIGINT NOT NULL,
    PRIMARY KEY (dealer_id, user_id)
);

-- Credentials, by the hash of their secret. The one table read before the dealer is known.
CREATE TABLE credentials (
    hash TEXT COLLATE "C" PRIMARY KEY,
    dealer_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);
CREATE INDEX credentials_by_subject ON credentials (dealer_id, subject);

-- Login names, unique over the dealers of a server.
CREATE TABLE logins (
    email TEXT COLLATE "C" PRIMARY KEY,
    dealer_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL
);

-- Requests that may be repeated: what they asked and what came of it.
CREATE TABLE requests (
    dealer_id TEXT COLLATE "C" NOT NULL,
    request_key TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    outcome JSONB NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (dealer_id, request_key)
);
CREATE INDEX requests_by_age ON requests (made_at);

-- What providers sent us, as it came, until it has been processed.
CREATE TABLE inbound (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dealer_id TEXT COLLATE "C" NOT NULL,
    received_at BIGINT NOT NULL,
    provider TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    processed_at BIGINT
);
CREATE INDEX inbound_by_age ON inbound (received_at);

-- Addresses that must not be contacted on a channel, and since when.
CREATE TABLE suppressions (
    dealer_id TEXT COLLATE "C" NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (dealer_id, channel, address)
);
