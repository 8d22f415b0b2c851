//! Who calls: checked before any handler runs, so that no handler can forget to.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    RequestExt,
    extract::{ConnectInfo, FromRequestParts, RawPathParams, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use forecourt_crm::access::Authenticated;
use forecourt_record::{Actor, Code, CredentialKind, Error, Result, Right};
use http::{HeaderMap, header::AUTHORIZATION, request::Parts};

use crate::{
    access::Access,
    app::App,
    operation::{About, KeyPlace, OperationInfo},
    problem::Problem,
    sent, trace,
};

/// The caller of an operation that is not public.
#[derive(Clone)]
pub struct Who(pub Arc<Authenticated>);

impl std::ops::Deref for Who {
    type Target = Authenticated;

    fn deref(&self) -> &Authenticated {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Only an operation declared public has no caller, and such a handler asks for none.
        let missing = || Problem(Error::internal("a public operation asked who calls"));
        parts.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}

/// The address a request comes from, as far as it is known.
pub struct Peer(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Self::Rejection> {
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(address.map_or_else(|| "unknown".to_owned(), |ConnectInfo(address)| address.ip().to_string())))
    }
}

/// Through which dialect a caller comes, and where that one's callers send their key.
#[derive(Clone, Copy, Debug)]
pub struct Door {
    pub dialect: &'static str,
    pub key: KeyPlace,
    /// Whether a token beside the key may name a user.
    pub user_tokens: bool,
}

impl Door {
    pub fn of(about: &About) -> Self {
        Self { dialect: about.dialect, key: about.key, user_tokens: about.user_tokens }
    }
}

/// Lets a request through to its handler when its credential is good for the operation: counted, limited and known.
pub async fn guard(State((app, door)): State<(App, Door)>, mut request: Request, next: Next) -> Response {
    let operation = request.extensions().get::<Arc<OperationInfo>>().cloned();
    let wanted = match operation.as_ref().map(|operation| operation.access) {
        Some(Access::Public | Access::Signed) => return next.run(request).await,
        Some(Access::Session) => None,
        Some(Access::Right(right)) => Some(right),
        None => {
            return Problem(Error::internal("an operation without a declared access")).into_response();
        }
    };
    let for_user = operation.is_some_and(|operation| operation.for_user);
    let key = match door.key {
        KeyPlace::Sent(names) => {
            let key;
            (request, key) = sent::key_of(request, names).await;
            match key {
                Ok(key) => key,
                Err(error) => return Problem(error).into_response(),
            }
        }
        place => sent_key(place, request.headers(), request.uri().query()),
    };
    let who = match authenticate(&app, door, request.headers(), key, for_user).await {
        Ok(who) => who,
        Err(error) => return Problem(error).into_response(),
    };
    let at_home = match dealer_in_path(&mut request).await {
        // Whether there is such a dealer is nobody's business who does not work for it.
        Some(dealer) => dealer.parse().ok().and_then(|dealer| who.at(dealer)).map(Arc::new),
        None => Some(who.clone()),
    };
    let refused = match &at_home {
        Some(who) => wanted.and_then(|right| lacks(who, right)),
        None => Some(Error::not_found("dealer")),
    };
    let who = at_home.unwrap_or(who);
    trace::note_dealer(who.caller.dealer);
    let key = match who.caller.actor {
        Actor::User(user) => user.bytes(),
        Actor::Key(key) => key.bytes(),
        Actor::System | Actor::Client => who.caller.dealer.bytes(),
    };
    request.extensions_mut().insert(Who(who));
    app.limiter
        .run(key, request, |request| async move {
            match refused {
                Some(error) => Problem(error).into_response(),
                None => next.run(request).await,
            }
        })
        .await
}

/// The parameter of a path that names a dealer.
const DEALER: &str = "dealer_id";

/// The dealer that the path names, as it is written there; none when its operation's path has no such place.
async fn dealer_in_path(request: &mut Request) -> Option<String> {
    let operation = request.extensions().get::<Arc<OperationInfo>>();
    if !operation.is_some_and(|operation| operation.path_parameters().any(|name| name == DEALER)) {
        return None;
    }
    let parameters = request.extract_parts::<RawPathParams>().await;
    // What cannot even be decoded names nobody.
    let named = parameters.as_ref().ok().and_then(|parameters| parameters.iter().find(|(name, _)| *name == DEALER));
    Some(named.map(|(_, dealer)| dealer.to_owned()).unwrap_or_default())
}

fn lacks(who: &Authenticated, right: Right) -> Option<Error> {
    if who.rights.contains(&right) {
        return None;
    }
    let detail = format!("This credential does not carry the right \"{}\".", right.as_str());
    Some(Error::new(Code::Forbidden, detail))
}

/// Who it is by the key or login, and, where a token names one, by the user.
async fn authenticate(
    app: &App,
    door: Door,
    headers: &HeaderMap,
    key: Option<String>,
    for_user: bool,
) -> Result<Arc<Authenticated>> {
    let who = known(app, door, key).await?;
    match user_token(door, headers)? {
        Some(token) => app.crm.token_narrow(&who, token).await?.map(Arc::new).ok_or_else(bad_token),
        None if for_user => {
            let detail = "This is done for a user: send the user's token, too, as `Authorization: JWT <token>`.";
            Err(Error::new(Code::Unauthenticated, detail))
        }
        None => Ok(who),
    }
}

/// The token that names a user. Whatever else stands in its place is refused: whoever sends a credential means it.
fn user_token(door: Door, headers: &HeaderMap) -> Result<Option<&str>> {
    if !door.user_tokens {
        return Ok(None);
    }
    for (name, scheme) in [(AUTHORIZATION.as_str(), "JWT"), ("x-authorization", "Bearer")] {
        if let Some(value) = headers.get(name) {
            let token = value.to_str().ok().and_then(|value| credential(value, scheme));
            return token.map(Some).ok_or_else(bad_token);
        }
    }
    Ok(None)
}

fn bad_token() -> Error {
    Error::new(Code::Unauthenticated, "The user's token is not valid, or has ended. Ask for a new one.")
}

/// The key of a request, from where the dialect's callers send it.
fn sent_key(place: KeyPlace, headers: &HeaderMap, query: Option<&str>) -> Option<String> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let sent = match place {
        KeyPlace::Bearer => {
            text(AUTHORIZATION.as_str()).and_then(|value| credential(value, "Bearer")).map(str::to_owned)
        }
        KeyPlace::Header(header) => text(header).map(|value| value.trim().to_owned()),
        KeyPlace::Query(name) => crate::query::value_of(query.unwrap_or_default(), name),
        // Whoever reads the body has it.
        KeyPlace::Sent(_) => None,
    };
    sent.filter(|key| !key.is_empty())
}

