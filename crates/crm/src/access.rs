//! Who may come in: logins, sessions, API keys and the secrets providers send.

use std::{collections::BTreeMap, time::Duration};

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use forecourt_record::{
    Actor, ApiKey, ApiKeyExtra, Context, Credential, CredentialKind, DealerId, Document, Error, Id, Instant, Kind,
    Result, Right, Role, User, UserId,
    error::Code,
    event::{Event, EventName},
};
use forecourt_store::{Command, Lane, Scope, Tx};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{Caller, Crm, Sight};

/// A session ends this long after it was last used.
pub const SESSION: Duration = Duration::from_hours(12);
/// How late the end of a session is moved: not with every request.
const SESSION_STEP: Duration = Duration::from_mins(10);

/// How precisely the last use of a key is known: not every request writes.
const LAST_USED_STEP: Duration = Duration::from_hours(1);

/// Somebody whose credential is good, and what it is good for.
#[derive(Clone, Debug)]
pub struct Authenticated {
    pub caller: Caller,
    pub rights: Vec<Right>,
    /// The user's role; a key has none, unless a token narrows it to a user.
    pub role: Option<Role>,
    /// The key that was sent; none for a login.
    pub key: Option<Id<ApiKey>>,
    /// The hash by which the credential is found: what limits and logs know it by.
    pub hash: String,
    pub kind: CredentialKind,
    /// Further dealers of the same group that the credential is good for.
    pub dealers: Vec<DealerId>,
    /// A key's own choices, see [`ApiKey::settings`].
    pub settings: BTreeMap<String, String>,
}

impl Authenticated {
    /// The same caller at every dealer that the credential is good for, its own first.
    pub fn everywhere(&self) -> Vec<Caller> {
        let others = self.dealers.iter().filter(|dealer| **dealer != self.caller.dealer);
        let at = |dealer: &DealerId| Caller { dealer: *dealer, ..self.caller.clone() };
        std::iter::once(&self.caller.dealer).chain(others).map(at).collect()
    }

    /// The same caller, working for this dealer; none when the credential is not good for it.
    pub fn at(&self, dealer: DealerId) -> Option<Self> {
        let known = self.caller.dealer == dealer || self.dealers.contains(&dealer);
        known.then(|| Self { caller: Caller { dealer, ..self.caller.clone() }, ..self.clone() })
    }
}

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    pub name: String,
    pub rights: Vec<Right>,
    pub expires_at: Option<Instant>,
    /// Further dealers it is good for. Who may name them is the caller's affair.
    pub dealers: Vec<DealerId>,
    pub settings: BTreeMap<String, String>,
}

impl NewKey {
    /// A key of one dealer, without an end.
    pub fn new(name: &str, rights: Vec<Right>) -> Self {
        Self { name: name.to_owned(), rights, expires_at: None, dealers: Vec::new(), settings: BTreeMap::new() }
    }
}

/// A login that succeeded.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    pub token: String,
    pub user: Document<User>,
}

/// What a token is looked up by. Tokens are long and random, so one round of SHA-256 is enough.
pub fn hash(token: &str) -> String {
    let hex = |digit: u8| char::from_digit(digit.into(), 16).unwrap_or_default();
    Sha256::digest(token.as_bytes()).iter().flat_map(|byte| [hex(byte >> 4), hex(byte & 15)]).collect()
}

/// A new secret: a readable beginning and 32 random bytes.
pub fn secret(context: &Context, prefix: &str) -> String {
    const LETTERS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut bytes = [0; 40];
    context.fill(&mut bytes);
    let random = bytes.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]));
    prefix.chars().chain(random).collect()
}

/// An argon2id hash of a password. Slow by intent: not for async threads.
pub fn password_hash(context: &Context, password: &str) -> Result<String> {
    let mut salt = [0; 16];
    context.fill(&mut salt);
    let hash: PasswordHash = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|error| Error::internal(format!("argon2: {error}")))?;
    Ok(hash.to_string())
}

fn password_matches(hash: &str, password: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// A hash that no password has: checking it takes as long as checking a real one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn wrong_password() -> Error {
    Error::new(Code::WrongPassword, "The e-mail address or the password is wrong.")
}

