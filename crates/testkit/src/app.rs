//! The whole server in process: real router, real store, the sandbox provider, a virtual clock.

use std::{collections::HashMap, time::Duration};

use axum::Router;
use forecourt_api::{App, Settings, server};
use forecourt_connect::{
    Chat, Hooks, Person,
    sandbox::{Behaviour, Sandbox},
};
use forecourt_crm::{Caller, Crm, Sight, access::NewKey, settings::NewUser};
use forecourt_outreach::{Outreach, Worker};
use forecourt_record::{
    Actor, Bot, Clock, Context, CredentialKind, Dealer, DealerId, DistanceUnit, Id, IdleAlert, Instant, Location,
    OptOut, Right, Role, User,
    calendar::{BusinessCalendar, Hours, LocalTime, Weekday, Zone},
    pipeline::Pipeline,
};
use forecourt_store::{Options, Store};
use http::Method;
use tokio::sync::OnceCell;

use crate::{Ask, Backend, Place, chat::DEALER_NUMBER, dialects};

/// What partners know the test's user of a role by.
pub fn alzura(role: Role) -> i64 {
    Role::ALL.iter().position(|one| *one == role).map_or(0, |at| at as i64 + 1)
}

/// When every test begins: a Saturday noon in Houston.
const BEGINNING: &str = "2026-11-21T18:00:00Z";
/// What every user of a test logs in with.
pub const PASSWORD: &str = "correct horse battery";

/// As whom a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum As {
    Nobody,
    /// An API key with every right.
    Key,
    /// A user of the role; bdc and sales work in `houston`.
    Role(Role),
    /// An API key of another dealer on the same server.
    Stranger,
}

/// What a test begins with, where it needs something special.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Who is on the other end of WhatsApp.
    pub behaviour: Behaviour,
    pub settings: Settings,
    /// Whether the users have a password. Hashing one is slow by intent, so only tests that log in ask for it.
    pub passwords: bool,
}

impl Default for Setup {
    /// Everybody reads and nobody answers; no rate limit.
    fn default() -> Self {
        let settings = Settings { rate_limit: 0, ..Settings::default() };
        Self { behaviour: Behaviour::Silent, settings, passwords: false }
    }
}

impl Setup {
    /// Everybody behaves like this.
    pub fn everybody(person: Person) -> Self {
        Self { behaviour: Behaviour::Everybody(person), ..Self::default() }
    }

    /// Every user can log in with [`PASSWORD`].
    pub fn passwords() -> Self {
        Self { passwords: true, ..Self::default() }
    }

    /// The platform signs its webhooks with this secret.
    pub fn platform_secret(secret: &str) -> Self {
        let mut setup = Self::default();
        setup.settings.platform_secret = Some(secret.to_owned());
        setup
    }

    /// So many requests a minute for each credential.
    pub fn rate_limit(per_minute: u32) -> Self {
        Self { settings: Settings { rate_limit: per_minute, ..Settings::default() }, ..Self::default() }
    }
}

/// A server with a dealer of its own.
pub struct TestApp {
    pub backend: Backend,
    pub router: Router,
    pub app: App,
    pub clock: Clock,
    pub dealer: DealerId,
    pub stranger: DealerId,
    pub worker: Worker,
    /// What partners know the dealer by; the stranger has the next number.
    pub alzura_id: i64,
    key: String,
    stranger_key: String,
    webhook_secret: String,
    sessions: HashMap<Role, OnceCell<String>>,
    emails: HashMap<Role, String>,
    place: Place,
}

impl TestApp {
    /// A server on this database; none when it is not to be had.
    pub async fn start(backend: Backend) -> Option<Self> {
        Self::begin(backend, Setup::default()).await
    }

