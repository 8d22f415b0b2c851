-- The columns of the stock whose values are asked for: from one value to the next without reading what lies between.

CREATE INDEX cars_by_model_id ON cars (dealer_id, model_id);
CREATE INDEX cars_by_vehicle_type ON cars (dealer_id, vehicle_type);
CREATE INDEX cars_by_climatisation ON cars (dealer_id, climatisation);
CREATE INDEX cars_by_condition ON cars (dealer_id, condition);
CREATE INDEX cars_by_fuel_type ON cars (dealer_id, fuel_type);
CREATE INDEX cars_by_transmission_type ON cars (dealer_id, transmission_type);
CREATE INDEX cars_by_plugin_hybrid ON cars (dealer_id, plugin_hybrid);
CREATE INDEX cars_by_drive_type ON cars (dealer_id, drive_type);
