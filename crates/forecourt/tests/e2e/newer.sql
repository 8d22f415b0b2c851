-- A migration of a later release, as that release would have written it down.
INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
VALUES (999, 'of_tomorrow', '2030-01-01T00:00:00Z', '1');
