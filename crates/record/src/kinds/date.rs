//! Dates: appointments with clients, and the days somebody is away.

use super::{At, Flag, Num, PartId, Text};
use crate::{
    document::Kind,
    spec::{KindSpec, KindTypes, Part::Doc, Type, belongs, belongs_to_lead, hot, multi, tally},
};

tree! {
    /// The published tree of a date.
    CalendarDate {
        title: Text,
        start_date: At,
        duration: Num,
        end_date: At,
        showed_up: Flag,
        is_vacation: Flag,
    } + of_lead + kept

    /// What follows from the lead of a date or an offer.
    OfLeadComputed {
        lead_location: Text,
        _id: PartId,
    }
}

impl Kind for CalendarDate {
    type Extra = ();
    type Computed = OfLeadComputed;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "dates",
        singular: "date",
        hot: &[
            hot("lead_id", Doc, "lead_id", Type::Text),
            hot("client_id", Doc, "client_id", Type::Text),
            hot("start_date", Doc, "start_date", Type::Instant),
            hot("created_by", Doc, "created_by", Type::Text),
            hot("notify_at", Doc, "notification.notify_at", Type::Instant),
            hot("done", Doc, "notification.done", Type::Flag),
        ],
        text: &[(Doc, "title")],
        tallies: &[tally(&[])],
        measures: &[],
        references: &[belongs_to_lead(), belongs("client_id", "clients")],
        multi: &[multi("foreign_ids", Doc, "foreign_ids")],
        types: KindTypes::of::<Self>(),
    };
}
