//! Leads on their way in: a payload as it was sent, and what became of each attempt to make a lead of it.

use super::{At, Bare, Custom, Num, PartId, Provider, Text, Texts};
use crate::{
    document::Kind,
    spec::{KindSpec, KindTypes, Part::Doc, Type, hot, multi, tally},
};

words! {
    ImportStatus {
        Pending = "pending",
        Running = "running",
        Success = "success",
        Warning = "warning",
        Error = "error",
    }

    CallbackMethod {
        Post = "POST",
        Put = "PUT",
    }
}

tree! {
    /// Which import the task is a part of.
    ImportMetadata {
        bulk_import_id: Text,
        bulk_import_row: Num,
        _id: PartId,
    }

    /// Who is told when the task has finished.
    Callback {
        url: Text,
        method: Option<CallbackMethod>,
        _id: PartId,
    }

    ImportedId {
        resource_id: Text,
        model_name: Text,
        _id: PartId,
    }

    ImportResults {
        version: Text,
        imported_ids: Vec<ImportedId>,
        _id: PartId,
    }

    ImportAttempt {
        json_payload: Custom,
        started_at: At,
        finished_at: At,
        warnings: Texts,
        error_messages: Texts,
        results: Option<ImportResults>,
        _id: PartId,
    }

    /// The published tree of a lead import task.
    LeadImportTask {
        email_id: Text,
        provider: Option<Provider>,
        metadata: Option<ImportMetadata>,
        /// A lead with its client and vehicle, as an object or as its JSON text.
        json_payload: Custom,
        callback: Option<Callback>,
        status: Option<ImportStatus>,
        finished_status: Texts,
        created_by: Text,
        attempts: Vec<ImportAttempt>,
    } + kept
}

impl Kind for LeadImportTask {
    type Extra = ();
    type Computed = Bare;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "leadimporttasks",
        singular: "lead import task",
        hot: &[
            hot("status", Doc, "status", Type::Text),
            hot("bulk_import_id", Doc, "metadata.bulk_import_id", Type::Text),
            hot("email_id", Doc, "email_id", Type::Text),
        ],
        text: &[(Doc, "provider.name"), (Doc, "provider.from"), (Doc, "provider.subject")],
        tallies: &[tally(&[]), tally(&["status"])],
        measures: &[],
        references: &[],
        multi: &[
            multi("imported", Doc, "attempts.results.imported_ids.resource_id"),
            multi("foreign_ids", Doc, "foreign_ids"),
        ],
        types: KindTypes::of::<Self>(),
    };
}
