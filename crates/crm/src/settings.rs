//! The dealer's own settings: dealers, locations, users, scorecards. Every change is seen by the next request.

use forecourt_query::{Direction, Filter, Find};
use forecourt_record::{
    CredentialKind, Dealer, DealerId, Document, Email, Error, FieldError, Id, Kind, Location, LocationExtra, Phone,
    Result, ScorecardVersion, User, UserExtra, error::Code, event::EventName, gate::Rules, scoring::Scorecard,
};
use forecourt_store::{Command, Lane, NewJob, Scope, Tx};
use serde_json::json;

use crate::{Caller, Crm, access, access::happened, config};

/// The daily job that forgets what need not be kept.
pub const PURGE: &str = "house.purge@1";

/// A user to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub user: User,
    /// None cannot log in.
    pub password: Option<String>,
}

/// The shortest password taken.
const PASSWORD: usize = 10;

impl Crm {
    /// Makes a dealer. Its id begins what its words are found by, so it is drawn until that is nobody else's.
    pub async fn dealer_create(&self, dealer: Dealer) -> Result<Document<Dealer>> {
        let mut wrong = Vec::new();
        if dealer.name.trim().is_empty() {
            wrong.push(FieldError::new("name", "required", "A dealer needs a name."));
        }
        if !["de", "en", "es"].contains(&dealer.language.as_str()) {
            wrong.push(FieldError::new("language", "not_allowed", "The language must be one of de, en, es."));
        }
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        loop {
            let id: DealerId = self.context.id();
            let scope = self.house(id);
            let document = Document::new(id, scope.now, dealer.clone(), ());
            if self.write(scope, CreateDealer(document.clone())).await? {
                return Ok(document);
            }
        }
    }

    /// The server's dealers, oldest first.
    pub async fn dealer_list(&self) -> Result<Vec<Document<Dealer>>> {
        self.store.read(Scope::system(self.now()), Lane::Quick, ListDealers).await
    }

    /// Changes the dealer's settings through a function of them.
    pub async fn dealer_change(
        &self,
        caller: &Caller,
        change: impl Fn(&mut Dealer) + Send + Sync + 'static,
    ) -> Result<Document<Dealer>> {
        self.write(self.scope(caller), ChangeDealer(Box::new(change))).await
    }

    /// Puts rules of contact of the dealer's own in the place of those that are shipped; none gives them up again.
    ///
    /// Errors: `Invalid` with pointers into the rules.
    pub async fn contact_rules_put(&self, caller: &Caller, own: Option<Rules>) -> Result<()> {
        let wrong = own.as_ref().map(Rules::check).unwrap_or_default();
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        if self.config(caller.dealer).await?.dealer.doc.contact_rules == own {
            return Ok(());
        }
        self.dealer_change(caller, move |dealer| dealer.contact_rules.clone_from(&own)).await.map(drop)
    }

    /// Adds a location. Errors: `DuplicateName`; `Invalid` (`code`, `phone`, `whatsapp_number`).
    pub async fn location_add(&self, caller: &Caller, location: Location) -> Result<Document<Location>> {
        let mut wrong = Vec::new();
        let code = &location.code;
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if code.is_empty() || code.len() > 40 || !code.chars().all(plain) {
            let detail = "A location's code is 1 to 40 lowercase letters, digits and dashes.";
            wrong.push(FieldError::new("code", "bad_format", detail));
        }
        for (field, number) in [("phone", &location.phone), ("whatsapp_number", &location.whatsapp_number)] {
            if number.as_deref().is_some_and(|number| Phone::parse(number, Some(&location.country)).is_err()) {
                wrong.push(FieldError::new(field, "bad_format", "This is not a phone number."));
            }
        }
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        let document = Document::new(self.context.id(), self.now(), location, LocationExtra::default());
        self.write(self.scope(caller), AddLocation(document)).await
    }

    pub async fn location_list(&self, caller: &Caller) -> Result<Vec<Document<Location>>> {
        Ok(self.config(caller.dealer).await?.locations.clone())
    }

    /// Adds a user. Errors: `DuplicateName` for a login name that is taken; `Invalid` (`email`, `password`, `locations`).
    pub async fn user_add(&self, caller: &Caller, new: NewUser) -> Result<Document<User>> {
        let config = self.config(caller.dealer).await?;
        let mut user = new.user;
        let mut wrong = Vec::new();
        match user.email.parse::<Email>() {
            Ok(email) => email.as_str().clone_into(&mut user.email),
            Err(_) => wrong.push(FieldError::new("email", "bad_format", "This is not an e-mail address.")),
        }
        if new.password.as_ref().is_some_and(|password| password.chars().count() < PASSWORD) {
            let detail = format!("A password has at least {PASSWORD} characters.");
            wrong.push(FieldError::new("password", "too_short", detail));
        }
        for code in user.locations.iter().filter(|code| config.location(code).is_none()) {
            wrong.push(FieldError::new("locations", "not_allowed", format!("There is no location \"{code}\".")));
        }
        if user.role.is_bound_to_locations() && user.locations.is_empty() {
            let detail = format!("A user of the role {} needs at least one location.", user.role.as_str());
            wrong.push(FieldError::new("locations", "required", detail));
        }
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        let password_hash = match new.password {
            Some(password) => {
                let context = self.context.clone();
                let hashed = tokio::task::spawn_blocking(move || access::password_hash(&context, &password));
                Some(hashed.await.map_err(Error::internal)??)
            }
            None => None,
        };
        let extra = UserExtra { number: 0, password_hash };
        let document = Document::new(self.context.id(), self.now(), user, extra);
        self.write(self.scope(caller), AddUser(document)).await
    }

