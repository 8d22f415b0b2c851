//! Notes and tasks of a lead or a client.

use super::{
    ClientId, LeadId, LeadType, Notification,
    tree::{Custom, Text, Texts},
};
use crate::{
    document::Kind,
    spec::{KindSpec, Part::Doc, Type, hot, reference},
};

tree! {
    /// The published tree of a note.
    Note {
        notification: Option<Notification>,
        content: Text,
        file_ids: Texts,
        created_by: Text,
        lead_id: Option<LeadId>,
        client_id: Option<ClientId>,
        lead_type: Option<LeadType>,
        bulk_import_ids: Texts,
        lead_import_ids: Texts,
        foreign_ids: Texts,
        updated_by: Text,
        custom: Custom,
    }

    /// The published tree of a task.
    Task {
        notification: Option<Notification>,
        created_by: Text,
        description: Text,
        client_id: Option<ClientId>,
        lead_id: Option<LeadId>,
        lead_type: Option<LeadType>,
        bulk_import_ids: Texts,
        lead_import_ids: Texts,
        foreign_ids: Texts,
        updated_by: Text,
        custom: Custom,
    }
}

impl Kind for Note {
    type Extra = ();
    type Computed = ();

    const SPEC: &'static KindSpec = &KindSpec {
        name: "notes",
        singular: "note",
        hot: &[
            hot("lead_id", Doc, "lead_id", Type::Text),
            hot("client_id", Doc, "client_id", Type::Text),
            hot("notify_at", Doc, "notification.notify_at", Type::Instant),
        ],
        text: &[],
        tallies: &[],
        measures: &[],
        references: &[reference("lead_id", "saleleads"), reference("client_id", "clients")],
    };
}

impl Kind for Task {
    type Extra = ();
    type Computed = ();

    const SPEC: &'static KindSpec = &KindSpec {
        name: "tasks",
        singular: "task",
        hot: &[
            hot("lead_id", Doc, "lead_id", Type::Text),
            hot("client_id", Doc, "client_id", Type::Text),
            hot("notify_at", Doc, "notification.notify_at", Type::Instant),
            hot("done", Doc, "notification.done", Type::Flag),
        ],
        text: &[],
        tallies: &[],
        measures: &[],
        references: &[reference("lead_id", "saleleads"), reference("client_id", "clients")],
    };
}
