//! `/v3/auth`.

use axum::{Json, extract::State};
use forecourt_api::{
    App, Who,
    body::Body,
    operation::{Operation, Route},
    problem::ApiResult,
};
use forecourt_crm::token::LIFETIME;
use forecourt_record::Error;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Whom a token is for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenOf {
    /// The number that the partner has for the dealer.
    #[schemars(range(min = 1))]
    dealer_alzura_id: i64,
    /// The number that the partner has for the user.
    #[schemars(range(min = 1))]
    user_alzura_id: i64,
}

/// A token, to be sent as `Authorization: JWT <token>` or `X-Authorization: Bearer <token>`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Issued {
    token: String,
    /// Seconds.
    expires_in: u64,
    token_type: &'static str,
    scope: &'static str,
}

impl Issued {
    fn new(token: String) -> Self {
        Self { token, expires_in: LIFETIME.as_secs(), token_type: "Bearer", scope: "AutengoApiV3" }
    }
}

fn example() -> Value {
    json!({"token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "expires_in": 86400, "token_type": "Bearer", "scope": "AutengoApiV3"})
}

pub fn issue() -> Route<App> {
    Operation::post("/v3/auth/token")
        .name("token_issue")
        .session()
        .summary("A token for a user")
        .describes(
            "Narrows the key to one dealer and one user: what is done with it is done by that user, with the rights that \
             both have. Contacts need one. It is good for a day, with this key only, and ends at once when the user or the \
             key does.",
        )
        .body::<TokenOf>()
        .example(json!({"dealerAlzuraId": 1_234_567_890, "userAlzuraId": 1_234_567_890}))
        .answers::<Issued>(200, "The token.")
        .example(example())
        .handler(async |State(app): State<App>, who: Who, Body(of): Body<TokenOf>| -> ApiResult<Json<Issued>> {
            let token = app.crm.token_issue(&who, of.dealer_alzura_id, of.user_alzura_id).await.map_err(in_body)?;
            Ok(Json(Issued::new(token)))
        })
}

/// The core's fields, where this body has them.
fn in_body(mut error: Error) -> Error {
    for field in &mut error.fields {
        field.pointer = format!("/{}AlzuraId", field.pointer);
    }
    error
}

pub fn refresh() -> Route<App> {
    Operation::get("/v3/auth/refresh")
        .name("token_refresh")
        .session()
        .for_user()
        .summary("A fresh token for a token that is still good")
        .describes("The token before stays good until it ends.")
        .answers::<Issued>(200, "The token.")
        .example(example())
        .handler(async |State(app): State<App>, who: Who| -> ApiResult<Json<Issued>> {
            Ok(Json(Issued::new(app.crm.token_refresh(&who).await?)))
        })
}
