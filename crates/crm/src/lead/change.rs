//! A lead changed: who asks, what about, its answers, its owner, its status, all at once or not at all.

use std::sync::Arc;

use forecourt_record::{
    Car, Client, ClientId, Document, Email, Error, FieldError, Id, Kind, LeadId, LeadType, Note, Origin, Phone, Result,
    SaleLead, User,
    event::EventName,
    scoring::{Answers, score},
};
use forecourt_store::{Command, Scope, Tx};
use serde_json::json;

use super::{
    asked_by, assign_now, entered, event, push_assignment, push_status, require_visible_for_update, store, wake,
};
use crate::{
    Caller, Config, Crm, Ref,
    access::happened,
    client,
    identity::{Person, identify, sort_name},
    intake::{assignee, email_of, language_of, location_of, name_of, phone_of, qualification, wanted},
    schedule::{Arrival, arrives},
    vehicle,
};

/// A change of some fields; the outer `None` leaves a field as it is, the inner one empties it.
#[derive(Clone, Debug, Default)]
pub struct LeadChange {
    pub name: Option<String>,
    pub phone: Option<String>,
    pub email: Option<Option<String>>,
    pub location: Option<String>,
    pub source: Option<Option<String>>,
    pub notes: Option<Option<String>>,
    pub status: Option<String>,
    /// A user's number.
    pub assigned_to: Option<Option<i64>>,
    /// A vehicle's number.
    pub vehicle: Option<Option<i64>>,
    pub language: Option<String>,
    /// Answers given now; the others stand.
    pub answers: Answers,
    /// The version the change is based on, where the caller says so.
    pub version: Option<i64>,
}

impl Crm {
    /// Changes a lead. Errors: `NotFound`, `Invalid` with every field that is wrong, `VersionBehind`.
    pub async fn lead_change(&self, caller: &Caller, lead: Ref<SaleLead>, change: LeadChange) -> Result<LeadId> {
        let config = self.config(caller.dealer).await?;
        let command = Change {
            lead,
            fields: change,
            config,
            caller: caller.clone(),
            note_id: self.context.id(),
            client_id: self.context.id(),
            contact_id: self.context.id(),
        };
        self.write(self.scope(caller), command).await
    }
}

struct Change {
    lead: Ref<SaleLead>,
    fields: LeadChange,
    config: Arc<Config>,
    caller: Caller,
    note_id: Id<Note>,
    /// For a lead that had no client: it gets one with the first name or address.
    client_id: ClientId,
    contact_id: Id<()>,
}

impl Command for Change {
    type Output = LeadId;

    async fn run(&self, tx: &mut Tx) -> Result<LeadId> {
        let mut lead = require_visible_for_update(tx, &self.caller.sight, self.lead).await?;
        if self.fields.version.is_some_and(|version| version != lead.version) {
            let detail = format!("The lead is at version {}.", lead.version);
            return Err(Error::new(forecourt_record::Code::PreconditionFailed, detail));
        }
        let before = lead.clone();
        let given = self.check(tx, &lead).await?;
        let mut events = Vec::new();
        self.person(tx, &mut lead, &given).await?;
        self.notes(tx, &mut lead, &mut events).await?;
        self.plain(&mut lead, &given);
        self.rescore(&mut lead, &mut events);
        self.hand_over(&mut lead, &given, tx.scope(), &mut events);
        self.status(&mut lead, tx.scope(), &mut events);
        self.assign_the_best(tx, &before, &mut lead).await?;

        let fields = changed_fields(&before, &lead);
        if !fields.is_empty() {
            events.push((EventName::LeadChanged, json!({"fields": fields.join(", ")})));
        }
        if events.is_empty() {
            return Ok(lead.id);
        }
        let now = tx.scope().now;
        lead.extra.last_activity_at = Some(now);
        if self.caller.actor.user().is_some() {
            (lead.extra.worked_at, lead.extra.idle_alerts) = (Some(now), 0);
        }
        lead.doc.updated_by = self.caller.actor.user().map(|user| user.to_string());
        store(tx, &self.config, &before.doc, &mut lead).await?;
        for (name, data) in events {
            event(tx, lead.id, name, data).await?;
        }
        if lead.doc.status_name() != before.doc.status_name() {
            arrives(tx, &self.config, &lead, Arrival::Moved).await?;
        }
        // What the house does next may have changed with anything: it looks again.
        wake(tx, lead.id).await?;
        Ok(lead.id)
    }
}

