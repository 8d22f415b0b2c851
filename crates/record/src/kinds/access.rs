//! Users, API keys and scorecards: who may do what, and what a lead is worth.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DealerId, Right, UserId, tree::is_empty};
use crate::{
    Instant,
    calendar::{Leave, Shift},
    document::Kind,
    scoring::Scorecard,
    spec::{
        KindSpec, KindTypes,
        Part::{Doc, Extra},
        Type, hot,
    },
};

/// What a user is, and so what the user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Admin,
    Manager,
    Bdc,
    Sales,
    Service,
    Readonly,
}

impl Role {
    pub const ALL: &[Self] = &[Self::Admin, Self::Manager, Self::Bdc, Self::Sales, Self::Service, Self::Readonly];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Bdc => "bdc",
            Self::Sales => "sales",
            Self::Service => "service",
            Self::Readonly => "readonly",
        }
    }

    /// What the role may do, on the rows it can see.
    pub fn rights(self) -> Vec<Right> {
        Right::ALL.iter().copied().filter(|right| right.is_of(self)).collect()
    }

    /// Whether the role sees only its own locations: they are separate domains for those who sell.
    pub const fn is_bound_to_locations(self) -> bool {
        match self {
            Self::Bdc | Self::Sales => true,
            Self::Admin | Self::Manager | Self::Service | Self::Readonly => false,
        }
    }

    /// Whether leads are handed to people of this role.
    pub const fn takes_leads(self) -> bool {
        match self {
            Self::Bdc | Self::Sales => true,
            Self::Admin | Self::Manager | Self::Service | Self::Readonly => false,
        }
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = || Self::ALL.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
        Self::ALL
            .iter()
            .find(|role| role.as_str() == text)
            .copied()
            .ok_or_else(|| format!("expected one of {}", known()))
    }
}

/// A person who works at the dealer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct User {
    pub email: String,
    pub name: String,
    pub role: Role,
    /// Location codes; roles bound to locations see only these.
    #[serde(default)]
    pub locations: Vec<String>,
    pub active: bool,
    /// Local working hours; none means always.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub shifts: Vec<Shift>,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub leave: Vec<Leave>,
    /// The number that Autengo's partners know the user by: a token is asked for with it.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub alzura_id: Option<i64>,
}

/// What we alone know of a user.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserExtra {
    /// The dealer's own small number: u_1.
    pub number: i64,
    /// An argon2id hash; none cannot log in.
    pub password_hash: Option<String>,
}

impl std::fmt::Debug for UserExtra {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserExtra").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Kind for User {
    type Extra = UserExtra;
    type Computed = ();

    const SPEC: &'static KindSpec = &KindSpec {
        name: "users",
        singular: "user",
        hot: &[
            hot("email", Doc, "email", Type::Text),
            hot("number", Extra, "number", Type::Int),
            hot("role", Doc, "role", Type::Text),
        ],
        text: &[],
        tallies: &[],
        measures: &[],
        references: &[],
        multi: &[],
        types: KindTypes::of::<Self>(),
    };
}

/// A credential for programs. Its secret is stored as a hash elsewhere and shown once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    pub name: String,
    /// The first characters of the secret, to tell keys apart.
    pub prefix: String,
    pub rights: Vec<Right>,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub expires_at: Option<Instant>,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub revoked_at: Option<Instant>,
    /// Further dealers of the same group that it may work for.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub dealers: Vec<DealerId>,
    /// How a dialect answers this key where its document leaves a choice: `walcu.single` is `object`.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub settings: BTreeMap<String, String>,
}

/// What we alone know of a key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApiKeyExtra {
    #[serde(skip_serializing_if = "is_empty")]
    pub last_used_at: Option<Instant>,
}

impl Kind for ApiKey {
    type Extra = ApiKeyExtra;
    type Computed = ();

    const SPEC: &'static KindSpec = &KindSpec {
        name: "apikeys",
        singular: "API key",
        hot: &[hot("name", Doc, "name", Type::Text)],
        text: &[],
        tallies: &[],
        measures: &[],
        references: &[],
        multi: &[],
        types: KindTypes::of::<Self>(),
    };
}

/// A version of the dealer's scorecard. The highest version is the one in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ScorecardVersion(pub Scorecard);

impl Kind for ScorecardVersion {
    type Extra = ();
    type Computed = ();

    const SPEC: &'static KindSpec = &KindSpec {
        name: "scorecards",
        singular: "scorecard",
        hot: &[hot("number", Doc, "version", Type::Int)],
        text: &[],
        tallies: &[],
        measures: &[],
        references: &[],
        multi: &[],
        types: KindTypes::of::<Self>(),
    };
}

/// Who a credential speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// A user's login: slides, and dies at logout.
    Session,
    ApiKey,
    /// The secret a provider sends with its webhooks.
    Webhook,
    /// The provider's id of a number of ours: not a secret, it only says whose number it is.
    PhoneNumber,
    /// The number that Autengo's partners have for a dealer: no secret either.
    Alzura,
}

/// A stored credential, found by the hash of its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credential {
    pub dealer: DealerId,
    pub kind: CredentialKind,
    /// The user or key it speaks for; the dealer's own id where it speaks for nobody.
    pub subject: crate::Id<()>,
    pub expires_at: Option<Instant>,
}

/// A login name, unique over all dealers of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Login {
    pub dealer: DealerId,
    pub user: UserId,
}
