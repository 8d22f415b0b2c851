//! Text messages.

use super::{Direction, Flag, MessageExtra, Notification, Num, Origin, PartId, Text, Texts};
use crate::{
    document::Kind,
    spec::{
        KindSpec, KindTypes,
        Part::{Doc, Extra},
        Type, belongs, hot, multi, tally,
    },
};

tree! {
    /// The published tree of a text message.
    Sms {
        twilio_sms_sid: Text,
        twilio_account_sid: Text,
        body: Text,
        campaign: Text,
        origin: Option<Origin>,
        template_id: Text,
        template_name: Text,
        from: Text,
        to: Text,
        direction: Option<Direction>,
        r#type: Text,
        notification: Option<Notification>,
        users: Texts,
        location: Text,
        cost: Num,
    } + kept

    SmsComputed {
        answered: Flag,
        user_emails: Texts,
        _id: PartId,
    }
}

impl Kind for Sms {
    type Extra = MessageExtra;
    type Computed = SmsComputed;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "sms",
        singular: "text message",
        hot: &[
            hot("lead_id", Extra, "lead_id", Type::Text),
            hot("client_id", Extra, "client_id", Type::Text),
            hot("sender", Doc, "from", Type::Text),
            hot("recipient", Doc, "to", Type::Text),
            hot("direction", Doc, "direction", Type::Text),
            hot("location", Doc, "location", Type::Text),
            hot("notify_at", Doc, "notification.notify_at", Type::Instant),
            hot("done", Doc, "notification.done", Type::Flag),
        ],
        text: &[(Doc, "body"), (Doc, "from"), (Doc, "to")],
        tallies: &[tally(&[]), tally(&["location"])],
        measures: &[],
        references: &[belongs("lead_id", "saleleads").in_extra(), belongs("client_id", "clients").in_extra()],
        multi: &[multi("foreign_ids", Doc, "foreign_ids")],
        types: KindTypes::of::<Self>(),
    };
}
