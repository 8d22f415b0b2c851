//! WhatsApp: messages, and the sessions they belong to.

use serde::{Deserialize, Serialize};

use super::{
    At, Bare, CallFacts, ClientId, Direction, EnrolmentId, Flag, LeadId, Media, Notification, Num, Origin, PartId,
    SessionId, Text, Texts, tree::is_empty,
};
use crate::{
    document::Kind,
    gate::Purpose,
    spec::{
        KindSpec, KindTypes,
        Part::{Doc, Extra},
        Type, belongs, hot, multi, tally,
    },
};

words! {
    /// How far a message has come. An outcome nobody could tell is `Unknown` in [`MessageExtra::attempt`], never here.
    Delivery {
        Accepted = "accepted",
        Queued = "queued",
        Sending = "sending",
        Sent = "sent",
        Delivered = "delivered",
        Read = "read",
        Undelivered = "undelivered",
        Failed = "failed",
    }
}

tree! {
    ActionButton {
        title: Text,
        r#type: Text,
        _id: PartId,
    }

    /// The published tree of a WhatsApp message.
    WhatsappMessage {
        twilio_message_sid: Text,
        twilio_account_sid: Text,
        body: Text,
        from: Text,
        to: Text,
        direction: Option<Direction>,
        delivery_status: Option<Delivery>,
        delivery_error: Text,
        session_id: Option<SessionId>,
        made_at: At,
        whatsapp_action_buttons: Vec<ActionButton>,
        media: Vec<Media>,
        template_id: Text,
        user_id: Text,
        location: Text,
        campaign: Text,
        cost: Num,
    } + kept

    MessageComputed {
        answered: Flag,
        _id: PartId,
    }

    /// The published tree of a WhatsApp session.
    WhatsappSession {
        client_number: Text,
        dealer_number: Text,
        phone_id: Text,
        users: Texts,
        made_at: At,
        expires_at: At,
        waiting_client: Flag,
        direction: Option<Direction>,
        origin: Option<Origin>,
        last_message_direction: Option<Direction>,
        notification: Option<Notification>,
        last_message_date: At,
        campaign: Text,
        location: Text,
    } + kept
}

/// Where an outbound message stands with the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Attempt {
    #[default]
    Planned,
    /// Committed before the provider is called.
    Sending,
    Sent,
    Failed,
    /// It may or may not have gone: never sent again without a person's word.
    Unknown,
}

/// A template to be rendered by the provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TemplateUse {
    pub name: String,
    pub language: String,
    pub parameters: Vec<String>,
}

/// What holds a message back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The rule's name.
    pub rule: String,
    /// The rule in words that hold nothing personal.
    pub reason: String,
}

/// What we alone know of a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MessageExtra {
    #[serde(skip_serializing_if = "is_empty")]
    pub lead_id: Option<LeadId>,
    #[serde(skip_serializing_if = "is_empty")]
    pub client_id: Option<ClientId>,
    /// The provider's own id, once known.
    #[serde(skip_serializing_if = "is_empty")]
    pub provider_id: Text,
    pub attempt: Attempt,
    #[serde(skip_serializing_if = "is_empty")]
    pub template: Option<TemplateUse>,
    /// Sent by the house rather than by a person.
    #[serde(skip_serializing_if = "is_empty")]
    pub automatic: bool,
    /// What it is for; an answer, where nothing is said.
    #[serde(skip_serializing_if = "is_empty")]
    pub purpose: Option<Purpose>,
    /// The enrolment that it is a step of.
    #[serde(skip_serializing_if = "is_empty")]
    pub enrolment_id: Option<EnrolmentId>,
    /// Why it has not gone yet.
    #[serde(skip_serializing_if = "is_empty")]
    pub held: Option<Held>,
    /// Of a mail: the `Message-ID` it carries.
    #[serde(skip_serializing_if = "is_empty")]
    pub message_id: Text,
    /// Of a call: what the published document has no place for.
    #[serde(skip_serializing_if = "is_empty")]
    pub call: Option<Box<CallFacts>>,
}

/// What we alone know of a session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionExtra {
    #[serde(skip_serializing_if = "is_empty")]
    pub client_id: Option<ClientId>,
    #[serde(skip_serializing_if = "is_empty")]
    pub last_inbound_at: At,
    #[serde(skip_serializing_if = "is_empty")]
    pub last_outbound_at: At,
}

impl Kind for WhatsappMessage {
    type Extra = MessageExtra;
    type Computed = MessageComputed;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "whatsappmessages",
        singular: "message",
        hot: &[
            hot("lead_id", Extra, "lead_id", Type::Text),
            hot("client_id", Extra, "client_id", Type::Text),
            hot("session_id", Doc, "session_id", Type::Text),
            hot("delivery_status", Doc, "delivery_status", Type::Text),
            hot("made_at", Doc, "made_at", Type::Instant),
            hot("direction", Doc, "direction", Type::Text),
            hot("location", Doc, "location", Type::Text),
        ],
        text: &[(Doc, "body"), (Doc, "from"), (Doc, "to")],
        tallies: &[tally(&[])],
        measures: &[],
        references: &[
            belongs("lead_id", "saleleads").in_extra(),
            belongs("client_id", "clients").in_extra(),
            belongs("session_id", "whatsappsessions"),
        ],
        multi: &[multi("foreign_ids", Doc, "foreign_ids")],
        types: KindTypes::of::<Self>(),
    };
}

impl Kind for WhatsappSession {
    type Extra = SessionExtra;
    type Computed = Bare;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "whatsappsessions",
        singular: "session",
        hot: &[
            hot("client_id", Extra, "client_id", Type::Text),
            hot("client_number", Doc, "client_number", Type::Text),
            hot("last_message_date", Doc, "last_message_date", Type::Instant),
            hot("made_at", Doc, "made_at", Type::Instant),
            hot("direction", Doc, "direction", Type::Text),
            hot("location", Doc, "location", Type::Text),
            hot("notify_at", Doc, "notification.notify_at", Type::Instant),
            hot("done", Doc, "notification.done", Type::Flag),
        ],
        text: &[(Doc, "client_number"), (Doc, "dealer_number")],
        tallies: &[tally(&[])],
        measures: &[],
        references: &[belongs("client_id", "clients").in_extra()],
        multi: &[multi("foreign_ids", Doc, "foreign_ids")],
        types: KindTypes::of::<Self>(),
    };
}
