//! People on schedules, taken further by servers that are killed.

mod kills;
mod people;
mod proof;
