//! `/v1/vehicles/{id}`.

mod patch;
