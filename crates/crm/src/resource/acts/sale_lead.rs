//! A sale lead that comes in or is changed as a document: numbered, scored, counted and followed as any other lead.

use forecourt_record::{
    Client, Document, Result, SaleLead, SaleLeadExtra,
    event::EventName,
    scoring::{Answers, score},
    templates::Template,
};
use forecourt_store::{Raw, Tx};
use serde_json::{Value, json};

use super::super::write::{Writing, changed_members};
use crate::{
    intake::{FIRST_NUMBER, qualification},
    lead,
    schedule::{Arrival, arrives},
};

pub async fn put(writing: &Writing, tx: &mut Tx, before: Option<Raw>, after: &Raw) -> Result<()> {
    let mut lead: Document<SaleLead> = after.read()?;
    match &before {
        None => create(writing, tx, &mut lead, &after.doc).await?,
        Some(before) => change(writing, tx, before, &mut lead, &after.doc).await?,
    }
    Ok(())
}

async fn create(writing: &Writing, tx: &mut Tx, lead: &mut Document<SaleLead>, doc: &Value) -> Result<()> {
    let (config, scope) = (&writing.config, tx.scope());
    let is_history = writing.is_history(doc);
    let is_new = lead.doc.status_name() == lead::beginning(config);
    lead.extra = SaleLeadExtra {
        number: tx.number("leads", FIRST_NUMBER).await?,
        // Nobody has been asked anything yet.
        qualification: qualification(config, Answers::default(), &score(&config.scorecard, &Answers::default())),
        last_activity_at: Some(scope.now),
        day: config.zone().local_day(scope.now),
        templates_due: lead::greeting(config, Template::Created)
            .filter(|_| is_new && !is_history)
            .into_iter()
            .collect(),
        dialect: scope.dialect.to_owned(),
        ..SaleLeadExtra::default()
    };
    asked_by(tx, lead).await?;
    if lead.extra.language.is_none() {
        lead.extra.language = Some(config.language(lead.doc.location.as_deref()).to_owned());
    }
    tx.insert(lead).await?;
    lead::count_agents(tx, &config.dealer.doc.pipeline, None, Some(&lead.doc)).await?;
    let qualification = &lead.extra.qualification;
    let data = json!({
        "dialect": scope.dialect, "score": qualification.score, "filter": qualification.filter,
        "source": lead.doc.source(),
    });
    lead::event(tx, lead.id, EventName::LeadCreated, data).await?;
    if lead.doc.current_assigned.is_some() {
        handed_over(writing, tx, lead, "named in the enquiry").await?;
    }
    if is_history {
        return Ok(());
    }
    arrives(tx, config, lead, Arrival::New).await?;
    lead::wake(tx, lead.id).await
}

async fn change(
    writing: &Writing,
    tx: &mut Tx,
    before: &Raw,
    lead: &mut Document<SaleLead>,
    doc: &Value,
) -> Result<()> {
    let old: Document<SaleLead> = before.read()?;
    let now = tx.scope().now;
    if lead.doc.client_id != old.doc.client_id {
        asked_by(tx, lead).await?;
    }
    lead.extra.last_activity_at = Some(now);
    if writing.caller.actor.user().is_some() {
        (lead.extra.worked_at, lead.extra.idle_alerts) = (Some(now), 0);
    }
    let (from, to) = (old.doc.status_name(), lead.doc.status_name().to_owned());
    if from != to {
        lead::event(tx, lead.id, EventName::LeadStatusChanged, json!({"from": from, "to": to})).await?;
        lead::entered(&writing.config, lead, &to);
        arrives(tx, &writing.config, lead, Arrival::Moved).await?;
    }
    let owner = |lead: &SaleLead| lead.current_assigned.as_ref().and_then(|current| current.to.clone());
    if owner(&old.doc) != owner(&lead.doc) {
        handed_over(writing, tx, lead, "handed over").await?;
    }
    let mut fields = changed_members(&before.doc, doc);
    fields.retain(|name| !["status", "status_history", "assigned", "current_assigned"].contains(&name.as_str()));
    if !fields.is_empty() {
        lead::event(tx, lead.id, EventName::LeadChanged, json!({"fields": fields.join(", ")})).await?;
    }
    lead::store(tx, &writing.config, &old.doc, lead).await?;
    lead::wake(tx, lead.id).await
}

async fn handed_over(writing: &Writing, tx: &mut Tx, lead: &Document<SaleLead>, reason: &str) -> Result<()> {
    let to = lead.doc.current_assigned.as_ref().and_then(|current| current.to.clone());
    let user = lead.doc.owner().and_then(|user| writing.config.user(user));
    let name = user.map(|user| user.doc.name.clone()).or_else(|| to.clone());
    lead::event(tx, lead.id, EventName::LeadAssigned, json!({"to": to, "to_name": name, "reason": reason})).await
}

/// Who asks is the lead's client, by the first of its contacts; a lead may have none.
async fn asked_by(tx: &mut Tx, lead: &mut Document<SaleLead>) -> Result<()> {
    let Some(id) = lead.doc.client_id else { return Ok(()) };
    let client = tx.require::<Client>(id).await?;
    lead::asked_by(lead, &client);
    Ok(())
}
