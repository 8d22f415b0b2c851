//! E-mails. No API publishes them as documents; what is computed of a client counts them.

use super::{At, Bare, Direction, MessageExtra, Text, Texts};
use crate::{
    document::Kind,
    spec::{KindSpec, KindTypes, Part::Doc, Part::Extra, Type, belongs, belongs_to_lead, hot, multi, tally},
};

tree! {
    /// An e-mail that came or went. Addresses are lower case.
    EmailMessage {
        from: Text,
        to: Texts,
        cc: Texts,
        subject: Text,
        body: Text,
        direction: Option<Direction>,
        made_at: At,
        /// When the recipient opened it.
        read_at: At,
        user_id: Text,
        location: Text,
    } + of_lead + kept
}

impl Kind for EmailMessage {
    type Extra = MessageExtra;
    type Computed = Bare;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "emails",
        singular: "e-mail",
        hot: &[
            hot("lead_id", Doc, "lead_id", Type::Text),
            hot("client_id", Doc, "client_id", Type::Text),
            hot("sender", Doc, "from", Type::Text),
            hot("direction", Doc, "direction", Type::Text),
            hot("made_at", Doc, "made_at", Type::Instant),
            hot("read_at", Doc, "read_at", Type::Instant),
            hot("location", Doc, "location", Type::Text),
            hot("message_id", Extra, "message_id", Type::Text),
            hot("notify_at", Doc, "notification.notify_at", Type::Instant),
            hot("done", Doc, "notification.done", Type::Flag),
        ],
        text: &[(Doc, "subject"), (Doc, "from"), (Doc, "to"), (Doc, "body")],
        tallies: &[tally(&[]), tally(&["location"])],
        measures: &[],
        references: &[belongs_to_lead(), belongs("client_id", "clients")],
        multi: &[multi("to", Doc, "to"), multi("cc", Doc, "cc")],
        types: KindTypes::of::<Self>(),
    };
}