async fn known(app: &App, door: Door, key: Option<String>) -> Result<Arc<Authenticated>> {
    let Door { dialect, key: place, .. } = door;
    let unknown = || {
        let detail = match place {
            KeyPlace::Bearer => "Send a valid credential as \"Authorization: Bearer <token>\".".to_owned(),
            KeyPlace::Header(header) => format!("Send a valid key in the header `{header}`."),
            KeyPlace::Query(name) => format!("Send a valid key as the parameter `{name}` of the address."),
            KeyPlace::Sent(names) => format!("Send a valid token as `{}`.", names.first().unwrap_or(&"")),
        };
        Error::new(Code::Unauthenticated, detail)
    };
    let token = key.ok_or_else(unknown)?;
    let hash = forecourt_crm::access::hash(&token);
    if let Some(known) = app.keys.get(&hash).await.filter(|known| known.caller.dialect == dialect) {
        return Ok(known);
    }
    let who = Arc::new(app.crm.authenticate(&token, dialect).await?.ok_or_else(unknown)?);
    // A login's token is no key.
    if place != KeyPlace::Bearer && who.kind != CredentialKind::ApiKey {
        return Err(unknown());
    }
    // A session ends at once wherever it is ended; only keys are remembered.
    if who.kind == CredentialKind::ApiKey {
        app.keys.insert(hash, who.clone()).await;
    }
    Ok(who)
}

/// The credential of a header, under the scheme wanted; the scheme's name is case-insensitive (RFC 9110, 11.1).
fn credential<'a>(header: &'a str, wanted: &str) -> Option<&'a str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case(wanted) && !token.is_empty()).then_some(token)
}
