//! What a document names must be there: in the same dealer, and where the caller sees it.

use std::collections::BTreeMap;

use forecourt_record::{
    FieldError, Id, KINDS, LeadType, Result,
    spec::{Bond, KindSpec, Part, Reference, Target},
};
use forecourt_store::Tx;
use serde_json::Value;

use super::sight;
use crate::{Sight, computed};

/// A document that another one names, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    pub pointer: String,
    pub kind: &'static KindSpec,
    pub id: Id<()>,
    pub bond: Bond,
}

/// The kind of a collection's name.
pub fn kind_of(name: &str) -> Option<&'static KindSpec> {
    KINDS.iter().copied().find(|spec| spec.name == name)
}

/// The collection that a `lead_type` stands for; a sale lead is meant where it is left out.
pub fn lead_kind(lead_type: &Value) -> &'static str {
    LeadType::kind_of(lead_type.as_str())
}

/// Everything a document's own members name.
pub fn named(spec: &KindSpec, doc: &Value) -> Vec<Named> {
    let published = spec.references.iter().filter(|reference| reference.part == Part::Doc);
    let mut found = Vec::new();
    for reference in published {
        let kind = match reference.target {
            Target::Kind(name) => name,
            Target::Lead => lead_kind(&doc["lead_type"]),
        };
        if let Some(kind) = kind_of(kind) {
            let segments: Vec<&str> = reference.path.split('.').collect();
            collect(doc, &segments, String::new(), &mut |pointer, id| {
                found.push(Named { pointer, kind, id, bond: reference.bond });
            });
        }
    }
    found
}

fn collect(value: &Value, segments: &[&str], pointer: String, found: &mut impl FnMut(String, Id<()>)) {
    match (value, segments) {
        (Value::Array(items), _) => {
            for (at, item) in items.iter().enumerate() {
                collect(item, segments, format!("{pointer}/{at}"), found);
            }
        }
        (Value::String(text), []) => {
            if let Ok(id) = text.parse() {
                found(pointer, id);
            }
        }
        (Value::Object(_), [name, rest @ ..]) => collect(&value[*name], rest, format!("{pointer}/{name}"), found),
        _ => {}
    }
}

/// Those named that are not there, or that the caller does not see, each as an error at its pointer. What a document is
/// to belong to is held, so that it is still there when the document is.
pub async fn missing(tx: &mut Tx, sight: &Sight, named: &[Named]) -> Result<Vec<FieldError>> {
    let owners = named.iter().filter(|one| one.bond == Bond::Belongs).map(|one| (one.kind.name, one.id));
    computed::hold_owners(tx, owners.collect()).await?;
    let mut of_kind: BTreeMap<&'static str, Vec<&Named>> = BTreeMap::new();
    for one in named {
        of_kind.entry(one.kind.name).or_default().push(one);
    }
    let mut wrong = Vec::new();
    for named in of_kind.into_values() {
        let Some(spec) = named.first().map(|one| one.kind) else { continue };
        let mut ids: Vec<Id<()>> = named.iter().map(|one| one.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut known = tx.raw_known(spec, &ids).await?;
        if *sight != Sight::All {
            let mut seen = Vec::new();
            for id in known {
                if sight::get(tx, sight, spec, id).await?.is_some() {
                    seen.push(id);
                }
            }
            known = seen;
        }
        for one in named.into_iter().filter(|one| !known.contains(&one.id)) {
            let detail = format!("There is no {} {}.", spec.singular, one.id);
            wrong.push(FieldError::new(one.pointer.clone(), "not_found", detail));
        }
    }
    Ok(wrong)
}

/// The references of a kind that make a document of it belong to one of `parent`.
pub fn belonging(spec: &'static KindSpec, parent: &KindSpec) -> impl Iterator<Item = &'static Reference> {
    let is_lead = ["saleleads", "appraisalleads", "aftersaleleads"].contains(&parent.name);
    let name = parent.name;
    spec.references.iter().filter(move |reference| {
        reference.bond == Bond::Belongs
            && match reference.target {
                Target::Kind(kind) => kind == name,
                Target::Lead => is_lead,
            }
    })
}
