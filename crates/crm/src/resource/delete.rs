//! A document deleted with everything that belongs to it. The log keeps who deleted which id, and nothing personal.

use std::collections::HashSet;

use forecourt_query::Filter;
use forecourt_record::{
    Client, Code, Document, Error, Id, KINDS, Kind as _, Result, SaleLead,
    event::{Event, EventName},
    spec::{KindSpec, Part, Reference, Target},
};
use forecourt_store::{Command, Raw, Tx};
use serde_json::{Value, json};

use super::{
    acts::{client_of, set_contact},
    references::{belonging, lead_kind},
    sight, talks,
    write::Writing,
};
use crate::{
    Config,
    lead::{count_agents, follow_key},
};

/// Deletes a document.
pub struct Delete {
    pub writing: Writing,
    pub id: Id<()>,
    /// A client goes with its leads.
    pub cascade: bool,
    pub if_match: Option<i64>,
}

impl Command for Delete {
    type Output = ();

    const TAKES_AWAY: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let writing = &self.writing;
        let root = writing.required(tx, self.id, self.if_match).await?;
        let family = family(tx, vec![root], Conversation::Stays).await?;
        if writing.spec.name == Client::SPEC.name {
            self.may_go(tx, &family).await?;
        }
        erase(tx, &writing.config, family).await
    }
}

impl Delete {
    /// A client that has leads goes only when they may go too, and the caller sees them all.
    async fn may_go(&self, tx: &mut Tx, family: &Family) -> Result<()> {
        let sight = &self.writing.caller.sight;
        for raw in family.0.iter().filter(|raw| is_lead(raw.spec)) {
            if !self.cascade || !sight::sees(tx, sight, raw.spec, &raw.doc).await? {
                let detail = "The client has leads. Delete them first, or all together with cascade=true.";
                return Err(Error::new(Code::StillReferenced, detail));
            }
        }
        Ok(())
    }
}

/// What becomes of the messages with a client when a lead of it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conversation {
    /// They are the client's, and stay with it.
    Stays,
    /// They are erased with the lead.
    Goes,
}

/// Documents, and after each those that belong to it.
pub(crate) struct Family(Vec<Raw>);

impl Family {
    /// How many leads of any kind there are among them.
    pub fn leads(&self) -> usize {
        self.0.iter().filter(|raw| is_lead(raw.spec)).count()
    }
}

/// The documents with all that belong to them.
pub(crate) async fn family(tx: &mut Tx, roots: Vec<Raw>, conversation: Conversation) -> Result<Family> {
    let mut all = roots;
    let mut known: HashSet<(&str, Id<()>)> = all.iter().map(|raw| (raw.spec.name, raw.id)).collect();
    let mut at = 0;
    while let Some((parent, id, lead)) = all.get(at).map(|raw| (raw.spec, raw.id, is_lead(raw.spec))) {
        for spec in KINDS.iter().copied() {
            for reference in belonging(spec, parent) {
                if lead && reference.part == Part::Extra && conversation == Conversation::Stays {
                    continue;
                }
                let found = children(tx, spec, reference, parent, id).await?;
                all.extend(found.into_iter().filter(|child| known.insert((spec.name, child.id))));
            }
        }
        if parent.name == Client::SPEC.name {
            let found = talks::with(tx, &all[at]).await?;
            all.extend(found.into_iter().filter(|talk| known.insert((talk.spec.name, talk.id))));
        }
        at += 1;
    }
    Ok(Family(all))
}

/// The documents of a kind that this reference makes belong to a document.
async fn children(
    tx: &mut Tx,
    spec: &'static KindSpec,
    reference: &Reference,
    parent: &KindSpec,
    id: Id<()>,
) -> Result<Vec<Raw>> {
    let Some(hot) = spec.hot_at(reference.part, reference.path) else {
        return Err(Error::internal(format!("{} of {} is no column to look by", reference.path, spec.name)));
    };
    // Held, so that nobody gives them something to belong to them before they are gone.
    let mut found = tx.raw_find_for_update(spec, Filter::eq(hot.column, id.to_string())).await?;
    if reference.target == Target::Lead {
        found.retain(|raw| lead_kind(&raw.doc["lead_type"]) == parent.name);
    }
    Ok(found)
}

fn is_lead(spec: &KindSpec) -> bool {
    ["saleleads", "appraisalleads", "aftersaleleads"].contains(&spec.name)
}

/// Deletes documents with all that belong to them, children first.
pub(crate) async fn erase(tx: &mut Tx, config: &Config, family: Family) -> Result<()> {
    let going: HashSet<Id<()>> = family.0.iter().map(|raw| raw.id).collect();
    for raw in family.0.into_iter().rev() {
        match raw.spec.name {
            name if name == SaleLead::SPEC.name => lead(tx, config, &raw).await?,
            name if name == Client::SPEC.name => client(tx, &raw).await?,
            _ => {
                tx.raw_delete(raw.spec, raw.id).await?;
                // Without its lead: that may be gone, and what it said with it.
                gone(tx, &raw, EventName::DocumentDeleted, json!({"what": raw.spec.singular})).await?;
            }
        }
        if raw.spec.name == "contacts"
            && let Some(client) = client_of(&raw)?.filter(|client| !going.contains(&client.cast()))
        {
            set_contact(tx, client, raw.id, None).await?;
        }
    }
    Ok(())
}

async fn lead(tx: &mut Tx, config: &Config, raw: &Raw) -> Result<()> {
    let lead: Document<SaleLead> = raw.read()?;
    count_agents(tx, &config.dealer.doc.pipeline, Some(&lead.doc), None).await?;
    tx.job_cancel(&follow_key(lead.id)).await?;
    tx.lead_events_empty(lead.id).await?;
    forget_lead(tx, raw.id).await?;
    tx.raw_delete(raw.spec, raw.id).await?;
    gone(tx, raw, EventName::LeadErased, json!({})).await
}

/// Messages that stay, on whatever channel, know their lead no more.
async fn forget_lead(tx: &mut Tx, lead: Id<()>) -> Result<()> {
    for spec in KINDS.iter().copied() {
        for reference in belonging(spec, SaleLead::SPEC).filter(|reference| reference.part == Part::Extra) {
            for mut message in children(tx, spec, reference, SaleLead::SPEC, lead).await? {
                if let Some(extra) = message.extra.as_object_mut() {
                    extra.shift_remove(reference.path);
                }
                tx.raw_update(&mut message).await?;
            }
        }
    }
    Ok(())
}

async fn client(tx: &mut Tx, raw: &Raw) -> Result<()> {
    let client: Document<Client> = raw.read()?;
    tx.raw_delete(raw.spec, raw.id).await?;
    for phone in &client.doc.contacts_phones {
        tx.inbound_forget(phone).await?;
    }
    gone(tx, raw, EventName::ClientErased, json!({})).await
}

async fn gone(tx: &mut Tx, raw: &Raw, name: EventName, data: Value) -> Result<()> {
    tx.event(Event { name, kind: raw.spec.name, id: raw.id, lead: None, data }).await
}
