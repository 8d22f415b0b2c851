//! The stock: vehicles added, found and changed, with every price they ever had.

use std::sync::Arc;

use forecourt_query::{Direction, Filter, Find, Op};
use forecourt_record::{
    Car, CarExtra, CarId, Document, Error, FieldError, Instant, Kind, Price, PriceLine, Prices, Result, Vin,
    error::Code,
    event::{Event, EventName},
};
use forecourt_store::{Command, Lane, Scope, Tx};
use serde_json::{Number, json};

use crate::{
    Caller, Config, Crm, Page, Ref, Sight, computed,
    config::Configs,
    intake::location_of,
    lead::{push_status, words},
    resource::price_line,
};

/// The states of a vehicle, the default first.
pub const STATES: &[&str] = &["available", "incoming", "reserved", "sold"];
pub(crate) const SOLD: &str = "sold";

/// Which vehicles, in what order.
#[derive(Clone, Debug, Default)]
pub struct VehicleQuery {
    pub make: Option<String>,
    pub model: Option<String>,
    pub year: Option<i64>,
    /// In hundredths of the dealer's currency.
    pub min_price: Option<i64>,
    pub max_price: Option<i64>,
    /// In kilometres.
    pub max_mileage: Option<i64>,
    pub status: Option<String>,
    pub location: Option<String>,
    pub vin: Option<String>,
    pub text: Option<String>,
    pub skip: i64,
    pub limit: i64,
}

/// The members of a vehicle that a caller may give; `None` leaves one as it is.
#[derive(Clone, Debug, Default)]
pub struct VehicleFields {
    pub make: Option<String>,
    pub model: Option<String>,
    pub version: Option<Option<String>>,
    pub year: Option<i64>,
    pub price: Option<Number>,
    /// In kilometres.
    pub mileage: Option<Option<i64>>,
    pub location: Option<String>,
    pub status: Option<String>,
    pub vin: Option<Option<String>>,
    pub fuel: Option<Option<String>>,
    pub transmission: Option<Option<String>>,
    pub color: Option<Option<String>>,
    pub images: Option<Vec<String>>,
    pub stock_number: Option<Option<String>>,
    pub license_plate: Option<Option<String>>,
    pub description: Option<Option<String>>,
}

impl VehicleQuery {
    fn find(&self, sight: &Sight) -> Find {
        let texts = [
            ("make", &self.make),
            ("model", &self.model),
            ("status", &self.status),
            ("location", &self.location),
            ("vin", &self.vin),
        ];
        let mut parts: Vec<Filter> =
            texts.into_iter().filter_map(|(column, value)| Some(Filter::eq(column, value.clone()?))).collect();
        let numbers = [
            ("year", Op::Eq, self.year),
            ("price", Op::Gte, self.min_price),
            ("price", Op::Lte, self.max_price),
            ("mileage", Op::Lte, self.max_mileage),
        ];
        parts.extend(numbers.into_iter().filter_map(|(column, op, value)| Some(Filter::compare(column, op, value?))));
        if let Some(text) = &self.text {
            parts.push(Filter::Text(words(text, None)));
        }
        if *sight != Sight::All {
            parts.push(sight.filter());
        }
        let filter = if parts.len() == 1 { parts.remove(0) } else { Filter::And(parts) };
        Find { filter, sort: vec![("created_at", Direction::Descending)], skip: self.skip, limit: self.limit }
    }
}

impl Crm {
    /// A page of the stock the caller sees, newest first, with the exact number of all that pass.
    pub async fn vehicle_list(
        &self,
        caller: &Caller,
        query: VehicleQuery,
    ) -> Result<(Page<Document<Car>>, Arc<Config>)> {
        let lane = if query.text.is_some() { Lane::Scan } else { Lane::Quick };
        let list = List { find: query.find(&caller.sight), configs: self.configs.clone() };
        self.store.read(self.scope(caller), lane, list).await
    }

    /// Adds a vehicle to the stock.
    ///
    /// Errors: `Invalid` with every field that is wrong (`location`, `vin`, `status`); `DuplicateVin`.
    pub async fn vehicle_add(&self, caller: &Caller, fields: VehicleFields) -> Result<(Document<Car>, Arc<Config>)> {
        let config = self.config(caller.dealer).await?;
        let command = Add { fields, caller: caller.clone(), config: config.clone(), id: self.context.id() };
        let car = self.write(self.scope(caller), command).await?;
        Ok((car, config))
    }