/// The fields of a change that had to be looked up or parsed.
struct Given {
    phone: Option<Phone>,
    email: Option<Email>,
    location: Option<String>,
    assigned_to: Option<Option<Id<User>>>,
    car: Option<Option<Document<Car>>>,
}

impl Change {
    async fn check(&self, tx: &mut Tx, lead: &Document<SaleLead>) -> Result<Given> {
        let (change, config) = (&self.fields, &self.config);
        let mut wrong = Vec::new();
        name_of(change.name.as_deref(), &mut wrong);
        let location = match &change.location {
            Some(code) => location_of(config, &self.caller, Some(code.clone()), &mut wrong),
            None => lead.doc.location.clone(),
        };
        let phone = phone_of(change.phone.as_deref(), config.country(location.as_deref()), &mut wrong);
        let email = email_of(change.email.as_ref().and_then(Option::as_deref), &mut wrong);
        language_of(change.language.as_deref(), &mut wrong);
        if let Some(status) = &change.status
            && config.dealer.doc.pipeline.phase(status).is_none()
        {
            let known = config.dealer.doc.pipeline.statuses().collect::<Vec<_>>().join(", ");
            let detail = format!("\"{status}\" is not a status of this dealer. Known: {known}.");
            wrong.push(FieldError::new("status", "not_allowed", detail));
        }
        let assigned_to = change
            .assigned_to
            .map(|number| number.and_then(|number| assignee(config, number, location.as_deref(), &mut wrong)));
        let car = match change.vehicle {
            Some(Some(number)) => {
                let car = vehicle::find(tx, Ref::Number(number)).await?;
                if car.is_none() {
                    wrong.push(FieldError::new("vehicle", "not_found", "There is no such vehicle in stock."));
                }
                Some(car)
            }
            Some(None) => Some(None),
            None => None,
        };
        if wrong.is_empty() {
            Ok(Given { phone, email, location, assigned_to, car })
        } else {
            Err(Error::invalid(wrong))
        }
    }

    /// Who asks: the contact of the client changes with the lead, and the keys with the contact.
    async fn person(&self, tx: &mut Tx, lead: &mut Document<SaleLead>, given: &Given) -> Result<()> {
        let change = &self.fields;
        if change.name.is_none() && change.phone.is_none() && change.email.is_none() {
            return Ok(());
        }
        let Some(client_id) = lead.doc.client_id else { return self.somebody(tx, lead, given).await };
        let mut client = tx.require_for_update::<Client>(client_id).await?;
        let known = client.doc.contacts.clone();
        let (old_phone, old_email) = (lead.extra.phone.clone(), lead.extra.email.clone());
        if let Some(name) = &change.name {
            let old = sort_name(&lead.extra.name);
            lead.extra.name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            lead.extra.sort_name = sort_name(&lead.extra.name);
            let at = client.doc.contacts.iter().position(|contact| {
                contact
                    .name
                    .as_ref()
                    .and_then(forecourt_record::PersonName::shown)
                    .is_some_and(|name| sort_name(&name) == old)
            });
            if let Some(contact) = client.doc.contacts.get_mut(at.unwrap_or(0)) {
                contact.name = Some(forecourt_record::PersonName::from_raw(name));
            }
        }
        if let Some(phone) = &given.phone {
            lead.extra.phone = Some(phone.as_str().to_owned());
            replace_key(tx, &mut client, "phone", old_phone.as_deref(), Some(phone.as_str())).await?;
        }
        if change.email.is_some() {
            lead.extra.email = given.email.as_ref().map(|email| email.as_str().to_owned());
            replace_key(tx, &mut client, "email", old_email.as_deref(), lead.extra.email.as_deref()).await?;
        }
        client.doc.follow_contacts();
        client.extra.sort_name = sort_name(client.doc.name());
        tx.update(&mut client).await?;
        client::follow_contacts(tx, client.id, &known, &client.doc.contacts).await
    }

