//! What an export is to hold and how it is written, from the words it was asked for with.

use forecourt_query::{
    FieldPath, Node, Search, q, sort,
    wql::{self, WqlContext},
};
use forecourt_record::{Document, Error, Export, KINDS, Result, error::Code, spec::KindSpec};
use forecourt_store::Selection;

use super::encode::Encoder;
use crate::Config;

/// What is to be written, and how.
pub struct Plan {
    pub wanted: Selection,
    pub encoder: Encoder,
}

impl Plan {
    /// Errors: whatever is wrong with the question, each place behind its parameter; `Forbidden` when the owner sees some
    /// locations only and the kind has none.
    pub fn of(config: &Config, export: &Document<Export>) -> Result<Self> {
        let Export { collection, format, query, locations, .. } = &export.doc;
        let spec = KINDS.iter().copied().find(|spec| spec.name == collection);
        let spec = spec.ok_or_else(|| Error::internal(format!("no kind is called {collection}")))?;
        let filter = filter(config, export, spec)?.and(seen(spec, locations.as_deref())?);
        let sort = query.sort.as_deref().map(|text| sort::parse(spec, text)).transpose()?.unwrap_or_default();
        let search = Search { sort, ..Search::first(filter, i64::MAX) };
        let encoder = Encoder::new(*format, spec, query.project.as_deref())?;
        Ok(Self { wanted: Selection { spec, search }, encoder })
    }
}

fn filter(config: &Config, export: &Document<Export>, spec: &'static KindSpec) -> Result<Node> {
    let context = WqlContext {
        now: export.created_at,
        zone: config.zone(),
        me: export.doc.owner.strip_prefix("user:"),
        region: Some(&config.dealer.doc.country),
    };
    let asked = export.doc.query.q.as_deref().map(|text| q::parse(spec, text)).transpose()?;
    let searched = export.doc.query.search.as_deref().map(|text| wql::parse(spec, text, &context)).transpose()?;
    Ok(asked.unwrap_or_else(Node::all).and(searched.unwrap_or_else(Node::all)))
}

/// What the owner sees of the kind.
fn seen(spec: &'static KindSpec, locations: Option<&[String]>) -> Result<Node> {
    let Some(codes) = locations else { return Ok(Node::all()) };
    match FieldPath::resolve(spec, "location") {
        Ok(path) => Ok(Node::In(path, codes.iter().map(|code| code.as_str().into()).collect())),
        Err(_) => Err(Error::new(Code::Forbidden, "Whoever sees some locations only cannot export this collection.")),
    }
}
