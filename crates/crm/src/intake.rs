//! The one door: every lead of every dialect, mail, call, message and import comes in here.
//!
//! In one transaction: who it is, whether it is the very same enquiry again, what it is worth, who gets it, and what
//! the house does next. Simultaneous identical enquiries make one client and one lead.

mod brought;
mod enrich;

use std::{sync::Arc, time::Duration};

use forecourt_query::{Filter, Find, Op};
use forecourt_record::{
    Actor, Assignment, Car, Client, Document, Email, Error, FieldError, Id, Kind, LeadId, LeadType, Note, Origin,
    Phone, Qualification, Result, SaleLead, SaleLeadExtra, Status, User, WantedCar, WantedCarEntry,
    error::Code,
    event::{Event, EventName},
    pipeline::{ARCHIVED, Phase},
    scoring::{Answers, Scored, score},
    templates::Template,
};
use forecourt_store::{Command, NewJob, Repeat, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub use self::brought::Brought;
use crate::{
    Caller, Config, Crm, Ref,
    access::happened,
    client, computed, config,
    identity::{Person, identify, sort_name},
    lead::{self, FOLLOW, follow_key},
    routing::route,
    schedule::{Arrival, arrives},
    stock, vehicle,
};

/// A repeated request within this time gets the first one's answer.
pub const REQUEST_LIFETIME: Duration = Duration::from_hours(24);
/// How often an enquiry is taken in anew because the settings have just changed.
const ATTEMPTS: usize = 5;
/// The first number a dealer's leads get: L-1000.
pub(crate) const FIRST_NUMBER: i64 = 1000;

/// An enquiry as it arrives, whoever brings it.
#[derive(Clone, Debug, Default, Hash)]
pub struct NewLead {
    pub name: Option<String>,
    /// In any writing; national numbers are read with the location's country.
    pub phone: Option<String>,
    pub email: Option<String>,
    /// A location's code.
    pub location: Option<String>,
    pub source: Option<String>,
    pub inquiry: Option<String>,
    pub notes: Option<String>,
    pub vehicle: Option<i64>,
    /// Whether that vehicle has to be for sale still; one that is sold is not found then.
    pub on_offer: bool,
    pub assigned_to: Option<i64>,
    pub language: Option<String>,
    pub answers: HashedAnswers,
    /// Taken in without anything following from it: no message, no alert. For records of what was long ago.
    pub quiet: bool,
    pub brought: Brought,
}

/// Answers that can be part of a request's fingerprint.
#[derive(Clone, Debug, Default)]
pub struct HashedAnswers(pub Answers);

impl std::hash::Hash for HashedAnswers {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        serde_json::to_string(&self.0).unwrap_or_default().hash(state);
    }
}

/// What a repeatable request is known by: its key, and a fingerprint of what it asks.
#[derive(Clone, Debug)]
pub struct RequestKey {
    pub key: String,
    pub fingerprint: String,
}

impl RequestKey {
    /// Begins the request: none when it is the first of its key, else what came of that one.
    ///
    /// Errors: `IdempotencyKeyReused`.
    pub async fn begin(&self, tx: &mut Tx) -> Result<Option<serde_json::Value>> {
        match tx.request_begin(&self.key, &self.fingerprint, REQUEST_LIFETIME).await? {
            Repeat::First => Ok(None),
            Repeat::Same(outcome) => Ok(Some(outcome)),
            Repeat::Different => {
                let detail = "This Idempotency-Key belongs to another request. Use a new key for a new request.";
                Err(Error::new(Code::IdempotencyKeyReused, detail))
            }
        }
    }
}

/// What came of an enquiry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    pub lead: LeadId,
    pub number: i64,
    pub score: i64,
    pub filter: String,
    /// The very same enquiry was open already: this is that lead.
    pub duplicate: bool,
    /// What else was made for it: the client, where nobody knew the person, and the note.
    #[serde(default)]
    pub new_client: Option<Id<Client>>,
    #[serde(default)]
    pub note: Option<Id<Note>>,
}

