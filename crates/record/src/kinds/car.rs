//! Cars: the dealer's stock.

use serde::{Deserialize, Serialize};

use super::{At, Flag, Int, Num, PartId, Prices, Status, StatusEntry, Text};
use crate::{
    document::Kind,
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
        ],
        text: &[
            (Doc, "make"),
            (Doc, "model"),
            (Doc, "version"),
            (Doc, "vin"),
            (Doc, "license_plate"),
            (Doc, "stock_number"),
            (Doc, "color"),
        ],
        tallies: &[tally(&[]), tally(&["status"]), tally(&["location", "status"]), tally(&["make", "model", "status"])],
        measures: &[],
        references: &[],
        multi: &[multi("foreign_ids", Doc, "foreign_ids")],
        types: KindTypes::of::<Self>(),
    };
}

impl Car {
    pub fn status_name(&self) -> &str {
        self.status.as_ref().and_then(|status| status.status.as_deref()).unwrap_or_default()
    }
}
