-- What a vehicle is offered under, and what its listing is filtered and sorted by.

ALTER TABLE cars ADD COLUMN selling_id TEXT;
ALTER TABLE cars ADD COLUMN make_id INTEGER;
ALTER TABLE cars ADD COLUMN make_name TEXT;
ALTER TABLE cars ADD COLUMN model_id INTEGER;
ALTER TABLE cars ADD COLUMN model_name TEXT;
ALTER TABLE cars ADD COLUMN model_version TEXT;
ALTER TABLE cars ADD COLUMN vehicle_state TEXT;
ALTER TABLE cars ADD COLUMN first_registration TEXT;
ALTER TABLE cars ADD COLUMN construction_date TEXT;
ALTER TABLE cars ADD COLUMN kilometers INTEGER;
ALTER TABLE cars ADD COLUMN vehicle_type INTEGER;
ALTER TABLE cars ADD COLUMN trim_line TEXT;
ALTER TABLE cars ADD COLUMN model_range TEXT;
ALTER TABLE cars ADD COLUMN climatisation TEXT;
ALTER TABLE cars ADD COLUMN condition TEXT;
ALTER TABLE cars ADD COLUMN power_kw INTEGER;
ALTER TABLE cars ADD COLUMN cubic_capacity INTEGER;
ALTER TABLE cars ADD COLUMN door_count INTEGER;
ALTER TABLE cars ADD COLUMN seat_count INTEGER;
ALTER TABLE cars ADD COLUMN pollution_badge INTEGER;
ALTER TABLE cars ADD COLUMN color_id INTEGER;
ALTER TABLE cars ADD COLUMN metallic INTEGER;
ALTER TABLE cars ADD COLUMN airbag TEXT;
ALTER TABLE cars ADD COLUMN interior TEXT;
ALTER TABLE cars ADD COLUMN interior_color_id INTEGER;
ALTER TABLE cars ADD COLUMN fuel_type TEXT;
ALTER TABLE cars ADD COLUMN fuel_detail TEXT;
ALTER TABLE cars ADD COLUMN transmission_type TEXT;
ALTER TABLE cars ADD COLUMN damaged INTEGER;
ALTER TABLE cars ADD COLUMN had_accident INTEGER;
ALTER TABLE cars ADD COLUMN drivable INTEGER;
ALTER TABLE cars ADD COLUMN full_service_history INTEGER;
ALTER TABLE cars ADD COLUMN cylinders INTEGER;
ALTER TABLE cars ADD COLUMN listing_price INTEGER;
ALTER TABLE cars ADD COLUMN plugin_hybrid INTEGER;
ALTER TABLE cars ADD COLUMN e10_enabled INTEGER;
ALTER TABLE cars ADD COLUMN drive_type TEXT;
ALTER TABLE cars ADD COLUMN previous_owners INTEGER;
CREATE INDEX cars_by_selling_id ON cars (dealer_id, selling_id);
CREATE INDEX cars_by_make_id_model_id ON cars (dealer_id, make_id, model_id);
CREATE INDEX cars_by_make_name ON cars (dealer_id, make_name);
CREATE INDEX cars_by_vehicle_state_created_at ON cars (dealer_id, vehicle_state, created_at);
CREATE INDEX cars_by_first_registration ON cars (dealer_id, first_registration);
CREATE INDEX cars_by_kilometers ON cars (dealer_id, kilometers);
CREATE INDEX cars_by_listing_price ON cars (dealer_id, listing_price);

-- Whose name is whose, over all dealers. One that was given is never given again.
CREATE TABLE selling_ids (
    selling_id TEXT NOT NULL PRIMARY KEY,
    dealer_id TEXT NOT NULL,
    id TEXT NOT NULL
) WITHOUT ROWID, STRICT;

INSERT OR IGNORE INTO counters (dealer_id, name, value) SELECT DISTINCT dealer_id, 'refill:cars', 0 FROM cars;
