//! A car as it is offered: the members a listing has, which of them follow from the published document, and by what it
//! is filtered and sorted.
//!
//! A car's document says most of a listing; what it has no member for is said in `custom.listing`, by the names of the
//! listing, which also goes before everything else. So every door that writes cars writes listings.

mod members;
mod words;

use serde_json::{Map, Number, Value};

use crate::{Car, FieldError, PriceLine, Vin, catalogue, shape::nearest, text::folded, values::decimal};

pub use members::{FILTERED, Filtered, Form, MEMBERS, Member, VALUED, given, names};

/// What a listing shows, by name; what has no value is left out.
pub type Listing = Map<String, Value>;

/// Where a document says of a listing what it has no member for.
const CUSTOM: &str = "listing";

impl Form {
    /// Whether a value is one of this form.
    pub fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Date => value.as_str().is_some_and(is_date),
            Self::Number => value.is_number(),
            Self::Flag => value.is_boolean(),
            Self::List => value.is_array(),
            Self::Word(words) | Self::OneOf(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            Self::Code(last) => value.as_i64().is_some_and(|code| (1..=*last).contains(&code)),
        }
    }

    /// What a value of this form is, in a sentence.
    pub fn says(&self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Date => "a date as YYYY-MM-DD".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::List => "a list".to_owned(),
            Self::Word(words) | Self::OneOf(words) => format!("one of {}", words.join(", ")),
            Self::Code(last) => format!("a whole number from 1 to {last}"),
        }
    }
}

/// `YYYY-MM-DD`, as far as one can tell without a calendar.
fn is_date(text: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        text.get(range).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit())).and_then(|part| part.parse().ok())
    };
    let (month, day): (Option<u32>, Option<u32>) = (digits(5..7), digits(8..10));
    text.len() == 10
        && digits(0..4).is_some_and(|year: u32| year > 0)
        && text.as_bytes()[4] == b'-'
        && text.as_bytes()[7] == b'-'
        && month.is_some_and(|month| (1..=12).contains(&month))
        && day.is_some_and(|day| (1..=31).contains(&day))
}

/// Everything wrong with what a document says of its listing.
pub fn wrong(car: &Car) -> Vec<FieldError> {
    let Some(given) = car.custom.as_ref().and_then(|custom| custom.0.get(CUSTOM)) else { return Vec::new() };
    let Some(given) = given.as_object() else {
        return vec![FieldError::new("/custom/listing", "wrong_type", "A listing is an object.")];
    };
    let fault = |(name, value): (&String, &Value)| {
        let pointer = format!("/custom/listing/{}", name.replace('~', "~0").replace('/', "~1"));
        let Some(member) = members::given(name) else {
            let hint =
                nearest(name, members::names()).map(|near| format!(" Did you mean \"{near}\"?")).unwrap_or_default();
            return Some(FieldError::new(
                pointer,
                "unknown_field",
                format!("A listing has no member \"{name}\".{hint}"),
            ));
        };
        let good = value.is_null() || member.form.holds(value);
        (!good).then(|| FieldError::new(pointer, "wrong_type", format!("Expected {}.", member.form.says())))
    };
    given.iter().filter_map(fault).collect()
}

/// What a car's listing shows. Values that are none are passed over.
pub fn of(car: &Car) -> Listing {
    let mut listing = Listing::new();
    for (name, value) in from_members(car) {
        if !value.is_null() {
            listing.insert(name.to_owned(), value);
        }
    }
    let given = car.custom.as_ref().and_then(|custom| custom.0.get(CUSTOM)).and_then(Value::as_object);
    for (name, value) in given.into_iter().flatten() {
        if members::given(name).is_some_and(|member| member.form.holds(value)) {
            listing.insert(name.clone(), value.clone());
        }
    }
    listing
}

/// The texts of a listing as they are compared: without case and accents.
pub fn compared(listing: &Listing) -> Map<String, Value> {
    let texts = ["makeName", "modelName", "modelVersion", "trimLine", "modelRange"];
    let folded = |name: &'static str| Some((name.to_owned(), folded(listing.get(name)?.as_str()?).into()));
    texts.into_iter().filter_map(folded).collect()
}

