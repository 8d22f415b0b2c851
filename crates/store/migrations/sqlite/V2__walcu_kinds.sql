-- The kinds that the Walcu dialect publishes besides those there are, e-mails, and more columns for the others.

CREATE TABLE contacts (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    client_id TEXT,
    government_id TEXT,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX contacts_by_client_id_created_at ON contacts (dealer_id, client_id, created_at);
CREATE INDEX contacts_by_created_at ON contacts (dealer_id, created_at);
CREATE VIRTUAL TABLE contacts_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE TABLE appraisalleads (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    client_id TEXT,
    status TEXT,
    location TEXT,
    source TEXT,
    owner TEXT,
    notify_at INTEGER,
    done INTEGER,
    vin TEXT,
    plate TEXT,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX appraisalleads_by_client_id_created_at ON appraisalleads (dealer_id, client_id, created_at);
CREATE INDEX appraisalleads_by_created_at ON appraisalleads (dealer_id, created_at);
CREATE INDEX appraisalleads_by_updated_at ON appraisalleads (dealer_id, updated_at);
CREATE INDEX appraisalleads_by_status_created_at ON appraisalleads (dealer_id, status, created_at);
CREATE INDEX appraisalleads_by_location_created_at ON appraisalleads (dealer_id, location, created_at);
CREATE INDEX appraisalleads_by_owner_created_at ON appraisalleads (dealer_id, owner, created_at);
CREATE VIRTUAL TABLE appraisalleads_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE TABLE aftersaleleads (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    client_id TEXT,
    status TEXT,
    location TEXT,
    source TEXT,
    owner TEXT,
    notify_at INTEGER,
    done INTEGER,
    vehicle_id TEXT,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX aftersaleleads_by_client_id_created_at ON aftersaleleads (dealer_id, client_id, created_at);
CREATE INDEX aftersaleleads_by_vehicle_id ON aftersaleleads (dealer_id, vehicle_id);
CREATE INDEX aftersaleleads_by_created_at ON aftersaleleads (dealer_id, created_at);
CREATE INDEX aftersaleleads_by_updated_at ON aftersaleleads (dealer_id, updated_at);
CREATE INDEX aftersaleleads_by_status_created_at ON aftersaleleads (dealer_id, status, created_at);
CREATE INDEX aftersaleleads_by_location_created_at ON aftersaleleads (dealer_id, location, created_at);
CREATE INDEX aftersaleleads_by_owner_created_at ON aftersaleleads (dealer_id, owner, created_at);
CREATE VIRTUAL TABLE aftersaleleads_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE TABLE clientvehicles (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    vin TEXT,
    plate TEXT,
    location TEXT,
    year INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX clientvehicles_by_vin ON clientvehicles (dealer_id, vin);
CREATE INDEX clientvehicles_by_plate ON clientvehicles (dealer_id, plate);
CREATE INDEX clientvehicles_by_created_at ON clientvehicles (dealer_id, created_at);
CREATE INDEX clientvehicles_by_updated_at ON clientvehicles (dealer_id, updated_at);
CREATE VIRTUAL TABLE clientvehicles_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE TABLE repairorders (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    number TEXT,
    date INTEGER,
    client_id TEXT,
    contact_id TEXT,
    vin TEXT,
    plate TEXT,
    type TEXT,
    finished INTEGER,
    location TEXT,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX repairorders_by_vin_date ON repairorders (dealer_id, vin, date);
CREATE INDEX repairorders_by_plate_date ON repairorders (dealer_id, plate, date);
CREATE INDEX repairorders_by_client_id_date ON repairorders (dealer_id, client_id, date);
CREATE INDEX repairorders_by_date ON repairorders (dealer_id, date);
CREATE INDEX repairorders_by_created_at ON repairorders (dealer_id, created_at);
CREATE VIRTUAL TABLE repairorders_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE TABLE dates (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    lead_id TEXT,
    client_id TEXT,
    start_date INTEGER,
    created_by TEXT,
    notify_at INTEGER,
    done INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX dates_by_lead_id_created_at ON dates (dealer_id, lead_id, created_at);
CREATE INDEX dates_by_client_id_created_at ON dates (dealer_id, client_id, created_at);
CREATE INDEX dates_by_start_date ON dates (dealer_id, start_date);
CREATE INDEX dates_by_created_at ON dates (dealer_id, created_at);
CREATE VIRTUAL TABLE dates_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE TABLE offers (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    lead_id TEXT,
    client_id TEXT,
    status TEXT,
    notify_at INTEGER,
    done INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX offers_by_lead_id_created_at ON offers (dealer_id, lead_id, created_at);
CREATE INDEX offers_by_client_id_created_at ON offers (dealer_id, client_id, created_at);
CREATE INDEX offers_by_status_created_at ON offers (dealer_id, status, created_at);
CREATE INDEX offers_by_created_at ON offers (dealer_id, created_at);
CREATE VIRTUAL TABLE offers_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE TABLE conferences (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    client_number TEXT,
    dealer_number TEXT,
    direction TEXT,
    status TEXT,
    made_at INTEGER,
    location TEXT,
    notify_at INTEGER,
    done INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX conferences_by_client_number_made_at ON conferences (dealer_id, client_number, made_at);
CREATE INDEX conferences_by_made_at ON conferences (dealer_id, made_at);
CREATE INDEX conferences_by_created_at ON conferences (dealer_id, created_at);
CREATE VIRTUAL TABLE conferences_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE TABLE sms (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    lead_id TEXT,
    client_id TEXT,
    sender TEXT,
    recipient TEXT,
    direction TEXT,
    location TEXT,
    notify_at INTEGER,
    done INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX sms_by_lead_id_created_at ON sms (dealer_id, lead_id, created_at);
CREATE INDEX sms_by_client_id_created_at ON sms (dealer_id, client_id, created_at);
CREATE INDEX sms_by_sender_created_at ON sms (dealer_id, sender, created_at);
CREATE INDEX sms_by_recipient_created_at ON sms (dealer_id, recipient, created_at);
CREATE INDEX sms_by_created_at ON sms (dealer_id, created_at);
CREATE VIRTUAL TABLE sms_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE TABLE emails (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    lead_id TEXT,
    client_id TEXT,
    sender TEXT,
    direction TEXT,
    made_at INTEGER,
    read_at INTEGER,
    location TEXT,
    message_id TEXT,
    notify_at INTEGER,
    done INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX emails_by_lead_id_made_at ON emails (dealer_id, lead_id, made_at);
CREATE INDEX emails_by_client_id_made_at ON emails (dealer_id, client_id, made_at);
CREATE INDEX emails_by_sender_made_at ON emails (dealer_id, sender, made_at);
CREATE INDEX emails_by_message_id ON emails (dealer_id, message_id);
CREATE INDEX emails_by_made_at ON emails (dealer_id, made_at);
CREATE VIRTUAL TABLE emails_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE TABLE chatproviders (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    name TEXT,
    enabled INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX chatproviders_by_name ON chatproviders (dealer_id, name);
CREATE VIRTUAL TABLE chatproviders_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE TABLE chatsessions (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    provider_id TEXT,
    client_id TEXT,
    client_phone TEXT,
    client_email TEXT,
    direction TEXT,
    made_at INTEGER,
    last_message_date INTEGER,
    notify_at INTEGER,
    done INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX chatsessions_by_client_id_last_message_date ON chatsessions (dealer_id, client_id, last_message_date);
CREATE INDEX chatsessions_by_client_phone_last_message_date ON chatsessions (dealer_id, client_phone, last_message_date);
CREATE INDEX chatsessions_by_client_email_last_message_date ON chatsessions (dealer_id, client_email, last_message_date);
CREATE INDEX chatsessions_by_created_at ON chatsessions (dealer_id, created_at);
CREATE VIRTUAL TABLE chatsessions_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE TABLE chatmessages (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    lead_id TEXT,
    client_id TEXT,
    session_id TEXT,
    provider_message_id TEXT,
    direction TEXT,
    delivery_status TEXT,
    sent_at INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX chatmessages_by_lead_id_sent_at ON chatmessages (dealer_id, lead_id, sent_at);
CREATE INDEX chatmessages_by_client_id_sent_at ON chatmessages (dealer_id, client_id, sent_at);
CREATE INDEX chatmessages_by_session_id_sent_at ON chatmessages (dealer_id, session_id, sent_at);
CREATE INDEX chatmessages_by_provider_message_id ON chatmessages (dealer_id, provider_message_id);
CREATE INDEX chatmessages_by_created_at ON chatmessages (dealer_id, created_at);
CREATE VIRTUAL TABLE chatmessages_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE TABLE leadimporttasks (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    status TEXT,
    bulk_import_id TEXT,
    email_id TEXT,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE INDEX leadimporttasks_by_status_created_at ON leadimporttasks (dealer_id, status, created_at);
CREATE INDEX leadimporttasks_by_bulk_import_id ON leadimporttasks (dealer_id, bulk_import_id);
CREATE INDEX leadimporttasks_by_created_at ON leadimporttasks (dealer_id, created_at);
CREATE VIRTUAL TABLE leadimporttasks_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE INDEX clients_by_created_at ON clients (dealer_id, created_at);
CREATE INDEX clients_by_updated_at ON clients (dealer_id, updated_at);

ALTER TABLE saleleads ADD COLUMN notify_at INTEGER;
ALTER TABLE saleleads ADD COLUMN done INTEGER;

ALTER TABLE cars ADD COLUMN plate TEXT;
ALTER TABLE cars ADD COLUMN stock_number TEXT;
ALTER TABLE cars ADD COLUMN published INTEGER;
CREATE INDEX cars_by_plate ON cars (dealer_id, plate);
CREATE INDEX cars_by_stock_number ON cars (dealer_id, stock_number);
CREATE INDEX cars_by_updated_at ON cars (dealer_id, updated_at);

ALTER TABLE whatsappsessions ADD COLUMN made_at INTEGER;
ALTER TABLE whatsappsessions ADD COLUMN direction TEXT;
ALTER TABLE whatsappsessions ADD COLUMN location TEXT;
ALTER TABLE whatsappsessions ADD COLUMN notify_at INTEGER;
ALTER TABLE whatsappsessions ADD COLUMN done INTEGER;
CREATE INDEX whatsappsessions_by_created_at ON whatsappsessions (dealer_id, created_at);
CREATE VIRTUAL TABLE whatsappsessions_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

ALTER TABLE whatsappmessages ADD COLUMN direction TEXT;
ALTER TABLE whatsappmessages ADD COLUMN location TEXT;
CREATE INDEX whatsappmessages_by_session_id_made_at ON whatsappmessages (dealer_id, session_id, made_at);
CREATE INDEX whatsappmessages_by_created_at ON whatsappmessages (dealer_id, created_at);
CREATE VIRTUAL TABLE whatsappmessages_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

ALTER TABLE notes ADD COLUMN done INTEGER;
CREATE INDEX notes_by_created_at ON notes (dealer_id, created_at);
CREATE VIRTUAL TABLE notes_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE INDEX tasks_by_created_at ON tasks (dealer_id, created_at);
CREATE VIRTUAL TABLE tasks_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

-- These had nothing computed, which was written as null.
UPDATE whatsappsessions SET computed = '{}' WHERE computed = 'null';
UPDATE notes SET computed = '{}' WHERE computed = 'null';
UPDATE tasks SET computed = '{}' WHERE computed = 'null';

-- What follows from the documents that are there is written when the store is opened, in the program's own words, for
-- each dealer and kind named here.
INSERT INTO counters (dealer_id, name, value) SELECT DISTINCT dealer_id, 'refill:clients', 0 FROM clients;
INSERT INTO counters (dealer_id, name, value) SELECT DISTINCT dealer_id, 'refill:saleleads', 0 FROM saleleads;
INSERT INTO counters (dealer_id, name, value) SELECT DISTINCT dealer_id, 'refill:cars', 0 FROM cars;
INSERT INTO counters (dealer_id, name, value) SELECT DISTINCT dealer_id, 'refill:whatsappsessions', 0 FROM whatsappsessions;
INSERT INTO counters (dealer_id, name, value) SELECT DISTINCT dealer_id, 'refill:whatsappmessages', 0 FROM whatsappmessages;
INSERT INTO counters (dealer_id, name, value) SELECT DISTINCT dealer_id, 'refill:notes', 0 FROM notes;
INSERT INTO counters (dealer_id, name, value) SELECT DISTINCT dealer_id, 'refill:tasks', 0 FROM tasks;
