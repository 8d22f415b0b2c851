//! Row visibility: one rule for reads, counts, changes and exports.

use forecourt_query::Filter;
use forecourt_record::{Role, User};

/// Which rows a caller sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    All,
    /// Only those of these locations, by code.
    Locations(Vec<String>),
}

impl Sight {
    pub fn of_user(user: &User) -> Self {
        match user.role {
            Role::Bdc | Role::Sales => Self::Locations(user.locations.clone()),
            Role::Admin | Role::Manager | Role::Service | Role::Readonly => Self::All,
        }
    }

    pub fn sees(&self, location: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Locations(codes) => location.is_some_and(|location| codes.iter().any(|code| code == location)),
        }
    }

    /// The filter that every question of this caller carries.
    pub fn filter(&self) -> Filter {
        match self {
            Self::All => Filter::all(),
            Self::Locations(codes) => Filter::In("location", codes.iter().map(|code| code.as_str().into()).collect()),
        }
    }
}