fn from_members(car: &Car) -> Vec<(&'static str, Value)> {
    let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::from);
    let number = |number: &Option<Number>| number.clone().map_or(Value::Null, Value::from);
    let whole = |number: Option<i64>| number.map_or(Value::Null, Value::from);
    let word = |words: &'static [words::Known], text: &Option<String>| {
        text.as_deref().and_then(|text| words::known(words, text)).map_or(Value::Null, words::Key::value)
    };
    let prices = car.prices.clone().unwrap_or_default();
    let price = |line: &Option<PriceLine>| line.as_ref().and_then(|line| line.current_price.as_ref()?.price.clone());
    let (retail, wholesale) = (price(&prices.retail), price(&prices.wholesale));
    let make = car.make.clone().or_else(|| told_make(car).map(str::to_owned));
    let named = make.as_deref().zip(car.model.as_deref());
    let equipment = car.equipment.iter().filter_map(|one| one.description.clone()).chain(car.extras.iter().cloned());
    let net = prices.retail.as_ref().and_then(|line| line.current_price.as_ref()?.vat_substractable);
    let list = |texts: Vec<String>| if texts.is_empty() { Value::Null } else { texts.into() };
    vec![
        ("internalId", text(&car.stock_number)),
        ("makeName", text(&make)),
        ("makeId", whole(make.as_deref().map(catalogue::make_id))),
        ("modelName", text(&car.model)),
        ("modelId", whole(named.map(|(make, model)| catalogue::model_id(make, model)))),
        ("modelVersion", text(&car.version)),
        ("vehicleState", state(car.status_name()).into()),
        ("description", text(&car.description)),
        ("firstRegistration", first_registration(car).map_or(Value::Null, Value::from)),
        ("kilometers", number(&car.mileage)),
        ("vehicleTypeId", word(words::BODIES, &car.body_style)),
        ("conditionType", condition(car).map_or(Value::Null, Value::from)),
        ("vin", text(&car.vin)),
        ("powerKw", number(&car.power)),
        ("cubicCapacity", number(&car.engine_size)),
        ("doorCount", whole(car.doors)),
        ("seatCount", whole(car.seats)),
        ("colorId", word(words::COLORS, &car.color)),
        ("manufacturerColorName", text(&car.color)),
        (
            "isMetallicColor",
            car.color.as_deref().filter(|color| words::is_metallic(color)).map_or(Value::Null, |_| true.into()),
        ),
        ("fuelType", word(words::FUELS, &car.fuel)),
        ("transmissionType", word(words::TRANSMISSIONS, &car.transmission)),
        ("isPluginHybrid", car.fuel.as_deref().map_or(Value::Null, |fuel| words::is_plugin(fuel).into())),
        ("weight", car.weights.as_ref().map_or(Value::Null, |weights| number(&weights.curb))),
        ("isNetPrice", net.map_or(Value::Null, Value::from)),
        (
            "isWarrantyGranted",
            car.warranty_months.as_ref().and_then(decimal).map_or(Value::Null, |months| (!months.is_zero()).into()),
        ),
        ("price", number(&retail)),
        ("dealerPrice", number(&wholesale.or_else(|| retail.clone()))),
        ("priceYard", number(&retail)),
        ("priceExport", number(&price(&prices.export))),
        ("recommendedRetailPrice", number(&price(&prices.new))),
        ("co2EmissionCombined", number(&car.co2_emissions)),
        ("equipment", list(equipment.collect())),
        ("ads", list(car.dealer_ad_url.iter().chain(&car.ad_urls).cloned().collect())),
    ]
}

/// The make where nobody wrote it: as the number of its German papers tells it, or else its VIN.
fn told_make(car: &Car) -> Option<&'static str> {
    let hsn = car.custom.as_ref().and_then(|custom| custom.0.get(CUSTOM)?.get("hsn")?.as_i64());
    let vin = || car.vin.as_deref()?.parse::<Vin>().ok();
    // The make does not depend on the year.
    hsn.and_then(catalogue::hsn_make).or_else(|| catalogue::vin_origin(&vin()?, 0).make)
}

/// The state that a status of the stock is shown as: whatever is neither sold nor on its way is there.
fn state(status: &str) -> &'static str {
    match folded(status).as_str() {
        "sold" | "verkauft" | "vendido" | "delivered" => "sold",
        "incoming" | "ordered" | "in transit" | "bestellt" | "transit" => "incoming",
        _ => "inventory",
    }
}