    /// Changes a vehicle; a new price keeps the ones before. Errors: as adding, and `NotFound`.
    pub async fn vehicle_change(
        &self,
        caller: &Caller,
        vehicle: Ref<Car>,
        fields: VehicleFields,
    ) -> Result<(Document<Car>, Arc<Config>)> {
        let config = self.config(caller.dealer).await?;
        let command = Change { vehicle, fields, caller: caller.clone(), config: config.clone() };
        let car = self.write(self.scope(caller), command).await?;
        Ok((car, config))
    }
}

/// The vehicle, by id or number.
pub async fn find(tx: &mut Tx, vehicle: Ref<Car>) -> Result<Option<Document<Car>>> {
    match vehicle {
        Ref::Id(id) => tx.get(id).await,
        Ref::Number(number) => tx.find_one::<Car>(Filter::eq("number", number)).await,
    }
}

struct List {
    find: Find,
    configs: Arc<Configs>,
}

impl Command for List {
    type Output = (Page<Document<Car>>, Arc<Config>);

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let config = self.configs.current(tx).await?;
        let items = tx.find::<Car>(&self.find).await?;
        let total = tx.count::<Car>(&self.find.filter).await?;
        Ok((Page { items, total }, config))
    }
}

/// Everything wrong with the fields, and those that had to be read.
fn check(fields: &VehicleFields, caller: &Caller, config: &Config) -> Result<Option<Option<Vin>>> {
    let mut wrong = Vec::new();
    if let Some(code) = &fields.location {
        location_of(config, caller, Some(code.clone()), &mut wrong);
    }
    if let Some(status) = fields.status.as_deref().filter(|status| !STATES.contains(status)) {
        let detail = format!("\"{status}\" is not a vehicle status. Known: {}.", STATES.join(", "));
        wrong.push(FieldError::new("status", "not_allowed", detail));
    }
    let vin = fields.vin.as_ref().map(|vin| {
        vin.as_deref().and_then(|vin| match vin.parse::<Vin>() {
            Ok(vin) => Some(vin),
            Err(reason) => {
                wrong.push(FieldError::new("vin", "bad_format", format!("This is not a VIN: {reason}.")));
                None
            }
        })
    });
    if wrong.is_empty() { Ok(vin) } else { Err(Error::invalid(wrong)) }
}

struct Add {
    fields: VehicleFields,
    caller: Caller,
    config: Arc<Config>,
    id: CarId,
}

impl Command for Add {
    type Output = Document<Car>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<Car>> {
        let vin = check(&self.fields, &self.caller, &self.config)?;
        let scope = tx.scope();
        let number = tx.number("cars", 1).await?;
        let mut car = Document::new(self.id, scope.now, Car::default(), CarExtra { number, ..CarExtra::default() });
        let status = self.fields.status.as_deref().unwrap_or(STATES[0]);
        push_status(&mut car.doc.status, &mut car.doc.status_history, status, scope);
        apply(&mut car, &self.fields, vin, &self.config, scope);
        store(tx, None, &mut car).await?;
        Ok(car)
    }
}

struct Change {
    vehicle: Ref<Car>,
    fields: VehicleFields,
    caller: Caller,
    config: Arc<Config>,
}

impl Command for Change {
    type Output = Document<Car>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<Car>> {
        let missing = || Error::not_found("vehicle");
        let id = find(tx, self.vehicle).await?.ok_or_else(missing)?.id;
        let mut car = tx.get_for_update(id).await?.ok_or_else(missing)?;
        if !self.caller.sight.sees(car.doc.location.as_deref()) {
            return Err(missing());
        }
        let vin = check(&self.fields, &self.caller, &self.config)?;
        let before = car.clone();
        let scope = tx.scope();
        apply(&mut car, &self.fields, vin, &self.config, scope);
        if let Some(status) = self.fields.status.as_deref().filter(|status| *status != before.doc.status_name()) {
            push_status(&mut car.doc.status, &mut car.doc.status_history, status, scope);
        }
        if car.doc == before.doc {
            return Ok(car);
        }
        car.doc.updated_by = scope.actor.user().map(|user| user.to_string());
        store(tx, Some(&before), &mut car).await?;
        Ok(car)
    }
}

