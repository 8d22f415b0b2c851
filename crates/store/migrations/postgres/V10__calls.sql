-- The call centre: agents, calls that were promised, and the queue of those who wait to be called.

CREATE TABLE callagents (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    user_id TEXT COLLATE "C",
    state TEXT COLLATE "C",
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE UNIQUE INDEX callagents_by_user_id ON callagents (dealer_id, user_id);

CREATE TABLE scheduledcallbacks (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    number BIGINT,
    enrolment_id TEXT COLLATE "C",
    lead_id TEXT COLLATE "C",
    due_at BIGINT,
    status TEXT COLLATE "C",
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE UNIQUE INDEX scheduledcallbacks_by_number ON scheduledcallbacks (dealer_id, number);
CREATE INDEX scheduledcallbacks_by_lead_id ON scheduledcallbacks (dealer_id, lead_id);
CREATE INDEX scheduledcallbacks_by_status_due_at ON scheduledcallbacks (dealer_id, status, due_at);

ALTER TABLE enrolments ADD COLUMN call_group TEXT COLLATE "C";
ALTER TABLE enrolments ADD COLUMN location TEXT COLLATE "C";
ALTER TABLE enrolments ADD COLUMN rank BIGINT;
CREATE INDEX enrolments_by_rank ON enrolments (dealer_id, status, rank, number DESC);
INSERT INTO counters (dealer_id, name, value) SELECT DISTINCT dealer_id, 'refill:enrolments', 0 FROM enrolments
WHERE true ON CONFLICT (dealer_id, name) DO NOTHING;

ALTER TABLE conferences ADD COLUMN lead_id TEXT COLLATE "C";
CREATE INDEX conferences_by_lead_id ON conferences (dealer_id, lead_id, made_at);
-- What was known of a call beyond the published one was nothing, written as null. They have happened elsewhere.
UPDATE conferences SET extra = '{"attempt": "sent"}' WHERE extra = 'null';
