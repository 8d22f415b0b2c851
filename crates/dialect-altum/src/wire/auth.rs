//! Logging in and out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    #[schemars(length(min = 1, max = 320))]
    pub email: String,
    #[schemars(length(min = 1, max = 1024))]
    pub password: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct LoggedIn {
    /// Lives 12 hours from its last use.
    pub token: String,
    pub user: LoggedInUser,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct LoggedInUser {
    pub id: String,
    pub role: String,
    pub name: String,
    /// The locations the user works at.
    pub locations: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct LoggedOut {
    pub ok: bool,
}
