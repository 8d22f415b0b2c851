-- What a vehicle is offered under, and what its listing is filtered and sorted by.

ALTER TABLE cars ADD COLUMN selling_id TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN make_id BIGINT;
ALTER TABLE cars ADD COLUMN make_name TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN model_id BIGINT;
ALTER TABLE cars ADD COLUMN model_name TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN model_version TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN vehicle_state TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN first_registration TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN construction_date TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN kilometers BIGINT;
ALTER TABLE cars ADD COLUMN vehicle_type BIGINT;
ALTER TABLE cars ADD COLUMN trim_line TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN model_range TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN climatisation TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN condition TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN power_kw BIGINT;
ALTER TABLE cars ADD COLUMN cubic_capacity BIGINT;
ALTER TABLE cars ADD COLUMN door_count BIGINT;
ALTER TABLE cars ADD COLUMN seat_count BIGINT;
ALTER TABLE cars ADD COLUMN pollution_badge BIGINT;
ALTER TABLE cars ADD COLUMN color_id BIGINT;
ALTER TABLE cars ADD COLUMN metallic BIGINT;
ALTER TABLE cars ADD COLUMN airbag TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN interior TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN interior_color_id BIGINT;
ALTER TABLE cars ADD COLUMN fuel_type TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN fuel_detail TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN transmission_type TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN damaged BIGINT;
ALTER TABLE cars ADD COLUMN had_accident BIGINT;
ALTER TABLE cars ADD COLUMN drivable BIGINT;
ALTER TABLE cars ADD COLUMN full_service_history BIGINT;
ALTER TABLE cars ADD COLUMN cylinders BIGINT;
ALTER TABLE cars ADD COLUMN listing_price BIGINT;
ALTER TABLE cars ADD COLUMN plugin_hybrid BIGINT;
ALTER TABLE cars ADD COLUMN e10_enabled BIGINT;
ALTER TABLE cars ADD COLUMN drive_type TEXT COLLATE "C";
ALTER TABLE cars ADD COLUMN previous_owners BIGINT;
CREATE INDEX cars_by_selling_id ON cars (dealer_id, selling_id NULLS FIRST);
CREATE INDEX cars_by_make_id_model_id ON cars (dealer_id, make_id NULLS FIRST, model_id NULLS FIRST);
CREATE INDEX cars_by_make_name ON cars (dealer_id, make_name NULLS FIRST);
CREATE INDEX cars_by_vehicle_state_created_at ON cars (dealer_id, vehicle_state NULLS FIRST, created_at);
CREATE INDEX cars_by_first_registration ON cars (dealer_id, first_registration NULLS FIRST);
CREATE INDEX cars_by_kilometers ON cars (dealer_id, kilometers NULLS FIRST);
CREATE INDEX cars_by_listing_price ON cars (dealer_id, listing_price NULLS FIRST);

-- Whose name is whose, over all dealers. One that was given is never given again.
CREATE TABLE selling_ids (
    selling_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    dealer_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL
);

INSERT INTO counters (dealer_id, name, value) SELECT DISTINCT dealer_id, 'refill:cars', 0 FROM cars
ON CONFLICT (dealer_id, name) DO NOTHING;
