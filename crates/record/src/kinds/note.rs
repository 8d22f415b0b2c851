//! Notes and tasks of a lead or a client.

use super::{Bare, Text, Texts};
use crate::{
    document::Kind,
    spec::{KindSpec, KindTypes, Part::Doc, Type, belongs, belongs_to_lead, hot, multi, tally},
};

tree! {
    /// The published tree of a note.
    Note {
        content: Text,
        file_ids: Texts,
    } + of_lead + kept

    /// The published tree of a task.
    Task {
        description: Text,
    } + of_lead + kept
}

impl Kind for Note {
    type Extra = ();
    type Computed = Bare;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "notes",
        singular: "note",
        hot: &[
            hot("lead_id", Doc, "lead_id", Type::Text),
            hot("client_id", Doc, "client_id", Type::Text),
            hot("notify_at", Doc, "notification.notify_at", Type::Instant),
            hot("done", Doc, "notification.done", Type::Flag),
        ],
        text: &[(Doc, "content")],
        tallies: &[tally(&[])],
        measures: &[],
        references: &[belongs_to_lead(), belongs("client_id", "clients")],
        multi: &[multi("foreign_ids", Doc, "foreign_ids")],
        types: KindTypes::of::<Self>(),
    };
}

impl Kind for Task {
    type Extra = ();
    type Computed = Bare;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "tasks",
        singular: "task",
        hot: &[
            hot("lead_id", Doc, "lead_id", Type::Text),
            hot("client_id", Doc, "client_id", Type::Text),
            hot("notify_at", Doc, "notification.notify_at", Type::Instant),
            hot("done", Doc, "notification.done", Type::Flag),
        ],
        text: &[(Doc, "description")],
        tallies: &[tally(&[])],
        measures: &[],
        references: &[belongs_to_lead(), belongs("client_id", "clients")],
        multi: &[multi("foreign_ids", Doc, "foreign_ids")],
        types: KindTypes::of::<Self>(),
    };
}