impl Crm {
    /// Takes an enquiry in.
    ///
    /// Errors: `Invalid` with every field that is wrong (`name`, `phone`, `email`, `location`, `vehicle`,
    /// `assigned_to`, `language`); `NotFound` for a vehicle that had to be on offer; `IdempotencyKeyReused`.
    pub async fn lead_receive(&self, caller: &Caller, new: NewLead, request: Option<RequestKey>) -> Result<Received> {
        // Settings are hardly ever others than those known, and the transaction notices when they are.
        let mut known = self.configs.get(caller.dealer);
        for _ in 0..ATTEMPTS {
            let (config, may_be_old) = match known.take() {
                Some(config) => (config, true),
                None => (self.config(caller.dealer).await?, false),
            };
            let received = match self.lead_prepare(caller, config, new.clone(), request.clone()) {
                Ok(command) => self.write(self.scope(caller), command).await,
                Err(_) if may_be_old => continue,
                Err(error) => Err(error),
            };
            match received {
                Err(error) if error.code == Code::VersionBehind => {}
                received => return received,
            }
        }
        Err(Error::unavailable("the settings changed again and again"))
    }

    /// The same enquiry, checked and ready to be received in a transaction that does more than that.
    ///
    /// Errors: as receiving.
    pub fn lead_prepare(
        &self,
        caller: &Caller,
        config: Arc<Config>,
        new: NewLead,
        request: Option<RequestKey>,
    ) -> Result<Receive> {
        let checked = check(&config, caller, new)?;
        let scored = score(&config.scorecard, &checked.answers);
        Ok(Receive {
            config,
            scored,
            checked,
            request,
            lead_id: self.context.id(),
            client_id: self.context.id(),
            contact_id: self.context.id(),
            note_id: self.context.id(),
        })
    }
}

/// An enquiry whose every field is known to be good.
#[derive(Clone, Debug)]
struct Checked {
    person: Person,
    location: Option<String>,
    source: Option<String>,
    inquiry: Option<String>,
    notes: Option<String>,
    vehicle: Option<Ref<Car>>,
    on_offer: bool,
    assigned_to: Option<Id<User>>,
    answers: Answers,
    quiet: bool,
    brought: Brought,
}

fn check(config: &Config, caller: &Caller, new: NewLead) -> Result<Checked> {
    let mut wrong = Vec::new();
    // People call themselves what they like on a messenger, also nothing.
    if caller.actor != Actor::Client {
        name_of(new.name.as_deref(), &mut wrong);
    }
    let location = location_of(config, caller, new.location, &mut wrong);
    let country = config.country(location.as_deref());
    let phone = phone_of(new.phone.as_deref(), country, &mut wrong);
    let email = email_of(new.email.as_deref(), &mut wrong);
    let assigned_to = new.assigned_to.and_then(|number| assignee(config, number, location.as_deref(), &mut wrong));
    language_of(new.language.as_deref(), &mut wrong);
    if phone.is_none() && email.is_none() && wrong.is_empty() {
        wrong.push(FieldError::new("phone", "required", "A phone number or an e-mail address is required."));
    }
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    let name =
        new.name.map(|name| name.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|name| !name.is_empty());
    Ok(Checked {
        person: Person { name, phone, email, language: new.language },
        location,
        source: new.source,
        inquiry: new.inquiry,
        notes: new.notes,
        vehicle: new.vehicle.map(Ref::Number),
        on_offer: new.on_offer,
        assigned_to,
        answers: new.answers.0,
        quiet: new.quiet,
        brought: new.brought,
    })
}

/// The location an enquiry is for: the one named; else the only one there is, or the caller's only one.
pub(crate) fn location_of(
    config: &Config,
    caller: &Caller,
    named: Option<String>,
    wrong: &mut Vec<FieldError>,
) -> Option<String> {
    let visible: Vec<&str> =
        config.locations.iter().map(|one| one.doc.code.as_str()).filter(|code| caller.sight.sees(Some(code))).collect();
    match named {
        None => match visible.as_slice() {
            [only] => Some((*only).to_owned()),
            _ => None,
        },
        Some(code) if visible.contains(&code.as_str()) => Some(code),
        Some(code) => {
            let detail = format!("There is no location \"{code}\". Known: {}.", visible.join(", "));
            wrong.push(FieldError::new("location", "not_allowed", detail));
            None
        }
    }
}

/// A name that is given says something.
pub(crate) fn name_of(name: Option<&str>, wrong: &mut Vec<FieldError>) {
    if name.is_some_and(|name| name.trim().is_empty()) {
        wrong.push(FieldError::new("name", "required", "A name is required."));
    }
}

