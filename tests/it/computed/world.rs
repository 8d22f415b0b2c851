//! A small world in which everything has to do with everything: few numbers, few plates, many acts.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

use forecourt_crm::{Caller, Ref, intake::NewLead, lead::LeadChange, resource::Patch, vehicle::VehicleFields};
use forecourt_record::{Actor, Id, Instant, Result, WALCU_KINDS, spec::KindSpec};
use forecourt_testkit::TestApp;
use serde_json::{Value, json};

/// Chance that is the same for the same seed.
struct Dice(Cell<u64>);

impl Dice {
    /// A number below `end`.
    fn below(&self, end: usize) -> usize {
        let next = self.0.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0.set(next);
        usize::try_from(next >> 33).unwrap_or(0) % end
    }

    fn one<'a, T>(&self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn maybe<T>(&self, value: T) -> Option<T> {
        (self.below(3) > 0).then_some(value)
    }
}

const PHONES: [&str; 5] = ["+17135550101", "+17135550102", "+17135550103", "+17135550104", "+17135550105"];
const EMAILS: [&str; 3] = ["ana@example.com", "bo@example.com", "cy@example.com"];
const OURS: [&str; 2] = ["+17135550199", "+17135550198"];
const PLATES: [&str; 3] = ["1111AAA", "2222BBB", "3333CCC"];
const VINS: [&str; 2] = ["1HGCM82633A004352", "5YJSA1E14HF000337"];
const LOCATIONS: [&str; 2] = ["houston", "berlin"];
const DIRECTIONS: [&str; 2] = ["inbound", "outbound"];

pub struct World {
    dice: Dice,
    caller: Caller,
    /// Documents by kind, as far as they are known here.
    ids: BTreeMap<&'static str, Vec<Id<()>>>,
    /// Kinds of which a document was made.
    pub made: BTreeSet<&'static str>,
    users: Vec<String>,
}

impl World {
    pub async fn new(app: &TestApp, seed: u64) -> Self {
        let users = app.crm().config(app.dealer).await.unwrap().users.clone();
        let caller = Caller { actor: Actor::User(users[0].id), ..app.caller() };
        let users = users.iter().take(3).map(|user| user.id.to_string()).collect();
        Self { dice: Dice(Cell::new(seed)), caller, ids: BTreeMap::new(), made: BTreeSet::new(), users }
    }

    /// Another who knows the same documents and does other things.
    pub fn fork(&self, seed: u64) -> Self {
        let Self { caller, ids, users, .. } = self;
        let (caller, ids, users) = (caller.clone(), ids.clone(), users.clone());
        Self { dice: Dice(Cell::new(seed)), caller, ids, made: BTreeSet::new(), users }
    }

    /// Does something, and says what.
    pub async fn act(&mut self, app: &TestApp) -> (String, Result<()>) {
        match self.dice.below(20) {
            0 | 1 => self.receive(app).await,
            2 => self.change(app).await,
            3 => self.vehicle(app).await,
            4 => self.says(app).await,
            5 => self.erase(app).await,
            6..=14 => self.create(app).await,
            15..=18 => self.patch(app).await,
            _ => self.delete(app).await,
        }
    }

