-- What the monitor of a schedule counts and asks for: at which step of which version somebody stands, and what holds them.

ALTER TABLE enrolments ADD COLUMN schedule_version BIGINT;
ALTER TABLE enrolments ADD COLUMN position BIGINT;
ALTER TABLE enrolments ADD COLUMN standstill_rule TEXT COLLATE "C";
ALTER TABLE enrolments ADD COLUMN standstill_since BIGINT;
CREATE INDEX enrolments_by_standstill_rule ON enrolments (dealer_id, schedule_id, standstill_rule, standstill_since);
CREATE INDEX enrolments_by_schedule_id_number ON enrolments (dealer_id, schedule_id, number);

INSERT INTO counters (dealer_id, name, value) SELECT DISTINCT dealer_id, 'refill:enrolments', 0 FROM enrolments
ON CONFLICT (dealer_id, name) DO NOTHING;
