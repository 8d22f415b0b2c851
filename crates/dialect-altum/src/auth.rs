//! `/v1/auth/*`: a user's session.

use axum::{Json, extract::State};
use forecourt_api::{
    App, Peer, Who,
    body::Body,
    operation::{Operation, Route},
    problem::{ApiResult, Problem},
};
use forecourt_record::{CredentialKind, Error, error::Code};
use serde_json::json;

use crate::wire::{LoggedIn, LoggedInUser, LoggedOut, Login};

pub fn login() -> Route<App> {
    Operation::post("/v1/auth/login")
        .name("auth_login")
        .public()
        .summary("Obtain a session token for a user.")
        .describes("Five failures a minute, counted per account and per address, are followed by 429.")
        .body::<Login>()
        .example(json!({"email": "user@altumdrive.com", "password": "correct horse battery"}))
        .answers::<LoggedIn>(200, "The token and the user it is for.")
        .example(json!({"token": "alt_sk_...", "user": {"id": "u_1", "role": "bdc", "name": "Ana Ruiz", "locations": ["houston"]}}))
        .problems(&[Code::WrongPassword, Code::TooManyAttempts])
        .handler(
            async |State(app): State<App>, Peer(peer): Peer, Body(login): Body<Login>| -> ApiResult<Json<LoggedIn>> {
                let account = format!("account:{}", login.email.trim().to_lowercase());
                let names = [account.as_str(), &format!("address:{peer}")];
                let attempt = app.attempts.begin(&names, app.crm.now()).await?;
                let logged_in = match app.crm.login(&login.email, login.password, "altum").await {
                    Ok(logged_in) => logged_in,
                    // Only a wrong pair counts against the account: our own faults do not.
                    Err(error) if error.code == Code::WrongPassword => return Err(Problem(error)),
                    Err(error) => {
                        attempt.forgive();
                        return Err(Problem(error));
                    }
                };
                attempt.forgive();
                let user = logged_in.user;
                Ok(Json(LoggedIn {
                    token: logged_in.token,
                    user: LoggedInUser {
                        id: format!("u_{}", user.extra.number),
                        role: user.doc.role.as_str().to_owned(),
                        name: user.doc.name,
                        locations: user.doc.locations,
                    },
                }))
            },
        )
}

pub fn logout() -> Route<App> {
    Operation::post("/v1/auth/logout")
        .name("auth_logout")
        .session()
        .summary("Revoke the current session token.")
        .describes(
            "The token is dead at once, on every server. An API key is not a session: it is revoked by its owner.",
        )
        .answers::<LoggedOut>(200, "The token is dead.")
        .example(json!({"ok": true}))
        .problems(&[Code::Forbidden])
        .handler(async |State(app): State<App>, who: Who| -> ApiResult<Json<LoggedOut>> {
            if who.kind != CredentialKind::Session {
                let detail = "Only the token of a login can be revoked here; this is an API key.";
                return Err(Problem(Error::new(Code::Forbidden, detail)));
            }
            app.crm.logout(&who).await?;
            Ok(Json(LoggedOut { ok: true }))
        })
}
