//! Values of the configuration that are used but never shown.

use std::{convert::Infallible, fmt, str::FromStr};

use serde::{Deserialize, Serialize, Serializer};

/// Shown in the place of what is secret.
const MASK: &str = "********";

/// A secret: it prints as asterisks.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

/// The URL of a PostgreSQL database: it prints without its password.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn masked(&self) -> String {
        // A password may also stand among the parameters, so none of them is shown.
        let (url, parameters) = self.0.split_once('?').map_or((self.0.as_str(), ""), |(url, _)| (url, "?********"));
        let Some((scheme, rest)) = url.split_once("://") else { return MASK.to_owned() };
        let shown = match rest.rsplit_once('@') {
            Some((credentials, place)) => {
                let user = credentials.split(':').next().unwrap_or_default();
                format!("{scheme}://{user}:{MASK}@{place}")
            }
            None => url.to_owned(),
        };
        shown + parameters
    }
}

impl FromStr for DatabaseUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_owned().try_into()
    }
}

impl TryFrom<String> for DatabaseUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Ok(Self(text))
        } else {
            Err("expected a URL such as postgres://user:password@host/name")
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_shown_without_its_password() {
        for (url, shown) in [
            ("postgres://ana:pa:ss@host:5432/name", "postgres://ana:********@host:5432/name"),
            ("postgres://host/name", "postgres://host/name"),
            ("postgres:///name?host=/run&password=x", "postgres:///name?********"),
            ("postgresql://ana:p@ss@host/name", "postgresql://ana:********@host/name"),
        ] {
            assert_eq!(url.parse::<DatabaseUrl>().map(|url| format!("{url:?}")), Ok(shown.to_owned()));
        }
        assert!("mysql://host".parse::<DatabaseUrl>().is_err());
    }
}
