//! Messages and calls that go out by a provider: what the outbox needs to know of them.

use std::{future::Future, time::Duration};

use forecourt_connect::Content;
use forecourt_crm::Config;
use forecourt_record::{
    CallStatus, ChatMessage, ChatParticipant, Conference, Delivery, Document, EmailMessage, Kind, MessageExtra, Result,
    SessionId, Sms, WhatsappMessage,
};
use forecourt_store::Tx;

use crate::{
    calls::{self, CALL},
    gate::{Contact, WHATSAPP},
};

/// A kind of message that the outbox sends.
pub(crate) trait Parcel: Kind<Extra = MessageExtra> {
    /// The job that sends one: `{"message": id}`.
    const SEND: &'static str;
    /// The channel, as events name it; the first one has none.
    const CHANNEL: Option<&'static str>;

    /// The contact it is, on a channel without a window.
    const CONTACT: Option<Contact>;
    /// As whom the stand-in calls back about one, where it plays people there.
    const PLAYED: Option<&'static str> = None;
    /// Whether one that is held waits for its hour; otherwise it is given up, and whoever wanted it asks again.
    const WAITS: bool = true;

    /// The session whose window it needs.
    fn session(&self) -> Option<SessionId> {
        None
    }
    /// How far it came, where the published document says so.
    fn delivery(&self) -> Option<Delivery> {
        None
    }
    fn set_delivery(&mut self, _: Delivery) {}
    /// It did not go, for this reason; where the published document says so.
    fn failed(&mut self, _code: &str, _reason: &str) {}
    /// Why it need not go any more, beside what the gate says.
    fn obsolete<'a>(
        _: &'a mut Tx,
        _: &'a Document<Self>,
    ) -> impl Future<Output = Result<Option<&'static str>>> + Send + 'a {
        async { Ok(None) }
    }
    /// What the provider is given; none where it lacks what it needs.
    fn content(message: &Document<Self>, _: &Config) -> Option<Content> {
        let body = message.doc.body()?.to_owned().into();
        Some(match message.extra.template.clone() {
            None => Content::Text { body },
            Some(template) => Content::Template {
                name: template.name,
                language: template.language,
                parameters: template.parameters.into_iter().map(Into::into).collect(),
                body,
            },
        })
    }
    fn from(&self) -> Option<&str>;
    fn to(&self) -> Option<&str>;
    fn body(&self) -> Option<&str>;
    /// The location it was sent for, by its code.
    fn location(&self) -> Option<&str>;
}

impl Parcel for WhatsappMessage {
    const SEND: &'static str = "whatsapp.send@1";
    const CHANNEL: Option<&'static str> = None;
    const CONTACT: Option<Contact> = None;
    const PLAYED: Option<&'static str> = Some(WHATSAPP);

    fn session(&self) -> Option<SessionId> {
        self.session_id
    }

    fn delivery(&self) -> Option<Delivery> {
        self.delivery_status
    }

    fn set_delivery(&mut self, delivery: Delivery) {
        self.delivery_status = Some(delivery);
    }

    fn failed(&mut self, code: &str, reason: &str) {
        self.delivery_error = Some(format!("{code}: {reason}"));
    }

    fn from(&self) -> Option<&str> {
        self.from.as_deref()
    }

    fn to(&self) -> Option<&str> {
        self.to.as_deref()
    }

    fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }

    fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }
}

/// The published text message says nothing of its delivery: how far it came is known to us alone.
impl Parcel for Sms {
    const SEND: &'static str = "sms.send@1";
    const CHANNEL: Option<&'static str> = Some("Text message");
    const CONTACT: Option<Contact> = Some(Contact::Sms);

    fn from(&self) -> Option<&str> {
        self.from.as_deref()
    }

    fn to(&self) -> Option<&str> {
        self.to.as_deref()
    }

    fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }

    fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }
}

/// As whom the stand-in calls back about mails.
pub(crate) const MAIL: &str = "mail";

/// No API publishes mails: how far one came is known to us alone.
impl Parcel for EmailMessage {
    const SEND: &'static str = "mail.send@1";
    const CHANNEL: Option<&'static str> = Some("Mail");
    const CONTACT: Option<Contact> = Some(Contact::Email);
    const PLAYED: Option<&'static str> = Some(MAIL);

    fn content(message: &Document<Self>, _: &Config) -> Option<Content> {
        let EmailMessage { subject, body, .. } = &message.doc;
        Some(Content::Mail {
            subject: subject.clone()?.into(),
            body: body.clone()?.into(),
            message_id: message.extra.message_id.clone()?,
        })
    }

    fn from(&self) -> Option<&str> {
        self.from.as_deref()
    }

    fn to(&self) -> Option<&str> {
        self.to.first().map(String::as_str)
    }

    fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }

    fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }
}

impl Parcel for ChatMessage {
    const SEND: &'static str = "chat.send@1";
    const CHANNEL: Option<&'static str> = Some("Chat message");
    const CONTACT: Option<Contact> = Some(Contact::Chat);

    fn delivery(&self) -> Option<Delivery> {
        self.delivery_status
    }

    fn set_delivery(&mut self, delivery: Delivery) {
        self.delivery_status = Some(delivery);
    }

    fn failed(&mut self, code: &str, reason: &str) {
        self.delivery_error = Some(format!("{code}: {reason}"));
    }

    fn from(&self) -> Option<&str> {
        self.from.as_ref().and_then(address)
    }

    fn to(&self) -> Option<&str> {
        self.to.as_ref().and_then(address)
    }

    fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }

    fn location(&self) -> Option<&str> {
        None
    }
}

/// A call has no text and cannot wait: the agent is kept for it.
impl Parcel for Conference {
    const SEND: &'static str = "call.place@1";
    const CHANNEL: Option<&'static str> = Some("Call");
    const CONTACT: Option<Contact> = Some(Contact::Call);
    const PLAYED: Option<&'static str> = Some(CALL);
    const WAITS: bool = false;

    fn set_delivery(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Queued | Delivery::Sending => self.status = Some(CallStatus::Queued),
            Delivery::Failed | Delivery::Undelivered => self.status = Some(CallStatus::Failed),
            _ => {}
        }
    }

    /// One that nobody began is cancelled rather than failed: it is made another time.
    fn failed(&mut self, code: &str, _: &str) {
        if code == calls::NOT_BEGUN {
            self.status = Some(CallStatus::Canceled);
        }
    }

    fn obsolete<'a>(
        tx: &'a mut Tx,
        call: &'a Document<Self>,
    ) -> impl Future<Output = Result<Option<&'static str>>> + Send + 'a {
        calls::obsolete(tx, call)
    }

    fn content(_: &Document<Self>, config: &Config) -> Option<Content> {
        let ring = Duration::from_secs(config.dealer.doc.dialling.ring_seconds.into());
        Some(Content::Call { ring })
    }

    fn from(&self) -> Option<&str> {
        self.dealer_number.as_deref()
    }

    fn to(&self) -> Option<&str> {
        self.client_number.as_deref()
    }

    fn body(&self) -> Option<&str> {
        None
    }

    fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }
}

/// What a provider knows somebody by.
pub(crate) fn address(participant: &ChatParticipant) -> Option<&str> {
    let ChatParticipant { email, phone, user_id, client_id: _, _id: _ } = participant;
    [phone, email, user_id].into_iter().find_map(|address| address.as_deref())
}
