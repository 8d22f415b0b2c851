//! Tokens that narrow a key to one user of one of its dealers.
//!
//! They are JSON Web Tokens (RFC 7519) with an HMAC of SHA-256 under a key of the dealer's; `kid` says which one, so that
//! a new one may be brought in while tokens of the one before are still good. What a token says of itself is never enough:
//! its user, and the key it was made for, are looked up each time.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use forecourt_record::{
    Actor, ApiKey, CredentialKind, Dealer, DealerId, Document, Error, Id, Instant, Kind as _, Result, User, UserId,
    event::EventName,
};
use forecourt_store::{Command, Lane, Tx};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::Sha256;

use crate::{
    Caller, Crm, Sight,
    access::{Authenticated, happened},
    settings,
};

/// How long a token is good.
pub const LIFETIME: Duration = Duration::from_hours(24);
/// Tokens are short; what is longer is none.
const LONGEST: usize = 4096;
/// What the names of the signing keys begin with, among the dealer's secrets.
const PREFIX: &str = "token.";

#[derive(Deserialize, Serialize)]
struct Header {
    alg: String,
    typ: String,
    kid: Id<()>,
}

/// What a token says. Instants are seconds since 1970.
#[derive(Clone, Copy, Deserialize, Serialize)]
struct Claims {
    sub: UserId,
    dealer: DealerId,
    /// The API key it was made for, and goes with.
    azp: Id<ApiKey>,
    iat: i64,
    exp: i64,
}

impl Crm {
    /// A token for a user, both known by the numbers that the partner has for them.
    ///
    /// Errors: `Invalid` (`dealer`, `user`) where the key has no such dealer, or that one no such active
    /// user.
    pub async fn token_issue(&self, who: &Authenticated, dealer: i64, user: i64) -> Result<String> {
        let named = self.dealer_by(&settings::alzura(dealer), CredentialKind::Alzura).await?;
        let dealer = named
            .and_then(|dealer| who.at(dealer))
            .ok_or_else(|| Error::field("dealer", "not_found", "No dealer of this key has this number."))?;
        let config = self.config(dealer.caller.dealer).await?;
        let user = config.users.iter().find(|one| one.doc.alzura_id == Some(user) && one.doc.active);
        let user =
            user.ok_or_else(|| Error::field("user", "not_found", "No active user of this dealer has this number."))?;
        self.token_sign(who, dealer.caller.dealer, user.id).await
    }

    /// A fresh token for whoever has one that is good.
    pub async fn token_refresh(&self, who: &Authenticated) -> Result<String> {
        let user = who.caller.actor.user().ok_or_else(|| Error::internal("a key alone has nothing to refresh"))?;
        self.token_sign(who, who.caller.dealer, user).await
    }

    async fn token_sign(&self, who: &Authenticated, dealer: DealerId, user: UserId) -> Result<String> {
        let azp = who.key.ok_or_else(|| Error::internal("tokens are made for keys"))?;
        let newest = self.store.read(self.house(dealer), Lane::Quick, NewestKey).await?;
        let (kid, secret) = if let Some(known) = newest {
            known
        } else {
            let first = AddKey { key: self.new_signing_key(), retire: Retire::Nothing };
            self.store.write(self.house(dealer), first).await?
        };
        let iat = self.now().millis().div_euclid(1000);
        let claims = Claims { sub: user, dealer, azp, iat, exp: iat + LIFETIME.as_secs() as i64 };
        signed(&Header { alg: "HS256".to_owned(), typ: "JWT".to_owned(), kid }, &claims, &secret)
    }

    /// The caller as a token narrows it: one dealer, one user, and of the key's rights those that the user has too. None
    /// when the token is not good, or not with this key.
    pub async fn token_narrow(&self, who: &Authenticated, token: &str) -> Result<Option<Authenticated>> {
        let Some(token) = Token::read(token) else { return Ok(None) };
        let Claims { sub, dealer, azp, exp, .. } = token.claims;
        let Some(at_home) = who.at(dealer).filter(|_| who.key == Some(azp)) else { return Ok(None) };
        let find = FindToken { kid: token.kid, user: sub, home: who.caller.dealer, key: azp };
        let Some((secret, user)) = self.store.read(self.house(dealer), Lane::Quick, find).await? else {
            return Ok(None);
        };
        if !token.is_signed_with(&secret)? || exp <= self.now().millis().div_euclid(1000) {
            return Ok(None);
        }
        let caller = Caller { actor: Actor::User(user.id), sight: Sight::of_user(&user.doc), ..at_home.caller.clone() };
        let rights = who.rights.iter().copied().filter(|right| right.is_of(user.doc.role)).collect();
        Ok(Some(Authenticated { caller, rights, role: Some(user.doc.role), dealers: Vec::new(), ..at_home }))
    }

    /// Signs the dealer's tokens with a new key from now on. Those signed before stay good until they end, or, where
    /// somebody may know the keys, end `at_once`.
    pub async fn token_key_rotate(&self, caller: &Caller, at_once: bool) -> Result<Id<()>> {
        let retire = if at_once { Retire::All } else { Retire::Outlived };
        let (kid, _) = self.store.write(self.scope(caller), AddKey { key: self.new_signing_key(), retire }).await?;
        Ok(kid)
    }

    fn new_signing_key(&self) -> (Id<()>, String) {
        let mut chance = [0; 32];
        self.context.fill(&mut chance);
        (self.context.id(), BASE64.encode(chance))
    }
}

/// A token taken apart, not trusted yet.
struct Token<'a> {
    kid: Id<()>,
    claims: Claims,
    /// What is signed, and the signature.
    message: &'a str,
    signature: Vec<u8>,
}

