//! `/v3/vehicle`.

mod get;
mod reference;
mod selling_id;
mod values;
