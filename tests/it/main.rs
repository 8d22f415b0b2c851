//! The integration tests, one binary: a folder each for what they are about. Below `altum`, the folders mirror the URL.
#![allow(clippy::unwrap_used)]

mod altum;
mod autengo;
mod authz;
mod computed;
mod concurrency;
mod dialler;
mod docs;
mod health;
mod hostile;
mod layers;
mod native;
mod openapi;
mod outreach;
mod resource;
mod tidy;
mod trackdrive;
mod walcu;
mod work;
