-- Whoever asks for a person on a schedule finds the person first: a schedule has everybody.
DROP INDEX enrolments_by_lead_id;
DROP INDEX enrolments_by_client_id;
DROP INDEX enrolments_by_caller_id;
CREATE INDEX enrolments_by_lead_id ON enrolments (dealer_id, lead_id, schedule_id);
CREATE INDEX enrolments_by_client_id ON enrolments (dealer_id, client_id, schedule_id);
CREATE INDEX enrolments_by_caller_id ON enrolments (dealer_id, caller_id, schedule_id);
