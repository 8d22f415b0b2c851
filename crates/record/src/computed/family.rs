//! A client with its leads and all that was said and done: what the facets of a client and of a lead stand on.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Paper, Talk, client, lead, put};
use crate::{Id, LeadType, Result};

/// The kinds of communication.
pub const TALKS: [&str; 5] = ["conferences", "emails", "sms", "whatsappsessions", "chatsessions"];
/// The kinds of what belongs to a lead and its client.
pub const WORKS: [&str; 4] = ["notes", "tasks", "dates", "offers"];
/// The kinds of lead.
pub const LEADS: [&str; 3] = ["saleleads", "appraisalleads", "aftersaleleads"];

/// Documents by kind. A kind that is missing was not looked up: what stands on it stays as it was.
pub type Papers = HashMap<&'static str, Vec<Paper>>;

/// A client, its leads, and other documents of theirs. A lead without a client is a family of its own.
#[derive(Clone, Debug, Default)]
pub struct Family {
    pub client: Option<Paper>,
    pub leads: Vec<Paper>,
    pub papers: Papers,
}

/// The collection of a kind of lead.
pub const fn collection(lead: LeadType) -> &'static str {
    match lead {
        LeadType::SaleLead => "saleleads",
        LeadType::AppraisalLead => "appraisalleads",
        LeadType::AftersaleLead => "aftersaleleads",
    }
}

/// The lead a document belongs to: its collection and id. Where the kind of lead is not said it is a sale lead.
pub fn lead_named(paper: &Paper) -> Result<Option<(&'static str, Id<()>)>> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Part {
        lead_id: Option<Id<()>>,
        lead_type: Option<LeadType>,
    }
    if paper.kind == "whatsappmessages" {
        return Ok(paper.own::<Part>()?.lead_id.map(|id| ("saleleads", id)));
    }
    let part: Part = paper.read()?;
    Ok(part.lead_id.map(|id| (part.lead_type.map_or("saleleads", collection), id)))
}

/// The client a document names.
pub fn client_of(paper: &Paper) -> Option<Id<()>> {
    paper.text("client_id")?.parse().ok()
}

impl Family {
    fn of_lead(&self, kind: &str, lead: &Paper) -> Result<Option<Vec<&Paper>>> {
        let Some(papers) = self.papers.get(kind) else { return Ok(None) };
        let mut own = Vec::new();
        for paper in papers {
            if lead_named(paper)? == Some((lead.kind, lead.id)) {
                own.push(paper);
            }
        }
        Ok(Some(own))
    }

    /// What belongs to the client: what names it, and what names no client but one of its leads.
    fn of_client(&self, kind: &str, client: Id<()>) -> Result<Option<Vec<&Paper>>> {
        let Some(papers) = self.papers.get(kind) else { return Ok(None) };
        let mut own = Vec::new();
        for paper in papers {
            let is_own = match (client_of(paper), lead_named(paper)?) {
                (Some(named), _) => named == client,
                (None, Some(lead)) => self.leads.iter().any(|one| (one.kind, one.id) == lead),
                (None, None) => false,
            };
            if is_own {
                own.push(paper);
            }
        }
        Ok(Some(own))
    }

    /// The communications, when all their kinds were looked up.
    fn talks(&self) -> Result<Option<Vec<Talk>>> {
        let mut talks = Vec::new();
        for kind in TALKS {
            let Some(papers) = self.papers.get(kind) else { return Ok(None) };
            for paper in papers {
                talks.push(Talk::of(paper)?);
            }
        }
        Ok(Some(talks))
    }

    /// The client's computed part anew. Offers and chat sessions have to be there; of other kinds that were not looked
    /// up `before` says what they came to.
    pub fn client(&self, before: &Value) -> Result<Value> {
        let mut computed = before.clone();
        let Some(client) = &self.client else { return Ok(computed) };
        for kind in LEADS {
            let leads: Vec<&Paper> = self.leads.iter().filter(|lead| lead.kind == kind).collect();
            put(&mut computed, client::lead_counts(kind, &leads)?);
        }
        if let Some(talks) = self.talks()? {
            put(&mut computed, client::talked(&talks));
        }
        if let Some(notes) = self.of_client("notes", client.id)? {
            put(&mut computed, client::notes(&notes, None)?);
            put(&mut computed, vec![("client_oldest_undone_note_notification", super::value(client::undone(&notes)?))]);
        }
        if let Some(tasks) = self.of_client("tasks", client.id)? {
            put(&mut computed, client::tasks(&tasks)?);
            put(&mut computed, vec![("client_oldest_undone_task_notification", super::value(client::undone(&tasks)?))]);
        }
        if let Some(dates) = self.of_client("dates", client.id)? {
            put(&mut computed, client::dates(&dates)?);
            put(&mut computed, vec![("client_oldest_undone_date_notification", super::value(client::undone(&dates)?))]);
        }
        let offers = self.of_client("offers", client.id)?.unwrap_or_default();
        put(&mut computed, client::offers(&offers));
        let chats: Vec<&Paper> = self.papers.get("chatsessions").into_iter().flatten().collect();
        let others = [client::undone(&offers)?, client::undone(&chats)?].into_iter().flatten().min();
        let totals = client::totals(&computed, others);
        put(&mut computed, totals);
        Ok(computed)
    }

    /// The computed part of one of the leads anew, but for its cars and its vehicle. `client` is the client's computed
    /// part; of kinds that were not looked up `before` says what they came to.
    pub fn lead(&self, lead: &Paper, client: &Value, before: &Value) -> Result<Value> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Own {
            note_id: Option<Id<()>>,
        }
        let mut computed = before.clone();
        put(&mut computed, lead::copied(self.client.as_ref().map(|paper| (paper, client))));
        put(&mut computed, lead::assigned(lead)?);
        if let Some(notes) = self.of_lead("notes", lead)? {
            put(&mut computed, client::notes(&notes, lead.own::<Own>()?.note_id)?);
        }
        if let Some(tasks) = self.of_lead("tasks", lead)? {
            put(&mut computed, client::tasks(&tasks)?);
            put(&mut computed, lead::lead_tasks(&tasks)?);
        }
        if let Some(dates) = self.of_lead("dates", lead)? {
            put(&mut computed, client::dates(&dates)?);
            put(&mut computed, lead::lead_dates(&dates)?);
        }
        if let Some(offers) = self.of_lead("offers", lead)? {
            put(&mut computed, client::offers(&offers));
            put(&mut computed, lead::lead_offers(&offers));
        }
        if let Some(talks) = self.talks()? {
            let messages = self.of_lead("whatsappmessages", lead)?;
            let answered_at = lead::first_answer(lead.created_at, &talks, messages.as_deref().unwrap_or_default())?;
            // Messages that were not looked up have not become fewer: what they came to is in the old answer.
            let old = computed["response_time"].clone();
            put(&mut computed, lead::response(lead.created_at, answered_at));
            if messages.is_none() {
                let earliest = old.as_u64().into_iter().chain(computed["response_time"].as_u64()).min();
                put(&mut computed, vec![("response_time", super::value(earliest))]);
            }
        }
        Ok(computed)
    }
}