    pub async fn user_list(&self, caller: &Caller) -> Result<Vec<Document<User>>> {
        Ok(self.config(caller.dealer).await?.users.clone())
    }

    /// Switches a user off or on; one that is switched off loses every session at once. Errors: `NotFound`.
    pub async fn user_activate(&self, caller: &Caller, email: &str, active: bool) -> Result<Document<User>> {
        let command = ActivateUser { email: email.trim().to_lowercase(), active };
        self.write(self.scope(caller), command).await
    }

    /// Gives a user the number that partners know it by, or takes it away. Errors: `NotFound`; `DuplicateName`.
    pub async fn user_alzura(&self, caller: &Caller, email: &str, alzura_id: Option<i64>) -> Result<Document<User>> {
        let command = NumberUser { email: email.trim().to_lowercase(), alzura_id };
        self.write(self.scope(caller), command).await
    }

    /// Puts a new version of the scorecard in force. Leads keep the version they were scored with.
    pub async fn scorecard_set(&self, caller: &Caller, card: Scorecard) -> Result<Scorecard> {
        let wrong = card.check();
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        let id = self.context.id();
        self.write(self.scope(caller), SetScorecard { id, card }).await
    }

    /// Registers a secret by which a provider's webhooks are known to be for this dealer, or the provider's id of one
    /// of its numbers.
    pub async fn webhook_register(&self, caller: &Caller, secret: &str, kind: CredentialKind) -> Result<()> {
        let command = RegisterWebhook { hash: access::hash(secret), kind };
        self.write(self.scope(caller), command).await
    }
}

struct CreateDealer(Document<Dealer>);

impl Command for CreateDealer {
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool> {
        if !tx.dealer_scope_is_free().await? {
            return Ok(false);
        }
        tx.insert(&self.0).await?;
        follow_alzura(tx, None, self.0.doc.alzura_id).await?;
        tx.insert(&Document::new(self.0.id.cast(), tx.scope().now, ScorecardVersion(Scorecard::default()), ())).await?;
        tx.enqueue(NewJob {
            name: PURGE,
            payload: json!({}),
            due_at: tx.scope().now + std::time::Duration::from_hours(24),
            priority: 100,
            dedupe: Some("purge".to_owned()),
        })
        .await?;
        config::changed(tx).await?;
        happened(tx, EventName::DealerCreated, Dealer::SPEC.name, self.0.id.cast()).await?;
        Ok(true)
    }
}

struct ListDealers;

impl Command for ListDealers {
    type Output = Vec<Document<Dealer>>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let mut dealers = Vec::new();
        for id in tx.dealer_ids().await? {
            dealers.extend(tx.get_of::<Dealer>(id, id).await?);
        }
        Ok(dealers)
    }
}

/// What a dealer is found by whose number partners send.
pub(crate) fn alzura(number: i64) -> String {
    access::hash(&format!("alzura:{number}"))
}

/// Takes a partner's number for the dealer, which no other dealer of the server has, and lets go of the one before.
async fn follow_alzura(tx: &mut Tx, before: Option<i64>, after: Option<i64>) -> Result<()> {
    if before == after {
        return Ok(());
    }
    if let Some(number) = after {
        if tx.credential(&alzura(number)).await?.is_some() {
            return Err(Error::new(Code::DuplicateName, format!("Another dealer has the Alzura number {number}.")));
        }
        tx.credential_add(&alzura(number), CredentialKind::Alzura, tx.scope().dealer.cast(), None).await?;
    }
    match before {
        Some(number) => tx.credential_drop(&alzura(number)).await,
        None => Ok(()),
    }
}

struct ChangeDealer(Box<dyn Fn(&mut Dealer) + Send + Sync>);

impl Command for ChangeDealer {
    type Output = Document<Dealer>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<Dealer>> {
        let mut dealer = tx.require_for_update::<Dealer>(tx.scope().dealer).await?;
        let before = dealer.doc.alzura_id;
        (self.0)(&mut dealer.doc);
        follow_alzura(tx, before, dealer.doc.alzura_id).await?;
        tx.update(&mut dealer).await?;
        config::changed(tx).await?;
        happened(tx, EventName::DealerChanged, Dealer::SPEC.name, dealer.id.cast()).await?;
        Ok(dealer)
    }
}

struct AddLocation(Document<Location>);

