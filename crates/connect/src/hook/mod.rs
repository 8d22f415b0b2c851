//! Calls to an address that a dealer's partner has named: signed, without redirects, and not to places of our own.
//!
//! The signature is that of Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp` and `webhook-signature`, an
//! HMAC-SHA256 over the three parts joined by dots. The id is the same at every try, so that who is called can tell a
//! repetition.

mod guard;
mod sign;

use std::{sync::Arc, time::Duration};

use forecourt_record::Instant;
use reqwest::{Client, Method, Url, header, redirect};

pub use self::sign::{SECRET_PREFIX, secret, signature};
use crate::Private;

/// How long a call may take.
const LIMIT: Duration = Duration::from_secs(15);
/// Bytes of an answer that are looked at: none of it matters, but a connection that is read to its end can be used again.
const LONGEST_ANSWER: usize = 64 << 10;

/// How somebody is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Post,
    Put,
}

/// A call to be made.
#[derive(Clone, Debug)]
pub struct Call {
    /// The same at every try.
    pub id: String,
    /// It may hold a token of theirs.
    pub url: Private,
    pub verb: Verb,
    /// JSON.
    pub body: Private,
    /// As [`secret`] makes it.
    pub secret: Private,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Answered with a status of success.
    Delivered { status: u16 },
    /// Not answered, or not with success: it may be tried again.
    Failed { detail: String },
    /// Never to be tried again: the address may not be called, or its owner says that it is gone (410).
    Refused { detail: String },
}

/// Makes the calls. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Hooks {
    /// What went wrong when it was made, where something did: then every call fails.
    client: Result<Client, Arc<str>>,
    anywhere: bool,
}

impl Hooks {
    /// Calls addresses of the public internet only.
    pub fn public() -> Self {
        Self::new(false)
    }

    /// Calls any address, also of this machine and its networks: for tests, and where partners live next door.
    pub fn anywhere() -> Self {
        Self::new(true)
    }

    fn new(anywhere: bool) -> Self {
        // Whoever was first has installed the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .timeout(LIMIT)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("Forecourt/", env!("CARGO_PKG_VERSION")));
        if !anywhere {
            builder = builder.dns_resolver(Arc::new(guard::PublicOnly));
        }
        Self { client: builder.build().map_err(|error| error.to_string().into()), anywhere }
    }

    /// Whether an address could be called at all: what is wrong with it, in a sentence.
    pub fn check(&self, url: &str) -> Result<(), String> {
        guard::check(url, self.anywhere).map(drop)
    }

    /// Calls once, at `now`.
    pub async fn call(&self, call: &Call, now: Instant) -> Outcome {
        let url = match guard::check(&call.url, self.anywhere) {
            Ok(url) => url,
            Err(detail) => return Outcome::Refused { detail },
        };
        let client = match &self.client {
            Ok(client) => client,
            Err(error) => return Outcome::Failed { detail: error.to_string() },
        };
        send(client, url, call, now).await
    }
}

async fn send(client: &Client, url: Url, call: &Call, now: Instant) -> Outcome {
    let seconds = now.millis().div_euclid(1000);
    let Some(signed) = signature(&call.secret, &call.id, seconds, &call.body) else {
        return Outcome::Failed { detail: "the secret that signs calls cannot be read".to_owned() };
    };
    let verb = match call.verb {
        Verb::Post => Method::POST,
        Verb::Put => Method::PUT,
    };
    let request = client
        .request(verb, url)
        .header(header::CONTENT_TYPE, "application/json")
        .header("webhook-id", &call.id)
        .header("webhook-timestamp", seconds)
        .header("webhook-signature", signed)
        .body(call.body.to_string());
    let mut answer = match request.send().await {
        Ok(answer) => answer,
        // The address is the caller's own and stays out of what is kept.
        Err(error) => return Outcome::Failed { detail: reason(&error.without_url()) },
    };
    let status = answer.status();
    let mut seen = 0;
    while let Ok(Some(bytes)) = answer.chunk().await {
        seen += bytes.len();
        if seen > LONGEST_ANSWER {
            break;
        }
    }
    match status.as_u16() {
        200..=299 => Outcome::Delivered { status: status.as_u16() },
        410 => Outcome::Refused { detail: "answered 410: it is gone".to_owned() },
        other => Outcome::Failed { detail: format!("answered {other}") },
    }
}

/// The innermost reason of a failure, where the words that help are.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", LIMIT.as_secs());
    }
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
