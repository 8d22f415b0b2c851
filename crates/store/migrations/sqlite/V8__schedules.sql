-- Schedules and their versions, the lead types of the dialler, and who is on which schedule.

CREATE TABLE schedules (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    name TEXT,
    number INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE UNIQUE INDEX schedules_by_name ON schedules (dealer_id, name);

CREATE TABLE scheduleversions (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    schedule_id TEXT,
    version_number INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE UNIQUE INDEX scheduleversions_by_schedule_id ON scheduleversions (dealer_id, schedule_id, version_number);

CREATE TABLE leadtypes (
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
CREATE UNIQUE INDEX leadtypes_by_name ON leadtypes (dealer_id, name);

CREATE TABLE enrolments (
    row INTEGER PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    number INTEGER,
    schedule_id TEXT,
    lead_id TEXT,
    client_id TEXT,
    lead_type TEXT,
    caller_id TEXT,
    status TEXT,
    next_action_at INTEGER,
    doc TEXT NOT NULL,
    extra TEXT NOT NULL,
    computed TEXT NOT NULL,
    UNIQUE (dealer_id, id)
) STRICT;
CREATE UNIQUE INDEX enrolments_by_number ON enrolments (dealer_id, number);
CREATE INDEX enrolments_by_lead_id ON enrolments (dealer_id, lead_id);
CREATE INDEX enrolments_by_client_id ON enrolments (dealer_id, client_id);
CREATE INDEX enrolments_by_caller_id ON enrolments (dealer_id, caller_id);
CREATE INDEX enrolments_by_schedule_id_status ON enrolments (dealer_id, schedule_id, status, next_action_at);

-- When an address was last contacted, for the limits on how often: kept no longer than those look back. The address is a
-- digest.
CREATE TABLE contacted (
    dealer_id TEXT NOT NULL,
    address TEXT NOT NULL,
    at INTEGER NOT NULL,
    reference TEXT NOT NULL,
    channel TEXT NOT NULL,
    PRIMARY KEY (dealer_id, address, at, reference)
) WITHOUT ROWID, STRICT;
CREATE INDEX contacted_by_at ON contacted (dealer_id, at);