pub(crate) fn phone_of(text: Option<&str>, country: &str, wrong: &mut Vec<FieldError>) -> Option<Phone> {
    match Phone::parse(text?, Some(country)) {
        Ok(phone) => Some(phone),
        Err(reason) => {
            wrong.push(FieldError::new("phone", "bad_format", format!("This is not a phone number: {reason}.")));
            None
        }
    }
}

pub(crate) fn email_of(text: Option<&str>, wrong: &mut Vec<FieldError>) -> Option<Email> {
    let email = text?.parse().ok();
    if email.is_none() {
        wrong.push(FieldError::new("email", "bad_format", "This is not an e-mail address."));
    }
    email
}

pub(crate) fn language_of(language: Option<&str>, wrong: &mut Vec<FieldError>) {
    if language.is_some_and(|language| !["de", "en", "es"].contains(&language)) {
        wrong.push(FieldError::new("language", "not_allowed", "The language must be one of de, en, es."));
    }
}

/// The user a lead may be given to: active, taking leads or managing those who do, and at the lead's location.
pub(crate) fn assignee(
    config: &Config,
    number: i64,
    location: Option<&str>,
    wrong: &mut Vec<FieldError>,
) -> Option<Id<User>> {
    let user = config.user_by_number(number).filter(|user| user.doc.active);
    let Some(user) = user else {
        wrong.push(FieldError::new("assigned_to", "not_found", "There is no such active user."));
        return None;
    };
    if !crate::Sight::of_user(&user.doc).sees(location) {
        let detail = format!("u_{number} does not work at this lead's location.");
        wrong.push(FieldError::new("assigned_to", "not_allowed", detail));
        return None;
    }
    Some(user.id)
}

/// An enquiry ready to be received.
pub struct Receive {
    config: Arc<Config>,
    scored: Scored,
    checked: Checked,
    request: Option<RequestKey>,
    lead_id: LeadId,
    client_id: Id<Client>,
    contact_id: Id<()>,
    note_id: Id<Note>,
}

impl Command for Receive {
    type Output = Received;

    async fn run(&self, tx: &mut Tx) -> Result<Received> {
        config::expect(tx, &self.config).await?;
        if let Some(request) = &self.request
            && let Some(outcome) = request.begin(tx).await?
        {
            return serde_json::from_value(outcome).map_err(Error::internal);
        }
        let received = self.receive(tx).await?;
        if let Some(request) = &self.request {
            tx.request_end(&request.key, &received).await?;
        }
        Ok(received)
    }
}

impl Receive {
    /// Takes the enquiry in, within a transaction of the caller's.
    pub async fn receive(&self, tx: &mut Tx) -> Result<Received> {
        let checked = &self.checked;
        let car = match checked.vehicle {
            Some(vehicle) => Some(
                vehicle::find(tx, vehicle)
                    .await?
                    .ok_or_else(|| Error::field("vehicle", "not_found", "There is no such vehicle in stock."))?,
            ),
            None => checked.brought.stock_car(tx).await?,
        };
        if checked.on_offer && car.as_ref().is_some_and(stock::is_sold) {
            return Err(Error::not_found("vehicle"));
        }
        let mut found = identify(tx, &checked.person, self.client_id, self.contact_id).await?;
        if !found.is_new
            && let Some(lead) = self.same_enquiry(tx, found.client.id, car.as_ref()).await?
        {
            if found.changed {
                tx.update(&mut found.client).await?;
                client::follow_contacts(tx, found.client.id, &found.known, &found.client.doc.contacts).await?;
                computed::follow(tx).await?;
            }
            return repeated(tx, &lead).await;
        }
        let mut lead = self.lead(tx, found.client.id, car.as_ref()).await?;
        let mut events = vec![(
            EventName::LeadCreated,
            json!({
                "dialect": tx.scope().dialect,
                "score": self.scored.score,
                "filter": self.scored.band,
                "source": checked.source,
            }),
        )];
        events.extend(self.assign(tx, &mut lead).await?);
        let note = self.note(tx, &mut lead).await?;
        client::follow_contacts(tx, found.client.id, &found.known, &found.client.doc.contacts).await?;
        if found.is_new {
            checked.brought.onto_client(&mut found.client.doc);
            let arrived = computed::arrived(tx, &found.client, &lead, note.as_ref()).await?;
            computed::settle(tx, arrived, note.as_ref()).await?;
            happened(tx, EventName::ClientCreated, Client::SPEC.name, found.client.id.cast()).await?;
        } else {
            if found.changed {
                tx.update(&mut found.client).await?;
                happened(tx, EventName::ClientChanged, Client::SPEC.name, found.client.id.cast()).await?;
            }
            tx.insert(&lead).await?;
            computed::follow(tx).await?;
        }
        lead::count_agents(tx, &self.config.dealer.doc.pipeline, None, Some(&lead.doc)).await?;
        for (name, data) in events {
            tx.event(Event { name, kind: SaleLead::SPEC.name, id: lead.id.cast(), lead: Some(lead.id), data }).await?;
        }
        if !checked.quiet {
            tx.enqueue(NewJob {
                name: FOLLOW,
                payload: json!({"lead": lead.id}),
                due_at: tx.scope().now,
                priority: 10,
                dedupe: Some(follow_key(lead.id)),
            })
            .await?;
            arrives(tx, &self.config, &lead, Arrival::New).await?;
        }
        Ok(Received {
            lead: lead.id,
            number: lead.extra.number,
            score: self.scored.score,
            filter: self.scored.band.clone(),
            duplicate: false,
            new_client: found.is_new.then_some(found.client.id),
            note: lead.extra.note_id,
        })
    }

