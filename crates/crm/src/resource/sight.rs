//! Which documents a caller sees: those of its locations, and those of the leads that are there.

use forecourt_record::{
    Id, Result,
    spec::{KindSpec, Part, Target},
};
use forecourt_store::{Raw, Tx};
use serde_json::Value;

use super::references::{kind_of, lead_kind};
use crate::{Sight, computed};

/// Whether documents of the kind stand at a location themselves.
pub fn has_location(spec: &KindSpec) -> bool {
    spec.published().names().iter().any(|name| name == "location")
}

/// Whether documents of the kind belong to a lead, of any kind.
pub fn is_of_lead(spec: &KindSpec) -> bool {
    spec.references.iter().any(|reference| reference.target == Target::Lead && reference.part == Part::Doc)
}

/// Whether the caller sees a document. What stands nowhere and belongs to no lead is the whole dealer's.
pub async fn sees(tx: &mut Tx, sight: &Sight, spec: &KindSpec, doc: &Value) -> Result<bool> {
    if *sight == Sight::All {
        return Ok(true);
    }
    if has_location(spec) {
        return Ok(sight.sees(doc["location"].as_str()));
    }
    let lead = doc["lead_id"].as_str().and_then(|id| id.parse().ok());
    let (Some(lead), true, Some(kind)) = (lead, is_of_lead(spec), kind_of(lead_kind(&doc["lead_type"]))) else {
        return Ok(true);
    };
    let lead = tx.raw_get(kind, lead).await?;
    Ok(lead.is_some_and(|lead| sight.sees(lead.doc["location"].as_str())))
}

/// The document, when there is one that the caller sees.
pub async fn get(tx: &mut Tx, sight: &Sight, spec: &'static KindSpec, id: Id<()>) -> Result<Option<Raw>> {
    let Some(raw) = tx.raw_get(spec, id).await? else { return Ok(None) };
    Ok(sees(tx, sight, spec, &raw.doc).await?.then_some(raw))
}

/// The same, held against other writers until the transaction ends.
pub async fn get_for_update(tx: &mut Tx, sight: &Sight, spec: &'static KindSpec, id: Id<()>) -> Result<Option<Raw>> {
    computed::hold_owner_of(tx, spec, id).await?;
    let Some(raw) = tx.raw_get_for_update(spec, id).await? else { return Ok(None) };
    Ok(sees(tx, sight, spec, &raw.doc).await?.then_some(raw))
}