    /// Who asks, on a lead that came in without anybody: whoever has the number or address, else a new client.
    async fn somebody(&self, tx: &mut Tx, lead: &mut Document<SaleLead>, given: &Given) -> Result<()> {
        let name = self.fields.name.as_ref().map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "));
        let person = Person {
            name,
            phone: given.phone.clone(),
            email: given.email.clone(),
            language: self.fields.language.clone(),
        };
        let mut found = identify(tx, &person, self.client_id, self.contact_id).await?;
        if found.is_new {
            tx.insert(&found.client).await?;
            happened(tx, EventName::ClientCreated, Client::SPEC.name, found.client.id.cast()).await?;
        } else if found.changed {
            tx.update(&mut found.client).await?;
            happened(tx, EventName::ClientChanged, Client::SPEC.name, found.client.id.cast()).await?;
        }
        client::follow_contacts(tx, found.client.id, &found.known, &found.client.doc.contacts).await?;
        lead.doc.client_id = Some(found.client.id);
        asked_by(lead, &found.client);
        Ok(())
    }

    /// The one text that a dialect with a single `notes` member reads and writes.
    async fn notes(
        &self,
        tx: &mut Tx,
        lead: &mut Document<SaleLead>,
        events: &mut Vec<(EventName, serde_json::Value)>,
    ) -> Result<()> {
        let Some(content) = &self.fields.notes else {
            return Ok(());
        };
        let content = content.clone().unwrap_or_default();
        if lead.computed.notes.first().map(String::as_str).unwrap_or_default() == content {
            return Ok(());
        }
        let scope = tx.scope();
        let known = match lead.extra.note_id {
            // It may have been deleted as a document of its own.
            Some(id) => tx.get_for_update::<Note>(id).await?,
            None => None,
        };
        if let Some(mut note) = known {
            note.doc.content = Some(content.clone());
            tx.update(&mut note).await?;
        } else {
            let note = Note {
                content: Some(content.clone()),
                lead_id: Some(lead.id.cast()),
                client_id: lead.doc.client_id,
                lead_type: Some(LeadType::SaleLead),
                created_by: scope.actor.user().map(|user| user.to_string()),
                ..Note::default()
            };
            tx.insert(&Document::new(self.note_id, scope.now, note, ())).await?;
            lead.extra.note_id = Some(self.note_id);
        }
        events.push((EventName::NoteWritten, json!({})));
        Ok(())
    }

    fn plain(&self, lead: &mut Document<SaleLead>, given: &Given) {
        if self.fields.location.is_some() {
            lead.doc.location.clone_from(&given.location);
        }
        if let Some(source) = &self.fields.source {
            let origin = lead.doc.origin.take().unwrap_or_default();
            lead.doc.origin = Some(Origin { source: source.clone(), ..origin });
        }
        if let Some(car) = &given.car {
            lead.doc.car_list.retain(|entry| entry.car_id.is_none());
            lead.doc.car_list.extend(car.as_ref().map(wanted));
        }
        if let Some(language) = &self.fields.language {
            lead.extra.language = Some(language.clone());
        }
    }

    fn rescore(&self, lead: &mut Document<SaleLead>, events: &mut Vec<(EventName, serde_json::Value)>) {
        let given = self.fields.answers.clone();
        let known = lead.extra.qualification.answers.clone();
        let answers = Answers {
            credit_score: given.credit_score.or(known.credit_score),
            down_payment: given.down_payment.or(known.down_payment),
            has_bank: given.has_bank.or(known.has_bank),
            id_type: given.id_type.or(known.id_type),
            trade_in: given.trade_in.or(known.trade_in),
        };
        if answers == known {
            return;
        }
        let scored = score(&self.config.scorecard, &answers);
        lead.extra.qualification = qualification(&self.config, answers, &scored);
        events.push((EventName::LeadScored, json!({"score": scored.score, "filter": scored.band})));
    }

