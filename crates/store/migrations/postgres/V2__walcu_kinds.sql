-- The kinds that the Walcu dialect publishes besides those there are, e-mails, and more columns for the others.

CREATE TABLE contacts (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    client_id TEXT COLLATE "C",
    government_id TEXT COLLATE "C",
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX contacts_by_client_id_created_at ON contacts (dealer_id, client_id, created_at);
CREATE INDEX contacts_by_created_at ON contacts (dealer_id, created_at);
CREATE INDEX contacts_by_words ON contacts USING gin (words);

CREATE TABLE appraisalleads (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    client_id TEXT COLLATE "C",
    status TEXT COLLATE "C",
    location TEXT COLLATE "C",
    source TEXT COLLATE "C",
    owner TEXT COLLATE "C",
    notify_at BIGINT,
    done BIGINT,
    vin TEXT COLLATE "C",
    plate TEXT COLLATE "C",
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX appraisalleads_by_client_id_created_at ON appraisalleads (dealer_id, client_id, created_at);
CREATE INDEX appraisalleads_by_created_at ON appraisalleads (dealer_id, created_at);
CREATE INDEX appraisalleads_by_updated_at ON appraisalleads (dealer_id, updated_at);
CREATE INDEX appraisalleads_by_status_created_at ON appraisalleads (dealer_id, status, created_at);
CREATE INDEX appraisalleads_by_location_created_at ON appraisalleads (dealer_id, location, created_at);
CREATE INDEX appraisalleads_by_owner_created_at ON appraisalleads (dealer_id, owner, created_at);
CREATE INDEX appraisalleads_by_words ON appraisalleads USING gin (words);

CREATE TABLE aftersaleleads (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    client_id TEXT COLLATE "C",
    status TEXT COLLATE "C",
    location TEXT COLLATE "C",
    source TEXT COLLATE "C",
    owner TEXT COLLATE "C",
    notify_at BIGINT,
    done BIGINT,
    vehicle_id TEXT COLLATE "C",
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX aftersaleleads_by_client_id_created_at ON aftersaleleads (dealer_id, client_id, created_at);
CREATE INDEX aftersaleleads_by_vehicle_id ON aftersaleleads (dealer_id, vehicle_id NULLS FIRST);
CREATE INDEX aftersaleleads_by_created_at ON aftersaleleads (dealer_id, created_at);
CREATE INDEX aftersaleleads_by_updated_at ON aftersaleleads (dealer_id, updated_at);
CREATE INDEX aftersaleleads_by_status_created_at ON aftersaleleads (dealer_id, status, created_at);
CREATE INDEX aftersaleleads_by_location_created_at ON aftersaleleads (dealer_id, location, created_at);
CREATE INDEX aftersaleleads_by_owner_created_at ON aftersaleleads (dealer_id, owner, created_at);
CREATE INDEX aftersaleleads_by_words ON aftersaleleads USING gin (words);

CREATE TABLE clientvehicles (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    vin TEXT COLLATE "C",
    plate TEXT COLLATE "C",
    location TEXT COLLATE "C",
    year BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX clientvehicles_by_vin ON clientvehicles (dealer_id, vin NULLS FIRST);
CREATE INDEX clientvehicles_by_plate ON clientvehicles (dealer_id, plate NULLS FIRST);
CREATE INDEX clientvehicles_by_created_at ON clientvehicles (dealer_id, created_at);
CREATE INDEX clientvehicles_by_updated_at ON clientvehicles (dealer_id, updated_at);
CREATE INDEX clientvehicles_by_words ON clientvehicles USING gin (words);

CREATE TABLE repairorders (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    number TEXT COLLATE "C",
    date BIGINT,
    client_id TEXT COLLATE "C",
    contact_id TEXT COLLATE "C",
    vin TEXT COLLATE "C",
    plate TEXT COLLATE "C",
    type TEXT COLLATE "C",
    finished BIGINT,
    location TEXT COLLATE "C",
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX repairorders_by_vin_date ON repairorders (dealer_id, vin, date NULLS FIRST);
CREATE INDEX repairorders_by_plate_date ON repairorders (dealer_id, plate, date NULLS FIRST);
CREATE INDEX repairorders_by_client_id_date ON repairorders (dealer_id, client_id, date NULLS FIRST);
CREATE INDEX repairorders_by_date ON repairorders (dealer_id, date NULLS FIRST);
CREATE INDEX repairorders_by_created_at ON repairorders (dealer_id, created_at);
CREATE INDEX repairorders_by_words ON repairorders USING gin (words);

CREATE TABLE dates (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    lead_id TEXT COLLATE "C",
    client_id TEXT COLLATE "C",
    start_date BIGINT,
    created_by TEXT COLLATE "C",
    notify_at BIGINT,
    done BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX dates_by_lead_id_created_at ON dates (dealer_id, lead_id, created_at);
CREATE INDEX dates_by_client_id_created_at ON dates (dealer_id, client_id, created_at);
CREATE INDEX dates_by_start_date ON dates (dealer_id, start_date NULLS FIRST);
CREATE INDEX dates_by_created_at ON dates (dealer_id, created_at);
CREATE INDEX dates_by_words ON dates USING gin (words);

CREATE TABLE offers (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    lead_id TEXT COLLATE "C",
    client_id TEXT COLLATE "C",
    status TEXT COLLATE "C",
    notify_at BIGINT,
    done BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX offers_by_lead_id_created_at ON offers (dealer_id, lead_id, created_at);
CREATE INDEX offers_by_client_id_created_at ON offers (dealer_id, client_id, created_at);
CREATE INDEX offers_by_status_created_at ON offers (dealer_id, status, created_at);
CREATE INDEX offers_by_created_at ON offers (dealer_id, created_at);
CREATE INDEX offers_by_words ON offers USING gin (words);

CREATE TABLE conferences (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    client_number TEXT COLLATE "C",
    dealer_number TEXT COLLATE "C",
    direction TEXT COLLATE "C",
    status TEXT COLLATE "C",
    made_at BIGINT,
    location TEXT COLLATE "C",
    notify_at BIGINT,
    done BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX conferences_by_client_number_made_at ON conferences (dealer_id, client_number, made_at NULLS FIRST);
CREATE INDEX conferences_by_made_at ON conferences (dealer_id, made_at NULLS FIRST);
CREATE INDEX conferences_by_created_at ON conferences (dealer_id, created_at);
CREATE INDEX conferences_by_words ON conferences USING gin (words);

CREATE TABLE sms (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    lead_id TEXT COLLATE "C",
    client_id TEXT COLLATE "C",
    sender TEXT COLLATE "C",
    recipient TEXT COLLATE "C",
    direction TEXT COLLATE "C",
    location TEXT COLLATE "C",
    notify_at BIGINT,
    done BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX sms_by_lead_id_created_at ON sms (dealer_id, lead_id, created_at);
CREATE INDEX sms_by_client_id_created_at ON sms (dealer_id, client_id, created_at);
CREATE INDEX sms_by_sender_created_at ON sms (dealer_id, sender, created_at);
CREATE INDEX sms_by_recipient_created_at ON sms (dealer_id, recipient, created_at);
CREATE INDEX sms_by_created_at ON sms (dealer_id, created_at);
CREATE INDEX sms_by_words ON sms USING gin (words);

CREATE TABLE emails (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    lead_id TEXT COLLATE "C",
    client_id TEXT COLLATE "C",
    sender TEXT COLLATE "C",
    direction TEXT COLLATE "C",
    made_at BIGINT,
    read_at BIGINT,
    location TEXT COLLATE "C",
    message_id TEXT COLLATE "C",
    notify_at BIGINT,
    done BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX emails_by_lead_id_made_at ON emails (dealer_id, lead_id, made_at NULLS FIRST);
CREATE INDEX emails_by_client_id_made_at ON emails (dealer_id, client_id, made_at NULLS FIRST);
CREATE INDEX emails_by_sender_made_at ON emails (dealer_id, sender, made_at NULLS FIRST);
CREATE INDEX emails_by_message_id ON emails (dealer_id, message_id NULLS FIRST);
CREATE INDEX emails_by_made_at ON emails (dealer_id, made_at NULLS FIRST);
CREATE INDEX emails_by_words ON emails USING gin (words);

CREATE TABLE chatproviders (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    name TEXT COLLATE "C",
    enabled BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX chatproviders_by_name ON chatproviders (dealer_id, name NULLS FIRST);
CREATE INDEX chatproviders_by_words ON chatproviders USING gin (words);

CREATE TABLE chatsessions (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    provider_id TEXT COLLATE "C",
    client_id TEXT COLLATE "C",
    client_phone TEXT COLLATE "C",
    client_email TEXT COLLATE "C",
    direction TEXT COLLATE "C",
    made_at BIGINT,
    last_message_date BIGINT,
    notify_at BIGINT,
    done BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX chatsessions_by_client_id_last_message_date ON chatsessions (dealer_id, client_id, last_message_date NULLS FIRST);
CREATE INDEX chatsessions_by_client_phone_last_message_date ON chatsessions (dealer_id, client_phone, last_message_date NULLS FIRST);
CREATE INDEX chatsessions_by_client_email_last_message_date ON chatsessions (dealer_id, client_email, last_message_date NULLS FIRST);
CREATE INDEX chatsessions_by_created_at ON chatsessions (dealer_id, created_at);
CREATE INDEX chatsessions_by_words ON chatsessions USING gin (words);

CREATE TABLE chatmessages (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    lead_id TEXT COLLATE "C",
    client_id TEXT COLLATE "C",
    session_id TEXT COLLATE "C",
    provider_message_id TEXT COLLATE "C",
    direction TEXT COLLATE "C",
    delivery_status TEXT COLLATE "C",
    sent_at BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX chatmessages_by_lead_id_sent_at ON chatmessages (dealer_id, lead_id, sent_at NULLS FIRST);
CREATE INDEX chatmessages_by_client_id_sent_at ON chatmessages (dealer_id, client_id, sent_at NULLS FIRST);
CREATE INDEX chatmessages_by_session_id_sent_at ON chatmessages (dealer_id, session_id, sent_at NULLS FIRST);
CREATE INDEX chatmessages_by_provider_message_id ON chatmessages (dealer_id, provider_message_id NULLS FIRST);
CREATE INDEX chatmessages_by_created_at ON chatmessages (dealer_id, created_at);
CREATE INDEX chatmessages_by_words ON chatmessages USING gin (words);

CREATE TABLE leadimporttasks (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    status TEXT COLLATE "C",
    bulk_import_id TEXT COLLATE "C",
    email_id TEXT COLLATE "C",
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE INDEX leadimporttasks_by_status_created_at ON leadimporttasks (dealer_id, status, created_at);
CREATE INDEX leadimporttasks_by_bulk_import_id ON leadimporttasks (dealer_id, bulk_import_id NULLS FIRST);
CREATE INDEX leadimporttasks_by_created_at ON leadimporttasks (dealer_id, created_at);
CREATE INDEX leadimporttasks_by_words ON leadimporttasks USING gin (words);

CREATE INDEX clients_by_created_at ON clients (dealer_id, created_at);
CREATE INDEX clients_by_updated_at ON clients (dealer_id, updated_at);

ALTER TABLE saleleads ADD COLUMN notify_at BIGINT;
ALTER TABLE saleleads ADD COLUMN done BIGINT;

ALTER TABLE cars ADD COLUMN plate TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN stock_number TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN published BIGINT;
CREATE INDEX cars_by_plate ON cars (dealer_id, plate NULLS FIRST);
CREATE INDEX cars_by_stock_number ON cars (dealer_id, stock_number NULLS FIRST);
CREATE INDEX cars_by_updated_at ON cars (dealer_id, updated_at);

ALTER TABLE whatsappsessions ADD COLUMN made_at BIGINT;
ALTER TABLE whatsappsessions ADD COLUMN direction TEXT COLLATE "C";
ALTER TABLE whatsappsessions ADD COLUMN location TEXT COLLATE "C";
ALTER TABLE whatsappsessions ADD COLUMN notify_at BIGINT;
ALTER TABLE whatsappsessions ADD COLUMN done BIGINT;
ALTER TABLE whatsappsessions ADD COLUMN words TSVECTOR NOT NULL DEFAULT '';
CREATE INDEX whatsappsessions_by_created_at ON whatsappsessions (dealer_id, created_at);
CREATE INDEX whatsappsessions_by_words ON whatsappsessions USING gin (words);

ALTER TABLE whatsappmessages ADD COLUMN direction TEXT COLLATE "C";
ALTER TABLE whatsappmessages ADD COLUMN location TEXT COLLATE "C";
ALTER TABLE whatsappmessages ADD COLUMN words TSVECTOR NOT NULL DEFAULT '';
CREATE INDEX whatsappmessages_by_session_id_made_at ON whatsappmessages (dealer_id, session_id, made_at NULLS FIRST);
CREATE INDEX whatsappmessages_by_created_at ON whatsappmessages (dealer_id, created_at);
CREATE INDEX whatsappmessages_by_words ON whatsappmessages USING gin (words);

ALTER TABLE notes ADD COLUMN done BIGINT;
ALTER TABLE notes ADD COLUMN words TSVECTOR NOT NULL DEFAULT '';
CREATE INDEX notes_by_created_at ON notes (dealer_id, created_at);
CREATE INDEX notes_by_words ON notes USING gin (words);

ALTER TABLE tasks ADD COLUMN words TSVECTOR NOT NULL DEFAULT '';
CREATE INDEX tasks_by_created_at ON tasks (dealer_id, created_at);
CREATE INDEX tasks_by_words ON tasks USING gin (words);

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
