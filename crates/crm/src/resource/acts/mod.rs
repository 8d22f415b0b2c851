//! What a kind does beyond being stored. The acts themselves are those of every other door: here they are only called.

mod car;
mod client;
mod sale_lead;

pub use client::{client_of, set_contact};

use forecourt_record::{Car, Client, Error, Kind as _, LeadImportTask, Note, Result, SaleLead, event::EventName};
use forecourt_store::{Raw, Tx};
use serde_json::json;

use super::write::{Writing, changed_members, event};
use crate::{computed, import};

/// Stores a document that has been checked, with the act of its kind.
pub async fn put(writing: &Writing, tx: &mut Tx, before: Option<Raw>, mut after: Raw) -> Result<()> {
    match writing.spec.name {
        name if name == SaleLead::SPEC.name => return sale_lead::put(writing, tx, before, &after).await,
        name if name == Car::SPEC.name => return car::put(tx, before, &after).await,
        name if name == Client::SPEC.name => return client::put(tx, before, &after).await,
        "contacts" => return client::put_contact(tx, before, after).await,
        "whatsappmessages" | "sms" | "chatmessages" | "conferences" if before.is_none() => {
            let carrier = writing.carriage.get().ok_or_else(|| Error::internal("nobody carries messages"))?;
            let is_history = writing.is_history(&after.doc);
            carrier.carry(tx, &writing.config, &mut after, is_history).await?;
        }
        name if name == LeadImportTask::SPEC.name => {
            let was = before.as_ref().map(|before| &before.doc);
            import::task::follow(tx, after.id.cast(), was, &mut after.doc).await?;
        }
        _ => {}
    }
    plain(tx, before, after).await
}

/// Stores a document that is nothing but itself.
async fn plain(tx: &mut Tx, before: Option<Raw>, mut after: Raw) -> Result<()> {
    let (name, data) = match &before {
        None => {
            computed::fresh(&mut after)?;
            tx.raw_insert(after.clone()).await?;
            (EventName::DocumentCreated, json!({"what": after.spec.singular}))
        }
        Some(before) => {
            tx.raw_update(&mut after).await?;
            let fields = changed_members(&before.doc, &after.doc).join(", ");
            (EventName::DocumentChanged, json!({"what": after.spec.singular, "fields": fields}))
        }
    };
    let name = if after.spec.name == Note::SPEC.name { EventName::NoteWritten } else { name };
    event(tx, &after, name, data).await
}
