//! A feed: the stock as another system has it, vehicle by vehicle. What is known is brought up to date, what is new is
//! added, and what the other system has no more may be taken to be sold.
//!
//! A vehicle is known by the number it has in the feed, else by its stock number, else by its VIN.

pub mod columns;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use forecourt_query::{Direction, Filter, Find, Op};
use forecourt_record::{Car, CarId, Code, Document, Error, FieldError, Kind as _, Result};
use forecourt_store::{Command, Lane, Raw, Tx};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    Caller, Config, Crm, computed,
    import::file::{is_of_row, reasons},
    resource::{Patch, Writing, changed_members},
    vehicle::{SOLD, STATES},
};

/// The longest number a vehicle is known by, and the longest name of a feed: an index holds both.
pub const LONGEST: usize = 100;
/// Vehicles looked at in one go.
const PAGE: i64 = 500;

/// What became, or would become, of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Created,
    Changed,
    Same,
    Failed,
}

/// The same with the vehicle it is about.
#[derive(Clone, Debug, Serialize)]
pub struct FedRow {
    pub line: i64,
    pub outcome: Outcome,
    /// The vehicle's number, such as `V-17`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<String>,
    #[serde(skip)]
    pub id: Option<CarId>,
    /// The members that changed, or why it failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

/// A feed about to be read.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Which one: vehicles of one feed are not taken for those of another.
    pub name: String,
    /// Keep nothing, and say what would become of each row.
    pub rehearse: bool,
}

impl Crm {
    /// Takes a row of a feed in. `row` is what its cells say of the car, as a merge patch (RFC 7396).
    ///
    /// Errors: `Unavailable` and the like; what is wrong with the row itself is its outcome.
    pub async fn feed_row(&self, caller: &Caller, feed: &Feed, line: i64, row: Result<Value>) -> Result<FedRow> {
        let fed = match row {
            Ok(row) => self.feed_car(caller, feed, row).await,
            Err(error) => Err(error),
        };
        match fed {
            Ok(TakenIn { outcome, id, number, details }) => {
                Ok(FedRow { line, outcome, vehicle: Some(format!("V-{number}")), id: Some(id), details })
            }
            Err(error) if is_of_row(&error) => {
                Ok(FedRow { line, outcome: Outcome::Failed, vehicle: None, id: None, details: reasons(&error) })
            }
            Err(error) => Err(error),
        }
    }

    async fn feed_car(&self, caller: &Caller, feed: &Feed, mut row: Value) -> Result<TakenIn> {
        let writing = self.resource_writing(caller, Car::SPEC).await?;
        let wrong = wrong(&writing.config, &row);
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        for line in
            row.get_mut("prices").and_then(Value::as_object_mut).into_iter().flat_map(|lines| lines.values_mut())
        {
            line["current_price"]["currency"] = writing.config.dealer.doc.currency.as_str().into();
        }
        let seen = Arc::new(Mutex::new(None));
        let take = TakeIn { writing, feed: feed.clone(), row, id: self.context.id(), seen: seen.clone() };
        self.write(self.scope(caller), take).await.or_else(|error| {
            // What a rehearsal came to is said beside, since nothing of it is kept.
            seen.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or(error)
        })
    }

    /// The unsold vehicles of a feed that are none of these.
    pub async fn feed_gone(&self, caller: &Caller, feed: &Feed, there: &HashSet<CarId>) -> Result<Vec<Document<Car>>> {
        let (mut gone, mut after) = (Vec::new(), 0);
        loop {
            let page = self.feed_page(caller, after).await?;
            let Some(last) = page.last() else { return Ok(gone) };
            after = last.extra.number;
            let is_gone = |car: &Document<Car>| {
                car.extra.feed.as_ref() == Some(&feed.name) && car.doc.status_name() != SOLD && !there.contains(&car.id)
            };
            gone.extend(page.into_iter().filter(is_gone));
        }
    }

    /// Takes a vehicle that its feed has no more to be sold.
    pub async fn feed_sold(&self, caller: &Caller, car: CarId) -> Result<()> {
        let writing = self.resource_writing(caller, Car::SPEC).await?;
        self.write(self.scope(caller), Sell { writing, car }).await
    }

    /// A page of the dealer's stock, in the order of the vehicles' numbers, behind one of them.
    pub async fn feed_page(&self, caller: &Caller, after: i64) -> Result<Vec<Document<Car>>> {
        self.store.read(self.scope(caller), Lane::Scan, Page(after)).await
    }
}

/// What is wrong with a row that a car's own shape does not say.
fn wrong(config: &Config, row: &Value) -> Vec<FieldError> {
    let text = |name: &str| row[name].as_str();
    let mut wrong = Vec::new();
    if text("stock_number").or(text("vin")).is_none() {
        let detail = "A vehicle is known by a stock number or a VIN.";
        wrong.push(FieldError::new("stock_number", "required", detail));
    }
    for name in ["stock_number", "vin"] {
        if text(name).is_some_and(|number| number.chars().count() > LONGEST) {
            wrong.push(FieldError::new(name, "too_long", format!("A number has at most {LONGEST} characters.")));
        }
    }
    if let Some(code) = text("location").filter(|code| config.location(code).is_none()) {
        wrong.push(FieldError::new("location", "not_allowed", format!("There is no location \"{code}\".")));
    }
    if let Some(status) = row["status"]["status"].as_str().filter(|status| !STATES.contains(status)) {
        let detail = format!("\"{status}\" is not a vehicle status. Known: {}.", STATES.join(", "));
        wrong.push(FieldError::new("status", "not_allowed", detail));
    }
    wrong
}

