//! What happens elsewhere and matters to an enrolment: an answer, a wish not to be contacted, the end of a message.

use forecourt_crm::{Config, computed};
use forecourt_query::{Filter, Find};
use forecourt_record::{
    ClientId, Document, Enrolment, EnrolmentId, EnrolmentStatus, Id, Instant, LeadId, MessageExtra, Result,
};
use forecourt_store::Tx;

use super::{Cause, end, wake};
use crate::calls;

/// A person is on no more schedules at a time.
const MOST: i64 = 1_000;

/// The enrolments under way that have this id in a column, oldest first.
async fn live(tx: &mut Tx, column: &'static str, id: String) -> Result<Vec<Document<Enrolment>>> {
    let statuses = EnrolmentStatus::LIVE.iter().map(|status| Filter::eq("status", status.as_str()));
    let filter = Filter::And(vec![Filter::eq(column, id), Filter::Or(statuses.collect())]);
    let mut found = tx.find::<Enrolment>(&Find::newest(filter, MOST)).await?;
    found.reverse();
    Ok(found)
}

/// The person of a lead has answered: its schedules look whether that ends them. The lead is held by the caller.
pub(crate) async fn answered(tx: &mut Tx, lead: LeadId, at: Instant) -> Result<()> {
    let now = tx.scope().now;
    for seen in live(tx, "lead_id", lead.to_string()).await? {
        if seen.doc.replied_at.is_some() || at < seen.doc.begun_at {
            continue;
        }
        let mut enrolment: Document<Enrolment> = tx.require_for_update(seen.id).await?;
        enrolment.doc.replied_at = Some(at);
        tx.update(&mut enrolment).await?;
        wake(tx, enrolment.id, now, enrolment.doc.lead_priority).await?;
    }
    Ok(())
}

/// An agent speaks with the person of a lead. The lead is held by the caller.
pub(crate) async fn connected(tx: &mut Tx, lead: LeadId, at: Instant) -> Result<()> {
    let now = tx.scope().now;
    for seen in live(tx, "lead_id", lead.to_string()).await? {
        let mut enrolment: Document<Enrolment> = tx.require_for_update(seen.id).await?;
        enrolment.doc.connected_at.get_or_insert(at);
        tx.update(&mut enrolment).await?;
        wake(tx, enrolment.id, now, enrolment.doc.lead_priority).await?;
    }
    Ok(())
}

/// Something has changed about a lead: its schedules look whether that ends them.
pub(crate) async fn look_again(tx: &mut Tx, lead: LeadId) -> Result<()> {
    let now = tx.scope().now;
    for seen in live(tx, "lead_id", lead.to_string()).await? {
        wake(tx, seen.id, now, seen.doc.lead_priority).await?;
    }
    Ok(())
}

/// A person must not be contacted: every schedule ends at once. The client is held by the caller.
pub(crate) async fn end_all(tx: &mut Tx, config: &Config, client: ClientId, cause: Cause) -> Result<()> {
    let theirs = live(tx, "client_id", client.to_string()).await?;
    end_each(tx, config, theirs, cause).await
}

/// A person does not want to be contacted: every schedule of the client ends at once, and every one that would call or
/// write to the address. A client that is known is held by the caller.
pub(crate) async fn opted_out(tx: &mut Tx, config: &Config, client: Option<ClientId>, address: &str) -> Result<()> {
    let mut theirs = live(tx, "caller_id", address.to_owned()).await?;
    if let Some(client) = client {
        theirs.extend(live(tx, "client_id", client.to_string()).await?);
    }
    theirs.sort_by_key(|seen| seen.id);
    theirs.dedup_by_key(|seen| seen.id);
    end_each(tx, config, theirs, Cause::OptedOut).await
}

async fn end_each(tx: &mut Tx, config: &Config, theirs: Vec<Document<Enrolment>>, cause: Cause) -> Result<()> {
    for seen in theirs {
        computed::hold_client_of(tx, seen.doc.lead_id).await?;
        let mut enrolment = tx.require_for_update(seen.id).await?;
        if enrolment.doc.status.is_live() {
            end(tx, config, &mut enrolment, cause).await?;
        }
    }
    Ok(())
}

/// A message has its outcome, or is held back: the enrolment whose step it is looks at it.
pub(crate) async fn settled(tx: &mut Tx, message: &MessageExtra) -> Result<()> {
    let now = tx.scope().now;
    if message.call.is_some() {
        calls::wake_pacer(tx, now).await?;
    }
    let Some(enrolment) = message.enrolment_id else { return Ok(()) };
    wake(tx, enrolment, now, 0).await
}

/// Whether the enrolment that a message is a step of is over, or waits for it no more since it has begun anew, so that the
/// message must not go any more.
pub(crate) async fn is_over(tx: &mut Tx, enrolment: Option<EnrolmentId>, message: Id<()>) -> Result<bool> {
    let Some(id) = enrolment else { return Ok(false) };
    let waits = |enrolment: &Enrolment| enrolment.under_way.as_ref().is_some_and(|under_way| under_way.id == message);
    let found = tx.get::<Enrolment>(id).await?;
    Ok(!found.is_some_and(|enrolment| enrolment.doc.status.is_live() && waits(&enrolment.doc)))
}
