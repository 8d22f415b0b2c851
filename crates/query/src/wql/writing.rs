//! How people write the values of a field, and the pattern that finds each writing.

use forecourt_record::{shape::Leaf, spec::Type};

use crate::{FieldPath, Root};

/// How the values of a field are written, where people write them in more than one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// A code, an id: one way only.
    Exact,
    /// A text of people's own: in any case.
    Free,
    /// A name: by any of its words. Without accents too, where the record keeps a column for that.
    Words,
    Phone,
    Email,
    /// In capitals, whatever was typed: plates and VINs.
    Capitals,
}

impl Writing {
    /// How values at a path are written, as far as its name and type tell.
    pub fn of(path: &FieldPath) -> Self {
        let code = path.column.is_some_and(|column| column.kind == Type::Text);
        if path.leaf != Leaf::Text || code || path.root == Root::Extra {
            return Self::Exact;
        }
        match path.segments.last().map_or("", String::as_str) {
            "client_number" | "dealer_number" => Self::Phone,
            "license_plate" | "plate" | "vin" | "VIN" => Self::Capitals,
            name if name.ends_with("phone") || name.ends_with("phones") => Self::Phone,
            name if name.ends_with("email") || name.ends_with("emails") => Self::Email,
            name if name.ends_with("_id") || name.ends_with("_ids") => Self::Exact,
            _ => Self::Free,
        }
    }
}