impl Crm {
    /// Logs a user in. It takes the same time whether the address, the password or neither is right.
    ///
    /// Errors: `WrongPassword`.
    pub async fn login(&self, email: &str, password: String, dialect: &'static str) -> Result<LoggedIn> {
        let email = email.trim().to_lowercase();
        let found = self.store.read(Scope::system(self.now()), Lane::Quick, FindLogin(email)).await?;
        let stored = found.as_ref().and_then(|user| user.1.extra.password_hash.clone());
        let checked = tokio::task::spawn_blocking(move || {
            let known = stored.is_some();
            password_matches(stored.as_deref().unwrap_or(NOBODY), &password) && known
        });
        let good = checked.await.map_err(Error::internal)?;
        let Some((dealer, user)) = found.filter(|(_, user)| good && user.doc.active) else {
            return Err(wrong_password());
        };
        let token = secret(&self.context, "alt_sk_");
        let now = self.now();
        let scope = Scope { dealer, actor: Actor::User(user.id), dialect, now };
        self.store.write(scope, OpenSession { hash: hash(&token), user: user.id }).await?;
        Ok(LoggedIn { token, user })
    }

    /// Ends a session at once, on every server.
    pub async fn logout(&self, who: &Authenticated) -> Result<()> {
        self.store.write(self.scope(&who.caller), CloseSession { hash: who.hash.clone() }).await
    }

    /// Who a token speaks for; none when it is unknown, expired or revoked.
    pub async fn authenticate(&self, token: &str, dialect: &'static str) -> Result<Option<Authenticated>> {
        let hash = hash(token);
        let find = FindCredential { hash: hash.clone(), now: self.now() };
        let Some((credential, holder)) = self.store.read(Scope::system(self.now()), Lane::Quick, find).await? else {
            return Ok(None);
        };
        let caller = |actor, sight, history| Caller { dealer: credential.dealer, actor, dialect, sight, history };
        let who = match holder {
            Holder::User(user) => Authenticated {
                caller: caller(Actor::User(user.id), Sight::of_user(&user.doc), false),
                rights: user.doc.role.rights(),
                role: Some(user.doc.role),
                key: None,
                hash,
                kind: credential.kind,
                dealers: Vec::new(),
                settings: BTreeMap::new(),
            },
            Holder::Key(key) => {
                self.touch(credential.dealer, &key).await?;
                Authenticated {
                    caller: caller(Actor::Key(key.id), Sight::All, key.doc.rights.contains(&Right::History)),
                    rights: key.doc.rights,
                    role: None,
                    key: Some(key.id),
                    hash,
                    kind: credential.kind,
                    dealers: key.doc.dealers,
                    settings: key.doc.settings,
                }
            }
            Holder::Nobody => return Ok(None),
        };
        self.slide(&who, credential.expires_at).await?;
        Ok(Some(who))
    }

    /// The dealer whose webhook secret, or whose number's provider id, this is.
    pub async fn dealer_of(&self, secret: &str, kind: CredentialKind) -> Result<Option<DealerId>> {
        self.dealer_by(&hash(secret), kind).await
    }

    pub(crate) async fn dealer_by(&self, hash: &str, kind: CredentialKind) -> Result<Option<DealerId>> {
        let find = FindDealer { hash: hash.to_owned(), kind };
        self.store.read(Scope::system(self.now()), Lane::Quick, find).await
    }

    /// Makes an API key; its secret is in the answer and nowhere else.
    pub async fn key_create(&self, caller: &Caller, new: NewKey) -> Result<(Document<ApiKey>, String)> {
        let NewKey { name, rights, expires_at, dealers, settings } = new;
        let token = secret(&self.context, "alt_sk_live_");
        let prefix = token.chars().take(16).collect();
        let doc = ApiKey { name, prefix, rights, expires_at, revoked_at: None, dealers, settings };
        let key = Document::new(self.context.id(), self.now(), doc, ApiKeyExtra::default());
        let command = CreateKey { key: key.clone(), hash: hash(&token) };
        self.store.write(self.scope(caller), command).await?;
        Ok((key, token))
    }

    /// Makes an API key worthless at once. Errors: `NotFound`.
    pub async fn key_revoke(&self, caller: &Caller, key: Id<ApiKey>) -> Result<()> {
        self.store.write(self.scope(caller), RevokeKey(key)).await
    }

    /// The dealer's keys, newest first.
    pub async fn key_list(&self, caller: &Caller) -> Result<Vec<Document<ApiKey>>> {
        self.store.read(self.scope(caller), Lane::Quick, ListKeys).await
    }

    /// Remembers that a key is in use, to the hour.
    async fn touch(&self, dealer: DealerId, key: &Document<ApiKey>) -> Result<()> {
        if key.extra.last_used_at.is_some_and(|used| self.now().since(used) < LAST_USED_STEP) {
            return Ok(());
        }
        self.store.write(self.house(dealer), TouchKey(key.id)).await
    }

