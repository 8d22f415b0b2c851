//! From the Cloud API's types to ours: what a status means, and a readable text for every type of message.

use forecourt_record::{Delivery, Instant};

use super::wire;
use crate::{
    Private,
    received::{DeliveryStatus, Media, Message, Notice, Problem, Received, Status},
};

/// Whom a change is about: the dealer's number, and the people it names.
pub struct Scene {
    pub to_number: Option<String>,
    pub phone_number_id: Option<String>,
    pub contacts: Vec<wire::Contact>,
}

/// `Err` says in a few words what is missing, without quoting the message.
pub fn message(message: wire::Message, scene: &Scene) -> Result<Received, &'static str> {
    let provider_id = message.id.get().ok_or("has no id")?.to_owned();
    let at = instant(&message.timestamp).ok_or("has no readable timestamp")?;
    let from = e164(message.from.get()).map(Private::new);
    let kind = message.r#type.get().unwrap_or("unsupported").to_owned();
    if kind == "system" {
        return Ok(Received::Notice(notice(message.system.unwrap_or_default(), provider_id, from, scene, at)));
    }
    if from.is_none() && message.from_user_id.get().is_none() {
        return Err("has no sender");
    }
    let profile_name = profile_name(&message, scene).map(Private::new);
    let reply_to = [
        message.reaction.as_ref().and_then(|reaction| reaction.message_id.get()),
        message.context.as_ref().and_then(|context| context.id.get()),
    ]
    .into_iter()
    .flatten()
    .next()
    .map(str::to_owned);
    Ok(Received::Message(Message {
        provider_id,
        from,
        to_number: scene.to_number.clone(),
        phone_number_id: scene.phone_number_id.clone(),
        profile_name,
        at,
        body: body(&kind, &message).into(),
        media: file(&kind, &message).and_then(media).into_iter().collect(),
        reply_to,
        user_id: message.from_user_id.take().map(Private::new),
    }))
}

pub fn status(status: wire::Status, scene: &Scene) -> Result<Received, &'static str> {
    let error = status.errors.unwrap_or_default().into_iter().next().map(|fault| {
        let detail = detail(&fault);
        (fault.code.take().unwrap_or_default(), detail)
    });
    Ok(Received::Status(Status {
        provider_id: status.id.take().ok_or("has no id")?,
        reference: status.biz_opaque_callback_data.take(),
        phone_number_id: scene.phone_number_id.clone(),
        status: delivery_status(status.status.get().ok_or("has no status")?),
        recipient: e164(status.recipient_id.get()).map(Private::new),
        at: instant(&status.timestamp).ok_or("has no readable timestamp")?,
        error,
    }))
}

pub fn problem(fault: wire::Fault) -> Received {
    let detail = detail(&fault);
    Received::Problem(Problem {
        code: fault.code.take().unwrap_or_default(),
        title: fault.title.take().unwrap_or_default(),
        detail,
    })
}

fn delivery_status(name: &str) -> DeliveryStatus {
    DeliveryStatus::Known(match name {
        "sent" => Delivery::Sent,
        "delivered" => Delivery::Delivered,
        "read" => Delivery::Read,
        "failed" => Delivery::Failed,
        unknown => return DeliveryStatus::Unknown(unknown.to_owned()),
    })
}

/// Meta: build on code and details, never on the title.
fn detail(fault: &wire::Fault) -> String {
    let details = fault.error_data.as_ref().and_then(|data| data.details.get());
    details.or(fault.message.get()).or(fault.title.get()).unwrap_or_default().to_owned()
}

fn notice(system: wire::System, provider_id: String, from: Option<Private>, scene: &Scene, at: Instant) -> Notice {
    let kind = system.r#type.take().unwrap_or_else(|| "system".to_owned());
    Notice {
        provider_id,
        from,
        new_number: e164(system.wa_id.get().or(system.new_wa_id.get())).map(Private::new),
        phone_number_id: scene.phone_number_id.clone(),
        at,
        body: system.body.take().unwrap_or_else(|| format!("[{kind}]")).into(),
        kind,
    }
}

/// The name of the contact who is the sender; a lone contact is.
fn profile_name(message: &wire::Message, scene: &Scene) -> Option<String> {
    let is_sender = |contact: &&wire::Contact| {
        let same = |a: &wire::Text, b: &wire::Text| a.get().is_some() && a.get() == b.get();
        same(&contact.wa_id, &message.from) || same(&contact.user_id, &message.from_user_id)
    };
    let contact = match scene.contacts.as_slice() {
        [only] => only,
        many => many.iter().find(is_sender)?,
    };
    let profile = contact.profile.as_ref()?;
    profile.name.get().or(profile.username.get()).map(str::to_owned)
}

