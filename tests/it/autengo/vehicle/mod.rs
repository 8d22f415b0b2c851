//! `/v3/vehicle`.

mod columns;
mod get;
mod reference;
mod selling_id;
mod values;
