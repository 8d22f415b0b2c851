//! What may stand in the query strings.

use forecourt_api::{page::MAX_OFFSET, query::Bracketed};
use forecourt_record::Id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a single document is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Single {
    Array,
    Object,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct ReadQuery {
    /// `array` (as the published document has it) answers an array of one, `object` the document itself. A key's setting
    /// `walcu.single` says which of them is usual.
    pub shape: Option<Single>,
    /// Members to answer: `status client_id`, `-custom`, or as JSON `{"status": 1}`; `_id` comes along unless left out by name.
    pub project: Option<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct DeleteQuery {
    /// Also delete what would otherwise forbid it: the leads of a client.
    #[serde(default)]
    pub cascade: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Deleted {
    #[serde(rename = "_id")]
    pub id: Id<()>,
}

/// Which documents are meant.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct Asked {
    /// A MongoDB query document as JSON, `{"status.status": "won"}`; also in brackets, `q[status.status]=won`.
    pub q: Option<String>,
    /// A question as a person types it: `status:new created:-7d..today "jose garcia"`.
    pub search: Option<String>,
    /// `-created_at,client_id`, or as JSON `{"created_at": -1}`. Equal ones are in the order of their `_id`.
    pub sort: Option<String>,
    /// Members to answer: `status client_id`, `-custom`, or as JSON `{"status": 1}`; `_id` comes along unless left out by name.
    pub project: Option<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct ListQuery {
    #[serde(flatten)]
    pub asked: Asked,
    /// How many to leave out at the beginning.
    #[schemars(range(min = 0, max = MAX_OFFSET))]
    #[serde(default)]
    pub skip: i64,
    /// How many at most.
    #[schemars(range(min = 1, max = 1000))]
    #[serde(default = "usual")]
    pub limit: i64,
    /// Groups instead of documents: an object of names and paths, `{"status": "status.status"}`.
    pub group_by: Option<String>,
    /// Also say how many there are in all, in the header `mapp-total`. Exact.
    #[serde(default)]
    pub count: bool,
    /// Go on after the last document of the answer whose `mapp-next` this is.
    #[schemars(length(min = 1, max = 2000))]
    pub after: Option<String>,
    /// How the store would find them, instead of what it finds. For administrators.
    #[serde(default)]
    pub explain: bool,
}

const fn usual() -> i64 {
    100
}

impl Bracketed for ListQuery {
    const NAME: &'static str = "q";
}

/// In which form an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Json,
    Ndjson,
    Csv,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct ExportQuery {
    #[serde(flatten)]
    pub asked: Asked,
    /// The form of the result: `json` (an array, the usual one), `ndjson` or `csv`. Without it, what `Accept` asks for.
    pub format: Option<Format>,
}

impl Bracketed for ExportQuery {
    const NAME: &'static str = "q";
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use forecourt_api::query::parse;

    use super::*;

    #[test]
    fn bounds_and_defaults() {
        let list = parse::<ListQuery>("").unwrap();
        assert_eq!((list.skip, list.limit, list.count, list.explain), (0, 100, false, false));
        for (query, at) in [
            ("limit=0", "limit"),
            ("limit=1001", "limit"),
            ("skip=-1", "skip"),
            ("skip=10000001", "skip"),
            ("count=yes", "count"),
            ("after=", "after"),
            ("Limit=1", "Limit"),
        ] {
            let error = parse::<ListQuery>(query).unwrap_err();
            assert_eq!(error.fields[0].pointer, format!("query:{at}"), "{query}");
        }
        assert_eq!(parse::<ExportQuery>("format=csv").unwrap().format, Some(Format::Csv));
        assert!(parse::<ExportQuery>("format=xls").is_err());
        assert!(parse::<ReadQuery>("shape=list").is_err());
    }
}