    async fn slide(&self, who: &Authenticated, expires_at: Option<Instant>) -> Result<()> {
        let fresh = self.now() + SESSION;
        let due = expires_at.is_some_and(|end| fresh.since(end) >= SESSION_STEP);
        if who.kind != CredentialKind::Session || !due {
            return Ok(());
        }
        self.store.write(self.scope(&who.caller), ExtendSession { hash: who.hash.clone(), until: fresh }).await
    }
}

struct FindLogin(String);

impl Command for FindLogin {
    type Output = Option<(DealerId, Document<User>)>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let Some(login) = tx.login(&self.0).await? else {
            return Ok(None);
        };
        Ok(tx.get_of(login.dealer, login.user).await?.map(|user| (login.dealer, user)))
    }
}

enum Holder {
    User(Document<User>),
    Key(Document<ApiKey>),
    Nobody,
}

struct FindCredential {
    hash: String,
    now: Instant,
}

impl Command for FindCredential {
    type Output = Option<(Credential, Holder)>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let Some(credential) = tx.credential(&self.hash).await? else {
            return Ok(None);
        };
        if credential.expires_at.is_some_and(|end| end <= self.now) {
            return Ok(None);
        }
        let holder = match credential.kind {
            CredentialKind::Session => {
                let user: Option<Document<User>> = tx.get_of(credential.dealer, credential.subject.cast()).await?;
                user.filter(|user| user.doc.active).map_or(Holder::Nobody, Holder::User)
            }
            CredentialKind::ApiKey => {
                let key: Option<Document<ApiKey>> = tx.get_of(credential.dealer, credential.subject.cast()).await?;
                key.filter(|key| key.doc.revoked_at.is_none()).map_or(Holder::Nobody, Holder::Key)
            }
            CredentialKind::Webhook | CredentialKind::PhoneNumber | CredentialKind::Alzura => Holder::Nobody,
        };
        Ok(Some((credential, holder)))
    }
}

struct FindDealer {
    hash: String,
    kind: CredentialKind,
}

impl Command for FindDealer {
    type Output = Option<DealerId>;

    async fn run(&self, tx: &mut Tx) -> Result<Option<DealerId>> {
        let found = tx.credential(&self.hash).await?;
        Ok(found.filter(|credential| credential.kind == self.kind).map(|credential| credential.dealer))
    }
}

struct OpenSession {
    hash: String,
    user: UserId,
}

impl Command for OpenSession {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let until = tx.scope().now + SESSION;
        tx.credential_add(&self.hash, CredentialKind::Session, self.user.cast(), Some(until)).await?;
        happened(tx, EventName::UserLoggedIn, User::SPEC.name, self.user.cast()).await
    }
}

struct CloseSession {
    hash: String,
}

impl Command for CloseSession {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        tx.credential_drop(&self.hash).await?;
        match tx.scope().actor {
            Actor::User(user) => happened(tx, EventName::UserLoggedOut, User::SPEC.name, user.cast()).await,
            Actor::System | Actor::Key(_) | Actor::Client => Ok(()),
        }
    }
}

struct ExtendSession {
    hash: String,
    until: Instant,
}

impl Command for ExtendSession {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        tx.credential_extend(&self.hash, self.until).await
    }
}

struct CreateKey {
    key: Document<ApiKey>,
    hash: String,
}

impl Command for CreateKey {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        tx.insert(&self.key).await?;
        tx.credential_add(&self.hash, CredentialKind::ApiKey, self.key.id.cast(), self.key.doc.expires_at).await?;
        happened(tx, EventName::KeyCreated, ApiKey::SPEC.name, self.key.id.cast()).await
    }
}

struct RevokeKey(Id<ApiKey>);

impl Command for RevokeKey {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut key = tx.require_for_update(self.0).await?;
        key.doc.revoked_at = Some(tx.scope().now);
        tx.update(&mut key).await?;
        tx.credentials_drop_of(self.0.cast()).await?;
        happened(tx, EventName::KeyRevoked, ApiKey::SPEC.name, self.0.cast()).await
    }
}

struct TouchKey(Id<ApiKey>);

impl Command for TouchKey {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let Some(mut key) = tx.get_for_update(self.0).await? else { return Ok(()) };
        key.extra.last_used_at = Some(tx.scope().now);
        tx.update(&mut key).await
    }
}

struct ListKeys;

impl Command for ListKeys {
    type Output = Vec<Document<ApiKey>>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        tx.find(&forecourt_query::Find::newest(forecourt_query::Filter::all(), 1000)).await
    }
}

pub(crate) async fn happened(tx: &mut Tx, name: EventName, kind: &'static str, id: Id<()>) -> Result<()> {
    tx.event(Event { name, kind, id, lead: None, data: json!({}) }).await
}
