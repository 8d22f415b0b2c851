//! The formats of strings: each is what the type of that name can be read from.

use std::net::IpAddr;

use jiff::civil::Date;

use crate::{
    Email, Id, Instant, Phone, Place, Vin, bank,
    calendar::{LocalTime, Zone},
    schedule::Matches,
};

#[derive(Clone, Copy, Debug)]
pub(super) enum Format {
    Instant,
    Date,
    Phone,
    Email,
    Uri,
    Vin,
    Id,
    Iban,
    Bic,
    VatId,
    Zone,
    LocalTime,
    TokenQuestion,
    Place,
    Ip,
}

impl Format {
    /// The format a schema names; those we do not know say nothing about the text.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "instant" | "date-time" => Self::Instant,
            "date" => Self::Date,
            "phone" => Self::Phone,
            "email" => Self::Email,
            "uri" => Self::Uri,
            "vin" => Self::Vin,
            "id" => Self::Id,
            "iban" => Self::Iban,
            "bic" => Self::Bic,
            "vat-id" => Self::VatId,
            "zone" => Self::Zone,
            "local-time" => Self::LocalTime,
            "token-question" => Self::TokenQuestion,
            "place" => Self::Place,
            "ip" => Self::Ip,
            _ => return None,
        })
    }

    pub fn check(self, text: &str) -> Result<(), &'static str> {
        match self {
            Self::Instant => text.parse::<Instant>().map(drop),
            Self::Date => check_date(text),
            Self::Phone => text.parse::<Phone>().map(drop),
            Self::Email => text.parse::<Email>().map(drop),
            Self::Uri => check_uri(text),
            Self::Vin => text.parse::<Vin>().map(drop),
            Self::Id => text.parse::<Id<()>>().map(drop),
            Self::Iban => bank::iban(text),
            Self::Bic => bank::bic(text),
            Self::VatId => bank::vat_id(text),
            Self::Zone => Zone::parse(text).map(drop),
            Self::LocalTime => text.parse::<LocalTime>().map(drop),
            Self::TokenQuestion => Matches::parse(text).map(drop),
            Self::Place => Place::parse(text).map(drop),
            Self::Ip => text.parse::<IpAddr>().map(drop).map_err(|_| "expected an IP address, version 4 or 6"),
        }
    }
}

fn check_date(text: &str) -> Result<(), &'static str> {
    let date = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten();
    date.map(drop).ok_or("expected a date, such as 2026-11-21")
}

/// An absolute address by RFC 3986, as far as its outer form: a scheme, then something without blanks.
fn check_uri(text: &str) -> Result<(), &'static str> {
    let scheme_ends = text.split_once(':').filter(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
            && !rest.trim_start_matches('/').is_empty()
    });
    let clean = !text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`".contains(c));
    (scheme_ends.is_some() && clean).then_some(()).ok_or("expected an address, such as https://example.com/path")
}
