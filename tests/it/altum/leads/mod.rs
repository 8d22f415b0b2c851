//! `/v1/leads`, and in `life` what the house does about a lead by itself.

mod get;
mod id;
mod life;
mod post;