fn body(kind: &str, message: &wire::Message) -> String {
    let said = match kind {
        "text" => message.text.as_ref().and_then(|text| text.body.get()).map(str::to_owned),
        "button" => {
            message.button.as_ref().and_then(|button| button.text.get().or(button.payload.get())).map(str::to_owned)
        }
        "interactive" => message.interactive.as_ref().map(interactive),
        "reaction" => message.reaction.as_ref().map(|reaction| match reaction.emoji.get() {
            Some(emoji) => format!("[reaction {emoji}]"),
            None => "[reaction removed]".to_owned(),
        }),
        "location" => message.location.as_ref().map(location),
        "contacts" => message.contacts.as_deref().map(cards),
        "order" => message.order.as_ref().map(order),
        "unsupported" | "unknown" => message
            .unsupported
            .as_ref()
            .and_then(|unsupported| unsupported.r#type.get())
            .map(|kind| format!("[unsupported {kind}]")),
        kind => file(kind, message).and_then(|file| {
            let caption = file.caption.get().map(str::to_owned);
            caption.or_else(|| file.filename.get().map(|name| format!("[{kind} {name}]")))
        }),
    };
    said.unwrap_or_else(|| {
        let voice = kind == "audio" && file(kind, message).is_some_and(|file| file.voice == Some(true));
        format!("[{}]", if voice { "voice" } else { kind })
    })
}

fn file<'a>(kind: &str, message: &'a wire::Message) -> Option<&'a wire::File> {
    match kind {
        "audio" => message.audio.as_ref(),
        "voice" => message.voice.as_ref(),
        "document" => message.document.as_ref(),
        "image" => message.image.as_ref(),
        "sticker" => message.sticker.as_ref(),
        "video" => message.video.as_ref(),
        _ => None,
    }
}

fn media(file: &wire::File) -> Option<Media> {
    let content_type = file.mime_type.get().unwrap_or_default();
    Some(Media {
        id: file.id.get()?.to_owned(),
        content_type: content_type.split(';').next().unwrap_or_default().trim().to_owned(),
        caption: file.caption.get().map(Private::from),
    })
}

fn interactive(interactive: &wire::Interactive) -> String {
    if let Some(choice) = interactive.button_reply.as_ref().or(interactive.list_reply.as_ref()) {
        return choice.title.get().or(choice.id.get()).unwrap_or("[interactive]").to_owned();
    }
    if let Some(form) = &interactive.nfm_reply {
        return bracket("form", [form.name.get(), form.response_json.get()]);
    }
    bracket("interactive", [interactive.r#type.get()])
}

fn location(place: &wire::Place) -> String {
    let point = place.latitude.get().zip(place.longitude.get()).map(|(lat, lon)| format!("{lat},{lon}"));
    bracket("location", [point.as_deref(), place.name.get(), place.address.get()])
}

fn cards(cards: &[wire::Card]) -> String {
    let lines: Vec<String> = cards
        .iter()
        .map(|card| {
            let name = card.name.as_ref().and_then(|name| name.formatted_name.get());
            let phones = card.phones.iter().flatten().map(|phone| phone.phone.get().or(phone.wa_id.get()));
            bracket("contact", [name].into_iter().chain(phones))
        })
        .collect();
    if lines.is_empty() { "[contacts]".to_owned() } else { lines.join(" ") }
}

fn order(order: &wire::Order) -> String {
    let items: Vec<String> = order
        .product_items
        .iter()
        .flatten()
        .map(|item| {
            let [id, quantity] = [&item.product_retailer_id, &item.quantity].map(|text| text.get().unwrap_or("?"));
            let price =
                item.item_price.get().map(|price| format!(" at {price} {}", item.currency.get().unwrap_or_default()));
            format!("{quantity} x {id}{}", price.unwrap_or_default().trim_end())
        })
        .collect();
    let items = items.join("; ");
    let list = bracket("order", [Some(items.as_str()).filter(|items| !items.is_empty())]);
    order.text.get().map(|text| format!("{text} {list}")).unwrap_or(list)
}

/// `[name part part]`, leaving out what is not there.
fn bracket<'a>(name: &'a str, parts: impl IntoIterator<Item = Option<&'a str>>) -> String {
    let words: Vec<&str> = [name].into_iter().chain(parts.into_iter().flatten()).collect();
    format!("[{}]", words.join(" "))
}

/// E.164 with `+`, out of digits with or without it; `None` for anything that is no such number, a group's id for one.
pub fn e164(text: Option<&str>) -> Option<String> {
    let text = text?.trim();
    let number = text.strip_prefix('+').unwrap_or(text);
    let fits = (7..=15).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && !number.starts_with('0');
    fits.then(|| format!("+{number}"))
}

/// Epoch seconds.
fn instant(text: &wire::Text) -> Option<Instant> {
    let seconds: u32 = text.get()?.parse().ok()?;
    Some(Instant::from_millis(i64::from(seconds) * 1000))
}
