//! What every handler has at hand, and the whole server put together from the dialects.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    middleware::{from_fn_with_state, map_response_with_state},
    routing::{any, get},
};
use forecourt_crm::{Crm, access::Authenticated};
use forecourt_outreach::Outreach;
use moka::future::Cache;

use crate::{
    attempts::Attempts,
    caller,
    docs::Docs,
    health::{self, Readiness},
    layers,
    limit::Limiter,
    metrics,
    operation::Operations,
    problem,
};

/// How long a server remembers that an API key is good: so late does it learn that another process revoked it.
const REMEMBERED: Duration = Duration::from_secs(1);
/// API keys remembered at a time.
const MOST_KEYS: u64 = 10_000;

/// How the API behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    pub layers: layers::Settings,
    /// Requests a minute per credential; 0 is no limit.
    pub rate_limit: u32,
    /// The secret a WhatsApp platform signs its webhooks with, when it does.
    pub platform_secret: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { layers: layers::Settings::default(), rate_limit: 1000, platform_secret: None }
    }
}

/// The state of the application: cheap to clone, the same for all requests.
#[derive(Clone)]
pub struct App(Arc<Inner>);

pub struct Inner {
    pub crm: Crm,
    pub outreach: Outreach,
    pub settings: Settings,
    pub attempts: Attempts,
    pub(crate) limiter: Limiter,
    pub(crate) keys: Cache<String, Arc<Authenticated>>,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    pub fn new(crm: Crm, outreach: Outreach, settings: Settings) -> Self {
        let limiter = Limiter::new(settings.rate_limit, crm.context.clock.clone());
        let keys = Cache::builder().max_capacity(MOST_KEYS).time_to_live(REMEMBERED).build();
        Self(Arc::new(Inner { crm, outreach, settings, attempts: Attempts::default(), limiter, keys }))
    }
}

/// The whole server: every dialect behind its guard, documentation, health, metrics, and the layers around them.
pub fn server(app: &App, dialects: &[Operations<App>]) -> Router {
    let mut router = Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(ready))
        .merge(metrics::router());
    let mut docs = Docs::new();
    for dialect in dialects {
        let door = caller::Door::of(&dialect.about);
        router = router.merge(dialect.router_with(|method_router, _| {
            let guarded = method_router.route_layer(from_fn_with_state((app.clone(), door), caller::guard));
            match dialect.about.errors {
                Some(answered) => guarded.route_layer(map_response_with_state(answered, problem::as_documented)),
                None => guarded,
            }
        }));
        docs = docs.dialect(dialect);
    }
    let router = router.merge(docs.router()).with_state(app.clone());
    layers::common(router, &app.settings.layers, &app.crm.context)
}

async fn ready(State(app): State<App>) -> Readiness {
    let store = app.crm.store.ping().await.map_err(|_| "the store does not answer");
    Readiness::default().check("store", store)
}

/// What a server says that may not serve its store: alive, not ready, and why; everything else has to wait.
pub fn refusing(reason: &'static str, settings: &layers::Settings, context: &forecourt_record::Context) -> Router {
    let unavailable = move || async move {
        let error = forecourt_record::Error::new(forecourt_record::Code::Unavailable, reason);
        crate::problem::Problem(error.retry_after(Duration::from_secs(30)))
    };
    let router = Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(move || async move { Readiness::default().check("store", Err(reason)) }))
        .route("/", any(unavailable))
        .route("/{*any}", any(unavailable));
    layers::common(router, settings, context)
}
