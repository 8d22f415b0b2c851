//! `/v3/vehicle`.

mod columns;
mod get;
mod mapped;
mod reference;
mod selling_id;
mod values;
