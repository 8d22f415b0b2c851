-- What a document holds is looked up by its id. Led by the dealer and the kind, these two looked as good as the primary
-- key to a planner without statistics, and then a look-up of one value read every row of the kind.
DROP INDEX keys_by_id;
CREATE INDEX keys_by_id ON keys (id, dealer_id, kind);
DROP INDEX multi_by_id;
CREATE INDEX multi_by_id ON multi (id, dealer_id, kind);