    /// The same with a setup of its own.
    ///
    /// # Panics
    /// When the server cannot be set up.
    pub async fn begin(backend: Backend, Setup { behaviour, settings, passwords }: Setup) -> Option<Self> {
        let place = Place::new(backend).await?;
        let clock = Clock::virtual_at(BEGINNING.parse().expect("an instant"));
        let mut options = Options::new(place.location.clone());
        options.readers = 4;
        let store = Store::open(&options).await.expect("a store");
        // Chance differs from test to test, so that dealers that share a database do not share ids.
        let mut seed = [0_u8; 8];
        let unique = tempfile::NamedTempFile::new().expect("a temporary name");
        for (at, byte) in unique.path().to_string_lossy().bytes().rev().enumerate() {
            seed[at % 8] = seed[at % 8].wrapping_mul(31) ^ byte;
        }
        let context = Context::new(clock.clone(), u64::from_be_bytes(seed));
        let crm = Crm::new(store, context);
        let outreach =
            Outreach::new(crm.clone(), Chat::Sandbox(Sandbox::new(7, behaviour))).with_hooks(Hooks::anywhere());
        let app = App::new(crm.clone(), outreach.clone(), settings);
        let router = server(&app, &dialects());
        let worker = Worker::new(outreach);
        // Test by test another one, where they share a database.
        let alzura_id = (u64::from_be_bytes(seed) >> 12) as i64 * 2;
        let (dealer, key, emails) = dealership(&crm, alzura_id, passwords.then_some(PASSWORD)).await;
        let stranger = crm.dealer_create(dealer_named("Stranger Motors", alzura_id + 1)).await.expect("a dealer").id;
        let (_, stranger_key) =
            crm.key_create(&house(stranger), NewKey::new("stranger", every_right())).await.expect("a key");
        let webhook_secret = forecourt_crm::access::secret(&crm.context, "whs_");
        let user = User {
            email: format!("stranger@{stranger}.example"),
            name: "The stranger".to_owned(),
            role: Role::Admin,
            locations: Vec::new(),
            active: true,
            shifts: Vec::new(),
            leave: Vec::new(),
            alzura_id: Some(alzura(Role::Admin)),
        };
        crm.user_add(&house(stranger), NewUser { user, password: None }).await.expect("a user");
        crm.webhook_register(&house(dealer), &webhook_secret, CredentialKind::Webhook).await.expect("a secret");
        Some(Self {
            backend,
            router,
            app,
            clock,
            dealer,
            stranger,
            worker,
            alzura_id,
            key,
            stranger_key,
            webhook_secret,
            sessions: Role::ALL.iter().map(|role| (*role, OnceCell::new())).collect(),
            emails,
            place,
        })
    }

    pub fn crm(&self) -> &Crm {
        &self.app.crm
    }

    /// Where its store is.
    pub fn location(&self) -> &forecourt_store::Location {
        &self.place.location
    }

    /// The house itself, seeing everything of the test's dealer.
    pub fn caller(&self) -> Caller {
        house(self.dealer)
    }

    pub fn email(&self, role: Role) -> &str {
        &self.emails[&role]
    }

    pub fn webhook_secret(&self) -> &str {
        &self.webhook_secret
    }

    /// The token of somebody; none of nobody. A user gets a session the first time.
    pub async fn token(&self, who: As) -> Option<String> {
        match who {
            As::Nobody => None,
            As::Key => Some(self.key.clone()),
            As::Stranger => Some(self.stranger_key.clone()),
            As::Role(role) => {
                let log_in = async || self.session(self.email(role)).await;
                Some(self.sessions[&role].get_or_init(log_in).await.clone())
            }
        }
    }

    /// The token that narrows the test's key to its user of a role.
    ///
    /// # Panics
    /// When there is none.
    pub async fn user_token(&self, role: Role) -> String {
        self.narrowed(&self.key, self.alzura_id, alzura(role)).await
    }

    /// The token that narrows a key to a user, both known by their numbers.
    ///
    /// # Panics
    /// When there is none.
    pub async fn narrowed(&self, key: &str, dealer: i64, user: i64) -> String {
        let about = serde_json::json!({"dealerAlzuraId": dealer, "userAlzuraId": user});
        let ask = self.anonymous(Method::POST, "/v3/auth/token").bearer(key).json(&about);
        ask.send().await.expect(200)["token"].as_str().expect("a token").to_owned()
    }

    /// A request as somebody.
    pub async fn ask(&self, who: As, method: Method, path: &str) -> Ask {
        let ask = Ask::new(self.router.clone(), method, path);
        match self.token(who).await {
            Some(token) => ask.bearer(&token),
            None => ask,
        }
    }

    /// A request of nobody in particular.
    pub fn anonymous(&self, method: Method, path: &str) -> Ask {
        Ask::new(self.router.clone(), method, path)
    }

    /// A request with the key that may do everything.
    pub fn get(&self, path: &str) -> Ask {
        Ask::new(self.router.clone(), Method::GET, path).bearer(&self.key)
    }

    pub fn post(&self, path: &str) -> Ask {
        Ask::new(self.router.clone(), Method::POST, path).bearer(&self.key)
    }

    pub fn put(&self, path: &str) -> Ask {
        Ask::new(self.router.clone(), Method::PUT, path).bearer(&self.key)
    }

    pub fn patch(&self, path: &str) -> Ask {
        Ask::new(self.router.clone(), Method::PATCH, path).bearer(&self.key)
    }

    pub fn delete(&self, path: &str) -> Ask {
        Ask::new(self.router.clone(), Method::DELETE, path).bearer(&self.key)
    }

