//! E-mail addresses.

use std::{fmt, str::FromStr};

use email_address::{EmailAddress, Options};

/// An address by RFC 5321, in lower case: the identity of a mailbox as every provider in use treats it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(Box<str>);

const EXPECTED: &str = "expected an e-mail address, such as jane@example.com";

impl Email {
    /// Reads an address; spaces around it and the case of its letters do not matter.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        // A bare address with a domain of at least two labels: no display names, no `[127.0.0.1]`.
        let strict = Options::default().with_required_tld().without_domain_literal().without_display_text();
        // Quoted local parts are legal and never real; they carry spaces and NULs into headers.
        if text.contains(|c: char| c == '"' || c.is_whitespace() || c.is_control()) {
            return Err(EXPECTED);
        }
        EmailAddress::parse_with_options(text, strict).map_err(|_| EXPECTED)?;
        Ok(Self(text.to_lowercase().into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands after the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl FromStr for Email {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}***@{}", self.0.chars().next().unwrap_or('*'), self.domain())
    }
}

super::text_value!(Email, "email", "An e-mail address; answered in lower case.");

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn addresses_are_trimmed_lowered_and_checked() {
        for (text, expected) in [
            ("jane@example.com", Some("jane@example.com")),
            ("  Jane.Doe+cars@Example.COM ", Some("jane.doe+cars@example.com")),
            ("jürgen@müller.de", Some("jürgen@müller.de")),
            ("o'brien@example.ie", Some("o'brien@example.ie")),
            ("jane@localhost", None),
            ("jane@[127.0.0.1]", None),
            ("Jane <jane@example.com>", None),
            ("\"jane doe\"@example.com", None),
            ("jane", None),
            ("jane@", None),
            ("@example.com", None),
            ("jane@@example.com", None),
            ("jane doe@example.com", None),
            ("jane@example..com", None),
            ("jane\0@example.com", None),
            ("", None),
        ] {
            assert_eq!(Email::parse(text).ok().as_ref().map(Email::as_str), expected, "{text:?}");
        }
    }

    #[test]
    fn printing_for_the_log_hides_the_mailbox() {
        assert_eq!(format!("{:?}", Email::parse("jane@example.com").unwrap()), "j***@example.com");
    }

    #[test]
    fn travels_as_a_json_string() {
        let email: Email = serde_json::from_str("\"Jane@Example.com\"").unwrap();
        assert_eq!(serde_json::to_string(&email).unwrap(), "\"jane@example.com\"");
        assert!(serde_json::from_str::<Email>("\"jane\"").is_err());
    }
}
