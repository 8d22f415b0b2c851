//! `/forecourt/v1/enrolments`.

mod get;
mod id;
mod post;