    fn hand_over(
        &self,
        lead: &mut Document<SaleLead>,
        given: &Given,
        scope: Scope,
        events: &mut Vec<(EventName, serde_json::Value)>,
    ) {
        let Some(user) = given.assigned_to.filter(|user| *user != lead.doc.owner()) else {
            return;
        };
        push_assignment(&mut lead.doc, user, scope);
        let name = user.and_then(|user| self.config.user(user)).map(|user| user.doc.name.clone());
        events.push((EventName::LeadAssigned, json!({"to": user, "to_name": name, "reason": "handed over"})));
    }

    /// A lead that answers its way up to the best band is handed to an agent at once, as one that arrives there is.
    async fn assign_the_best(
        &self,
        tx: &mut Tx,
        before: &Document<SaleLead>,
        lead: &mut Document<SaleLead>,
    ) -> Result<()> {
        let best = self.config.scorecard.bands.first().map(|band| band.name.as_str());
        let is_best = |lead: &Document<SaleLead>| Some(lead.extra.qualification.filter.as_str()) == best;
        let open = self.config.dealer.doc.pipeline.is_open(lead.doc.status_name());
        if is_best(lead) && !is_best(before) && open && lead.doc.owner().is_none() && self.fields.assigned_to.is_none()
        {
            assign_now(tx, &self.config, lead).await?;
        }
        Ok(())
    }

    fn status(&self, lead: &mut Document<SaleLead>, scope: Scope, events: &mut Vec<(EventName, serde_json::Value)>) {
        let Some(status) = self.fields.status.as_deref().filter(|status| *status != lead.doc.status_name()) else {
            return;
        };
        events.push((EventName::LeadStatusChanged, json!({"from": lead.doc.status_name(), "to": status})));
        push_status(&mut lead.doc.status, &mut lead.doc.status_history, status, scope);
        entered(&self.config, lead, status);
    }
}

/// Replaces a value of a contact, and the key that finds the client by it.
async fn replace_key(
    tx: &mut Tx,
    client: &mut Document<Client>,
    field: &'static str,
    old: Option<&str>,
    new: Option<&str>,
) -> Result<()> {
    if old == new {
        return Ok(());
    }
    for contact in &mut client.doc.contacts {
        let values = if field == "phone" { &mut contact.phones } else { &mut contact.emails };
        if let Some(old) = old {
            values.retain(|value| value != old);
        }
    }
    if let Some(contact) = client.doc.contacts.first_mut() {
        let values = if field == "phone" { &mut contact.phones } else { &mut contact.emails };
        if let Some(new) = new.filter(|new| !values.iter().any(|value| value == new)) {
            values.insert(0, new.to_owned());
        }
    }
    if let Some(old) = old {
        tx.key_release(Client::SPEC.name, field, old, client.id).await?;
    }
    if let Some(new) = new {
        let holder = tx.key_claim(Client::SPEC.name, field, new, client.id).await?;
        if holder != client.id {
            client.extra.merge_suggestions.push(forecourt_record::MergeSuggestion {
                client: holder,
                reason: format!("the same {field} was given for both"),
            });
        }
    }
    Ok(())
}

/// The plain fields that differ, by name: for the log, which holds no values.
fn changed_fields(before: &Document<SaleLead>, after: &Document<SaleLead>) -> Vec<&'static str> {
    let pairs = [
        ("name", before.extra.name != after.extra.name),
        ("phone", before.extra.phone != after.extra.phone),
        ("email", before.extra.email != after.extra.email),
        ("location", before.doc.location != after.doc.location),
        ("source", before.doc.source() != after.doc.source()),
        ("vehicle", before.doc.car_list != after.doc.car_list),
        ("language", before.extra.language != after.extra.language),
    ];
    pairs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
