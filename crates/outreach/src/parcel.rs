//! Messages that go out by a provider, of whichever channel: what the outbox needs to know of them.

use forecourt_record::{ChatMessage, ChatParticipant, Delivery, Kind, MessageExtra, SessionId, Sms, WhatsappMessage};

use crate::gate::Contact;

/// A kind of message that the outbox sends.
pub(crate) trait Parcel: Kind<Extra = MessageExtra> {
    /// The job that sends one: `{"message": id}`.
    const SEND: &'static str;
    /// The channel, as events name it; the first one has none.
    const CHANNEL: Option<&'static str>;

    /// The contact it is, on a channel without a window.
    const CONTACT: Option<Contact>;

    /// The session whose window it needs.
    fn session(&self) -> Option<SessionId> {
        None
    }
    /// How far it came, where the published document says so.
    fn delivery(&self) -> Option<Delivery> {
        None
    }
    fn set_delivery(&mut self, _: Delivery) {}
    fn set_error(&mut self, _: Option<String>) {}
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

    fn session(&self) -> Option<SessionId> {
        self.session_id
    }

    fn delivery(&self) -> Option<Delivery> {
        self.delivery_status
    }

    fn set_delivery(&mut self, delivery: Delivery) {
        self.delivery_status = Some(delivery);
    }

    fn set_error(&mut self, error: Option<String>) {
        self.delivery_error = error;
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

    fn set_error(&mut self, error: Option<String>) {
        self.delivery_error = error;
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

/// What a provider knows somebody by.
pub(crate) fn address(participant: &ChatParticipant) -> Option<&str> {
    let ChatParticipant { email, phone, user_id, client_id: _, _id: _ } = participant;
    [phone, email, user_id].into_iter().find_map(|address| address.as_deref())
}
