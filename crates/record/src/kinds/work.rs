//! Long work: an export of a whole kind, and a batch of rows taken in from a file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tree::{At, Int, Text, is_empty};
use crate::{
    document::Kind,
    spec::{KindSpec, KindTypes, Part::Doc, Type, hot},
};

/// How far long work is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WorkStatus {
    #[default]
    Pending,
    Running,
    Success,
    Error,
}

/// How the documents of an export are written one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// One JSON array.
    #[default]
    Json,
    /// One JSON document per line.
    Ndjson,
    /// A line of dotted column names, then a line per document (RFC 4180).
    Csv,
}

/// What of a kind is wanted, in the words it was asked for with. Relative dates count from the export's creation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ExportQuery {
    /// A MongoDB query document, as JSON.
    #[serde(skip_serializing_if = "is_empty")]
    pub q: Text,
    /// WQL.
    #[serde(skip_serializing_if = "is_empty")]
    pub search: Text,
    #[serde(skip_serializing_if = "is_empty")]
    pub sort: Text,
    #[serde(skip_serializing_if = "is_empty")]
    pub project: Text,
}

/// The documents of a kind as they were at one instant, written to where they can be fetched for a day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Export {
    /// The name of the kind: `saleleads`.
    pub collection: String,
    /// Who asked, as [`crate::Actor::label`] says it: nobody else gets it.
    pub owner: String,
    pub format: ExportFormat,
    pub query: ExportQuery,
    /// The locations its owner sees; none is all of them.
    #[serde(skip_serializing_if = "is_empty")]
    pub locations: Option<Vec<String>>,
    pub status: WorkStatus,
    /// Documents written so far, and how many there are.
    pub done: i64,
    pub total: i64,
    /// The instant whose documents these are.
    #[serde(skip_serializing_if = "is_empty")]
    pub as_of: At,
    #[serde(skip_serializing_if = "is_empty")]
    pub finished_at: At,
    /// When it is forgotten, once it is finished.
    #[serde(skip_serializing_if = "is_empty")]
    pub expires_at: At,
    #[serde(skip_serializing_if = "is_empty")]
    pub bytes: Int,
    /// SHA-256 of the whole result, lowercase hex.
    #[serde(skip_serializing_if = "is_empty")]
    pub sha256: Text,
    /// Which attempt's result this is.
    #[serde(skip_serializing_if = "is_empty")]
    pub attempt: Int,
    /// Why it could not be done.
    #[serde(skip_serializing_if = "is_empty")]
    pub error: Text,
}

impl Kind for Export {
    type Extra = ();
    type Computed = ();

    const SPEC: &'static KindSpec = &KindSpec {
        name: "exports",
        singular: "export",
        hot: &[hot("owner", Doc, "owner", Type::Text), hot("status", Doc, "status", Type::Text)],
        text: &[],
        tallies: &[],
        measures: &[],
        references: &[],
        multi: &[],
        types: KindTypes::of::<Self>(),
    };
}

/// The rows of one file, taken in one after the other. What each row became is kept beside it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Import {
    /// The file's name, without its folders.
    pub file: String,
    /// SHA-256 of the file and of how its columns were read: the same import is known again by it.
    pub fingerprint: String,
    pub status: WorkStatus,
    /// Rows of the file; known once it has been read to its end.
    pub rows: i64,
    pub imported: i64,
    /// Rows that were the same enquiry as one that was open.
    pub repeated: i64,
    pub failed: i64,
    /// Whether the house follows up on what comes in.
    pub follow: bool,
    #[serde(skip_serializing_if = "is_empty")]
    pub finished_at: At,
    #[serde(skip_serializing_if = "is_empty")]
    pub undone_at: At,
}

impl Kind for Import {
    type Extra = ();
    type Computed = ();

    const SPEC: &'static KindSpec = &KindSpec {
        name: "imports",
        singular: "import",
        hot: &[hot("fingerprint", Doc, "fingerprint", Type::Text), hot("status", Doc, "status", Type::Text)],
        text: &[],
        tallies: &[],
        measures: &[],
        references: &[],
        multi: &[],
        types: KindTypes::of::<Self>(),
    };
}
