//! Cars: the dealer's stock.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{At, Flag, Int, Num, PartId, Prices, Status, StatusEntry, Text, tree::is_empty};
use crate::{
    Instant,
    document::{Document, Kind},
    listing,
    spec::{
        KindSpec, KindTypes,
        Part::{Computed, Doc, Extra},
        Type, hot, multi, tally,
    },
};

tree! {
    /// The published tree of a car.
    Car {
        status_history: Vec<StatusEntry>,
        status: Option<Status>,
        dealer_ad_url: Text,
        prices: Option<Prices>,
        stock_number: Text,
        source: Text,
        purchase_date: At,
        unpublished_at: At,
        published: Flag,
        description: Text,
    } + vehicle + kept

    CarComputed {
        car_last_salelead_date: At,
        car_main_image: Text,
        car_number_of_saleleads: Int,
        price: Num,
        _id: PartId,
    }
}

/// What we alone know of a car.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CarExtra {
    /// The dealer's own small number: V-17.
    pub number: i64,
    /// What it is offered under, unlike any other vehicle of the server; see [`crate::selling`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selling_id: Option<String>,
    /// What its listing shows, see [`crate::listing`]: follows from the document.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub listing: Map<String, Value>,
    /// The feed that it came with, or is kept up to date by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feed: Option<String>,
    /// Whether it was taken to be sold because its feed had it no more.
    #[serde(skip_serializing_if = "is_empty")]
    pub gone: bool,
    /// The texts of the listing as they are compared.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub compared: Map<String, Value>,
}

impl Kind for Car {
    type Extra = CarExtra;
    type Computed = CarComputed;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "cars",
        singular: "vehicle",
        hot: &[
            hot("number", Extra, "number", Type::Int),
            hot("status", Doc, "status.status", Type::Text),
            hot("location", Doc, "location", Type::Text),
            hot("make", Doc, "make", Type::Folded),
            hot("model", Doc, "model", Type::Folded),
            hot("year", Doc, "year", Type::Int),
            hot("mileage", Doc, "mileage", Type::Int),
            hot("price", Computed, "price", Type::Hundredths),
            hot("vin", Doc, "vin", Type::Text),
            hot("plate", Doc, "license_plate", Type::Text),
            hot("stock_number", Doc, "stock_number", Type::Text),
            hot("published", Doc, "published", Type::Flag),
            hot("selling_id", Extra, "selling_id", Type::Text),
            hot("make_id", Extra, "listing.makeId", Type::Int),
            hot("make_name", Extra, "compared.makeName", Type::Text),
            hot("model_id", Extra, "listing.modelId", Type::Int),
            hot("model_name", Extra, "compared.modelName", Type::Text),
            hot("model_version", Extra, "compared.modelVersion", Type::Text),
            hot("vehicle_state", Extra, "listing.vehicleState", Type::Text),
            hot("first_registration", Extra, "listing.firstRegistration", Type::Text),
            hot("construction_date", Extra, "listing.constructionDate", Type::Text),
            hot("kilometers", Extra, "listing.kilometers", Type::Hundredths),
            hot("vehicle_type", Extra, "listing.vehicleTypeId", Type::Int),
            hot("trim_line", Extra, "compared.trimLine", Type::Text),
            hot("model_range", Extra, "compared.modelRange", Type::Text),
            hot("climatisation", Extra, "listing.climatisationType", Type::Text),
            hot("condition", Extra, "listing.conditionType", Type::Text),
            hot("power_kw", Extra, "listing.powerKw", Type::Hundredths),
            hot("cubic_capacity", Extra, "listing.cubicCapacity", Type::Hundredths),
            hot("door_count", Extra, "listing.doorCount", Type::Hundredths),
            hot("seat_count", Extra, "listing.seatCount", Type::Hundredths),
            hot("pollution_badge", Extra, "listing.pollutionBadge", Type::Int),
            hot("color_id", Extra, "listing.colorId", Type::Int),
            hot("metallic", Extra, "listing.isMetallicColor", Type::Flag),
            hot("airbag", Extra, "listing.airbagType", Type::Text),
            hot("interior", Extra, "listing.interiorType", Type::Text),
            hot("interior_color_id", Extra, "listing.interiorColorId", Type::Int),
            hot("fuel_type", Extra, "listing.fuelType", Type::Text),
            hot("fuel_detail", Extra, "listing.fuelDetailType", Type::Text),
            hot("transmission_type", Extra, "listing.transmissionType", Type::Text),
            hot("damaged", Extra, "listing.isDamaged", Type::Flag),
            hot("had_accident", Extra, "listing.hadAccidentDamage", Type::Flag),
            hot("drivable", Extra, "listing.isDrivable", Type::Flag),
            hot("full_service_history", Extra, "listing.hasFullServiceHistory", Type::Flag),
            hot("cylinders", Extra, "listing.cylinders", Type::Hundredths),
            hot("listing_price", Extra, "listing.price", Type::Hundredths),
            hot("plugin_hybrid", Extra, "listing.isPluginHybrid", Type::Flag),
            hot("e10_enabled", Extra, "listing.isE10Enabled", Type::Flag),
            hot("drive_type", Extra, "listing.driveType", Type::Text),
            hot("previous_owners", Extra, "listing.previousOwnerCount", Type::Hundredths),
        ],
        text: &[
            (Doc, "make"),
            (Doc, "model"),
            (Doc, "version"),
            (Doc, "vin"),
            (Doc, "license_plate"),
            (Doc, "stock_number"),
            (Doc, "color"),
            (Doc, "description"),
            (Doc, "equipment.description"),
            (Doc, "extras"),
            (Extra, "selling_id"),
            (Extra, "listing.trimLine"),
            (Extra, "listing.modelRange"),
        ],
        tallies: &[tally(&[]), tally(&["status"]), tally(&["location", "status"]), tally(&["make", "model", "status"])],
        measures: &[],
        references: &[],
        multi: &[multi("foreign_ids", Doc, "foreign_ids")],
        types: KindTypes::of::<Self>(),
    };

    fn follow(&self, extra: &mut CarExtra) {
        extra.listing = listing::of(self);
        extra.compared = listing::compared(&extra.listing);
    }
}

impl Document<Car> {
    /// Whole days it has been in stock: from its purchase, or else from when it was entered, until it was sold.
    pub fn days_in_stock(&self, now: Instant) -> u64 {
        let sold = self.doc.status.as_ref().filter(|status| status.status.as_deref() == Some("sold"));
        let end = sold.and_then(|status| status.assigned_at).unwrap_or(now);
        let start = self.doc.purchase_date.unwrap_or(self.created_at);
        end.since(start).as_secs() / (24 * 60 * 60)
    }
}

impl Car {
    pub fn status_name(&self) -> &str {
        self.status.as_ref().and_then(|status| status.status.as_deref()).unwrap_or_default()
    }
}