impl<'a> Token<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (message, signature) = text.rsplit_once('.').filter(|_| text.len() <= LONGEST)?;
        let (header, claims) = message.split_once('.')?;
        let header: Header = part(header)?;
        // Which algorithm is used is not for the token to choose.
        let is_ours = header.alg == "HS256" && header.typ == "JWT";
        let signature = BASE64.decode(signature).ok()?;
        is_ours.then_some(Self { kid: header.kid, claims: part(claims)?, message, signature })
    }

    fn is_signed_with(&self, secret: &str) -> Result<bool> {
        Ok(mac(secret, self.message)?.verify_slice(&self.signature).is_ok())
    }
}

fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&BASE64.decode(text).ok()?).ok()
}

fn signed(header: &Header, claims: &Claims, secret: &str) -> Result<String> {
    let [header, claims] = [serde_json::to_vec(header), serde_json::to_vec(claims)];
    let message = format!(
        "{}.{}",
        BASE64.encode(header.map_err(Error::internal)?),
        BASE64.encode(claims.map_err(Error::internal)?)
    );
    let signature = mac(secret, &message)?.finalize().into_bytes();
    Ok(format!("{message}.{}", BASE64.encode(signature)))
}

fn mac(secret: &str, message: &str) -> Result<Hmac<Sha256>> {
    let key = BASE64.decode(secret).map_err(Error::internal)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(Error::internal)?;
    mac.update(message.as_bytes());
    Ok(mac)
}

fn name(kid: Id<()>) -> String {
    format!("{PREFIX}{kid}")
}

/// The dealer's signing keys, newest first.
async fn keys(tx: &mut Tx) -> Result<Vec<(Id<()>, String)>> {
    let named = tx.secrets_named(PREFIX).await?;
    let kid = |name: &str| name.trim_start_matches(PREFIX).parse().map_err(Error::internal);
    named.into_iter().map(|(name, secret)| Ok((kid(&name)?, secret))).collect()
}

struct NewestKey;

impl Command for NewestKey {
    type Output = Option<(Id<()>, String)>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        Ok(keys(tx).await?.into_iter().next())
    }
}

/// Which keys go when one comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Retire {
    Nothing,
    /// Those with which nothing was signed that is still good.
    Outlived,
    All,
}

struct AddKey {
    key: (Id<()>, String),
    retire: Retire,
}

impl Command for AddKey {
    type Output = (Id<()>, String);

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let (kid, secret) = &self.key;
        let now = tx.scope().now;
        // A key signs until the next one comes.
        let mut until: Option<Instant> = None;
        for (old, _) in keys(tx).await? {
            let outlived = until.is_some_and(|until| now.since(until) >= LIFETIME);
            until = Some(old.instant());
            if self.retire == Retire::All || (self.retire == Retire::Outlived && outlived) {
                tx.secret_forget(&name(old)).await?;
            }
        }
        tx.secret_keep(&name(*kid), secret).await?;
        if self.retire != Retire::Nothing {
            happened(tx, EventName::TokenKeyRotated, Dealer::SPEC.name, tx.scope().dealer.cast()).await?;
        }
        Ok(self.key.clone())
    }
}

struct FindToken {
    kid: Id<()>,
    user: UserId,
    home: DealerId,
    key: Id<ApiKey>,
}

impl Command for FindToken {
    type Output = Option<(String, Document<User>)>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let key = tx.get_of(self.home, self.key).await?;
        let is_good = key.is_some_and(|key: Document<ApiKey>| key.doc.revoked_at.is_none());
        let Some(secret) = tx.secret(&name(self.kid)).await?.filter(|_| is_good) else { return Ok(None) };
        let user = tx.get::<User>(self.user).await?;
        Ok(user.filter(|user| user.doc.active).map(|user| (secret, user)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    const SECRET: &str = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

    #[test]
    fn signing_agrees_with_the_example_of_rfc_7515() {
        // RFC 7515, appendix A.1.
        let message = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = BASE64.encode(mac(SECRET, message).unwrap().finalize().into_bytes());
        assert_eq!(signature, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    #[test]
    fn a_token_is_good_as_it_was_signed_and_no_other_way() {
        let id = Id::from_bytes([1; 12]);
        let claims = Claims { sub: id.cast(), dealer: id.cast(), azp: id.cast(), iat: 1, exp: 2 };
        let header = |alg: &str| Header { alg: alg.to_owned(), typ: "JWT".to_owned(), kid: id };
        let token = signed(&header("HS256"), &claims, SECRET).unwrap();
        assert!(Token::read(&token).unwrap().is_signed_with(SECRET).unwrap());
        assert!(!Token::read(&token).unwrap().is_signed_with(&SECRET.replace('A', "B")).unwrap());
        let [head, body, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
        let other =
            BASE64.encode(json!({"sub": id, "dealer": id, "azp": id, "iat": 1, "exp": 9_999_999_999_i64}).to_string());
        assert!(!Token::read(&format!("{head}.{other}.{signature}")).unwrap().is_signed_with(SECRET).unwrap());
        assert!(!Token::read(&format!("{head}.{body}.")).unwrap().is_signed_with(SECRET).unwrap());
        for alg in ["none", "HS512", "RS256", "hs256", ""] {
            assert!(Token::read(&signed(&header(alg), &claims, SECRET).unwrap()).is_none(), "{alg}");
        }
        for broken in ["", ".", "..", "a.b.c", head, &format!("{head}.{body}"), &format!("{token}="), &"x".repeat(9000)]
        {
            assert!(Token::read(broken).is_none(), "{broken}");
        }
    }
}
