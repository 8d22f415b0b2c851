//! A status: how far one of our messages has come. Statuses arrive in any order, twice or not at all.

use forecourt_connect::received::{DeliveryStatus, Status};
use forecourt_record::{
    Attempt, Delivery, Direction, Document, Kind as _, MessageId, Result, WhatsappMessage, event::EventName,
};
use forecourt_store::Tx;
use serde_json::json;
use tracing::debug;

use crate::{
    message::event,
    outbox::{PROVIDER_ID, accepted, advance, know},
};

/// Moves the message on, if it is one of ours and the status is news. It also settles an attempt whose outcome nobody
/// could tell: whoever knows how far a message has come, has it.
pub(super) async fn apply(tx: &mut Tx, status: &Status) -> Result<()> {
    let DeliveryStatus::Known(delivery) = status.status else {
        debug!("a status nobody has heard of is neither success nor failure");
        return Ok(());
    };
    let Some(mut message) = find(tx, status).await? else {
        debug!("a status of a message that is not ours");
        return Ok(());
    };
    let before = message.extra.attempt;
    let was_known = message.extra.provider_id.is_some();
    accepted(&mut message);
    know(tx, &mut message, &status.provider_id).await?;
    let moved = advance(&mut message, delivery);
    if !moved && was_known && before == Attempt::Sent {
        return Ok(());
    }
    let error = status.error.as_ref().map(|(code, sentence)| format!("{code}: {sentence}"));
    match message.doc.delivery_status {
        Some(Delivery::Failed | Delivery::Undelivered) if moved => message.doc.delivery_error = error,
        Some(Delivery::Delivered | Delivery::Read) => message.doc.delivery_error = None,
        _ => {}
    }
    tx.update(&mut message).await?;
    if before != Attempt::Sent {
        event(tx, &message, EventName::MessageSent, json!({})).await?;
    }
    if moved && matches!(delivery, Delivery::Failed | Delivery::Undelivered) {
        let (code, reason) = status.error.clone().unwrap_or_default();
        event(tx, &message, EventName::MessageFailed, json!({"code": code, "reason": reason})).await?;
    }
    Ok(())
}

/// The message, by the provider's id, else by our own reference where the provider hands it back.
async fn find(tx: &mut Tx, status: &Status) -> Result<Option<Document<WhatsappMessage>>> {
    let known = tx.keys_find(WhatsappMessage::SPEC.name, &[(PROVIDER_ID, &status.provider_id)]).await?;
    let by_reference = || status.reference.as_ref()?.parse::<MessageId>().ok();
    let Some(id) = known.into_iter().next().map(|(_, _, id)| id).or_else(by_reference) else { return Ok(None) };
    let message = tx.get_for_update(id).await?;
    Ok(message.filter(|message| message.doc.direction == Some(Direction::Outbound)))
}