impl Command for AddLocation {
    type Output = Document<Location>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<Location>> {
        let mut location = self.0.clone();
        let holder = tx.key_claim(Location::SPEC.name, "code", &location.doc.code, location.id).await?;
        if holder != location.id {
            let detail = format!("There is a location \"{}\" already.", location.doc.code);
            return Err(Error::new(Code::DuplicateName, detail));
        }
        location.extra.number = tx.number("locations", 1).await?;
        tx.insert(&location).await?;
        if let Some(number) = &location.doc.whatsapp_phone_number_id {
            let hash = access::hash(number);
            tx.credential_add(&hash, CredentialKind::PhoneNumber, tx.scope().dealer.cast(), None).await?;
        }
        config::changed(tx).await?;
        happened(tx, EventName::LocationCreated, Location::SPEC.name, location.id.cast()).await?;
        Ok(location)
    }
}

struct AddUser(Document<User>);

impl Command for AddUser {
    type Output = Document<User>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<User>> {
        let mut user = self.0.clone();
        if !tx.login_claim(&user.doc.email, user.id).await? {
            return Err(Error::new(Code::DuplicateName, "Somebody logs in with this e-mail address already."));
        }
        claim_alzura(tx, user.doc.alzura_id, user.id).await?;
        user.extra.number = tx.number("users", 1).await?;
        tx.insert(&user).await?;
        if user.doc.role.takes_leads() {
            tx.agent_count(user.id, 0, false).await?;
        }
        config::changed(tx).await?;
        happened(tx, EventName::UserCreated, User::SPEC.name, user.id.cast()).await?;
        Ok(user)
    }
}

/// The field of the key by which partners know a user.
const ALZURA: &str = "alzura_id";

/// Takes a partner's number for a user, where there is one.
async fn claim_alzura(tx: &mut Tx, number: Option<i64>, user: Id<User>) -> Result<()> {
    let Some(number) = number else { return Ok(()) };
    if tx.key_claim(User::SPEC.name, ALZURA, &number.to_string(), user).await? != user {
        return Err(Error::new(Code::DuplicateName, format!("Another user has the Alzura number {number}.")));
    }
    Ok(())
}

struct NumberUser {
    email: String,
    alzura_id: Option<i64>,
}

impl Command for NumberUser {
    type Output = Document<User>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<User>> {
        let mut user = named(tx, &self.email).await?;
        if let Some(before) = user.doc.alzura_id.filter(|before| Some(*before) != self.alzura_id) {
            tx.key_release(User::SPEC.name, ALZURA, &before.to_string(), user.id).await?;
        }
        claim_alzura(tx, self.alzura_id, user.id).await?;
        user.doc.alzura_id = self.alzura_id;
        changed(tx, user).await
    }
}

/// The user of an address, held against other writers.
async fn named(tx: &mut Tx, email: &str) -> Result<Document<User>> {
    let found = tx.find_one::<User>(Filter::eq("email", email)).await?;
    tx.require_for_update(found.ok_or_else(|| Error::not_found("user"))?.id).await
}

async fn changed(tx: &mut Tx, mut user: Document<User>) -> Result<Document<User>> {
    tx.update(&mut user).await?;
    config::changed(tx).await?;
    happened(tx, EventName::UserChanged, User::SPEC.name, user.id.cast()).await?;
    Ok(user)
}

struct ActivateUser {
    email: String,
    active: bool,
}

impl Command for ActivateUser {
    type Output = Document<User>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<User>> {
        let mut user = named(tx, &self.email).await?;
        user.doc.active = self.active;
        if !self.active {
            tx.credentials_drop_of(user.id.cast()).await?;
        }
        changed(tx, user).await
    }
}

struct SetScorecard {
    id: Id<ScorecardVersion>,
    card: Scorecard,
}

impl Command for SetScorecard {
    type Output = Scorecard;

    async fn run(&self, tx: &mut Tx) -> Result<Scorecard> {
        let newest = Find { sort: vec![("number", Direction::Descending)], ..Find::newest(Filter::all(), 1) };
        let latest = tx.find::<ScorecardVersion>(&newest).await?.first().map_or(0, |card| card.doc.0.version);
        let card = Scorecard { version: latest + 1, ..self.card.clone() };
        tx.insert(&Document::new(self.id, tx.scope().now, ScorecardVersion(card.clone()), ())).await?;
        config::changed(tx).await?;
        happened(tx, EventName::ScorecardChanged, ScorecardVersion::SPEC.name, self.id.cast()).await?;
        Ok(card)
    }
}

struct RegisterWebhook {
    hash: String,
    kind: CredentialKind,
}

impl Command for RegisterWebhook {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        tx.credential_add(&self.hash, self.kind, tx.scope().dealer.cast(), None).await
    }
}

impl Crm {
    /// How many of the dealer's jobs were given up for good.
    pub async fn jobs_given_up(&self, dealer: DealerId) -> Result<i64> {
        self.store.read(self.house(dealer), Lane::Quick, GivenUp).await
    }
}

struct GivenUp;

impl Command for GivenUp {
    type Output = i64;

    async fn run(&self, tx: &mut Tx) -> Result<i64> {
        Ok(tx.jobs_left().await?.1)
    }
}