fn first_registration(car: &Car) -> Option<String> {
    let year = car.year.filter(|year| (1..=9999).contains(year))?;
    let month = car.month.filter(|month| (1..=12).contains(month)).unwrap_or(1);
    Some(format!("{year:04}-{month:02}-01"))
}

fn condition(car: &Car) -> Option<&'static str> {
    use crate::CarType::{Classic, Demo, Km0, New, Renting, Used};
    Some(match car.r#type? {
        New => "new",
        Used | Renting => "used",
        Km0 => "dayRegistration",
        Demo => "demonstration",
        Classic => "classic",
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn car(doc: Value) -> Car {
        serde_json::from_value(doc).unwrap()
    }

    #[test]
    fn a_listing_follows_from_the_document() {
        let listing = of(&car(json!({
            "make": "Audi", "model": "A4", "version": "2.0 TDI", "year": 2019, "month": 5, "mileage": 48000,
            "fuel": "Diesel", "transmission": "Automatik", "color": "Navarrablau Metallic", "body_style": "Kombi",
            "type": "used", "stock_number": "B1001", "status": {"status": "reserved"},
            "prices": {"retail": {"current_price": {"price": 21490.5}}}, "co2_emissions": 108,
            "equipment": [{"description": "Sitzheizung"}], "extras": ["Navi"],
        })));
        for (name, expected) in [
            ("makeId", json!(190)),
            ("modelId", json!(3813)),
            ("firstRegistration", json!("2019-05-01")),
            ("vehicleState", json!("inventory")),
            ("vehicleTypeId", json!(3)),
            ("conditionType", json!("used")),
            ("fuelType", json!("diesel")),
            ("transmissionType", json!("automatic")),
            ("colorId", json!(7)),
            ("isMetallicColor", json!(true)),
            ("isPluginHybrid", json!(false)),
            ("price", json!(21490.5)),
            ("dealerPrice", json!(21490.5)),
            ("equipment", json!(["Sitzheizung", "Navi"])),
        ] {
            assert_eq!(listing.get(name), Some(&expected), "{name}");
        }
        for (doc, make) in [
            (json!({"custom": {"listing": {"hsn": 603}}, "vin": "WAUZZZF45HA000001"}), Some("Volkswagen")),
            (json!({"custom": {"listing": {"hsn": 600}}, "vin": "WAUZZZF45HA000001"}), Some("Audi")),
            (json!({"make": "Ford", "vin": "WAUZZZF45HA000001"}), Some("Ford")),
            (json!({"vin": "none"}), None),
        ] {
            assert_eq!(of(&car(doc.clone())).get("makeName").and_then(Value::as_str), make, "{doc}");
        }
        assert_eq!(listing.get("driveType"), None);
        assert_eq!(compared(&listing)["makeName"], "audi");
    }

    #[test]
    fn what_the_document_has_no_member_for_is_said_in_its_own_words() {
        let doc = json!({"make": "VW", "color": "red", "custom": {"listing": {
            "driveType": "rear", "colorId": 7, "tyreTreadL": 4.5, "hasFullServiceHistory": true, "powerKw": null,
            "gears": "six",
        }}});
        let car = car(doc);
        let listing = of(&car);
        assert_eq!((&listing["driveType"], &listing["colorId"]), (&json!("rear"), &json!(7)));
        assert_eq!(listing.get("gears"), None);
        let wrong = wrong(&car);
        assert_eq!(wrong.iter().map(|one| one.pointer.as_str()).collect::<Vec<_>>(), ["/custom/listing/gears"]);
    }

    #[test]
    fn mistakes_are_named() {
        for (given, detail) in [
            (json!({"driveTyp": "rear"}), "A listing has no member \"driveTyp\". Did you mean \"driveType\"?"),
            (json!({"driveType": "both"}), "Expected one of front, rear, all, other."),
            (json!({"colorId": 15}), "Expected a whole number from 1 to 14."),
            (json!({"warrantyExpiry": "2026-13-01"}), "Expected a date as YYYY-MM-DD."),
            (json!({"sellingId": "AAAAAA"}), "A listing has no member \"sellingId\"."),
            (json!([]), "A listing is an object."),
        ] {
            let found = wrong(&car(json!({"custom": {"listing": given}})));
            assert_eq!(found.iter().map(|one| one.detail.as_str()).collect::<Vec<_>>(), [detail]);
        }
    }
}
