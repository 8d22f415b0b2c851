-- The call centre: agents, calls that were promised, and the queue of those who wait to be called.

CREATE TABLE callagents (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    user_id TEXT,
    state TEXT,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE UNIQUE INDEX callagents_by_user_id ON callagents (dealer_id, user_id);

CREATE TABLE scheduledcallbacks (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    number INTEGER,
    enrolment_id TEXT,
    lead_id TEXT,
    due_at INTEGER,
    status TEXT,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE UNIQUE INDEX scheduledcallbacks_by_number ON scheduledcallbacks (dealer_id, number);
CREATE INDEX scheduledcallbacks_by_lead_id ON scheduledcallbacks (dealer_id, lead_id);
CREATE INDEX scheduledcallbacks_by_status_due_at ON scheduledcallbacks (dealer_id, status, due_at);

ALTER TABLE enrolments ADD COLUMN call_group TEXT;
ALTER TABLE enrolments ADD COLUMN location TEXT;
ALTER TABLE enrolments ADD COLUMN rank INTEGER;
CREATE INDEX enrolments_by_rank ON enrolments (dealer_id, status, rank, number DESC);
INSERT INTO counters (dealer_id, name, value) SELECT DISTINCT dealer_id, 'refill:enrolments', 0 FROM enrolments
WHERE true ON CONFLICT (dealer_id, name) DO NOTHING;

ALTER TABLE conferences ADD COLUMN lead_id TEXT;
CREATE INDEX conferences_by_lead_id ON conferences (dealer_id, lead_id, made_at);
-- What was known of a call beyond the published one was nothing, written as null. They have happened elsewhere.
UPDATE conferences SET extra = '{"attempt": "sent"}' WHERE extra = 'null';
