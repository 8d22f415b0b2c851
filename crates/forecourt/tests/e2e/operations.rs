//! What an operator does beside a running server: copies, commands, settings, and several servers over one database.

mod backup;
mod commands;
mod configuration;
mod outreach;
mod roles;
mod stock;