    /// The open lead of the same client, location and vehicle within the dealer's window.
    async fn same_enquiry(
        &self,
        tx: &mut Tx,
        client: forecourt_record::ClientId,
        car: Option<&Document<Car>>,
    ) -> Result<Option<Document<SaleLead>>> {
        let window = Duration::from_secs(u64::from(self.config.dealer.doc.duplicate_window_minutes) * 60);
        let since = tx.scope().now - window;
        let recent = Filter::And(vec![
            Filter::eq("client_id", client.to_string()),
            Filter::compare("created_at", Op::Gt, since.millis()),
        ]);
        let leads = tx.find::<SaleLead>(&Find::newest(recent, 50)).await?;
        let pipeline = &self.config.dealer.doc.pipeline;
        Ok(leads.into_iter().find(|lead| {
            let repeats_a_rejected_one = lead.doc.status_name() == ARCHIVED && lead.doc.status_history.len() == 1;
            lead.doc.location == self.checked.location
                && lead.doc.stock_car() == car.map(|car| car.id)
                && (pipeline.is_open(lead.doc.status_name()) || repeats_a_rejected_one)
        }))
    }

    async fn lead(
        &self,
        tx: &mut Tx,
        client: forecourt_record::ClientId,
        car: Option<&Document<Car>>,
    ) -> Result<Document<SaleLead>> {
        let (checked, scope) = (&self.checked, tx.scope());
        let number = tx.number("leads", FIRST_NUMBER).await?;
        // Whoever has been asked nothing yet is not turned away for having answered nothing.
        let asked = checked.answers != Answers::default();
        let rejected = asked && self.config.scorecard.bands.last().is_some_and(|band| band.name == self.scored.band);
        let pipeline = &self.config.dealer.doc.pipeline;
        let (status, template) = if rejected {
            (pipeline.first(Phase::Archived), Template::Rejected)
        } else {
            (lead::beginning(&self.config), Template::Created)
        };
        let person = &checked.person;
        let phone = person.phone.as_ref().map(|phone| phone.as_str().to_owned());
        let email = person.email.as_ref().map(|email| email.as_str().to_owned());
        let name = person.name.clone().or_else(|| phone.clone()).or_else(|| email.clone()).unwrap_or_default();
        let mut doc = SaleLead {
            location: checked.location.clone(),
            inquiry: checked.inquiry.clone(),
            origin: checked.source.clone().map(|source| Origin { source: Some(source), ..Origin::default() }),
            client_id: Some(client),
            created_by: scope.actor.user().map(|user| user.to_string()),
            updated_by: scope.actor.user().map(|user| user.to_string()),
            car_list: car.map(wanted).into_iter().collect(),
            ..SaleLead::default()
        };
        checked.brought.onto_lead(&mut doc);
        lead::push_status(&mut doc.status, &mut doc.status_history, status, scope);
        let greeting = lead::greeting(&self.config, template).filter(|_| !checked.quiet);
        let extra = SaleLeadExtra {
            number,
            language: Some(
                person.language.clone().unwrap_or_else(|| self.config.language(checked.location.as_deref()).to_owned()),
            ),
            qualification: qualification(&self.config, checked.answers.clone(), &self.scored),
            sort_name: sort_name(&name),
            name,
            phone,
            email,
            last_activity_at: Some(scope.now),
            day: self.config.zone().local_day(scope.now),
            templates_due: greeting.into_iter().collect(),
            dialect: scope.dialect.to_owned(),
            ..SaleLeadExtra::default()
        };
        Ok(Document::new(self.lead_id, scope.now, doc, extra))
    }