    fn spec(&self) -> &'static KindSpec {
        self.dice.one::<&KindSpec>(WALCU_KINDS)
    }

    fn known(&self, kind: &'static str) -> Option<Id<()>> {
        let ids = self.ids.get(kind).filter(|ids| !ids.is_empty())?;
        Some(*self.dice.one(ids))
    }

    fn id(&self, kind: &'static str) -> Value {
        let id = self.known(kind).filter(|_| self.dice.below(4) > 0);
        json!(id)
    }

    async fn receive(&mut self, app: &TestApp) -> (String, Result<()>) {
        let new = NewLead {
            name: Some("Ana Ruiz".into()),
            phone: Some((*self.dice.one(&PHONES)).into()),
            email: self.dice.maybe((*self.dice.one(&EMAILS)).into()),
            location: Some((*self.dice.one(&LOCATIONS)).into()),
            notes: self.dice.maybe("First note".into()),
            vehicle: self.dice.maybe(1 + i64::try_from(self.dice.below(3)).unwrap_or(0)),
            ..NewLead::default()
        };
        let act = format!("receive {new:?}");
        let received = app.crm().lead_receive(&self.caller, new, None).await;
        (act, received.map(|received| self.keep("saleleads", received.lead.cast())))
    }

    async fn change(&mut self, app: &TestApp) -> (String, Result<()>) {
        let Some(id) = self.known("saleleads") else { return ("nothing to change".into(), Ok(())) };
        let change = LeadChange {
            name: self.dice.maybe("Bo Diaz".into()),
            phone: self.dice.maybe((*self.dice.one(&PHONES)).into()),
            notes: self.dice.maybe(self.dice.maybe("Another note".into())),
            location: self.dice.maybe((*self.dice.one(&LOCATIONS)).into()),
            status: self.dice.maybe("contacted".into()),
            vehicle: self.dice.maybe(self.dice.maybe(1)),
            ..LeadChange::default()
        };
        let act = format!("change {id} {change:?}");
        (act, app.crm().lead_change(&self.caller, Ref::Id(id.cast()), change).await.map(drop))
    }

    async fn vehicle(&mut self, app: &TestApp) -> (String, Result<()>) {
        let fields = VehicleFields {
            make: Some("Ford".into()),
            model: Some("F-150".into()),
            location: Some((*self.dice.one(&LOCATIONS)).into()),
            price: Some((20_000 + self.dice.below(3)).into()),
            images: self.dice.maybe(vec!["a.jpg".into(), "b.jpg".into()]),
            ..VehicleFields::default()
        };
        let act = format!("vehicle {fields:?}");
        let result = match self.known("cars").filter(|_| self.dice.below(2) > 0) {
            Some(id) => app.crm().vehicle_change(&self.caller, Ref::Id(id.cast()), fields).await,
            None => app.crm().vehicle_add(&self.caller, fields).await,
        };
        (act, result.map(|(car, _)| self.keep("cars", car.id.cast())))
    }

    async fn says(&mut self, app: &TestApp) -> (String, Result<()>) {
        let from = *self.dice.one(&PHONES);
        app.says(from, "Is it there?").await;
        (format!("{from} writes"), Ok(()))
    }

    async fn erase(&mut self, app: &TestApp) -> (String, Result<()>) {
        let Some(id) = self.known("saleleads") else { return ("nothing to erase".into(), Ok(())) };
        (format!("erase {id}"), app.crm().lead_erase(&self.caller, Ref::Id(id.cast())).await)
    }

    async fn create(&mut self, app: &TestApp) -> (String, Result<()>) {
        let spec = self.spec();
        let count = 1 + self.dice.below(2);
        let documents: Vec<Value> = (0..count).map(|_| tidy(self.document(spec.name))).collect();
        let act = format!("create {} {}", spec.name, json!(documents));
        let created = app.crm().resource_create(&self.caller, spec, documents, None).await;
        let kept = created.map(|raws| raws.iter().for_each(|raw| self.keep(spec.name, raw.id)));
        (act, kept)
    }

    async fn patch(&mut self, app: &TestApp) -> (String, Result<()>) {
        let spec = self.spec();
        let Some(id) = self.known(spec.name) else { return (format!("no {} to patch", spec.name), Ok(())) };
        let Value::Object(mut members) = self.document(spec.name) else { return ("nothing".into(), Ok(())) };
        members.retain(|_, _| self.dice.below(3) == 0);
        let patch = Value::Object(members);
        let act = format!("patch {} {id} {patch}", spec.name);
        (act, app.crm().resource_patch(&self.caller, spec, id, Patch::Merge(patch), None).await.map(drop))
    }

    async fn delete(&mut self, app: &TestApp) -> (String, Result<()>) {
        let spec = self.spec();
        let Some(id) = self.known(spec.name) else { return (format!("no {} to delete", spec.name), Ok(())) };
        let cascade = self.dice.below(2) > 0;
        let act = format!("delete {} {id} cascade={cascade}", spec.name);
        (act, app.crm().resource_delete(&self.caller, spec, id, cascade, None).await)
    }

    fn keep(&mut self, kind: &'static str, id: Id<()>) {
        self.made.insert(kind);
        let ids = self.ids.entry(kind).or_default();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }

    /// An instant of the last days; often the same one again.
    fn at(&self) -> Value {
        let beginning: Instant = "2026-11-19T08:00:00Z".parse().unwrap();
        let hours = i64::try_from(self.dice.below(80)).unwrap_or(0);
        json!(Instant::from_millis(beginning.millis() + hours * 3_600_000))
    }

    fn reminder(&self) -> Value {
        let done = self.dice.maybe(self.dice.below(2) > 0);
        json!({"notify_at": self.at(), "notify_to": [self.dice.one(&self.users)], "done": done})
    }

    fn users(&self) -> Value {
        let count = self.dice.below(3);
        (0..count).map(|_| json!(self.dice.one(&self.users))).collect()
    }

    fn contact(&self) -> Value {
        json!({
            "name": {"raw_name": self.dice.one(&["Ana Ruiz", "Bo Diaz"])},
            "phones": [self.dice.one(&PHONES)],
            "emails": self.dice.maybe([self.dice.one(&EMAILS)]),
        })
    }

    fn of_lead(&self) -> Value {
        let (kind, word) = *self.dice.one(&[
            ("saleleads", Some("salelead")),
            ("saleleads", None),
            ("appraisalleads", Some("appraisallead")),
            ("aftersaleleads", Some("aftersalelead")),
        ]);
        json!({
            "lead_id": self.id(kind), "lead_type": word, "client_id": self.id("clients"), "notification": self.reminder(),
            "created_by": self.dice.one(&self.users), "custom": self.dice.maybe(json!({"a": self.dice.below(3)})),
        })
    }

    fn lead(&self) -> Value {
        let assigned: Vec<Value> = (0..self.dice.below(3)).map(|_| json!({"to": self.dice.one(&self.users)})).collect();
        json!({
            "client_id": self.id("clients"), "location": self.dice.one(&LOCATIONS), "notification": self.reminder(),
            "assigned": assigned, "inquiry": "Hello",
        })
    }

    fn vehicle_members(&self) -> Value {
        json!({
            "make": self.dice.one(&["Ford", "Seat"]), "model": "Leon", "year": 2015 + self.dice.below(5),
            "license_plate": self.dice.maybe(self.dice.one(&PLATES)), "vin": self.dice.maybe(self.dice.one(&VINS)),
            "mileage": 1000 * self.dice.below(50), "location": self.dice.one(&LOCATIONS), "images": ["a.jpg"],
        })
    }

    /// A document of a kind, with nulls where something is left out.
    fn document(&self, kind: &str) -> Value {
        match kind {
            "clients" => {
                let contacts: Vec<Value> = (0..self.dice.below(3)).map(|_| self.contact()).collect();
                json!({"contacts": contacts, "custom": {"a": self.dice.below(3)}, "address": {"locality": "Vigo"}})
            }
            "contacts" => with(self.contact(), json!({"client_id": self.id("clients")})),
            "saleleads" => {
                let entries: Vec<Value> = (0..self.dice.below(3)).map(|_| self.wanted()).collect();
                with(self.lead(), json!({"car_list": entries}))
            }
            "appraisalleads" => self.lead(),
            "aftersaleleads" => with(self.lead(), json!({"vehicle_id": self.id("clientvehicles")})),
            "cars" => {
                let price =
                    json!({"retail": {"current_price": {"price": 9_000 + self.dice.below(9), "currency": "USD"}}});
                with(
                    self.vehicle_members(),
                    json!({"prices": price, "vin": null, "dealer_ad_url": "https://ad.example"}),
                )
            }
            "clientvehicles" => {
                let history: Vec<Value> = (0..self.dice.below(4))
                    .map(|_| json!({"date": self.at(), "mileage": 500 * self.dice.below(40)}))
                    .collect();
                with(self.vehicle_members(), json!({"declared_mileage_history": history}))
            }
            "repairorders" => json!({
                "date": self.dice.maybe(self.at()), "type": self.dice.one(&["service", "body"]), "mileage": 5,
                "car_info": {"vin": self.dice.maybe(self.dice.one(&VINS)), "license_plate": self.dice.maybe(self.dice.one(&PLATES))},
                "location": self.dice.maybe(self.dice.one(&LOCATIONS)), "client_id": self.id("clients"),
            }),
            "notes" => with(self.of_lead(), json!({"content": self.dice.one(&["One", "Two", "Three"])})),
            "tasks" => with(self.of_lead(), json!({"description": "Call"})),
            "offers" => with(self.of_lead(), json!({"status": "draft"})),
            "dates" => with(
                self.of_lead(),
                json!({
                    "start_date": self.dice.maybe(self.at()), "showed_up": self.dice.maybe(true), "title": "Visit",
                }),
            ),
            "conferences" => self.conference(),
            "sms" => {
                let (direction, from, to) = self.ends();
                json!({"from": from, "to": to, "direction": direction, "users": self.users(), "body": "Hello",
                    "notification": self.reminder(), "custom": {"imported": true}})
            }
            "whatsappmessages" => {
                let (direction, from, to) = self.ends();
                json!({"from": from, "to": to, "direction": direction, "user_id": self.dice.maybe(self.dice.one(&self.users)),
                    "body": "Hello", "made_at": self.dice.maybe(self.at()), "custom": {"imported": true}})
            }
            "whatsappsessions" => json!({
                "client_number": self.dice.one(&PHONES), "dealer_number": self.dice.one(&OURS), "users": self.users(),
                "direction": self.dice.one(&DIRECTIONS), "made_at": self.at(), "last_message_date": self.dice.maybe(self.at()),
                "last_message_direction": self.dice.one(&DIRECTIONS), "notification": self.reminder(),
            }),
            "chatproviders" => json!({"name": "Chat", "enabled": true}),
            "chatsessions" => json!({
                "provider_id": self.id("chatproviders"), "direction": self.dice.one(&DIRECTIONS), "users": self.users(),
                "client_info": {"phone": self.dice.maybe(self.dice.one(&PHONES)), "email": self.dice.maybe(self.dice.one(&EMAILS)),
                    "client_id": self.dice.maybe(self.id("clients"))},
                "made_at": self.at(), "last_message": {"date": self.at(), "direction": self.dice.one(&DIRECTIONS)},
                "notification": self.reminder(),
            }),
            "chatmessages" => json!({
                "session_id": self.id("chatsessions"), "direction": "inbound", "body": "Hello", "custom": {"imported": true},
            }),
            _ => json!({"status": "error", "json_payload": {"note": "none"}}),
        }
    }

    fn wanted(&self) -> Value {
        json!({"car_id": self.id("cars"), "car": {
            "make": "Seat", "price": self.dice.maybe(json!(1_000.5)), "quantity": self.dice.maybe(self.dice.below(3)),
        }})
    }

    fn ends(&self) -> (Value, Value, Value) {
        let (theirs, ours) = (json!(self.dice.one(&PHONES)), json!(self.dice.one(&OURS)));
        match self.dice.below(2) {
            0 => (json!("inbound"), theirs, ours),
            _ => (json!("outbound"), ours, theirs),
        }
    }

    fn conference(&self) -> Value {
        let participants: Vec<Value> = (0..self.dice.below(3))
            .map(|_| {
                json!({
                    "user_id": self.dice.maybe(self.dice.one(&self.users)), "entered_at": self.dice.maybe(self.at()),
                    "left_at": self.dice.maybe(self.at()), "platform_name": self.dice.one(&["web", "phone"]),
                })
            })
            .collect();
        json!({
            "client_number": self.dice.one(&PHONES), "dealer_number": self.dice.one(&OURS), "made_at": self.at(),
            "direction": self.dice.one(&DIRECTIONS), "duration": self.dice.below(200), "note": self.dice.maybe("Busy"),
            "users": self.users(), "participant_users": self.users(), "participants": participants,
            "notification": self.reminder(),
        })
    }
}

/// One object with the members of both; those of the second go before.
fn with(mut one: Value, other: Value) -> Value {
    if let (Value::Object(members), Value::Object(more)) = (&mut one, other) {
        members.extend(more);
    }
    one
}

/// Without nulls, at any depth.
fn tidy(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members.into_iter().filter(|(_, one)| !one.is_null()).map(|(name, one)| (name, tidy(one))).collect(),
        ),
        Value::Array(items) => items.into_iter().map(tidy).collect(),
        other => other,
    }
}
