//! People on schedules, on the real server: taken in by two at once, and taken further by servers that are killed.

mod adds;
mod kills;
mod people;
mod proof;