    /// Hands the lead to whom it was addressed, or, when it is of the best band, to the next agent.
    async fn assign(
        &self,
        tx: &mut Tx,
        lead: &mut Document<SaleLead>,
    ) -> Result<Option<(EventName, serde_json::Value)>> {
        let best = self.config.scorecard.bands.first().is_some_and(|band| band.name == self.scored.band);
        let (user, reason) = if let Some(user) = self.checked.assigned_to {
            (user, "named in the enquiry".to_owned())
        } else if best {
            let routing = route(tx, &self.config, lead.doc.location.as_deref()).await?;
            let chosen = routing.chosen.map(|user| (user, routing.reason.clone()));
            lead.extra.routing = Some(routing);
            match chosen {
                Some(chosen) => chosen,
                None => return Ok(None),
            }
        } else {
            return Ok(None);
        };
        lead::push_assignment(&mut lead.doc, Some(user), tx.scope());
        let name = self.config.user(user).map(|user| user.doc.name.clone());
        Ok(Some((EventName::LeadAssigned, json!({"to": user, "to_name": name, "reason": reason}))))
    }

    async fn note(&self, tx: &mut Tx, lead: &mut Document<SaleLead>) -> Result<Option<Document<Note>>> {
        let Some(content) = &self.checked.notes else {
            return Ok(None);
        };
        let scope = tx.scope();
        let mut note = Note {
            content: Some(content.clone()),
            lead_id: Some(lead.id.cast()),
            client_id: lead.doc.client_id,
            lead_type: Some(LeadType::SaleLead),
            created_by: scope.actor.user().map(|user| user.to_string()),
            ..Note::default()
        };
        self.checked.brought.stamp(&mut note.bulk_import_ids, &mut note.lead_import_ids);
        let note = Document::new(self.note_id, scope.now, note, ());
        tx.insert(&note).await?;
        lead.extra.note_id = Some(self.note_id);
        Ok(Some(note))
    }
}

/// The same enquiry again: nothing new but that it was repeated.
async fn repeated(tx: &mut Tx, lead: &Document<SaleLead>) -> Result<Received> {
    tx.event(Event {
        name: EventName::LeadRepeated,
        kind: SaleLead::SPEC.name,
        id: lead.id.cast(),
        lead: Some(lead.id),
        data: json!({"dialect": tx.scope().dialect}),
    })
    .await?;
    let qualification = &lead.extra.qualification;
    Ok(Received {
        lead: lead.id,
        number: lead.extra.number,
        score: qualification.score,
        filter: qualification.filter.clone(),
        duplicate: true,
        new_client: None,
        note: None,
    })
}

/// A stock car as an entry of a lead's wanted cars.
pub(crate) fn wanted(car: &Document<Car>) -> WantedCarEntry {
    let price =
        car.doc.prices.as_ref().and_then(|prices| prices.retail.as_ref()?.current_price.as_ref()?.price.clone());
    let wanted = WantedCar {
        price,
        make: car.doc.make.clone(),
        model: car.doc.model.clone(),
        version: car.doc.version.clone(),
        year: car.doc.year,
        vin: car.doc.vin.clone(),
        stock_number: car.doc.stock_number.clone(),
        ..WantedCar::default()
    };
    WantedCarEntry { car: Some(wanted), car_id: Some(car.id) }
}

/// Answers, and what they were worth.
pub(crate) fn qualification(config: &Config, answers: Answers, scored: &Scored) -> Qualification {
    Qualification { answers, score: scored.score, filter: scored.band.clone(), scorecard: config.scorecard.version }
}

/// Statuses and assignments, as both kinds with a pipeline keep them.
pub(crate) fn status_of(name: &str, scope: forecourt_store::Scope) -> Status {
    Status {
        assigned_at: Some(scope.now),
        user: scope.actor.user().map(|user| user.to_string()),
        status: Some(name.to_owned()),
        ..Status::default()
    }
}

/// An assignment as it is written.
pub(crate) fn assignment(user: Id<User>, scope: forecourt_store::Scope) -> Assignment {
    Assignment {
        to: Some(user.to_string()),
        at: Some(scope.now),
        by: Some(scope.actor.label()),
        ..Assignment::default()
    }
}