#[derive(Clone, Debug)]
struct TakenIn {
    outcome: Outcome,
    id: CarId,
    number: i64,
    details: Vec<String>,
}

struct TakeIn {
    writing: Writing,
    feed: Feed,
    row: Value,
    id: CarId,
    /// What a rehearsal came to.
    seen: Arc<Mutex<Option<TakenIn>>>,
}

impl Command for TakeIn {
    type Output = TakenIn;

    async fn run(&self, tx: &mut Tx) -> Result<TakenIn> {
        let known = self.known(tx).await?;
        let taken = match known {
            None => self.create(tx).await?,
            Some(before) => self.change(tx, before).await?,
        };
        computed::follow(tx).await?;
        if self.feed.rehearse {
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(taken);
            return Err(Error::new(Code::Conflict, "A rehearsal keeps nothing."));
        }
        Ok(taken)
    }
}

impl TakeIn {
    /// The car that the row is about, held against other writers.
    async fn known(&self, tx: &mut Tx) -> Result<Option<Raw>> {
        let spec = Car::SPEC;
        let text = |name: &str| self.row[name].as_str().map(str::to_owned);
        let field = format!("feed:{}", self.feed.name);
        // Two readers of one feed agree by this key who adds a car.
        let number = text("stock_number").or(text("vin")).unwrap_or_default();
        let holder = tx.key_claim(spec.name, &field, &number, self.id).await?;
        if holder != self.id {
            return tx.raw_get_for_update(spec, holder.cast()).await;
        }
        let mut found = Vec::new();
        if let Some(number) = text("stock_number") {
            found = tx.raw_find_for_update(spec, Filter::eq("stock_number", number)).await?;
        }
        if let (Some(vin), true) = (text("vin"), found.is_empty()) {
            found = tx.raw_find_for_update(spec, Filter::eq("vin", vin.to_uppercase())).await?;
        }
        // One that is sold may have come back under its number; one that is not goes before.
        let is_sold = |raw: &Raw| raw.doc["status"]["status"] == SOLD;
        let known = found.iter().position(|raw| !is_sold(raw)).or_else(|| (!found.is_empty()).then_some(0));
        let Some(known) = known.map(|at| found.swap_remove(at)) else { return Ok(None) };
        tx.key_release(spec.name, &field, &number, self.id).await?;
        tx.key_claim(spec.name, &field, &number, known.id).await?;
        Ok(Some(known))
    }

    async fn create(&self, tx: &mut Tx) -> Result<TakenIn> {
        self.writing.take_new(tx, self.id.cast(), self.row.clone()).await?;
        let number = self.mark(tx, self.id, false).await?;
        Ok(TakenIn { outcome: Outcome::Created, id: self.id, number, details: Vec::new() })
    }

    async fn change(&self, tx: &mut Tx, before: Raw) -> Result<TakenIn> {
        let id: CarId = before.id.cast();
        let car: Document<Car> = before.read()?;
        let mut row = self.row.clone();
        // It had gone, and is back.
        if car.extra.gone && row["status"].is_null() && car.doc.status_name() == SOLD {
            row["status"] = json!({"status": STATES[0]});
        }
        keep_parts(&mut row, &car.doc)?;
        let old = before.doc.clone();
        self.writing.take_change(tx, before, &Patch::Merge(row)).await?;
        let after = tx.raw_current(Car::SPEC, id.cast())?;
        let details = after.map(|after| changed_members(&old, &after.doc)).unwrap_or_default();
        let number = self.mark(tx, id, false).await?;
        let outcome = if details.is_empty() { Outcome::Same } else { Outcome::Changed };
        Ok(TakenIn { outcome, id, number, details })
    }

    /// Remembers whose feed it is of; answers the vehicle's number.
    async fn mark(&self, tx: &mut Tx, id: CarId, gone: bool) -> Result<i64> {
        mark(tx, id, Some(&self.feed.name), gone).await
    }
}

/// Equipment that is named again is the same part of the car.
fn keep_parts(row: &mut Value, car: &Car) -> Result<()> {
    let Some(items) = row.get_mut("equipment").and_then(Value::as_array_mut) else { return Ok(()) };
    for item in items {
        let same = car.equipment.iter().find(|known| known.description.as_deref() == item["description"].as_str());
        if let Some(same) = same {
            *item = serde_json::to_value(same).map_err(Error::internal)?;
        }
    }
    Ok(())
}

async fn mark(tx: &mut Tx, id: CarId, feed: Option<&String>, gone: bool) -> Result<i64> {
    let mut car = tx.require_for_update::<Car>(id).await?;
    let marked = (feed.cloned().or_else(|| car.extra.feed.clone()), gone);
    if (&car.extra.feed, car.extra.gone) != (&marked.0, marked.1) {
        (car.extra.feed, car.extra.gone) = marked;
        tx.update(&mut car).await?;
    }
    Ok(car.extra.number)
}

struct Sell {
    writing: Writing,
    car: CarId,
}

impl Command for Sell {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let Some(before) = tx.raw_get_for_update(Car::SPEC, self.car.cast()).await? else { return Ok(()) };
        let sold = Patch::Merge(json!({"status": {"status": SOLD}}));
        self.writing.take_change(tx, before, &sold).await?;
        mark(tx, self.car, None, true).await?;
        computed::follow(tx).await
    }
}

/// Cars behind a number.
struct Page(i64);

impl Command for Page {
    type Output = Vec<Document<Car>>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let filter = Filter::compare("number", Op::Gt, self.0);
        tx.find(&Find { filter, sort: vec![("number", Direction::Ascending)], skip: 0, limit: PAGE }).await
    }
}
