//! Documents to store.

use forecourt_record::{
    Assignment, Client, ClientExtra, Document, LeadId, Note, Origin, Qualification, SaleLead, SaleLeadExtra, Status,
    event::{Event, EventName},
    text,
};
use serde_json::{Value, json};

use super::{NOW, id};

/// A client with names, phones and e-mail addresses.
pub fn client(names: &[&str], phones: &[&str], emails: &[&str]) -> Document<Client> {
    let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
    let doc = Client {
        contacts_names: texts(names),
        contacts_phones: texts(phones),
        contacts_emails: texts(emails),
        ..Client::default()
    };
    let extra = ClientExtra { sort_name: text::folded(names.first().unwrap_or(&"")), ..ClientExtra::default() };
    Document::new(id(), NOW, doc, extra)
}

/// What a lead of the tests differs in.
#[derive(Clone, Debug, Default)]
pub struct Lead {
    pub number: i64,
    pub status: Option<&'static str>,
    pub location: Option<&'static str>,
    pub source: Option<&'static str>,
    pub owner: Option<&'static str>,
    pub filter: &'static str,
    pub score: i64,
    pub cost: Option<f64>,
    pub day: &'static str,
    pub inquiry: Option<&'static str>,
}

impl Lead {
    pub fn document(&self) -> Document<SaleLead> {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let doc = SaleLead {
            status: self.status.map(|status| Status { status: Some(status.into()), ..Status::default() }),
            location: text(self.location),
            origin: self.source.map(|source| Origin { source: Some(source.into()), ..Origin::default() }),
            current_assigned: self.owner.map(|owner| Assignment { to: Some(owner.into()), ..Assignment::default() }),
            inquiry: text(self.inquiry),
            cost: self.cost.and_then(serde_json::Number::from_f64),
            ..SaleLead::default()
        };
        let extra = SaleLeadExtra {
            number: self.number,
            qualification: Qualification { score: self.score, filter: self.filter.into(), ..Qualification::default() },
            day: self.day.into(),
            ..SaleLeadExtra::default()
        };
        Document::new(id(), NOW, doc, extra)
    }
}

/// A note: a cheap document.
pub fn note(content: &str) -> Document<Note> {
    Document::new(id(), NOW, Note { content: Some(content.into()), ..Note::default() }, ())
}

/// The event that every lead has.
pub fn arrival(lead: LeadId) -> Event {
    event(EventName::LeadCreated, Some(lead), json!({"dialect": "test"}))
}

pub fn event(name: EventName, lead: Option<LeadId>, data: Value) -> Event {
    Event { name, kind: "saleleads", id: lead.map_or_else(id, forecourt_record::Id::cast), lead, data }
}