    /// Does every job that is due now.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn work(&self) -> usize {
        self.worker.drain(Some(self.dealer)).await.expect("the jobs can be done")
    }

    /// Moves the clock, doing what becomes due on the way, in order.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn pass(&self, duration: Duration) {
        let end = self.clock.now() + duration;
        self.work().await;
        while let Some(due) = self.next_due().await.filter(|due| *due <= end) {
            self.clock.set(due.max(self.clock.now()));
            self.work().await;
        }
        self.clock.set(end);
        self.work().await;
    }

    async fn next_due(&self) -> Option<Instant> {
        self.crm().store.jobs_next_due(self.clock.now(), Some(self.dealer)).await.expect("the store answers")
    }

    /// Ends a test: what is due is done, nothing was given up, and the data is consistent.
    ///
    /// # Panics
    /// When one of these does not hold.
    pub async fn finish(&self) {
        self.work().await;
        let left = self.next_due().await;
        assert!(left.is_none_or(|due| due > self.clock.now()), "a due job was not done");
        for dealer in [self.dealer, self.stranger] {
            let findings = self.crm().store.verify_dealer(dealer, self.clock.now()).await;
            let findings = findings.expect("the store can be verified");
            assert!(findings.is_empty(), "{findings:#?}");
            let findings = self.crm().computed_verify(dealer).await.expect("the computed parts can be verified");
            assert!(findings.is_empty(), "{findings:#?}");
        }
        let dead = self.crm().jobs_given_up(self.dealer).await.expect("the store answers");
        assert_eq!(dead, 0, "a job was given up");
        if self.backend == Backend::Sqlite {
            self.crm().store.close().await;
        }
    }
}

/// Everything that may be done, and done for real.
fn every_right() -> Vec<Right> {
    Right::ALL.iter().copied().filter(|right| *right != Right::History).collect()
}

fn house(dealer: DealerId) -> Caller {
    Caller { dealer, actor: Actor::System, dialect: "house", sight: Sight::All, history: false }
}

fn dealer_named(name: &str, alzura: i64) -> Dealer {
    Dealer {
        name: name.to_owned(),
        time_zone: Zone::parse("America/Chicago").expect("a zone"),
        country: "US".to_owned(),
        currency: "USD".to_owned(),
        distance_unit: DistanceUnit::Mi,
        language: "en".to_owned(),
        duplicate_window_minutes: 24 * 60,
        pipeline: Pipeline::default(),
        idle_alert: IdleAlert::default(),
        bot: Bot::default(),
        templates: forecourt_record::templates::Templates::default(),
        contact_rules: None,
        dialling: forecourt_record::pacing::Dialling::default(),
        opt_out: OptOut::default(),
        email: "sales@demo.example".parse().ok(),
        whatsapp_number: Some(DEALER_NUMBER.to_owned()),
        alzura_id: Some(alzura),
    }
}

fn location(code: &str, country: &str, zone: &str, language: &str) -> Location {
    let (from, to) = (LocalTime::new(9, 0).expect("a time"), LocalTime::new(18, 0).expect("a time"));
    Location {
        code: code.to_owned(),
        name: code.to_owned(),
        country: country.to_owned(),
        language: Some(language.to_owned()),
        address: None,
        phone: None,
        calendar: BusinessCalendar {
            zone: Zone::parse(zone).expect("a zone"),
            hours: Hours::weekly(&Weekday::ALL, from, to),
            holidays: forecourt_record::calendar::Holidays::default(),
        },
        whatsapp_number: None,
        whatsapp_phone_number_id: None,
    }
}

/// A dealer with two locations, a user of every role and a key.
async fn dealership(crm: &Crm, alzura_id: i64, password: Option<&str>) -> (DealerId, String, HashMap<Role, String>) {
    let dealer = crm.dealer_create(dealer_named("Test Motors", alzura_id)).await.expect("a dealer").id;
    let house = house(dealer);
    for one in [location("houston", "US", "America/Chicago", "en"), location("berlin", "DE", "Europe/Berlin", "de")] {
        crm.location_add(&house, one).await.expect("a location");
    }
    let unique: Id<()> = crm.context.id();
    let mut emails = HashMap::new();
    for role in Role::ALL {
        let email = format!("{}@{unique}.example", role.as_str());
        let user = User {
            email: email.clone(),
            name: format!("The {}", role.as_str()),
            role: *role,
            locations: vec!["houston".to_owned()],
            active: true,
            shifts: Vec::new(),
            leave: Vec::new(),
            alzura_id: Some(alzura(*role)),
        };
        crm.user_add(&house, NewUser { user, password: password.map(str::to_owned) }).await.expect("a user");
        emails.insert(*role, email);
    }
    let (_, key) = crm.key_create(&house, NewKey::new("tests", every_right())).await.expect("a key");
    (dealer, key, emails)
}