/// Stores a new or changed car with what follows: whose its VIN is, what it shows, what happened to it.
///
/// Errors: `DuplicateVin`.
pub(crate) async fn store(tx: &mut Tx, before: Option<&Document<Car>>, car: &mut Document<Car>) -> Result<()> {
    follow_vin(tx, before, car).await?;
    computed::own(car)?;
    if car.extra.selling_id.is_none() {
        car.extra.selling_id = Some(tx.selling_id(car.id).await?);
    }
    car.doc.follow(&mut car.extra);
    let Some(before) = before else {
        car.computed.car_number_of_saleleads = Some(0);
        tx.insert(car).await?;
        return happened(tx, EventName::CarCreated, car.id, json!({})).await;
    };
    tx.update(car).await?;
    let (old, new) = (before.doc.status_name(), car.doc.status_name());
    if old != new {
        happened(tx, EventName::CarStatusChanged, car.id, json!({"from": old, "to": new})).await?;
    }
    let (name, data) = if before.computed.price == car.computed.price {
        (EventName::CarChanged, json!({}))
    } else {
        (EventName::CarPriceChanged, json!({"from": before.computed.price, "to": car.computed.price}))
    };
    happened(tx, name, car.id, data).await
}

async fn happened(tx: &mut Tx, name: EventName, car: CarId, data: serde_json::Value) -> Result<()> {
    tx.event(Event { name, kind: Car::SPEC.name, id: car.cast(), lead: None, data }).await
}

/// Puts the given fields into the published tree.
fn apply(car: &mut Document<Car>, fields: &VehicleFields, vin: Option<Option<Vin>>, config: &Config, scope: Scope) {
    let VehicleFields {
        make,
        model,
        version,
        year,
        price,
        mileage,
        location,
        status: _,
        vin: _,
        fuel,
        transmission,
        color,
        images,
        stock_number,
        license_plate,
        description,
    } = fields.clone();
    let doc = &mut car.doc;
    let required = [(&mut doc.make, make), (&mut doc.model, model), (&mut doc.location, location)];
    for (member, value) in required {
        if value.is_some() {
            *member = value;
        }
    }
    let optional = [
        (&mut doc.version, version),
        (&mut doc.fuel, fuel),
        (&mut doc.transmission, transmission),
        (&mut doc.color, color),
        (&mut doc.stock_number, stock_number),
        (&mut doc.license_plate, license_plate),
        (&mut doc.description, description),
    ];
    for (member, value) in optional {
        if let Some(value) = value {
            *member = value;
        }
    }
    if year.is_some() {
        doc.year = year;
    }
    if let Some(mileage) = mileage {
        doc.mileage = mileage.map(Number::from);
    }
    if let Some(vin) = vin {
        doc.vin = vin.map(|vin| vin.as_str().to_owned());
    }
    if let Some(images) = images {
        doc.images = images;
    }
    if let Some(price) = price {
        set_price(doc, price, &config.dealer.doc.currency, scope.now);
    }
}

/// Sets the retail price; the one before moves to the earlier ones.
fn set_price(car: &mut Car, price: Number, currency: &str, now: Instant) {
    let line = car.prices.get_or_insert_with(Prices::default).retail.get_or_insert_with(PriceLine::default);
    if line.current_price.as_ref().is_some_and(|current| current.price.as_ref() == Some(&price)) {
        return;
    }
    let before = line.clone();
    line.current_price = Some(Price { price: Some(price), currency: Some(currency.to_owned()), ..Price::default() });
    price_line(&before, line, now);
}

/// A VIN belongs to one unsold vehicle at a time. What is none belongs to nobody.
async fn follow_vin(tx: &mut Tx, before: Option<&Document<Car>>, after: &Document<Car>) -> Result<()> {
    let claimed = |car: &Document<Car>| {
        let vin = car.doc.vin.as_ref().filter(|_| car.doc.status_name() != SOLD);
        vin.filter(|vin| vin.parse::<Vin>().is_ok()).cloned()
    };
    let (had, has) = (before.and_then(claimed), claimed(after));
    if had == has {
        return Ok(());
    }
    if let Some(vin) = had {
        tx.key_release(Car::SPEC.name, "vin", &vin, after.id).await?;
    }
    let Some(vin) = has else { return Ok(()) };
    let holder = tx.key_claim(Car::SPEC.name, "vin", &vin, after.id).await?;
    if holder == after.id {
        return Ok(());
    }
    let number = tx.get(holder).await?.map_or(0, |car: Document<Car>| car.extra.number);
    Err(Error::new(Code::DuplicateVin, format!("V-{number} has this VIN and is not sold.")))
}
