//! `/lead`.

mod add;
mod cancel;
