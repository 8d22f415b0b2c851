-- Schedules and their versions, the lead types of the dialler, and who is on which schedule.

CREATE TABLE schedules (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    name TEXT COLLATE "C",
    number BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE UNIQUE INDEX schedules_by_name ON schedules (dealer_id, name);

CREATE TABLE scheduleversions (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    schedule_id TEXT COLLATE "C",
    version_number BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE UNIQUE INDEX scheduleversions_by_schedule_id ON scheduleversions (dealer_id, schedule_id, version_number);

CREATE TABLE leadtypes (
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
CREATE UNIQUE INDEX leadtypes_by_name ON leadtypes (dealer_id, name);

CREATE TABLE enrolments (
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    number BIGINT,
    schedule_id TEXT COLLATE "C",
    lead_id TEXT COLLATE "C",
    client_id TEXT COLLATE "C",
    lead_type TEXT COLLATE "C",
    caller_id TEXT COLLATE "C",
    status TEXT COLLATE "C",
    next_action_at BIGINT,
    doc JSONB NOT NULL,
    extra JSONB NOT NULL,
    computed JSONB NOT NULL,
    PRIMARY KEY (dealer_id, id)
);
CREATE UNIQUE INDEX enrolments_by_number ON enrolments (dealer_id, number);
CREATE INDEX enrolments_by_lead_id ON enrolments (dealer_id, lead_id);
CREATE INDEX enrolments_by_client_id ON enrolments (dealer_id, client_id);
CREATE INDEX enrolments_by_caller_id ON enrolments (dealer_id, caller_id);
CREATE INDEX enrolments_by_schedule_id_status ON enrolments (dealer_id, schedule_id, status, next_action_at);

-- When an address was last contacted, for the limits on how often: kept no longer than those look back. The address is a
-- digest.
CREATE TABLE contacted (
    dealer_id TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (dealer_id, address, at, reference)
);
CREATE INDEX contacted_by_at ON contacted (dealer_id, at);
